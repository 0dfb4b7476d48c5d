// SPEC.md §6 step 8: what RFC 9901 §7.1 says to reject.
import { base64url, sha256 } from '../../keys.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { type Disclosed, decoy, disclose, discloseText } from '../forge.js';
import { sdAlg } from './sd-alg.js';

const name = disclose('salt-1', 'name', 'x');
const element = disclose('salt-2', 'x');
const inner = disclose('salt-3', 'inner', 1);
const outer = disclose('salt-4', 'outer', { _sd: [inner.digest] });

/** Claims, the digests of these disclosures, and the disclosures. */
const sd = (claims: object, ...disclosures: Disclosed[]): Making => ({
  payload: { ...claims, _sd: disclosures.map(({ digest }) => digest) },
  disclosures: disclosures.map(({ encoded }) => encoded),
});
const list = (...disclosures: Disclosed[]): Making => ({
  payload: { list: disclosures.map(({ digest }) => ({ '...': digest })) },
  disclosures: disclosures.map(({ encoded }) => encoded),
});

const proto = discloseText('["salt-1","__proto__",{"admin":true}]');

const FLAGS = ['verifier', 'processing'] as const;
const references = group(
  'processing',
  { rule: 'R6.40', code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED', flags: FLAGS, base: sd({}, name) },
  [
    {
      id: 'unreferenced',
      comment: 'A disclosure that no digest references',
      defect: { disclosures: [name.encoded, element.encoded] },
    },
    {
      id: 'unreferenced-alone',
      comment: 'A disclosure under a payload without any digest',
      base: {},
      defect: { disclosures: [name.encoded] },
    },
    {
      id: 'digest-in-a-claim',
      comment: 'The digest of a disclosure stands in an ordinary claim, which is no reference',
      base: { payload: { note: name.digest } },
      defect: { disclosures: [name.encoded] },
    },
    {
      id: 'digest-in-an-array',
      comment: 'The digest of a disclosure stands as a string in an array, which is no reference',
      base: { payload: { list: [element.digest] } },
      defect: { disclosures: [element.encoded] },
    },
    {
      id: 'parent-withheld',
      comment: 'The disclosure that references another one is withheld, the other is not',
      base: { ...sd({}, outer), disclosures: [outer.encoded, inner.encoded] },
      defect: { disclosures: [inner.encoded] },
    },
    {
      id: 'changed-value',
      flags: ['substitution'],
      comment: 'The value of a disclosure has changed since its digest was signed',
      defect: { disclosures: [disclose('salt-1', 'name', 'y').encoded] },
    },
    {
      id: 'changed-name',
      flags: ['substitution'],
      comment: 'The name of a disclosure has changed since its digest was signed',
      defect: { disclosures: [disclose('salt-1', 'amount_max', 'x').encoded] },
    },
    {
      id: 'spaces-changed',
      flags: ['substitution'],
      comment: 'A space was added to the JSON of a disclosure since its digest was signed',
      defect: { disclosures: [discloseText('["salt-1", "name", "x"]').encoded] },
    },
    {
      id: 'digest-of-json',
      comment: 'The digest is over the JSON of the disclosure and not over its base64url text',
      defect: { payload: { _sd: [base64url(sha256('["salt-1","name","x"]'))] } },
    },
    {
      id: 'digest-with-tilde',
      comment: 'The digest is over the disclosure and the tilde behind it',
      defect: { payload: { _sd: [base64url(sha256(`${name.encoded}~`))] } },
    },
  ],
);

const places = [
  ...group('processing', { rule: 'R6.36', code: 'ERR_MANDATE_DISCLOSURE_MISPLACED', flags: FLAGS }, [
    {
      id: 'claim-in-array',
      comment: 'A disclosure of three elements is referenced by an array element',
      base: list(element),
      defect: list(name),
    },
    {
      id: 'element-in-object',
      comment: 'A disclosure of two elements is referenced by "_sd"',
      base: sd({}, name),
      defect: sd({}, element),
    },
  ]),
  ...group(
    'processing',
    { rule: 'R6.30', code: 'ERR_MANDATE_DISCLOSURE_REPEATED', flags: FLAGS, base: sd({}, name) },
    [
      {
        id: 'disclosure-repeated',
        comment: 'A disclosure stands there twice',
        defect: { disclosures: [name.encoded, name.encoded] },
      },
      {
        id: 'salt-repeated',
        comment: 'Two disclosures have the same salt',
        defect: sd({}, name, disclose('salt-1', 'other', 'y')),
      },
      {
        id: 'salt-repeated-in-array',
        comment: 'The disclosures of a claim and of an array element have the same salt',
        base: { ...sd({}, name), disclosures: [name.encoded] },
        defect: {
          payload: { list: [{ '...': disclose('salt-1', 'y').digest }] },
          disclosures: [name.encoded, disclose('salt-1', 'y').encoded],
        },
      },
    ],
  ),
];

const names = group(
  'processing',
  { rule: 'R6.37', code: 'ERR_MANDATE_DISCLOSURE_NAME', flags: FLAGS, base: sd({}, name) },
  [
    {
      id: 'name-in-the-clear',
      comment: 'A disclosed claim stands in the clear already',
      defect: sd({ name: 'y' }, name),
    },
    {
      id: 'name-in-the-clear-null',
      comment: 'A disclosed claim stands in the clear already, as null',
      defect: sd({ name: null }, name),
    },
    {
      id: 'name-overrides-amount',
      comment: 'A disclosed claim would replace "amount", which stands in the clear',
      defect: sd({}, disclose('salt-1', 'amount', '9999.00')),
    },
    {
      id: 'name-overrides-issuer',
      comment: 'A disclosed claim would replace "iss", which stands in the clear',
      defect: sd({}, disclose('salt-1', 'iss', 'https://bank.example')),
    },
    {
      id: 'name-twice',
      comment: 'Two disclosures at one place have the same name',
      defect: sd({}, name, disclose('salt-5', 'name', 'y')),
    },
    {
      id: 'name-nested',
      comment: 'A disclosed claim of an object stands in the clear there already',
      base: { payload: { o: { _sd: [name.digest] } }, disclosures: [name.encoded] },
      defect: { payload: { o: { name: 'y', _sd: [name.digest] } } },
    },
    {
      id: 'name-proto',
      flags: ['prototype'],
      comment: 'The disclosed claim __proto__ stands in the clear already',
      base: sd({}, proto),
      defect: { payloadText: `{"__proto__":{},"_sd":["${proto.digest}"],"_sd_alg":"sha-256"}` },
    },
    ...['_sd', '...', '_sd_alg'].map((reserved) => ({
      id: `name-${reserved === '...' ? 'dots' : reserved.slice(1)}`,
      comment: `A disclosed claim is named ${reserved}`,
      defect: sd({}, disclose('salt-1', reserved, [decoy()])),
    })),
    {
      id: 'name-sd-nested',
      comment: 'A disclosed claim of an object is named _sd',
      base: { payload: { o: { _sd: [name.digest] } }, disclosures: [name.encoded] },
      defect: {
        payload: { o: { _sd: [disclose('salt-1', '_sd', []).digest] } },
        disclosures: [disclose('salt-1', '_sd', []).encoded],
      },
    },
  ],
);

export const processing: NegativeCase[] = [...references, ...places, ...names, ...sdAlg];
