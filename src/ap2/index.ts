export {
  type AuthenticMandateChain,
  type Authorization,
  authenticateDirectMandate,
  authenticateMandateChain,
  type ChainOptions,
  type PresentedChainOptions,
  pastUseOf,
  type ReceiptReference,
} from './chain/authenticate.js';
export { type CartContext, evaluateCart, evaluateClosing } from './chain/before-signing.js';
export {
  type ClosedMandateContent,
  closeMandate,
  delegateMandate,
  type HopOptions,
  type IssueMandateOptions,
  issueMandate,
  type MandateOfSeveral,
  type OpenMandateOfSeveral,
} from './chain/create.js';
export type { CredentialOptions, VerifiedCredential } from './chain/credential.js';
export type { CredentialType } from './chain/credential-names.js';
export { decodeMandateChain } from './chain/decode.js';
export {
  type AuthorityContext,
  type ChainEvaluation,
  type EvaluationContext,
  enforceEvaluation,
  evaluateMandateChain,
  type RefusedUnchecked,
  type Unchecked,
} from './chain/evaluate.js';
export type { DelegateForm } from './chain/forms.js';
export { openMandateHash, receiptReferenceOf } from './chain/hash.js';
export type { HopError } from './chain/hop-error.js';
export type { VerifiedHop } from './chain/hops.js';
export { type CredentialClaims, issueCredential } from './chain/issue-credential.js';
export type { Binding } from './chain/names.js';
export {
  chainOfVpToken,
  type DelegationRequest,
  decodeDelegationRequest,
  encodeDelegationRequest,
  transactionDataHashes,
} from './chain/openid4vp.js';
export { presentMandateChain } from './chain/present.js';
export {
  type ConstraintContext,
  type VerifiedMandateChain,
  type VerifiedOpenMandateChain,
  type VerifyDirectMandateOptions,
  type VerifyMandateChainOptions,
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
} from './chain/verify.js';
export type { ExtraMembers } from './constraints/allowed.js';
export {
  type CheckoutConstraintContext,
  enforceCheckoutConstraints,
  evaluateCheckoutConstraints,
} from './constraints/evaluate-checkout.js';
export {
  enforcePaymentConstraints,
  evaluatePaymentConstraints,
  type PaymentConstraintContext,
} from './constraints/evaluate-payment.js';
export type { PastUse } from './constraints/history.js';
export {
  type ConstraintRule,
  type ConstraintViolation,
  MandateConstraintError,
} from './constraints/violation.js';
export {
  type Buyer,
  type Checkout,
  checkoutHash,
  decodeCheckoutJwt,
  type ErrorMessage,
  type InfoMessage,
  type Item,
  type LineItem,
  type Link,
  type Message,
  type Total,
  type WarningMessage,
} from './model/checkout.js';
export type {
  CheckoutMandate,
  OpenCheckoutMandate,
  PresentedCheckoutMandate,
} from './model/checkout-mandate.js';
export type {
  AcceptableItem,
  AgentRecurrence,
  AllowedMerchants,
  AllowedPayees,
  AllowedPaymentInstruments,
  AllowedPisps,
  AmountRange,
  Budget,
  CheckoutConstraint,
  ExecutionDate,
  LineItemRequirements,
  LineItems,
  PaymentConstraint,
  PaymentReference,
} from './model/constraints.js';
export {
  type MandateContent,
  type MandateKind,
  type OpenMandateContent,
  type PresentedMandateContent,
  parseMandateContent,
} from './model/mandate.js';
export type { OpenPaymentMandate, PaymentMandate } from './model/payment-mandate.js';
export {
  type CheckoutReceipt,
  type CheckoutReceiptError,
  type CheckoutReceiptInit,
  type CheckoutReceiptSuccess,
  createCheckoutReceipt,
  createPaymentReceipt,
  type PaymentReceipt,
  type PaymentReceiptError,
  type PaymentReceiptInit,
  type PaymentReceiptSuccess,
  type ReceiptErrorCode,
} from './model/receipt.js';
export { MANDATE_VCT } from './model/schema.js';
export type { Amount, Merchant, PaymentInstrument, Pisp, PqConfirmation } from './model/types.js';
export {
  type AuthenticatePurchaseOptions,
  type AuthenticPurchase,
  authenticatePurchase,
  type PresentedPurchase,
  type PurchaseAuthorization,
  type PurchaseChainOptions,
  type PurchaseKeys,
  pastUsesOf,
} from './purchase/authenticate.js';
export {
  type CheckoutJwtClaim,
  type SignCheckoutJwtOptions,
  signCheckoutJwt,
  type VerifiedCheckout,
  type VerifyCheckoutJwtOptions,
  verifyCheckoutJwt,
} from './purchase/checkout-jwt.js';
export { MandatePurchaseError, type PurchasePart, type PurchaseReason } from './purchase/error.js';
export {
  evaluatePurchase,
  type PurchaseAuthorityContext,
  type PurchaseEvaluation,
  type PurchaseEvaluationContext,
} from './purchase/evaluate.js';
export type { PurchaseUnchecked, RefusedPurchaseUnchecked } from './purchase/unchecked.js';
export {
  enforcePurchase,
  type PurchaseContext,
  type VerifiedPurchase,
  type VerifyPurchaseOptions,
  verifyPurchase,
} from './purchase/verify.js';
export {
  type Receipt,
  type SignReceiptOptions,
  signReceipt,
  type VerifiedReceipt,
  type VerifyReceiptOptions,
  verifyReceipt,
} from './receipt.js';
export { type RefusalReceipt, refusalOf } from './refusal.js';
