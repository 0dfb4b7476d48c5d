// All names of a User Credential that a draft may change: draft-ietf-oauth-sd-jwt-vc, which AP2 v0.2 follows.

/** The possible `typ` of a User Credential: that of SD-JWT VC, and that of its older drafts. */
export type CredentialType = 'dc+sd-jwt' | 'vc+sd-jwt';

/** The library writes the first, and accepts the second only if the caller names it. */
export const CREDENTIAL_TYPES = ['dc+sd-jwt', 'vc+sd-jwt'] as const satisfies readonly CredentialType[];

/** Claims that a holder must not be able to withhold, so they and their members must not be disclosable. */
export const CLAIMS_IN_THE_CLEAR = [
  'iss',
  'nbf',
  'exp',
  'cnf',
  'pq_cnf',
  'vct',
  'vct#integrity',
  'status',
] as const;
