// The names in OpenID4VP 1.0 and AP2 v0.2 for the parts of a delegation request and its binding.

/** The `type` of the `transaction_data` entry. */
export const TRANSACTION_TYPE = 'delegate';
/** The `format` of the response. The delegation draft has others; AP2's example and sample use this one. */
export const CREDENTIAL_FORMAT = 'dc+sd-jwt';
/** The only hash algorithm of this profile. */
export const HASH_ALGORITHM = 'sha-256';
/** The claims of a key binding that contain the hashes (OpenID4VP 1.0, Appendix B.3.3.1). */
export const HASHES = 'transaction_data_hashes';
export const HASHES_ALG = 'transaction_data_hashes_alg';
