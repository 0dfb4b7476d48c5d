// SPEC.md §6 step 9: issuer, subject, audience, `typ`, required claims.
import { group, type Making, type NegativeCase, onClassicalMandate } from '../case.js';
import { disclose, ISSUER } from '../forge.js';

const CODE = 'ERR_JWT_CLAIM_VALIDATION_FAILED';
const SHOP = 'https://shop.example';
const AGENT = 'did:web:agent.example';

const expecting = (options: object, payload: object = {}): Making => ({
  options: { ...options },
  payload: { ...payload },
});
const issuer = expecting({ issuer: ISSUER });
const audience = expecting({ audience: SHOP }, { aud: SHOP });
const subject = expecting({ subject: AGENT }, { sub: AGENT });

type Row = readonly [id: string, comment: string, base: Making, claims: Record<string, unknown>];

const values: readonly Row[] = [
  ['iss-other', '"iss" is another issuer', issuer, { iss: 'https://evil.example' }],
  ['iss-slash', '"iss" has a solidus more', issuer, { iss: `${ISSUER}/` }],
  ['iss-case', '"iss" differs in case', issuer, { iss: 'https://Bank.example' }],
  ['iss-prefix', '"iss" begins with the expected issuer', issuer, { iss: `${ISSUER}.evil.example` }],
  [
    'iss-homograph',
    '"iss" has a Cyrillic letter that looks the same',
    issuer,
    { iss: 'https://b\u0430nk.example' },
  ],
  [
    'iss-of-list',
    '"iss" is none of two expected issuers',
    expecting({ issuer: ['https://a.example', ISSUER] }),
    { iss: 'https://evil.example' },
  ],
  [
    'iss-normalization',
    '"iss" is in another Unicode normalization form',
    expecting({ issuer: 'caf\u00e9' }, { iss: 'caf\u00e9' }),
    { iss: 'cafe\u0301' },
  ],
  ['sub-other', '"sub" is another subject', subject, { sub: 'did:web:other.example' }],
  ['aud-other', '"aud" is another audience', audience, { aud: 'https://other.example' }],
  ['aud-substring', '"aud" contains the expected audience', audience, { aud: `${SHOP}/cart` }],
  [
    'aud-list-of-others',
    '"aud" lists other audiences',
    audience,
    { aud: ['https://other.example', 'https://third.example'] },
  ],
  ['aud-empty-list', '"aud" is an empty array', audience, { aud: [] }],
  [
    'aud-none-of-expected',
    '"aud" is none of two expected audiences',
    expecting({ audience: ['https://a.example', SHOP] }, { aud: SHOP }),
    { aud: 'https://other.example' },
  ],
];

const missing: readonly Row[] = [
  ['iss-missing', '"iss" is missing, and an issuer is expected', issuer, { iss: undefined }],
  ['sub-missing', '"sub" is missing, and a subject is expected', subject, { sub: undefined }],
  ['aud-missing', '"aud" is missing, and an audience is expected', audience, { aud: undefined }],
  [
    'jti-missing',
    '"jti" is missing, and the verifier requires it',
    expecting({ requiredClaims: ['jti'] }, { jti: 'm-1' }),
    { jti: undefined },
  ],
  [
    'amount-missing',
    '"amount" is missing, and the verifier requires it',
    expecting({ requiredClaims: ['iss', 'amount'] }),
    { amount: undefined },
  ],
  [
    'required-nested',
    'A required claim stands only in an object of the payload',
    expecting({ requiredClaims: ['payee'] }, { payee: 'x' }),
    { payee: undefined, o: { payee: 'x' } },
  ],
  [
    'required-path',
    'A required claim named "o.payee" stands there only as a path',
    expecting({ requiredClaims: ['o.payee'] }, { 'o.payee': 'x' }),
    { 'o.payee': undefined, o: { payee: 'x' } },
  ],
  [
    'required-inherited',
    'A required claim is one that JavaScript objects inherit',
    expecting({ requiredClaims: ['constructor'] }, { constructor: 1 }),
    { constructor: undefined },
  ],
];

