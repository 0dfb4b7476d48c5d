import * as v from 'valibot';
import { integer, openObject } from './primitives.js';
import { conform } from './schema.js';
import { MANDATE_VCT } from './vct.js';

const inTheClear = {
  /** Type and version. */
  vct: v.literal(MANDATE_VCT.checkout),
  /** BASE64URL(SHA-256(ASCII(`checkout_jwt`))): identifies the checkout, whether or not it is disclosed. */
  checkout_hash: v.string(),
  /** When it was created, in seconds since the epoch. */
  iat: v.exactOptional(integer),
  /** When it expires, in seconds since the epoch. */
  exp: v.exactOptional(integer),
};

const checkoutMandate = openObject({
  ...inTheClear,
  /** The checkout as the merchant signed it, a JWT in compact form. Selectively disclosable. */
  checkout_jwt: v.string(),
});

/** A closed checkout mandate: this checkout (AP2 v0.2, checkout_mandate.md, `checkout_mandate.json`). */
export interface CheckoutMandate extends v.InferOutput<typeof checkoutMandate> {}

const presentedCheckoutMandate = openObject({
  ...inTheClear,
  /** The checkout as the merchant signed it, a JWT in compact form. Absent where the holder withheld it. */
  checkout_jwt: v.exactOptional(v.string()),
});

/** A closed checkout mandate as a holder presents it, perhaps without the checkout itself. */
export interface PresentedCheckoutMandate extends v.InferOutput<typeof presentedCheckoutMandate> {}

/** A copy of `value`, which must be a complete closed checkout mandate; `path` is what errors call it. */
export const parseCheckoutMandate = (value: unknown, path = 'mandate'): CheckoutMandate =>
  conform<CheckoutMandate>(checkoutMandate, value, path);

/** A copy of `value`, which must be a closed checkout mandate, perhaps without what may be withheld. */
export const parsePresentedCheckoutMandate = (value: unknown, path = 'mandate'): PresentedCheckoutMandate =>
  conform<PresentedCheckoutMandate>(presentedCheckoutMandate, value, path);
