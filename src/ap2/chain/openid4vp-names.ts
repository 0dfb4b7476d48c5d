// What OpenID4VP 1.0 and AP2 v0.2 call the parts of a request to delegate, and what binds it.

/** The `type` of the entry of `transaction_data`. */
export const TRANSACTION_TYPE = 'delegate';
/** The `format` of what is returned. The delegation draft has others; AP2's example and sample have this. */
export const CREDENTIAL_FORMAT = 'dc+sd-jwt';
/** The one hash algorithm of this profile. */
export const HASH_ALGORITHM = 'sha-256';
/** The claims of a key binding that hold the hashes (OpenID4VP 1.0, Appendix B.3.3.1). */
export const HASHES = 'transaction_data_hashes';
export const HASHES_ALG = 'transaction_data_hashes_alg';
