// SPEC.md §4.3. ES256 signs the header as encoded, ML-DSA-65 the JCS form of the parsed header: both signatures are valid.
import { group, type Making, type NegativeCase } from '../case.js';
import { replaced } from '../texts.js';

type Row = readonly [
  id: string,
  comment: string,
  search: string | RegExp,
  replacement: string,
  base?: Making,
];

/** A header with one more parameter, which sorts after "alg". */
const withMember = (value: unknown): Making => ({ header: { b: value } });

const rows: readonly Row[] = [
  ['space', 'A space behind a comma', ',', ', '],
  ['space-before', 'A line end before the object', /^/, '\n'],
  ['space-after', 'A space behind the object', /$/, ' '],
  ['order', '"kid" before "alg"', /^\{("alg":"ES256"),("kid":"[^"]*")/, '{$2,$1'],
  ['pq-sig-first', '"pq_sig" before every other member', /^\{(.*),("pq_sig":"[^"]*")\}$/, '{$2,$1}'],
  ['escaped-name', 'An escape in the name "kid"', '"kid"', '"\\u006bid"'],
  ['escaped-pq-sig', 'An escape in the name "pq_sig"', '"pq_sig"', '"pq_si\\u0067"'],
  ['escaped-solidus', 'A solidus escaped', '"b":"/"', '"b":"\\/"', withMember('/')],
  ['escaped-letter', 'ü as an escape', '"b":"ü"', '"b":"\\u00fc"', withMember('ü')],
  [
    'escaped-pair',
    'A character beyond U+FFFF as two escapes',
    '"b":"😀"',
    '"b":"\\ud83d\\ude00"',
    withMember('😀'),
  ],
  ['upper-case-escape', 'An escape in upper-case hexadecimal', '\\u000f', '\\u000F', withMember('\u000f')],
  ['long-escape', 'A line feed as \\u000a and not as \\n', '\\n', '\\u000a', withMember('\n')],
  ['number-fraction', 'The number 1 as 1.0', '"b":1', '"b":1.0', withMember(1)],
  ['number-exponent', 'The number 10 as 1e1', '"b":10', '"b":1e1', withMember(10)],
  ['number-sign-of-exponent', 'The number 1e+21 as 1e21', '"b":1e+21', '"b":1e21', withMember(1e21)],
  [
    'number-digits',
    'The number 0.1 with digits that a double cannot hold',
    '"b":0.1',
    '"b":0.10000000000000000001',
    withMember(0.1),
  ],
  [
    'number-beyond-integers',
    'The number 9007199254740992 as 9007199254740993',
    '40992',
    '40993',
    withMember(2 ** 53),
  ],
  ['number-negative-zero', 'The number 0 as -0', '"b":0', '"b":-0', withMember(0)],
  [
    'nested-order',
    'The members of an object in another order',
    '{"x":1,"y":2}',
    '{"y":2,"x":1}',
    withMember({ y: 2, x: 1 }),
  ],
  [
    'order-of-code-points',
    'Names sorted by code points, where JCS sorts by UTF-16 code units',
    /("\u{1f600}":1),("\ufb33":2)/u,
    '$2,$1',
    withMember({ '\ufb33': 2, '\u{1f600}': 1 }),
  ],
];

export const canonicalForm: NegativeCase[] = group(
  'canonical-form',
  { rule: 'R4.11', code: 'ERR_MANDATE_HEADER_NOT_CANONICAL', flags: ['verifier', 'canonical-form'] },
  [
    ...rows.map(([id, comment, search, replacement, base]) => ({
      id,
      comment: `${comment}, in the header`,
      ...(base && { base }),
      defect: { headerText: (text: string) => replaced(text, search, replacement) },
    })),
    {
      id: 'hybrid-space',
      comment: 'A space behind a comma, in the header of a hybrid mandate',
      base: { pqAlg: 'ES256+ML-DSA-65' },
      defect: { headerText: (text) => replaced(text, ',', ', ') },
    },
  ],
);
