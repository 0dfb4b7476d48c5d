import * as v from 'valibot';
import { openObject } from './primitives.js';
import { common, dropNulls, failure, noFailure, successOnly } from './receipt-parts.js';
import { conform } from './schema.js';

const success = openObject({
  ...common,
  ...noFailure,
  /** Outcome. */
  status: v.literal('Success'),
  /** Identifies the order. */
  order_id: v.string(),
});

/** The receipt of a checkout that was completed. */
export interface CheckoutReceiptSuccess extends v.InferOutput<typeof success> {}

const error = openObject({ ...common, ...failure, order_id: successOnly });

/** The receipt of a checkout that was refused. */
export interface CheckoutReceiptError extends v.InferOutput<typeof error> {}

/** The payload of a checkout receipt (AP2 v0.2, `checkout_receipt.json`); `status` tells which form it has. */
export type CheckoutReceipt = CheckoutReceiptSuccess | CheckoutReceiptError;

const checkoutReceipt: v.GenericSchema<unknown, CheckoutReceipt> = v.variant('status', [success, error]);

const ONE_FORM_ONLY = ['error', 'error_description', 'order_id'];

/** A copy of `value`, which must be the payload of a checkout receipt; `path` is what errors call it. */
export const parseCheckoutReceipt = (value: unknown, path = 'receipt'): CheckoutReceipt =>
  conform(checkoutReceipt, value, path, (receipt) => dropNulls(receipt, ONE_FORM_ONLY));
