// SPEC.md §6 steps 1 and 5: the outer ES256 signature. `pq_sig` is always valid.
import { createHash } from 'node:crypto';
import { p256, p384 } from '@noble/curves/nist.js';
import { base64url, scalar, sha256 } from '../../keys.js';
import { group, type NegativeCase } from '../case.js';
import { change, forge, HYBRID, headerOf, otherScalar, type PqParts, signEs256, split } from '../forge.js';
import { derOf, FIELD, negated, ORDER, twin } from '../p256.js';
import { withSpareBit } from '../texts.js';

const ZERO = Buffer.alloc(32);
const FULL = Buffer.alloc(32, 0xff);

type Sign = (signingInput: string, parts: PqParts) => Uint8Array | string;

const r = (input: string): Uint8Array => signEs256(input).subarray(0, 32);
const s = (input: string): Uint8Array => signEs256(input).subarray(32);
const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
const digest = (hash: string, input: string): Uint8Array => createHash(hash).update(input).digest();
const signDigest = (message: Uint8Array): Uint8Array =>
  p256.sign(message, scalar, { prehash: false, lowS: false });
const reversed = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes).reverse();

type Row = readonly [id: string, comment: string, es256: Sign];

const encodings: readonly Row[] = [
  ['der', 'is in DER', (input) => derOf(signEs256(input))],
  ['63-bytes', 'is one byte short, 63', (input) => signEs256(input).subarray(1)],
  [
    '65-bytes',
    'is one byte too long, 65: a zero before it',
    (input) => join(Uint8Array.of(0), signEs256(input)),
  ],
  [
    '65-bytes-recovery',
    'is one byte too long, 65: a recovery bit behind it',
    (input) => join(signEs256(input), Uint8Array.of(1)),
  ],
  [
    'p-384',
    'is one of ES384, 96 bytes',
    (input) => p384.sign(Buffer.from(input), digest('sha384', 'ap2-pq-negative-p384')),
  ],
];

/** The group base64url sets the least significant of the four unused bits. */
const spareBits: readonly Row[] = [
  [
    'spare-bit-8',
    'has the spare bit of value 8 set',
    (input) => withSpareBit(base64url(signEs256(input)), 8),
  ],
];

const ranges: readonly Row[] = [
  ['zeros', 'has zero in r and in s', () => join(ZERO, ZERO)],
  ['r-zero', 'has zero in r', (input) => join(ZERO, s(input))],
  ['s-zero', 'has zero in s', (input) => join(r(input), ZERO)],
  ['r-order', 'has the order n in r', (input) => join(ORDER, s(input))],
  ['s-order', 'has the order n in s', (input) => join(r(input), ORDER)],
  ['both-order', 'has the order n in r and in s', () => join(ORDER, ORDER)],
  ['r-field', 'has the order p of the field in r', (input) => join(FIELD, s(input))],
  ['r-full', 'has 2^256 − 1 in r', (input) => join(FULL, s(input))],
  ['s-full', 'has 2^256 − 1 in s', (input) => join(r(input), FULL)],
];

const messages: readonly Row[] = [
  [
    'prehashed',
    'is over the digest of the signing input, hashed once more',
    (input) => signEs256(sha256(input)),
  ],
  [
    'sha-384',
    'is over SHA-384 of the signing input',
    (input) => signDigest(digest('sha384', input).subarray(0, 32)),
  ],
  [
    'pq-signing-input',
    'is over the PQ Signing Input, which lacks "pq_sig"',
    (_, { pqSigningInput }) => signEs256(pqSigningInput),
  ],
  ['with-tilde', 'is over the signing input with a tilde behind it', (input) => signEs256(`${input}~`)],
  ['swapped', 'is in the order S‖R', (input) => join(s(input), r(input))],
  [
    'little-endian',
    'has the bytes of R and S reversed',
    (input) => join(reversed(r(input)), reversed(s(input))),
  ],
];

const keys: readonly Row[] = [
  ['other-key', 'is by the key of another issuer', (input) => signEs256(input, otherScalar)],
  [
    'negated-key',
    'is by the key whose point is the negative one, of the same x',
    (input) => signEs256(input, negated(scalar)),
  ],
];

const cases = (rows: readonly Row[], shared: Pick<NegativeCase, 'rule' | 'code' | 'flags'>) =>
  group(
    'es256',
    shared,
    rows.map(([id, comment, es256]) => ({
      id,
      comment: `The ES256 signature ${comment}`,
      defect: { es256 },
    })),
  );

const MALFORMED = { rule: 'R6.12', code: 'ERR_MANDATE_MALFORMED' };
const INVALID = { rule: 'R6.24', code: 'ERR_MANDATE_ES256_INVALID' };

/** A segment of the mandate in place of another one. */
const exchanged = (segment: 'header' | 'payload' | 'signature') => (mandate: string) => {
  const other = split(forge({ payload: { amount: '1.00' } }));
  return change(mandate, () => ({ [segment]: other[segment] }));
};

export const es256: NegativeCase[] = [
  ...cases(encodings, { ...MALFORMED, flags: ['verifier', 'signature-encoding'] }),
  ...cases(spareBits, { ...MALFORMED, rule: 'R2.3', flags: ['verifier', 'base64url'] }),
  ...cases(ranges, { ...INVALID, flags: ['verifier', 'signature-range'] }),
  ...cases(messages, { ...INVALID, flags: ['verifier', 'signed-message'] }),
  ...cases(keys, { ...INVALID, flags: ['verifier', 'wrong-key'] }),
  ...group('es256', { ...INVALID, flags: ['verifier', 'substitution'] }, [
    {
      id: 'header-of-another',
      comment: 'The header of another mandate',
      defect: { edit: exchanged('header') },
    },
    {
      id: 'payload-of-another',
      comment: 'The payload of another mandate',
      defect: { edit: exchanged('payload') },
    },
    {
      id: 'signature-of-another',
      comment: 'The ES256 signature of another mandate',
      defect: { edit: exchanged('signature') },
    },
    {
      id: 'component-twin',
      comment:
        'The twin (r, n − s) of the ES256 component, which is valid too, put in after the outer ES256 had signed',
      base: { pqAlg: HYBRID },
      defect: {
        edit: (mandate) => {
          const { pq_sig, ...header } = headerOf(mandate);
          const bytes = Buffer.from(pq_sig, 'base64url');
          const [e, m] = [bytes.subarray(0, 64), bytes.subarray(64)];
          const text = JSON.stringify({ ...header, pq_sig: base64url(join(twin(e), m)) });
          return change(mandate, () => ({ header: base64url(text) }));
        },
      },
    },
  ]),
];
