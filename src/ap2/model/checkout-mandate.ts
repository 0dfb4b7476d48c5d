import * as v from 'valibot';
import {
  CHECKOUT_CONSTRAINT_TYPES,
  checkoutConstraintSchema,
  refuseUnknownConstraints,
} from './constraints.js';
import { conform, integer, MANDATE_VCT, openObject } from './schema.js';
import { confirmationSchema, pqConfirmationSchema } from './types.js';

const openCheckoutMandate = openObject({
  /** Type and version. */
  vct: v.literal(MANDATE_VCT.openCheckout),
  /** What every checkout under it must meet; at least one constraint is a `checkout.line_items`. */
  constraints: v.pipe(
    v.array(checkoutConstraintSchema),
    v.check(
      (constraints) => constraints.some(({ type }) => type === 'checkout.line_items'),
      'an array with a constraint of type "checkout.line_items"',
    ),
  ),
  /** The key of the delegate. */
  cnf: confirmationSchema,
  /** The post-quantum key of the delegate (SPEC.md). */
  pq_cnf: v.exactOptional(pqConfirmationSchema),
  /** When it was created, in seconds since the epoch. */
  iat: v.exactOptional(integer),
  /** When it expires, in seconds since the epoch. */
  exp: v.exactOptional(integer),
});

/** An open checkout mandate: checkouts an agent may complete (AP2 v0.2, `open_checkout_mandate.json`). */
export interface OpenCheckoutMandate extends v.InferOutput<typeof openCheckoutMandate> {}

/**
 * Returns a copy of `value`, which must be an open checkout mandate; `path` is its name in errors. A constraint of an unknown
 * type throws ERR_MANDATE_CONSTRAINT_UNKNOWN.
 */
export function parseOpenCheckoutMandate(value: unknown, path = 'mandate'): OpenCheckoutMandate {
  return conform<OpenCheckoutMandate>(openCheckoutMandate, value, path, (mandate) =>
    refuseUnknownConstraints(mandate, CHECKOUT_CONSTRAINT_TYPES, path),
  );
}

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
  /** The checkout as the merchant signed it, a JWT in compact form. Absent if the holder withheld it. */
  checkout_jwt: v.exactOptional(v.string()),
});

/** A closed checkout mandate as a holder presents it, perhaps without the checkout itself. */
export interface PresentedCheckoutMandate extends v.InferOutput<typeof presentedCheckoutMandate> {}

/** Returns a copy of `value`, which must be a complete closed checkout mandate; `path` is its name in errors. */
export const parseCheckoutMandate = (value: unknown, path = 'mandate'): CheckoutMandate =>
  conform<CheckoutMandate>(checkoutMandate, value, path);

/** Returns a copy of `value`, which must be a closed checkout mandate, possibly without what may be withheld. */
export const parsePresentedCheckoutMandate = (value: unknown, path = 'mandate'): PresentedCheckoutMandate =>
  conform<PresentedCheckoutMandate>(presentedCheckoutMandate, value, path);
