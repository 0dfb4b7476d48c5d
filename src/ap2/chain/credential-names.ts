// Every name of a User Credential that drafts may change: draft-ietf-oauth-sd-jwt-vc, which AP2 v0.2 follows.

/** The `typ` that a User Credential can have: that of SD-JWT VC, and that of its older drafts. */
export type CredentialType = 'dc+sd-jwt' | 'vc+sd-jwt';

/** The first is written; the second is read only where the caller names it. */
export const CREDENTIAL_TYPES = ['dc+sd-jwt', 'vc+sd-jwt'] as const satisfies readonly CredentialType[];

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
