// SPEC.md §6 step 9, R6.58: how long the record of a mandate has to be kept.
import { group, type NegativeCase, onClassicalMandate } from '../case.js';
import { disclose } from '../forge.js';

const POLICY = 'HKMA-Cap615-7yr';
const UNTIL = '2033-05-01T00:00:00.000Z';
const retention = (members: object): object => ({ policy: POLICY, retention_until: UNTIL, ...members });
const base = {
  payload: { issued_at: '2026-05-01T00:00:00.000Z', retention_metadata: retention({}) },
  options: { minRetentionYears: 7, currentDate: '2026-06-01T00:00:00.000Z' },
};
const IAT = Date.parse('2026-05-01T00:00:00Z') / 1000;

const hidden = disclose('salt-1', 'retention_metadata', retention({}));

type Row = readonly [id: string, comment: string, claims: Record<string, unknown>];

const rows: readonly Row[] = [
  ['missing', '"retention_metadata" is missing', { retention_metadata: undefined }],
  ['null', '"retention_metadata" is null', { retention_metadata: null }],
  ['string', '"retention_metadata" is a date-time', { retention_metadata: UNTIL }],
  ['array', '"retention_metadata" is an array', { retention_metadata: [retention({})] }],
  ['policy-missing', 'The retention policy is missing', { retention_metadata: { retention_until: UNTIL } }],
  ['policy-number', 'The retention policy is a number', { retention_metadata: retention({ policy: 7 }) }],
  ['until-missing', '"retention_until" is missing', { retention_metadata: { policy: POLICY } }],
  [
    'until-number',
    '"retention_until" is a number of seconds',
    { retention_metadata: retention({ retention_until: 2e9 }) },
  ],
  [
    'until-date-alone',
    '"retention_until" is a date without a time',
    { retention_metadata: retention({ retention_until: '2033-05-01' }) },
  ],
  [
    'one-millisecond-short',
    '"retention_until" is a millisecond short of seven years',
    { retention_metadata: retention({ retention_until: '2033-04-30T23:59:59.999Z' }) },
  ],
  [
    '2555-days',
    '"retention_until" is seven times 365 days after issuance, which is less than seven calendar years',
    { retention_metadata: retention({ retention_until: '2033-04-29T00:00:00Z' }) },
  ],
  [
    'offset',
    '"retention_until" reaches seven years on the clock and not in time: its offset is +02:00',
    { retention_metadata: retention({ retention_until: '2033-05-01T00:00:00+02:00' }) },
  ],
  [
    'issued-later',
    '"issued_at" is later than "iat", and counts',
    { issued_at: '2026-05-02T00:00:00Z', iat: IAT },
  ],
  ['issued-at-number', '"issued_at" is a number of seconds', { issued_at: IAT }],
  [
    'issued-at-date-alone',
    '"issued_at" is a date without a time, though "iat" says when',
    { issued_at: '2026-05-01', iat: IAT },
  ],
  ['issuance-missing', 'Nothing says when the mandate was issued', { issued_at: undefined }],
  ['iat', '"iat" alone says when the mandate was issued: too late', { issued_at: undefined, iat: IAT + 1 }],
  [
    'valid-from',
    '"valid_from" alone says when the mandate was issued: too late',
    { issued_at: undefined, valid_from: '2026-05-01T00:00:00.001Z' },
  ],
];

/** Faults of the date of issuance itself, R6.64. */
const dates: readonly Row[] = [
  [
    'issued-before-iat',
    '"issued_at" is a year before "iat"',
    { issued_at: '2025-05-01T00:00:00Z', iat: IAT },
  ],
  [
    'issued-before-iat-default',
    '"issued_at" is 31 seconds before "iat"',
    { issued_at: '2026-04-30T23:59:29Z', iat: IAT },
  ],
  [
    'iat-later',
    '"iat" is a second later than "issued_at", and counts',
    { issued_at: '2026-05-01T00:00:00Z', iat: IAT + 1 },
  ],
];

/** A date of issuance in a disclosure. */
const hiddenDates = (
  [
    ['issued_at', '2026-05-01T00:00:00Z'],
    ['iat', IAT],
    ['valid_from', '2026-05-01T00:00:00Z'],
  ] as const
).map(([claim, value]) => {
  const { digest, encoded } = disclose('salt-1', claim, value);
  const payload = { retention_metadata: retention({}) };
  return {
    id: `${claim.replace('_', '-')}-disclosed`,
    comment: `"${claim}" says when the mandate was issued, and stands in a disclosure`,
    base: { payload: { ...payload, [claim]: value }, options: base.options },
    defect: { payload: { [claim]: undefined, _sd: [digest] }, disclosures: [encoded] },
  };
});

const all: NegativeCase[] = [
  ...group(
    'retention',
    { rule: 'R6.58', code: 'ERR_MANDATE_RETENTION', flags: ['retention'], base },
    rows.map(([id, comment, payload]) => ({ id, comment, defect: { payload } })),
  ),
  ...group(
    'retention',
    { rule: 'R6.58', code: 'ERR_MANDATE_RETENTION', flags: ['retention', 'disclosed-claim'] },
    [
      {
        id: 'withheld',
        comment: 'The disclosure of "retention_metadata" is withheld',
        base: {
          payload: { issued_at: base.payload.issued_at, _sd: [hidden.digest] },
          disclosures: [hidden.encoded],
          options: base.options,
        },
        defect: { disclosures: [] },
      },
    ],
  ),
  ...group(
    'retention',
    { rule: 'R6.64', code: 'ERR_MANDATE_RETENTION', flags: ['retention'], base },
    dates.map(([id, comment, payload]) => ({ id, comment, defect: { payload } })),
  ),
  ...group(
    'retention',
    { rule: 'R6.64', code: 'ERR_MANDATE_RETENTION', flags: ['retention', 'disclosed-claim'] },
    hiddenDates,
  ),
];

export const retentionCases: NegativeCase[] = all.map(onClassicalMandate);
