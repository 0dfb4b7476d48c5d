import * as v from 'valibot';
import {
  PAYMENT_CONSTRAINT_TYPES,
  paymentConstraintSchema,
  refuseUnknownConstraints,
} from './constraints.js';
import { conform, executionDateText, integer, jsonObject, MANDATE_VCT, openObject } from './schema.js';
import {
  amountSchema,
  confirmationSchema,
  merchantSchema,
  paymentInstrumentSchema,
  pispSchema,
  pqConfirmationSchema,
} from './types.js';

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

const paymentMandate = openObject({
  /** Type and version. */
  vct: v.literal(MANDATE_VCT.payment),
  /** Hash of the merchant's `checkout_jwt`: what is paid for. Equals the `checkout_hash` of the checkout mandate. */
  transaction_id: v.string(),
  /** Who is paid. */
  payee: merchantSchema,
  /** Who initiates the payment. */
  pisp: v.exactOptional(pispSchema),
  /** How much. */
  payment_amount: amountSchema,
  /** What is paid with. */
  payment_instrument: paymentInstrumentSchema,
  /** When: RFC 3339 date-time, or full-date (UTC). Absent: at once. */
  execution_date: v.exactOptional(executionDateText),
  /** Risk signals of the trusted surface at the time of creation. */
  risk_data: v.exactOptional(jsonObject),
  /** When it was created, in seconds since the epoch. */
  iat: v.exactOptional(integer),
  /** When it expires, in seconds since the epoch. */
  exp: v.exactOptional(integer),
});

/** A closed payment mandate: this payment (AP2 v0.2, payment_mandate.md, `payment_mandate.json`). */
export interface PaymentMandate extends v.InferOutput<typeof paymentMandate> {}

/** A copy of `value`, which must be a closed payment mandate; `path` is what errors call it. */
export const parsePaymentMandate = (value: unknown, path = 'mandate'): PaymentMandate =>
  conform<PaymentMandate>(paymentMandate, value, path);
