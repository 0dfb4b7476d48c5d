// SPEC.md §6 step 9: every claim with a time. The time to verify at is fixed.
import { group, type Making, type NegativeCase, onClassicalMandate } from '../case.js';
import { disclose } from '../forge.js';
import { NOT_DATE_TIMES } from './date-times.js';

const NOW = '2026-06-01T00:00:00.000Z';
const now = Date.parse(NOW) / 1000;
const options = { currentDate: NOW };

const FAILED = 'ERR_JWT_CLAIM_VALIDATION_FAILED';
const EXPIRED = 'ERR_JWT_EXPIRED';

/** One claim: a valid value and an invalid one. */
type Row = readonly [
  id: string,
  rule: string,
  comment: string,
  claim: string,
  good: unknown,
  bad: unknown,
  more?: object,
];

const expired: readonly Row[] = [
  ['exp-past', 'R6.48', '"exp" lies a year back', 'exp', now + 1, now - 31_536_000],
  ['exp-now', 'R6.48', '"exp" is the present second', 'exp', now + 1, now],
  ['exp-fraction', 'R6.48', '"exp" lies half a second back', 'exp', now + 0.5, now - 0.5],
  ['exp-zero', 'R6.48', '"exp" is 0, which is 1970 and not "never"', 'exp', now + 1, 0],
  [
    'exp-tolerance',
    'R6.48',
    '"exp" lies as far back as the tolerance reaches',
    'exp',
    now - 59,
    now - 60,
    { clockTolerance: 60 },
  ],
  [
    'iat-too-old',
    'R6.49',
    '"iat" lies one second further back than the maximum age',
    'iat',
    now - 60,
    now - 61,
    { maxTokenAge: 60 },
  ],
  [
    'iat-too-old-span',
    'R6.52',
    '"iat" lies one second further back than the maximum age of a day',
    'iat',
    now - 86_400,
    now - 86_401,
    { maxTokenAge: '1d' },
  ],
  [
    'iat-too-old-tolerance',
    'R6.49',
    '"iat" lies further back than maximum age and tolerance',
    'iat',
    now - 90,
    now - 91,
    { maxTokenAge: 60, clockTolerance: 30 },
  ],
  [
    'valid-until-now',
    'R6.50',
    '"valid_until" is the present millisecond',
    'valid_until',
    '2026-06-01T00:00:00.001Z',
    NOW,
  ],
  [
    'valid-until-past',
    'R6.50',
    '"valid_until" lies one millisecond back',
    'valid_until',
    '2026-06-01T00:00:00.001Z',
    '2026-05-31T23:59:59.999Z',
  ],
  [
    'valid-until-offset',
    'R6.50',
    '"valid_until" is later on the clock and earlier in time: its offset is +02:00',
    'valid_until',
    '2026-06-01T02:00:01+02:00',
    '2026-06-01T01:59:59+02:00',
  ],
  [
    'valid-until-leap-second',
    'R6.51',
    '"valid_until" is a leap second that counts as a second in the past',
    'valid_until',
    '2026-12-31T23:59:60Z',
    '2016-12-31T23:59:60Z',
  ],
  [
    'valid-until-tolerance',
    'R6.50',
    '"valid_until" lies as far back as the tolerance reaches',
    'valid_until',
    '2026-05-31T23:59:00.001Z',
    '2026-05-31T23:59:00Z',
    { clockTolerance: 60 },
  ],
];

/** To the second: by default, start times may be 30 seconds ahead (R6.68). */
const exact = { clockTolerance: 0 };

const early: readonly Row[] = [
  ['nbf-future', 'R6.47', '"nbf" is the next second', 'nbf', now, now + 1, exact],
  ['nbf-fraction', 'R6.47', '"nbf" is half a second away', 'nbf', now, now + 0.5, exact],
  [
    'nbf-tolerance',
    'R6.47',
    '"nbf" is one second further away than the tolerance reaches',
    'nbf',
    now + 60,
    now + 61,
    { clockTolerance: 60 },
  ],
  ['nbf-milliseconds', 'R6.45', '"nbf" is in milliseconds', 'nbf', now, now * 1000],
  [
    'iat-future',
    'R6.49',
    '"iat" is the next second, and no maximum age is asked for',
    'iat',
    now,
    now + 1,
    exact,
  ],
  [
    'iat-future-with-age',
    'R6.49',
    '"iat" is the next second',
    'iat',
    now,
    now + 1,
    { ...exact, maxTokenAge: 60 },
  ],
  ['iat-milliseconds', 'R6.45', '"iat" is in milliseconds', 'iat', now, now * 1000],
  [
    'valid-from-future',
    'R6.50',
    '"valid_from" is the next millisecond',
    'valid_from',
    NOW,
    '2026-06-01T00:00:00.001Z',
    exact,
  ],
  [
    'valid-from-offset',
    'R6.50',
    '"valid_from" is earlier on the clock and later in time: its offset is -02:00',
    'valid_from',
    '2026-05-31T22:00:00-02:00',
    '2026-05-31T22:00:01-02:00',
    exact,
  ],
  ['nbf-default', 'R6.68', '"nbf" is 31 seconds away, and nothing is said of clocks', 'nbf', now, now + 31],
  ['iat-default', 'R6.68', '"iat" is 31 seconds away, and nothing is said of clocks', 'iat', now, now + 31],
  [
    'valid-from-default',
    'R6.68',
    '"valid_from" is more than 30 seconds away, and nothing is said of clocks',
    'valid_from',
    NOW,
    '2026-06-01T00:00:30.001Z',
  ],
];

