export type { PastUse } from '../ap2/constraints/history.js';
export { type CloseViOptions, closeViCheckout, closeViPayment } from './close.js';
export {
  type ViCheckout,
  ViConstraintError,
  type ViPeriod,
  type ViStrictness,
  type ViSubscription,
  type ViUnchecked,
  type ViViolation,
} from './constraints.js';
export {
  type IssueViCredentialOptions,
  issueViAutonomous,
  issueViCredential,
  issueViImmediate,
  type ViConfirmation,
  type ViFinalPair,
  type ViLayerOptions,
  type ViOpenPair,
  type ViPublicKeys,
  type ViTokenOptions,
  viConfirmationOf,
} from './issue.js';
export type { VerifiedViLayer, ViMode, ViOptions, ViPresentation } from './layers.js';
export type {
  ViCheckoutMandate,
  ViMerchant,
  ViOpenCheckoutMandate,
  ViOpenPaymentMandate,
  ViPaymentInstrument,
  ViPaymentMandate,
} from './mandates.js';
export type { ViNames } from './names.js';
export {
  matchViLegs,
  type VerifiedViMandates,
  type VerifiedViPair,
  type VerifiedViPresentation,
  type VerifyViOptions,
  type ViContext,
  type ViPairNames,
  type ViRefusedUnchecked,
  type ViRole,
  verifyViMandates,
  verifyViPresentation,
  viPastUseOf,
} from './verify.js';
