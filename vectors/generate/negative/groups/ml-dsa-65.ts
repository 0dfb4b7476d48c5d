// SPEC.md §5.1 and §5.2: what ML-DSA-65 signs, and how. The ES256 signature covers any `pq_sig` and is valid.
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';
import { sha3_256, shake256_64 } from '@noble/hashes/sha3.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { base64url, hex, mldsa65, sha256 } from '../../keys.js';
import { group, type NegativeCase } from '../case.js';
import {
  forge,
  HYBRID,
  headerOf,
  jcs,
  otherMlDsa65,
  type PqParts,
  signEs256,
  signMlDsa65,
} from '../forge.js';
import { mlDsa65Encodings } from './ml-dsa-65-encoding.js';

const { secretKey } = mldsa65;
const DETERMINISTIC = { extraEntropy: false } as const;
const inContext = (context: string | Uint8Array) => (parts: PqParts) =>
  ml_dsa65.sign(parts.fingerprint, secretKey, { ...DETERMINISTIC, context: Buffer.from(context) });

const input = (parts: PqParts): Uint8Array => Buffer.from(parts.pqSigningInput);

/** FIPS 204 Algorithm 4 with SHA-256, which the library rejects as too weak for ML-DSA-65: M' = 1 ‖ 0 ‖ OID ‖ digest. */
const hashMlDsaSha256 = (message: Uint8Array): Uint8Array =>
  ml_dsa65.internal.sign(
    Buffer.concat([Uint8Array.of(1, 0), nobleSha256.oid as Uint8Array, nobleSha256(message)]),
    secretKey,
    DETERMINISTIC,
  );

const hashMlDsa = (hash: Parameters<typeof ml_dsa65.prehash>[0], message: Uint8Array): Uint8Array =>
  ml_dsa65.prehash(hash).sign(message, secretKey, DETERMINISTIC);

const withoutPqAlg = ({ unsignedHeader: { pq_alg, ...header }, encodedPayload }: PqParts): string =>
  `${base64url(jcs(header))}.${encodedPayload}`;

type Row = readonly [id: string, rule: string, comment: string, mldsa65: (parts: PqParts) => Uint8Array];

const modes: readonly Row[] = [
  ['pure', 'R5.5', 'over the PQ Signing Input itself, not its digest', (parts) => signMlDsa65(input(parts))],
  [
    'hash-ml-dsa-sha-256',
    'R5.4',
    'by HashML-DSA with SHA-256 over the PQ Signing Input',
    (parts) => hashMlDsaSha256(input(parts)),
  ],
  [
    'hash-ml-dsa-sha-512',
    'R5.4',
    'by HashML-DSA with SHA-512 over the PQ Signing Input',
    (parts) => hashMlDsa(sha512, input(parts)),
  ],
  [
    'hash-ml-dsa-shake256',
    'R5.4',
    'by HashML-DSA with SHAKE256 over the PQ Signing Input',
    (parts) => hashMlDsa(shake256_64, input(parts)),
  ],
  ['context-of-one-byte', 'R5.3', 'under a context of one byte, zero', inContext(Uint8Array.of(0))],
  ['context-ap2', 'R5.3', 'under the context "ap2-pq"', inContext('ap2-pq')],
  ['context-of-255-bytes', 'R5.3', 'under a context of 255 bytes', inContext(Buffer.alloc(255, 'a'))],
  [
    'internal',
    'R5.3',
    'by ML-DSA.Sign_internal, without the two bytes of domain separation',
    (parts) => ml_dsa65.internal.sign(parts.fingerprint, secretKey, DETERMINISTIC),
  ],
  [
    'digest-as-mu',
    'R5.3',
    'with SHA-512 of the PQ Signing Input taken for the representative µ',
    (parts) =>
      ml_dsa65.internal.sign(sha512(input(parts)), secretKey, { ...DETERMINISTIC, externalMu: true }),
  ],
];

const messages: readonly Row[] = [
  [
    'digest-sha-512',
    'R5.3',
    'over SHA-512 of the PQ Signing Input',
    (parts) => signMlDsa65(sha512(input(parts))),
  ],
  [
    'digest-sha3-256',
    'R5.3',
    'over SHA3-256 of the PQ Signing Input',
    (parts) => signMlDsa65(sha3_256(input(parts))),
  ],
  [
    'digest-twice',
    'R5.3',
    'over the digest of the fingerprint',
    (parts) => signMlDsa65(sha256(parts.fingerprint)),
  ],
  [
    'digest-hexadecimal',
    'R5.3',
    'over the fingerprint in hexadecimal',
    (parts) => signMlDsa65(Buffer.from(hex(parts.fingerprint))),
  ],
  [
    'digest-base64url',
    'R5.3',
    'over the fingerprint in base64url',
    (parts) => signMlDsa65(Buffer.from(base64url(parts.fingerprint))),
  ],
  [
    'without-pq-alg',
    'R5.1',
    'over the header without "pq_alg"',
    (parts) => signMlDsa65(sha256(withoutPqAlg(parts))),
  ],
  [
    'with-empty-pq-sig',
    'R5.1',
    'over the header with an empty "pq_sig"',
    ({ unsignedHeader, encodedPayload }) =>
      signMlDsa65(sha256(`${base64url(jcs({ ...unsignedHeader, pq_sig: '' }))}.${encodedPayload}`)),
  ],
  [
    'header-not-encoded',
    'R5.1',
    'over the header as JSON and not in base64url',
    ({ unsignedHeader, encodedPayload }) => signMlDsa65(sha256(`${jcs(unsignedHeader)}.${encodedPayload}`)),
  ],
  [
    'payload-not-encoded',
    'R5.2',
    'over the payload as JSON and not in base64url',
    (parts) =>
      signMlDsa65(
        sha256(`${parts.pqSigningInput.split('.')[0]}.${Buffer.from(parts.encodedPayload, 'base64url')}`),
      ),
  ],
  [
    'with-tilde',
    'R5.1',
    'over the PQ Signing Input with a tilde behind it',
    (parts) => signMlDsa65(sha256(`${parts.pqSigningInput}~`)),
  ],
  [
    'mandate-level',
    'R5.1',
    'over the digest of the mandate, as revision 01 has it',
    (parts) => signMlDsa65(sha256(Buffer.from(parts.encodedPayload, 'base64url'))),
  ],
];

