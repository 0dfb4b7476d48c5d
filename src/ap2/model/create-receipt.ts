import { checkDate, checkOptions } from '../../options.js';
import type { CheckoutReceipt } from './checkout-receipt.js';
import { parseCheckoutReceipt } from './checkout-receipt.js';
import type { PaymentReceipt } from './payment-receipt.js';
import { parsePaymentReceipt } from './payment-receipt.js';
import type { ReceiptErrorCode } from './receipt-parts.js';

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
