// SPEC.md §6, R6.3: the caller's demands are checked before the mandate is examined.
import { group, type NegativeCase, onClassicalMandate } from '../case.js';

type Row = readonly [id: string, rule: string, comment: string, options: Record<string, unknown>];

const rows: readonly Row[] = [
  ['misspelt', 'R6.3', 'An option is misspelt', { audiance: 'https://shop.example' }],
  ['policy-unknown', 'R7.1', 'There is no such policy', { policy: 'pq' }],
  ['policy-case', 'R7.1', 'The name of the policy is in capitals', { policy: 'PQ-REQUIRED' }],
  [
    'policy-inherited',
    'R7.1',
    'The name of the policy is one that JavaScript objects inherit',
    { policy: 'constructor' },
  ],
  ['policy-null', 'R7.1', 'The policy is null', { policy: null }],
  ['policy-array', 'R7.1', 'The policy is an array that holds a name', { policy: ['pq-optional'] }],
  ['issuer-empty', 'R6.3', 'The expected issuer is empty', { issuer: '' }],
  ['issuer-empty-list', 'R6.3', 'The list of expected issuers is empty', { issuer: [] }],
  ['issuer-null', 'R6.3', 'The expected issuer is null', { issuer: null }],
  ['issuer-object', 'R6.3', 'The expected issuer is an object', { issuer: { id: 'https://bank.example' } }],
  ['audience-number', 'R6.3', 'The expected audience is a number', { audience: 1 }],
  ['subject-null', 'R6.3', 'The expected subject is null', { subject: null }],
  ['typ-array', 'R6.3', 'The expected "typ" is an array', { typ: ['JWT'] }],
  [
    'required-claims-string',
    'R6.3',
    'The required claims are one name and no array',
    { requiredClaims: 'exp' },
  ],
  ['required-claims-number', 'R6.3', 'A required claim is named with a number', { requiredClaims: [1] }],
  ['current-date', 'R6.3', 'The time to verify at is no date', { currentDate: 'yesterday' }],
  ['tolerance-negative', 'R6.52', 'The tolerance is negative', { clockTolerance: -1 }],
  [
    'tolerance-unit',
    'R6.52',
    'The tolerance has a unit that does not exist',
    { clockTolerance: '5 fortnights' },
  ],
  ['tolerance-ago', 'R6.52', 'The tolerance is a span that lies back', { clockTolerance: '5 minutes ago' }],
  [
    'tolerance-sign',
    'R6.52',
    'The tolerance is a span with two signs',
    { clockTolerance: '+5 minutes from now' },
  ],
  [
    'tolerance-infinite',
    'R6.52',
    'The tolerance is a number that no double can hold',
    { clockTolerance: `${'9'.repeat(400)}s` },
  ],
  ['age-negative', 'R6.52', 'The maximum age is negative', { maxTokenAge: '-1d' }],
  ['age-empty', 'R6.52', 'The maximum age is empty', { maxTokenAge: '' }],
  ['retention-zero', 'R6.3', 'The years of retention are 0', { minRetentionYears: 0 }],
  ['retention-string', 'R6.3', 'The years of retention are a string', { minRetentionYears: '7' }],
  ['revocation-text', 'R6.3', 'The check of revocation is a text and no function', { isRevoked: 'no' }],
  ['revocation-timeout', 'R6.3', 'The time limit of the check of revocation is 0', { revocationTimeout: 0 }],
  ['hook-true', 'R6.3', 'The function for the verdict is true', { onVerified: true }],
  ['limit-negative', 'R6.3', 'A limit is negative', { limits: { maxDepth: -1 } }],
  ['limit-time-zero', 'R6.65', 'The time limit of functions is 0', { limits: { callTimeout: 0 } }],
  ['limit-string', 'R6.3', 'A limit is a string', { limits: { maxDepth: '32' } }],
  ['limit-unknown', 'R6.3', 'A limit is misspelt', { limits: { maxdepth: 32 } }],
  ['limits-null', 'R6.3', 'The limits are null', { limits: null }],
];

const cases = group(
  'options',
  { rule: 'R6.3', code: 'ERR_MANDATE_ARGUMENT_INVALID', flags: ['option'] },
  rows.map(([id, rule, comment, demanded]) => ({ id, rule, comment, defect: { options: demanded } })),
);

export const options: NegativeCase[] = cases.map(onClassicalMandate);
