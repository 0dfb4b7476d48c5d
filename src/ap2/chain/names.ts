// All names that a new version of the delegation draft may change. The implementation follows AP2 v0.2 and its Python SDK,
// which means draft-gco-oauth-delegate-sd-jwt. Its successor is draft-ietf-oauth-delegate-sd-jwt-00 (October 2026).

/** The claim whose single element is the mandate. */
export const DELEGATE_PAYLOAD = 'delegate_payload';

/** The name in draft-ietf-oauth-delegate-sd-jwt, written and accepted only if the caller asks for it. */
export const DELEGATE_PAYLOAD_OF_IETF = '_delegate_payload';

/** The separator between the tokens of a chain. */
export const SEPARATOR = '~~';

/**
 * How a hop is bound to the previous token: to that token as presented, or only to its JWT, so that the holder can choose
 * disclosures later.
 */
export type Binding = 'sd_hash' | 'issuer_jwt_hash';