/** Claims of the wrong type, although the caller expects nothing of them. */
const types: readonly Row[] = [
  ['iss-number', '"iss" is a number', {}, { iss: 1 }],
  ['iss-null', '"iss" is null', {}, { iss: null }],
  ['iss-array', '"iss" is an array that holds the issuer', issuer, { iss: [ISSUER] }],
  ['iss-object', '"iss" is an object', {}, { iss: { id: ISSUER } }],
  ['sub-number', '"sub" is a number', {}, { sub: 1 }],
  ['sub-array', '"sub" is an array that holds the subject', subject, { sub: [AGENT] }],
  ['jti-number', '"jti" is a number', {}, { jti: 1 }],
  ['aud-number', '"aud" is a number', {}, { aud: 1 }],
  ['aud-object', '"aud" is an object whose member is the audience', audience, { aud: { [SHOP]: true } }],
  ['aud-mixed', '"aud" lists the audience and a number', audience, { aud: [SHOP, 1] }],
  ['aud-nested', '"aud" lists an array that holds the audience', audience, { aud: [[SHOP]] }],
];

const cases = (rows: readonly Row[], rule: string, flags: NegativeCase['flags']) =>
  group(
    'identity',
    { rule, code: CODE, flags },
    rows.map(([id, comment, base, payload]) => ({ id, comment, base, defect: { payload } })),
  );

const typ = { header: { typ: 'application/mandate+sd-jwt' }, options: { typ: 'mandate+sd-jwt' } };

/** Claims that are shown in, or withheld with, a disclosure. */
const disclosed = (claim: string, value: unknown, options: object): Making => {
  const { digest, encoded } = disclose('salt-1', claim, value);
  return { payload: { [claim]: undefined, _sd: [digest] }, disclosures: [encoded], options: { ...options } };
};

const all: NegativeCase[] = [
  ...cases(values, 'R6.44', ['claim-value']),
  ...cases(missing, 'R6.42', ['missing-claim']),
  ...cases(types, 'R6.43', ['claim-type']),
  ...group('identity', { rule: 'R6.41', code: CODE, flags: ['header-parameter'], base: typ }, [
    { id: 'typ-other', comment: '"typ" is another media type', defect: { header: { typ: 'dc+sd-jwt' } } },
    {
      id: 'typ-missing',
      comment: '"typ" is missing, and one is expected',
      defect: { header: { typ: undefined } },
    },
    {
      id: 'typ-other-tree',
      comment: '"typ" is of another top-level type',
      defect: { header: { typ: 'text/mandate+sd-jwt' } },
    },
    {
      id: 'typ-parameter',
      comment: '"typ" has a parameter',
      defect: { header: { typ: 'mandate+sd-jwt;v=2' } },
    },
    { id: 'typ-empty', comment: '"typ" is empty', defect: { header: { typ: '' } } },
  ]),
  ...group('identity', { rule: 'R6.38', code: CODE, flags: ['disclosed-claim'] }, [
    {
      id: 'disclosed-iss',
      comment: '"iss" stands in a disclosure and is another issuer',
      base: disclosed('iss', ISSUER, { issuer: ISSUER }),
      defect: disclosed('iss', 'https://evil.example', {}),
    },
    {
      id: 'disclosed-iss-number',
      flags: ['claim-type'],
      comment: '"iss" stands in a disclosure and is a number',
      base: disclosed('iss', ISSUER, {}),
      defect: disclosed('iss', 1, {}),
    },
    {
      id: 'disclosed-aud',
      comment: '"aud" stands in a disclosure and is another audience',
      base: disclosed('aud', SHOP, { audience: SHOP }),
      defect: disclosed('aud', 'https://other.example', {}),
    },
    {
      id: 'withheld-aud',
      flags: ['missing-claim'],
      comment: 'The disclosure of "aud" is withheld, and an audience is expected',
      base: disclosed('aud', SHOP, { audience: SHOP }),
      defect: { disclosures: [] },
    },
    {
      id: 'withheld-amount',
      flags: ['missing-claim'],
      comment: 'The disclosure of "amount" is withheld, and the verifier requires it',
      base: disclosed('amount', '125.00', { requiredClaims: ['amount'] }),
      defect: { disclosures: [] },
    },
  ]),
];

export const identity: NegativeCase[] = all.map(onClassicalMandate);
