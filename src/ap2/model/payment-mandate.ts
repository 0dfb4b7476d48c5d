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
  /** What every payment under it must meet; at least one constraint is a `payment.reference`. */
  constraints: v.pipe(
    v.array(paymentConstraintSchema),
    v.check(
      (constraints) => constraints.some(({ type }) => type === 'payment.reference'),
      'an array with a constraint of type "payment.reference"',
    ),
  ),
  /** The key of the delegate. */
  cnf: confirmationSchema,
  /** The post-quantum key of the delegate (SPEC.md). */
  pq_cnf: v.exactOptional(pqConfirmationSchema),
  /** The payee, if already fixed. */
  payee: v.exactOptional(merchantSchema),
  /** The amount, if already fixed. */
  payment_amount: v.exactOptional(amountSchema),
  /** The payment instrument, if already fixed. */
  payment_instrument: v.exactOptional(paymentInstrumentSchema),
  /** The payment initiation service provider, if already fixed. */
  pisp: v.exactOptional(pispSchema),
  /** The execution date, if already fixed: RFC 3339 date-time, or full-date (UTC). */
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
 * Returns a copy of `value`, which must be an open payment mandate; `path` is its name in errors. A constraint of an unknown
 * type throws ERR_MANDATE_CONSTRAINT_UNKNOWN.
 */
export function parseOpenPaymentMandate(value: unknown, path = 'mandate'): OpenPaymentMandate {
  return conform<OpenPaymentMandate>(openPaymentMandate, value, path, (mandate) =>
    refuseUnknownConstraints(mandate, PAYMENT_CONSTRAINT_TYPES, path),
  );
}

const paymentMandate = openObject({
  /** Type and version. */
  vct: v.literal(MANDATE_VCT.payment),
  /**
   * The hash of the merchant's `checkout_jwt`, which identifies the checkout to pay for. It equals the `checkout_hash` of the
   * checkout mandate.
   */
  transaction_id: v.string(),
  /** The payee. */
  payee: merchantSchema,
  /** The payment initiation service provider. */
  pisp: v.exactOptional(pispSchema),
  /** The amount. */
  payment_amount: amountSchema,
  /** The payment instrument. */
  payment_instrument: paymentInstrumentSchema,
  /** The execution date: RFC 3339 date-time, or full-date (UTC). Absent: immediately. */
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

/** Returns a copy of `value`, which must be a closed payment mandate; `path` is its name in errors. */
export const parsePaymentMandate = (value: unknown, path = 'mandate'): PaymentMandate =>
  conform<PaymentMandate>(paymentMandate, value, path);