/** Valid seconds since 1970, and values that must not be accepted as such. */
const numericDates = [
  ['exp', now + 1, String(now + 1)],
  ['nbf', now, String(now)],
  ['iat', now, String(now)],
] as const;

const wrongTypes: readonly Row[] = numericDates.flatMap(([claim, good, text]): Row[] => [
  [`${claim}-string`, 'R6.45', `"${claim}" is the digits of a number in a string`, claim, good, text],
  [`${claim}-null`, 'R6.45', `"${claim}" is null`, claim, good, null],
  [`${claim}-array`, 'R6.45', `"${claim}" is an array that holds a number`, claim, good, [good]],
  [`${claim}-date`, 'R6.45', `"${claim}" is a date-time`, claim, good, NOW],
]);

const dateTimes: readonly Row[] = NOT_DATE_TIMES.map(([id, comment, value]): Row => {
  const good = '2027-01-01T00:00:00Z';
  return [`valid-until-${id}`, 'R6.51', `"valid_until" is ${comment}`, 'valid_until', good, value];
});

const validFrom: readonly Row[] = [
  ['valid-from-number', 'R6.45', '"valid_from" is a number of seconds', 'valid_from', NOW, now],
  [
    'valid-from-date-alone',
    'R6.51',
    '"valid_from" is a date without a time',
    'valid_from',
    NOW,
    '2026-01-01',
  ],
];

const cases = (rows: readonly Row[], code: string, flags: NegativeCase['flags']) =>
  rows.flatMap(([id, rule, comment, claim, good, bad, more]) =>
    group(
      'time',
      { rule, code, flags, base: { payload: { [claim]: good }, options: { ...options, ...more } } },
      [{ id, comment, defect: { payload: { [claim]: bad } } }],
    ),
  );

/** The same claims in a disclosure. */
const disclosed = (claim: string, value: unknown, more: object = {}): Making => {
  const { digest, encoded } = disclose('salt-1', claim, value);
  return { payload: { _sd: [digest] }, disclosures: [encoded], options: { ...options, ...more } };
};

type HiddenRow = readonly [
  id: string,
  code: string,
  claim: string,
  good: unknown,
  bad: unknown,
  more?: object,
];

const hidden: readonly HiddenRow[] = [
  ['exp', EXPIRED, 'exp', now + 1, now],
  ['exp-string', FAILED, 'exp', now + 1, String(now + 1)],
  ['nbf', FAILED, 'nbf', now, now + 1, exact],
  ['iat', FAILED, 'iat', now, now + 1, exact],
  ['valid-from', FAILED, 'valid_from', NOW, '2027-01-01T00:00:00Z'],
  ['valid-until', EXPIRED, 'valid_until', '2027-01-01T00:00:00Z', NOW],
];

const all: NegativeCase[] = [
  ...cases(expired, EXPIRED, ['time']),
  ...cases(early, FAILED, ['time']),
  ...cases(wrongTypes, FAILED, ['time', 'claim-type']),
  ...cases(dateTimes, FAILED, ['time', 'claim-type']),
  ...cases(validFrom, FAILED, ['time', 'claim-type']),
  ...hidden.flatMap(([id, code, claim, good, bad, more]) =>
    group(
      'time',
      { rule: 'R6.38', code, flags: ['time', 'disclosed-claim'], base: disclosed(claim, good, more) },
      [
        {
          id: `disclosed-${id}`,
          comment: `"${claim}" stands in a disclosure and does not hold`,
          defect: disclosed(claim, bad, more),
        },
      ],
    ),
  ),
  ...group(
    'time',
    {
      rule: 'R6.42',
      code: FAILED,
      flags: ['time', 'missing-claim'],
      base: { payload: { iat: now, exp: now + 1 }, options },
    },
    [
      {
        id: 'iat-missing',
        comment: '"iat" is missing, and a maximum age is asked for',
        base: { payload: { iat: now }, options: { ...options, maxTokenAge: 60 } },
        defect: { payload: { iat: undefined } },
      },
      {
        id: 'exp-missing',
        comment: '"exp" is missing, and the verifier requires it',
        base: { payload: { exp: now + 1 }, options: { ...options, requiredClaims: ['exp'] } },
        defect: { payload: { exp: undefined } },
      },
      {
        id: 'exp-withheld',
        flags: ['disclosed-claim'],
        comment: 'The disclosure of "exp" is withheld, and the verifier requires it',
        base: { ...disclosed('exp', now + 1), options: { ...options, requiredClaims: ['exp'] } },
        defect: { disclosures: [] },
      },
    ],
  ),
];

export const time: NegativeCase[] = all.map(onClassicalMandate);
