import * as v from 'valibot';
import { CHECKOUT_CONSTRAINT_TYPES, checkoutConstraintSchema } from './checkout-constraints.js';
import { confirmationSchema, pqConfirmationSchema } from './confirmation.js';
import { integer, openObject } from './primitives.js';
import { conform } from './schema.js';
import { refuseUnknownConstraints } from './unknown-constraint.js';
import { MANDATE_VCT } from './vct.js';

const openCheckoutMandate = openObject({
  /** Type and version. */
  vct: v.literal(MANDATE_VCT.openCheckout),
  /** What every checkout under it must meet; at least one is a `checkout.line_items`. */
  constraints: v.pipe(
    v.array(checkoutConstraintSchema),
    v.check(
      (constraints) => constraints.some(({ type }) => type === 'checkout.line_items'),
      'an array with a constraint of type "checkout.line_items"',
    ),
  ),
  /** The key of whom it is delegated to. */
  cnf: confirmationSchema,
  /** The post-quantum key of whom it is delegated to (SPEC.md). */
  pq_cnf: v.exactOptional(pqConfirmationSchema),
  /** When it was created, in seconds since the epoch. */
  iat: v.exactOptional(integer),
  /** When it expires, in seconds since the epoch. */
  exp: v.exactOptional(integer),
});

/** An open checkout mandate: checkouts an agent may complete (AP2 v0.2, `open_checkout_mandate.json`). */
export interface OpenCheckoutMandate extends v.InferOutput<typeof openCheckoutMandate> {}

/**
 * A copy of `value`, which must be an open checkout mandate; `path` is what errors call it. A constraint of an unknown
 * type is ERR_MANDATE_CONSTRAINT_UNKNOWN.
 */
export function parseOpenCheckoutMandate(value: unknown, path = 'mandate'): OpenCheckoutMandate {
  return conform<OpenCheckoutMandate>(openCheckoutMandate, value, path, (mandate) =>
    refuseUnknownConstraints(mandate, CHECKOUT_CONSTRAINT_TYPES, path),
  );
}
