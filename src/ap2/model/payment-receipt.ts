import * as v from 'valibot';
import { openObject } from './primitives.js';
import { common, dropNulls, failure, noFailure, successOnly } from './receipt-parts.js';
import { conform } from './schema.js';

const payment = {
  ...common,
  /** Identifies the payment. */
  payment_id: v.string(),
};

const success = openObject({
  ...payment,
  ...noFailure,
  /** Outcome. */
  status: v.literal('Success'),
  /** Identifies the confirmation at the payment service provider. */
  psp_confirmation_id: v.string(),
  /** Identifies the confirmation at the network. */
  network_confirmation_id: v.string(),
});

/** The receipt of a payment that was made. */
export interface PaymentReceiptSuccess extends v.InferOutput<typeof success> {}

const error = openObject({
  ...payment,
  ...failure,
  psp_confirmation_id: successOnly,
  network_confirmation_id: successOnly,
});

/** The receipt of a payment that was refused. */
export interface PaymentReceiptError extends v.InferOutput<typeof error> {}

/** The payload of a payment receipt (AP2 v0.2, `payment_receipt.json`); `status` tells which form it has. */
export type PaymentReceipt = PaymentReceiptSuccess | PaymentReceiptError;

const paymentReceipt: v.GenericSchema<unknown, PaymentReceipt> = v.variant('status', [success, error]);

const ONE_FORM_ONLY = ['error', 'error_description', 'psp_confirmation_id', 'network_confirmation_id'];

/** A copy of `value`, which must be the payload of a payment receipt; `path` is what errors call it. */
export const parsePaymentReceipt = (value: unknown, path = 'receipt'): PaymentReceipt =>
  conform(paymentReceipt, value, path, (receipt) => dropNulls(receipt, ONE_FORM_ONLY));
