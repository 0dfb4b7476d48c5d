export type {
  AddPqSignatureOptions,
  PqSignedParts,
  VerifiedPqSignature,
  VerifyPqSignatureOptions,
} from './adapters/pq-signature.js';
export { addPqSignature, verifyPqSignature } from './adapters/pq-signature.js';
export type {
  PqSDJwtClass,
  PqSDJwtKeys,
  PqSDJwtMethods,
  PqSDJwtOptions,
  PqSDJwtVerdict,
  SDJwtLike,
} from './adapters/sd-jwt-instance.js';
export { withPqSignatures } from './adapters/sd-jwt-instance.js';
export type { LifetimeOptions } from './claims/lifetime.js';
export type { MandateClaims } from './claims/registered.js';
export type { RetentionMetadata } from './claims/retention.js';
export type { ClaimOptions } from './claims/validate.js';
export type { JsonObject, JsonValue } from './encoding/json.js';
export type {
  AnyMandateErrorCode,
  MandateErrorCode,
  SignatureReport,
  SignatureStatus,
} from './errors.js';
export { MANDATE_ERROR_CODES, MandateError, MandateSignatureError } from './errors.js';
export type { Policy } from './jws/policy.js';
export type { KeyReport, SignatureVerdict } from './jws/verdict.js';
export type { Confirmation, ThumbprintResolver } from './key-binding/confirmation.js';
export { confirmationOf } from './key-binding/confirmation.js';
export type { KeyBindingOptions, PresentMandateOptions } from './key-binding/present.js';
export { presentMandate } from './key-binding/present.js';
export type { KeyBindingDemands, KeyBindingVerdict } from './key-binding/verify.js';
export { createDidWebKeySet } from './key-sets/did-web.js';
export type {
  FetchedResponse,
  FetchFunction,
  FetchOptions,
  FetchRequest,
} from './key-sets/fetch-document.js';
export type { IssuerKeys } from './key-sets/issuers.js';
export { createIssuerKeySet } from './key-sets/issuers.js';
export type { MandateJwks } from './key-sets/local.js';
export { createLocalMandateKeySet } from './key-sets/local.js';
export type { PublishedJwks, PublishedKeys } from './key-sets/publish.js';
export { createClassicalJwks, createMandateJwks } from './key-sets/publish.js';
export type { RemoteKeySetOptions, RemoteMandateKeySet } from './key-sets/remote.js';
export { createRemoteMandateKeySet } from './key-sets/remote.js';
export type { Environment, KeyVariables } from './keys/environment.js';
export { mandatePrivateKeysFromEnv } from './keys/environment.js';
export type { ExportToPemOptions, JwkPair } from './keys/export.js';
export { exportMandateKeysToPem, exportMandateKeysToRaw } from './keys/export.js';
export type { CompositeKeys, MandateKeys } from './keys/generate.js';
export { generateCompositeKeys, generateMandateKeys } from './keys/generate.js';
export type {
  ImportedPrivateKeys,
  ImportedPublicKeys,
  ImportKeysOptions,
  KeyInput,
  KeyInputs,
} from './keys/import.js';
export { importMandatePrivateKeys, importMandatePublicKeys } from './keys/import.js';
export { mandatePublicKeysOf } from './keys/public-keys.js';
export type { MandateKeyResolver } from './keys/resolve-keys.js';
export { jwkThumbprint } from './keys/thumbprint.js';
export type * from './keys/types.js';
export { checkMandateKeys } from './mandate/check-keys.js';
export type { UnverifiedMandate } from './mandate/decode.js';
export { decodeMandate } from './mandate/decode.js';
export { mandateIdOf } from './mandate/id.js';
export type { SignMandateOptions } from './mandate/sign.js';
export { signMandate } from './mandate/sign.js';
export type { MandateVerdict } from './mandate/verdict.js';
export { formatVerdict } from './mandate/verdict.js';
export type { VerifiedMandate, VerifyMandateOptions } from './mandate/verify.js';
export { verifyMandate } from './mandate/verify.js';
export type { MandateAtTime, MandateOutcome, VerifyMandatesOptions } from './mandate/verify-many.js';
export { verifyMandates } from './mandate/verify-many.js';
export type { BackEndName } from './primitives/back-end.js';
export type { BackEnds } from './primitives/select.js';
export { forceBackEnd, getBackEnds } from './primitives/select.js';
export type { MandateAlgorithm, MandateLimits, PqAlg } from './profile.js';
export type { RevocationCheck, RevocationSubject } from './revocation/check.js';
export type {
  RevocableMandate,
  RevocationEntry,
  RevocationList,
  RevocationListOptions,
} from './revocation/list.js';
export { createRevocationList } from './revocation/list.js';
export type { TokenStatusListOptions } from './revocation/token-status-list.js';
export { createTokenStatusListCheck } from './revocation/token-status-list.js';
export type { Disclosure } from './sd-jwt/disclosures.js';
export type { DisclosureFrame } from './sd-jwt/frame.js';
export type { SaltGenerator } from './sd-jwt/pack.js';
export type { PresentationFrame } from './sd-jwt/select.js';