/** The `pq_sig` of a mandate over other claims. */
const another = headerOf(forge({ payload: { amount: '1.00' } })).pq_sig;

const signatureCases = (rows: readonly Row[], flags: NegativeCase['flags']) =>
  group(
    'ml-dsa-65',
    { rule: 'R6.26', code: 'ERR_MANDATE_ML_DSA_65_INVALID', flags: ['verifier', ...flags] },
    rows.map(([id, rule, comment, mldsa65]) => ({
      id,
      rule,
      comment: `The ML-DSA-65 signature is made ${comment}`,
      defect: { mldsa65 },
    })),
  );

export const mlDsa65: NegativeCase[] = [
  ...signatureCases(modes, ['signing-mode']),
  ...signatureCases(messages, ['signed-message']),
  ...group(
    'ml-dsa-65',
    { rule: 'R5.2', code: 'ERR_MANDATE_ML_DSA_65_INVALID', flags: ['verifier', 'signed-message'] },
    [
      {
        id: 'payload-canonicalized',
        comment: 'The ML-DSA-65 signature is over the JCS form of a payload that is not in JCS form',
        base: { payloadText: '{ "iss": "https://bank.example" }' },
        defect: {
          mldsa65: ({ pqSigningInput }) =>
            signMlDsa65(
              sha256(`${pqSigningInput.split('.')[0]}.${base64url('{"iss":"https://bank.example"}')}`),
            ),
        },
      },
    ],
  ),
  ...group(
    'ml-dsa-65',
    { rule: 'R6.26', code: 'ERR_MANDATE_ML_DSA_65_INVALID', flags: ['verifier', 'substitution'] },
    [
      {
        id: 'another-mandate',
        comment:
          'The "pq_sig" of another mandate; the ES256 signature is made anew, as whoever breaks ES256 can',
        defect: { pqSig: () => another },
      },
      {
        id: 'amount-changed',
        comment: 'One cent more than ML-DSA-65 has signed; the ES256 signature is made anew',
        base: { payload: { amount: '125.00' } },
        defect: { payload: { amount: '125.01' }, pqSig: () => headerOf(forge()).pq_sig },
      },
      {
        id: 'kid-removed',
        comment: 'The header has lost "kid" since ML-DSA-65 signed it; the ES256 signature is made anew',
        defect: { finalHeader: ({ kid, ...header }) => header },
      },
      {
        id: 'typ-added',
        comment: 'The header has gained "typ" since ML-DSA-65 signed it; the ES256 signature is made anew',
        defect: { finalHeader: (header) => ({ ...header, typ: 'dc+sd-jwt' }) },
      },
      {
        id: 'unknown-parameter-changed',
        comment: 'A parameter that nobody knows has changed since ML-DSA-65 signed it',
        base: { header: { note: 1 } },
        defect: { finalHeader: (header) => ({ ...header, note: 2 }) },
      },
      {
        id: 'taken-from-hybrid',
        rule: 'R5.1',
        comment: 'The ML-DSA-65 component of a hybrid, presented as an ML-DSA-65 signature',
        base: { pqAlg: HYBRID },
        defect: {
          finalHeader: (header) => ({
            ...header,
            pq_alg: 'ML-DSA-65',
            pq_sig: base64url(Buffer.from(header.pq_sig as string, 'base64url').subarray(64)),
          }),
        },
      },
    ],
  ),
  ...group(
    'ml-dsa-65',
    { rule: 'R6.26', code: 'ERR_MANDATE_ML_DSA_65_INVALID', flags: ['verifier', 'wrong-key'] },
    [
      {
        id: 'other-key',
        comment: 'The ML-DSA-65 signature is by the key of another issuer',
        defect: {
          mldsa65: ({ fingerprint }) => ml_dsa65.sign(fingerprint, otherMlDsa65.secretKey, DETERMINISTIC),
        },
      },
      {
        id: 'es256-repeated',
        comment: 'An ES256 signature, repeated until it is long enough, in the place of the ML-DSA-65 one',
        defect: { mldsa65: ({ pqSigningInput }) => Buffer.alloc(3309, signEs256(pqSigningInput)) },
      },
    ],
  ),
  ...mlDsa65Encodings,
];
