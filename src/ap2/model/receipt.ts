import * as v from 'valibot';
import type { JsonObject } from '../../encoding/json.js';
import { checkDate, checkOptions } from '../../options.js';
import { conform, integer, openObject } from './schema.js';

/** The members of every receipt. */
export const common = {
  /** The verifier of the mandate, which issues the receipt. */
  iss: v.string(),
  /** The time of issuance, in seconds since the epoch. */
  iat: integer,
  /** The hash of the closed mandate that it refers to: one of the hashes in `receiptReference` of its chain. */
  reference: v.string(),
};

/** The members of an error receipt. */
export const failure = {
  /** Outcome. */
  status: v.literal('Error'),
  /** The reason: one of {@link ReceiptErrorCode}, or a code of the issuer. */
  error: v.string(),
  /** A description for people. */
  error_description: v.string(),
};

/** Members that only an error receipt has. */
const noFailure = {
  error: v.exactOptional(v.never('absent if "status" is "Success"')),
  error_description: v.exactOptional(v.never('absent if "status" is "Success"')),
};

/** Members that only a success receipt has. */
const successOnly = v.exactOptional(v.never('absent if "status" is "Error"'));

/** The errors that AP2 defines for every mandate (AP2 v0.2, agent_authorization.md "Errors"). */
export type ReceiptErrorCode =
  | 'invalid_credential'
  | 'unresolved_constraint'
  | 'invalid_mandate'
  | 'mandates_not_supported';

/** AP2's Python SDK writes members of the other form of a receipt as null; they are removed. */
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

/** The receipt of a successful payment. */
export interface PaymentReceiptSuccess extends v.InferOutput<typeof paymentSuccess> {}

const paymentError = openObject({
  ...payment,
  ...failure,
  psp_confirmation_id: successOnly,
  network_confirmation_id: successOnly,
});

/** The receipt of a rejected payment. */
export interface PaymentReceiptError extends v.InferOutput<typeof paymentError> {}

/** The payload of a payment receipt (AP2 v0.2, `payment_receipt.json`); `status` tells its form. */
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

/** Returns a copy of `value`, which must be the payload of a payment receipt; `path` is its name in errors. */
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

/** The receipt of a completed checkout. */
export interface CheckoutReceiptSuccess extends v.InferOutput<typeof checkoutSuccess> {}

const checkoutError = openObject({ ...common, ...failure, order_id: successOnly });

/** The receipt of a rejected checkout. */
export interface CheckoutReceiptError extends v.InferOutput<typeof checkoutError> {}

/** The payload of a checkout receipt (AP2 v0.2, `checkout_receipt.json`); `status` tells its form. */
export type CheckoutReceipt = CheckoutReceiptSuccess | CheckoutReceiptError;

const checkoutReceipt: v.GenericSchema<unknown, CheckoutReceipt> = v.variant('status', [
  checkoutSuccess,
  checkoutError,
]);

const CHECKOUT_ONE_FORM_ONLY = ['error', 'error_description', 'order_id'];

/** Returns a copy of `value`, which must be the payload of a checkout receipt; `path` is its name in errors. */
export const parseCheckoutReceipt = (value: unknown, path = 'receipt'): CheckoutReceipt =>
  conform(checkoutReceipt, value, path, (receipt) => dropNulls(receipt, CHECKOUT_ONE_FORM_ONLY));

/** The input for every receipt. */
export interface ReceiptInit {
  /** The verifier of the mandate, which issues the receipt. */
  iss: string;
  /** The hash of the closed mandate that it refers to: one of the hashes in `receiptReference` of its chain. */
  reference: string;
  /** The time of issuance, in seconds since the epoch. Default: now. */
  iat?: number;
}

/** The input for an error receipt. */
export interface ReceiptFailureInit {
  /** Outcome. */
  status: 'Error';
  /** The reason: one of AP2's codes, or one of the issuer's. */
  error: ReceiptErrorCode | (string & {});
  /** A description for people. */
  error_description: string;
}

/** The input for a payment receipt. */
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

/** The input for a checkout receipt. */
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

/** Creates the payload of a payment receipt. It is checked, and dated `currentDate` unless it has an `iat`. */
export const createPaymentReceipt = (init: PaymentReceiptInit, currentDate = new Date()): PaymentReceipt =>
  parsePaymentReceipt(dated(init, currentDate));

/** Creates the payload of a checkout receipt. It is checked, and dated `currentDate` unless it has an `iat`. */
export const createCheckoutReceipt = (init: CheckoutReceiptInit, currentDate = new Date()): CheckoutReceipt =>
  parseCheckoutReceipt(dated(init, currentDate));

function dated(init: ReceiptInit, currentDate: Date): ReceiptInit {
  const now = Math.floor(checkDate(currentDate, 'currentDate') / 1000);
  const receipt = checkOptions(init, 'receipt');
  return { ...receipt, iat: receipt.iat ?? now };
}
