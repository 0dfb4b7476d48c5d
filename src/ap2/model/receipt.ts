import * as v from 'valibot';
import type { JsonObject } from '../../encoding/json.js';
import { checkDate, checkOptions } from '../../options.js';
import { conform, integer, openObject } from './schema.js';

/** What every receipt says. */
export const common = {
  /** Who verified the mandate, and issues the receipt. */
  iss: v.string(),
  /** When, in seconds since the epoch. */
  iat: integer,
  /** Hash of the closed mandate it is for: one of the `receiptReference` of its chain. */
  reference: v.string(),
};

/** What a receipt says of a failure. */
export const failure = {
  /** Outcome. */
  status: v.literal('Error'),
  /** What went wrong: one of {@link ReceiptErrorCode}, or a code of the issuer's. */
  error: v.string(),
  /** For people. */
  error_description: v.string(),
};

/** What only a receipt of a failure has. */
const noFailure = {
  error: v.exactOptional(v.never('absent where "status" is "Success"')),
  error_description: v.exactOptional(v.never('absent where "status" is "Success"')),
};

/** What only a receipt of a success has. */
const successOnly = v.exactOptional(v.never('absent where "status" is "Error"'));

/** The errors that AP2 defines for every mandate (AP2 v0.2, agent_authorization.md "Errors"). */
export type ReceiptErrorCode =
  | 'invalid_credential'
  | 'unresolved_constraint'
  | 'invalid_mandate'
  | 'mandates_not_supported';

/** Members of one form of receipt that AP2's Python SDK writes as null in the other form are not there. */
function dropNulls(receipt: JsonObject, names: readonly string[]): void {
  for (const name of names) if (receipt[name] === null) delete receipt[name];
}

const payment = {
  ...common,
  /** Identifies the payment. */
  payment_id: v.string(),
};

const paymentSuccess = openObject({
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
export interface PaymentReceiptSuccess extends v.InferOutput<typeof paymentSuccess> {}

const paymentError = openObject({
  ...payment,
  ...failure,
  psp_confirmation_id: successOnly,
  network_confirmation_id: successOnly,
});

/** The receipt of a payment that was refused. */
export interface PaymentReceiptError extends v.InferOutput<typeof paymentError> {}

/** The payload of a payment receipt (AP2 v0.2, `payment_receipt.json`); `status` tells which form it has. */
export type PaymentReceipt = PaymentReceiptSuccess | PaymentReceiptError;

const paymentReceipt: v.GenericSchema<unknown, PaymentReceipt> = v.variant('status', [
  paymentSuccess,
  paymentError,
]);

const PAYMENT_ONE_FORM_ONLY = [
  'error',
  'error_description',
  'psp_confirmation_id',
  'network_confirmation_id',
];

/** A copy of `value`, which must be the payload of a payment receipt; `path` is what errors call it. */
export const parsePaymentReceipt = (value: unknown, path = 'receipt'): PaymentReceipt =>
  conform(paymentReceipt, value, path, (receipt) => dropNulls(receipt, PAYMENT_ONE_FORM_ONLY));

const checkoutSuccess = openObject({
  ...common,
  ...noFailure,
  /** Outcome. */
  status: v.literal('Success'),
  /** Identifies the order. */
  order_id: v.string(),
});

/** The receipt of a checkout that was completed. */
export interface CheckoutReceiptSuccess extends v.InferOutput<typeof checkoutSuccess> {}

const checkoutError = openObject({ ...common, ...failure, order_id: successOnly });

/** The receipt of a checkout that was refused. */
export interface CheckoutReceiptError extends v.InferOutput<typeof checkoutError> {}

/** The payload of a checkout receipt (AP2 v0.2, `checkout_receipt.json`); `status` tells which form it has. */
export type CheckoutReceipt = CheckoutReceiptSuccess | CheckoutReceiptError;

const checkoutReceipt: v.GenericSchema<unknown, CheckoutReceipt> = v.variant('status', [
  checkoutSuccess,
  checkoutError,
]);

const CHECKOUT_ONE_FORM_ONLY = ['error', 'error_description', 'order_id'];

/** A copy of `value`, which must be the payload of a checkout receipt; `path` is what errors call it. */
export const parseCheckoutReceipt = (value: unknown, path = 'receipt'): CheckoutReceipt =>
  conform(checkoutReceipt, value, path, (receipt) => dropNulls(receipt, CHECKOUT_ONE_FORM_ONLY));

/** What every receipt needs. */
export interface ReceiptInit {
  /** Who verified the mandate, and issues the receipt. */
  iss: string;
  /** Hash of the closed mandate it is for: one of the `receiptReference` of its chain. */
  reference: string;
  /** When, in seconds since the epoch. Default: now. */
  iat?: number;
}

/** What the receipt of a failure needs. */
export interface ReceiptFailureInit {
  /** Outcome. */
  status: 'Error';
  /** What went wrong: one of AP2's codes, or one of the issuer's. */
  error: ReceiptErrorCode | (string & {});
  /** For people. */
  error_description: string;
}

/** What a payment receipt needs. */
export type PaymentReceiptInit = ReceiptInit & {
  /** Identifies the payment. */
  payment_id: string;
} & (
    | ReceiptFailureInit
    | {
        /** Outcome. */
        status: 'Success';
        /** Identifies the confirmation at the payment service provider. */
        psp_confirmation_id: string;
        /** Identifies the confirmation at the network. */
        network_confirmation_id: string;
      }
  );

/** What a checkout receipt needs. */
export type CheckoutReceiptInit = ReceiptInit &
  (
    | ReceiptFailureInit
    | {
        /** Outcome. */
        status: 'Success';
        /** Identifies the order. */
        order_id: string;
      }
  );

/** The payload of a payment receipt, checked, and dated `currentDate` where it has no `iat`. */
export const createPaymentReceipt = (init: PaymentReceiptInit, currentDate = new Date()): PaymentReceipt =>
  parsePaymentReceipt(dated(init, currentDate));

/** The payload of a checkout receipt, checked, and dated `currentDate` where it has no `iat`. */
export const createCheckoutReceipt = (init: CheckoutReceiptInit, currentDate = new Date()): CheckoutReceipt =>
  parseCheckoutReceipt(dated(init, currentDate));

function dated(init: ReceiptInit, currentDate: Date): ReceiptInit {
  const now = Math.floor(checkDate(currentDate, 'currentDate') / 1000);
  const receipt = checkOptions(init, 'receipt');
  return { ...receipt, iat: receipt.iat ?? now };
}
