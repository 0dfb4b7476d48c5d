export type {
  AddPqSignatureOptions,
  PqSignedParts,
  VerifiedPqSignature,
  VerifyPqSignatureOptions,
} from './beside/pq-signature.js';
export { addPqSignature, verifyPqSignature } from './beside/pq-signature.js';
export type {
  PqSDJwtClass,
  PqSDJwtKeys,
  PqSDJwtMethods,
  PqSDJwtOptions,
  PqSDJwtVerdict,
} from './beside/sd-jwt-instance.js';
export { withPqSignatures } from './beside/sd-jwt-instance.js';
export type { MandateClaims } from './claims/registered.js';
export type { ClaimOptions } from './claims/validate.js';
export * from './errors.js';
export type { JsonObject, JsonValue } from './json/types.js';
export type { MandateHeader } from './jws/header.js';
export type { MandateKeys } from './keys/generate.js';
export { generateMandateKeys } from './keys/generate.js';
export type { MandateKeyResolver } from './keys/resolve.js';
export type * from './keys/types.js';
export type { UnverifiedMandate } from './mandate/decode.js';
export { decodeMandate } from './mandate/decode.js';
export type { SignMandateOptions } from './mandate/sign.js';
export { signMandate } from './mandate/sign.js';
export type { VerifiedMandate, VerifyMandateOptions } from './mandate/verify.js';
export { verifyMandate } from './mandate/verify.js';
export type { Policy } from './policy.js';
export type { MandateLimits, PqAlg } from './profile.js';
export type { Disclosure } from './sd-jwt/disclosures.js';
export type { DisclosureFrame, SaltGenerator } from './sd-jwt/pack.js';
