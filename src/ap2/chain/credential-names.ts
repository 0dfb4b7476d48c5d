// Every name of a User Credential that drafts may change: draft-ietf-oauth-sd-jwt-vc, which AP2 v0.2 follows.

/** The `typ` of an SD-JWT VC. The first is written; the second is that of older drafts, read only where it is named. */
export const CREDENTIAL_TYPES = ['dc+sd-jwt', 'vc+sd-jwt'] as const;

/** The media types that a credential can have; see {@link CREDENTIAL_TYPES}. */
export type CredentialType = (typeof CREDENTIAL_TYPES)[number];

/** What a holder must not be able to withhold, so that it stands in the clear with all that is in it. */
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
