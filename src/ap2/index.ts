export type { ConstraintContext } from './chain/constraints.js';
export type { ClosedMandateContent, HopOptions, IssueMandateOptions } from './chain/create.js';
export { closeMandate, delegateMandate, issueMandate } from './chain/create.js';
export { decodeMandateChain } from './chain/decode.js';
export { openMandateHash } from './chain/hash.js';
export type { HopError } from './chain/hop-error.js';
export type { VerifiedHop } from './chain/hops.js';
export type { Binding } from './chain/names.js';
export { presentMandateChain } from './chain/present.js';
export type {
  ChainOptions,
  VerifiedMandateChain,
  VerifiedOpenMandateChain,
  VerifyMandateChainOptions,
} from './chain/verify.js';
export { verifyDirectMandate, verifyMandateChain, verifyOpenMandateChain } from './chain/verify.js';
export { MandateConstraintError } from './constraints/error.js';
export type { CheckoutConstraintContext } from './constraints/evaluate-checkout.js';
export { enforceCheckoutConstraints, evaluateCheckoutConstraints } from './constraints/evaluate-checkout.js';
export type { PaymentConstraintContext } from './constraints/evaluate-payment.js';
export { enforcePaymentConstraints, evaluatePaymentConstraints } from './constraints/evaluate-payment.js';
export type { PastUse } from './constraints/history.js';
export type { ConstraintRule, ConstraintViolation } from './constraints/violation.js';
export type { Amount } from './model/amount.js';
export type { Buyer, Checkout } from './model/checkout.js';
export type {
  AcceptableItem,
  AllowedMerchants,
  CheckoutConstraint,
  LineItemRequirements,
  LineItems,
} from './model/checkout-constraints.js';
export { checkoutHash, decodeCheckoutJwt } from './model/checkout-jwt.js';
export type { CheckoutMandate, PresentedCheckoutMandate } from './model/checkout-mandate.js';
export type {
  ErrorMessage,
  InfoMessage,
  Item,
  LineItem,
  Link,
  Message,
  Total,
  WarningMessage,
} from './model/checkout-parts.js';
export type {
  CheckoutReceipt,
  CheckoutReceiptError,
  CheckoutReceiptSuccess,
} from './model/checkout-receipt.js';
export type { PqConfirmation } from './model/confirmation.js';
export type { MandateContent, OpenMandateContent, PresentedMandateContent } from './model/content.js';
export { parseMandateContent } from './model/content.js';
export type { CheckoutReceiptInit, PaymentReceiptInit } from './model/create-receipt.js';
export { createCheckoutReceipt, createPaymentReceipt } from './model/create-receipt.js';
export type { Merchant } from './model/merchant.js';
export type { OpenCheckoutMandate } from './model/open-checkout-mandate.js';
export type { OpenPaymentMandate } from './model/open-payment-mandate.js';
export type {
  AgentRecurrence,
  AllowedPayees,
  AllowedPaymentInstruments,
  AllowedPisps,
  AmountRange,
  Budget,
  ExecutionDate,
  PaymentConstraint,
  PaymentReference,
} from './model/payment-constraints.js';
export type { PaymentInstrument } from './model/payment-instrument.js';
export type { PaymentMandate } from './model/payment-mandate.js';
export type { PaymentReceipt, PaymentReceiptError, PaymentReceiptSuccess } from './model/payment-receipt.js';
export type { Pisp } from './model/pisp.js';
export type { ReceiptErrorCode } from './model/receipt-parts.js';
export { MANDATE_VCT } from './model/vct.js';
export type { Receipt, SignReceiptOptions, VerifiedReceipt, VerifyReceiptOptions } from './receipt.js';
export { signReceipt, verifyReceipt } from './receipt.js';
