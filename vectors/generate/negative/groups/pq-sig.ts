// SPEC.md §4.4: the form of `pq_sig`.
import { base64url, hex } from '../../keys.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { HYBRID } from '../forge.js';
import { replaced, withCharacter, withSpareBit } from '../texts.js';

const bytesOf = (pqSig: string): Buffer => Buffer.from(pqSig, 'base64url');

/** Without the first byte, or with an additional zero byte. */
const shorter = (pqSig: string): string => base64url(bytesOf(pqSig).subarray(1));
const longer = (pqSig: string): string => base64url(Buffer.concat([Buffer.alloc(1), bytesOf(pqSig)]));

const resized = (length: number) => (pqSig: string) =>
  base64url(Buffer.concat([bytesOf(pqSig), Buffer.alloc(length)]).subarray(0, length));

type Row = readonly [id: string, comment: string, pqSig: (pqSig: string) => unknown];

const types: readonly Row[] = [
  ['null', 'is null', () => null],
  ['number', 'is a number', () => 3309],
  ['array', 'is an array that holds the text', (pqSig) => [pqSig]],
  ['object', 'is an object that holds the text', (pqSig) => ({ value: pqSig })],
];

const lengths: readonly Row[] = [
  ['empty', 'is empty', () => ''],
  ['one-character-less', 'is one character short, 4411', (pqSig) => pqSig.slice(0, -1)],
  ['one-character-more', 'is one character too long, 4413', (pqSig) => `${pqSig}A`],
  ['one-byte-less', 'is one byte short, 3308', shorter],
  ['one-byte-more', 'is one byte too long, 3310', longer],
  ['bytes-behind', 'is 3 bytes too long: an unused tail', (pqSig) => `${pqSig}AAAA`],
  ['ml-dsa-44-length', 'is as long as one of ML-DSA-44, 2420 bytes', resized(2420)],
  ['ml-dsa-87-length', 'is as long as one of ML-DSA-87, 4627 bytes', resized(4627)],
  ['hybrid-length', 'is as long as a hybrid one, 3373 bytes', resized(3373)],
  ['hexadecimal', 'is in hexadecimal', (pqSig) => hex(bytesOf(pqSig))],
  ['encoded-twice', 'is encoded twice', (pqSig) => base64url(pqSig)],
  ['padded', 'is followed by an equals sign', (pqSig) => `${pqSig}=`],
  ['line-end-after', 'is followed by a line end', (pqSig) => `${pqSig}\n`],
];

const alphabets: readonly Row[] = [
  [
    'padding-inside',
    'is of the right length with an equals sign at its end',
    (pqSig) => `${pqSig.slice(0, -1)}=`,
  ],
  ['plus', 'has a plus sign for a hyphen', (pqSig) => replaced(pqSig, '-', '+')],
  ['solidus', 'has a solidus for a low line', (pqSig) => replaced(pqSig, '_', '/')],
  ['space-inside', 'is of the right length with a space', (pqSig) => withCharacter(pqSig, ' ')],
  ['nul-inside', 'is of the right length with a NUL', (pqSig) => withCharacter(pqSig, '\0')],
  ['beyond-ascii', 'is of the right length with a letter beyond ASCII', (pqSig) => withCharacter(pqSig, 'ü')],
];

const hybrids: readonly Row[] = [
  ['one-character-less', 'is one character short, 4497', (pqSig) => pqSig.slice(0, -1)],
  ['one-character-more', 'is one character too long, 4499', (pqSig) => `${pqSig}A`],
  ['one-byte-less', 'is one byte short, 3372', shorter],
  ['one-byte-more', 'is one byte too long, 3374', longer],
  [
    'ml-dsa-65-length',
    'is the ML-DSA-65 component alone, 3309 bytes',
    (pqSig) => base64url(bytesOf(pqSig).subarray(64)),
  ],
  ['padded', 'is padded', (pqSig) => `${pqSig}==`],
];

const hybridAlphabets: readonly Row[] = [
  [
    'padding-inside',
    'is of the right length with an equals sign at its end',
    (pqSig) => `${pqSig.slice(0, -1)}=`,
  ],
  ['plus', 'has a plus sign for a hyphen', (pqSig) => replaced(pqSig, '-', '+')],
];

/** The least and the most significant of the four unused bits. */
const spareBits = [1, 8].map(
  (bit): Row => [
    `spare-bit-${bit}`,
    `has the spare bit of value ${bit} set`,
    (pqSig) => withSpareBit(pqSig, bit),
  ],
);

const cases = (
  rows: readonly Row[],
  rule: string,
  flags: NegativeCase['flags'],
  prefix = '',
  base: Making = {},
) =>
  group(
    'pq-sig',
    { rule, code: 'ERR_MANDATE_PQ_SIG_MALFORMED', flags: ['verifier', ...flags], base },
    rows.map(([id, comment, pqSig]) => ({
      id: `${prefix}${id}`,
      comment: `"pq_sig"${prefix && ' of a hybrid'} ${comment}`,
      defect: { pqSig },
    })),
  );

export const pqSig: NegativeCase[] = [
  ...cases(types, 'R6.18', ['header-parameter']),
  ...cases(lengths, 'R4.15', ['signature-encoding']),
  ...cases(alphabets, 'R2.1', ['signature-encoding', 'base64url']),
  ...cases(hybrids, 'R4.15', ['signature-encoding', 'hybrid'], 'hybrid-', { pqAlg: HYBRID }),
  ...cases(hybridAlphabets, 'R2.1', ['base64url', 'hybrid'], 'hybrid-', { pqAlg: HYBRID }),
  ...cases(spareBits, 'R2.3', ['base64url', 'hybrid'], 'hybrid-', { pqAlg: HYBRID }),
];
