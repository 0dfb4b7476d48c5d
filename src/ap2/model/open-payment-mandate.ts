import * as v from 'valibot';
import { amountSchema } from './amount.js';
import { confirmationSchema, pqConfirmationSchema } from './confirmation.js';
import { merchantSchema } from './merchant.js';
import { PAYMENT_CONSTRAINT_TYPES, paymentConstraintSchema } from './payment-constraints.js';
import { paymentInstrumentSchema } from './payment-instrument.js';
import { pispSchema } from './pisp.js';
import { executionDateText, integer, jsonObject, openObject } from './primitives.js';
import { conform } from './schema.js';
import { refuseUnknownConstraints } from './unknown-constraint.js';
import { MANDATE_VCT } from './vct.js';

const openPaymentMandate = openObject({
  /** Type and version. */
  vct: v.literal(MANDATE_VCT.openPayment),
  /** What every payment under it must meet; at least one is a `payment.reference`. */
  constraints: v.pipe(
    v.array(paymentConstraintSchema),
    v.check(
      (constraints) => constraints.some(({ type }) => type === 'payment.reference'),
      'an array with a constraint of type "payment.reference"',
    ),
  ),
  /** The key of whom it is delegated to. */
  cnf: confirmationSchema,
  /** The post-quantum key of whom it is delegated to (SPEC.md). */
  pq_cnf: v.exactOptional(pqConfirmationSchema),
  /** Who is paid, where that is settled already. */
  payee: v.exactOptional(merchantSchema),
  /** How much, where that is settled already. */
  payment_amount: v.exactOptional(amountSchema),
  /** What is paid with, where that is settled already. */
  payment_instrument: v.exactOptional(paymentInstrumentSchema),
  /** Who initiates the payment, where that is settled already. */
  pisp: v.exactOptional(pispSchema),
  /** When, where that is settled already: RFC 3339 date-time, or full-date (UTC). */
  execution_date: v.exactOptional(executionDateText),
  /** Risk signals of the trusted surface at the time of creation. */
  risk_data: v.exactOptional(jsonObject),
  /** When it was created, in seconds since the epoch. */
  iat: v.exactOptional(integer),
  /** When it expires, in seconds since the epoch. */
  exp: v.exactOptional(integer),
});

/** An open payment mandate: payments an agent may make (AP2 v0.2, payment_mandate.md, `open_payment_mandate.json`). */
export interface OpenPaymentMandate extends v.InferOutput<typeof openPaymentMandate> {}

/**
 * A copy of `value`, which must be an open payment mandate; `path` is what errors call it. A constraint of an unknown
 * type is ERR_MANDATE_CONSTRAINT_UNKNOWN.
 */
export function parseOpenPaymentMandate(value: unknown, path = 'mandate'): OpenPaymentMandate {
  return conform<OpenPaymentMandate>(openPaymentMandate, value, path, (mandate) =>
    refuseUnknownConstraints(mandate, PAYMENT_CONSTRAINT_TYPES, path),
  );
}
