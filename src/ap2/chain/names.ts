// Every name that the delegation draft may change. What is followed is AP2 v0.2 and its Python SDK, that is
// draft-gco-oauth-delegate-sd-jwt; draft-ietf-oauth-delegate-sd-jwt-00 (October 2026) succeeds it.

/** The claim that holds the mandate, as its one element. */
export const DELEGATE_PAYLOAD = 'delegate_payload';

/** The same in draft-ietf-oauth-delegate-sd-jwt: written and read where the caller says so. */
export const DELEGATE_PAYLOAD_OF_IETF = '_delegate_payload';

/** Stands between the tokens of a chain. */
export const SEPARATOR = '~~';

/**
 * How a hop is bound to the token before it: by that token as presented, or by its JWT alone, so that the holder can choose
 * later what to disclose of it.
 */
export type Binding = 'sd_hash' | 'issuer_jwt_hash';
