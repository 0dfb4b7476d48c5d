import * as v from 'valibot';
import { amountSchema } from './amount.js';
import { merchantSchema } from './merchant.js';
import { paymentInstrumentSchema } from './payment-instrument.js';
import { pispSchema } from './pisp.js';
import { executionDateText, integer, jsonObject, openObject } from './primitives.js';
import { conform } from './schema.js';
import { MANDATE_VCT } from './vct.js';

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
