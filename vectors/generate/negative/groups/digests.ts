// SPEC.md §6 step 8, R6.31 to R6.35: digests and their positions (RFC 9901 §4.2.4, §7.1).
import { hex, sha256 } from '../../keys.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { decoy, disclose } from '../forge.js';
import { withSpareBit } from '../texts.js';

const d = decoy();
const name = disclose('salt-1', 'name', 'x');
const element = disclose('salt-1', 'x');

const wrongTypes: readonly [id: string, comment: string, value: unknown][] = [
  ['string', 'a string, the digest itself', d],
  ['null', 'null', null],
  ['number', 'a number', 1],
  ['object', 'an object', {}],
];

const notDigests: readonly [id: string, rule: string, comment: string, value: unknown][] = [
  ['number', 'R6.34', 'a number', 1],
  ['null', 'R6.34', 'null', null],
  ['array', 'R6.34', 'an array that holds the digest', [d]],
  ['object', 'R6.34', 'an object', {}],
  ['empty', 'R6.34', 'an empty text', ''],
  ['short', 'R6.34', 'one character short', d.slice(1)],
  ['long', 'R6.34', 'one character too long', `${d}A`],
  ['padded', 'R2.1', 'padded', `${d}=`],
  ['base64-alphabet', 'R2.1', 'in the alphabet of base64', `${d.slice(0, 20)}+/${d.slice(22)}`],
  ['spare-bits', 'R2.3', 'text with a spare bit set', withSpareBit(d)],
  ['hexadecimal', 'R6.34', 'in hexadecimal', hex(sha256('ap2-pq-negative-decoy:0'))],
  ['sha-512', 'R6.34', 'as long as one of SHA-512', d + d],
];

/** Those that are also used in array elements. */
const OF_ELEMENTS = ['number', 'null', 'empty', 'short', 'spare-bits'];

const MALFORMED = { code: 'ERR_MANDATE_DIGEST_MALFORMED', flags: ['verifier', 'digest'] as const };

const outerOf = (value: unknown): Making => {
  const outer = disclose('salt-9', 'outer', value);
  return { payload: { _sd: [outer.digest] }, disclosures: [outer.encoded] };
};

const withElement = (object: object): Making => ({
  payload: { list: [object] },
  disclosures: [element.encoded],
});

const forms = [
  ...group('digests', { ...MALFORMED, rule: 'R6.33', base: { payload: { _sd: [d] } } }, [
    ...wrongTypes.map(([id, comment, _sd]) => ({
      id: `sd-${id}`,
      comment: `"_sd" is ${comment}`,
      defect: { payload: { _sd } },
    })),
    {
      id: 'sd-nested',
      comment: '"_sd" of an object in an array is an object',
      defect: { payload: { _sd: undefined, list: [{ deep: { _sd: {} } }] } },
    },
    {
      id: 'sd-disclosed',
      comment: '"_sd" in a disclosed value is a string',
      base: outerOf({ _sd: [d] }),
      defect: outerOf({ _sd: d }),
    },
  ]),
  ...group('digests', { ...MALFORMED, rule: 'R6.34' }, [
    ...notDigests.map(([id, rule, comment, value]) => ({
      id: `element-of-sd-${id}`,
      rule,
      comment: `A digest in "_sd" is ${comment}`,
      base: { payload: { _sd: [d] } },
      defect: { payload: { _sd: [value] } },
    })),
    ...notDigests
      .filter(([id]) => OF_ELEMENTS.includes(id))
      .map(([id, rule, comment, value]) => ({
        id: `array-element-${id}`,
        rule,
        comment: `The digest of an array element is ${comment}`,
        base: { payload: { list: [{ '...': d }] } },
        defect: { payload: { list: [{ '...': value }] } },
      })),
    {
      id: 'disclosed-short',
      comment: 'A digest in a disclosed value is one character short',
      base: outerOf({ _sd: [d] }),
      defect: outerOf({ _sd: [d.slice(1)] }),
    },
  ]),
  ...group('digests', { ...MALFORMED, rule: 'R6.31', base: withElement({ '...': element.digest }) }, [
    {
      id: 'behind-a-member',
      comment: 'An array element with "..." has another member before it',
      defect: withElement({ '!': 1, '...': element.digest }),
    },
    {
      id: 'before-a-member',
      comment: 'An array element with "..." has another member behind it',
      defect: withElement({ '...': element.digest, a: 1 }),
    },
    {
      id: 'beside-sd',
      comment: 'An array element with "..." has "_sd" as well',
      defect: withElement({ '...': element.digest, _sd: [] }),
    },
    {
      id: 'outside-an-array',
      comment: '"..." is a member of an object that is no array element, and its digest is disclosed',
      defect: { payload: { list: undefined, claim: { '...': element.digest } } },
    },
    {
      id: 'at-top-level',
      comment: '"..." is a member of the payload itself',
      defect: { payload: { list: undefined, '...': element.digest } },
    },
    {
      id: 'decoy-outside-an-array',
      comment: '"..." is a member of an object that is no array element, and its digest is a decoy',
      base: {},
      defect: { payload: { claim: { '...': d } } },
    },
    {
      id: 'disclosed-outside-an-array',
      comment: '"..." is a member of a disclosed object',
      base: outerOf({ _sd: [d] }),
      defect: outerOf({ '...': d }),
    },
  ]),
];

const REPEATED = {
  rule: 'R6.35',
  code: 'ERR_MANDATE_DIGEST_REPEATED',
  flags: ['verifier', 'digest', 'processing'] as const,
};

const repeated = group('digests', { ...REPEATED }, [
  {
    id: 'repeated',
    comment: 'A digest that is disclosed occurs twice in one "_sd"',
    base: { payload: { _sd: [name.digest] }, disclosures: [name.encoded] },
    defect: { payload: { _sd: [name.digest, name.digest] } },
  },
  {
    id: 'repeated-decoy',
    comment: 'A decoy occurs twice in one "_sd"',
    base: { payload: { _sd: [d] } },
    defect: { payload: { _sd: [d, d] } },
  },
  {
    id: 'repeated-across-levels',
    comment: 'A digest occurs in the "_sd" of the payload and in that of an object in it',
    base: { payload: { _sd: [d], nested: { _sd: [] } } },
    defect: { payload: { nested: { _sd: [d] } } },
  },
  {
    id: 'repeated-in-an-array',
    comment: 'A digest occurs in "_sd" and as an array element',
    base: { payload: { _sd: [d], list: [] } },
    defect: { payload: { list: [{ '...': d }] } },
  },
  {
    id: 'repeated-elements',
    comment: 'A digest that is disclosed occurs as two elements of one array',
    base: withElement({ '...': element.digest }),
    defect: { payload: { list: [{ '...': element.digest }, { '...': element.digest }] } },
  },
  {
    id: 'repeated-in-a-disclosure',
    comment: 'A digest occurs in the payload and in a disclosed value',
    base: outerOf({ _sd: [d] }),
    defect: { payload: { _sd: [disclose('salt-9', 'outer', { _sd: [d] }).digest, d] } },
  },
  {
    id: 'repeated-in-two-disclosures',
    comment: 'A digest occurs in two disclosed values',
    base: outerOf({ a: { _sd: [d] }, b: { _sd: [] } }),
    defect: outerOf({ a: { _sd: [d] }, b: { _sd: [d] } }),
  },
]);

export const digests: NegativeCase[] = [...forms, ...repeated];
