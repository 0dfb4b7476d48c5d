// SPEC.md §5.3, §6 step 6 and §7: the hybrid. The outer ES256 signature covers any content of `pq_sig`.
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { base64url, sha256 } from '../../keys.js';
import { group, type NegativeCase } from '../case.js';
import {
  change,
  forge,
  HYBRID,
  headerOf,
  jcs,
  otherMlDsa65,
  otherScalar,
  type PqParts,
  signEs256,
  signMlDsa65,
} from '../forge.js';
import { derOf, ORDER } from '../p256.js';

const base = { pqAlg: HYBRID };
const POLICIES = ['pq-optional', 'pq-required', 'pq-only'];

/** The two components of another hybrid mandate. */
const another = (() => {
  const bytes = Buffer.from(headerOf(forge({ ...base, payload: { amount: '1.00' } })).pq_sig, 'base64url');
  return { e: bytes.subarray(0, 64), m: bytes.subarray(64) };
})();

const outerSignatureOf = (parts: PqParts): Uint8Array => {
  const header = jcs({ ...parts.unsignedHeader, pq_sig: base64url(signMlDsa65(parts.fingerprint)) });
  return signEs256(`${base64url(header)}.${parts.encodedPayload}`);
};

const withoutPqAlg = ({ unsignedHeader: { pq_alg, ...header }, encodedPayload }: PqParts): string =>
  `${base64url(jcs(header))}.${encodedPayload}`;

const labelled = (pqAlg: string, { unsignedHeader, encodedPayload }: PqParts): string =>
  `${base64url(jcs({ ...unsignedHeader, pq_alg: pqAlg }))}.${encodedPayload}`;

const half = (parts: PqParts, at: 0 | 32, value: Uint8Array): Uint8Array => {
  const signature = signEs256(parts.pqSigningInput);
  signature.set(value, at);
  return signature;
};

type Row = readonly [id: string, rule: string, comment: string, make: (parts: PqParts) => Uint8Array];

const components: readonly Row[] = [
  ['es256-zeros', 'R6.25', 'is of zeros', () => new Uint8Array(64)],
  ['es256-s-zero', 'R6.25', 'has zero in s', (parts) => half(parts, 32, new Uint8Array(32))],
  ['es256-s-order', 'R6.25', 'has the order n in s', (parts) => half(parts, 32, ORDER)],
  [
    'es256-over-fingerprint',
    'R5.6',
    'is over the fingerprint, which is hashed once more',
    (parts) => signEs256(parts.fingerprint),
  ],
  [
    'es256-over-outer-input',
    'R5.6',
    'is over the header with "pq_sig" in it: the outer signature in the inner place',
    outerSignatureOf,
  ],
  [
    'es256-without-pq-alg',
    'R5.1',
    'is over the header without "pq_alg", which is that of a classical-only mandate',
    (parts) => signEs256(withoutPqAlg(parts)),
  ],
  [
    'es256-over-ml-dsa-65-signature',
    'R5.6',
    'is over the ML-DSA-65 component, one signature nested in the other',
    (parts) => signEs256(signMlDsa65(parts.fingerprint)),
  ],
  [
    'es256-other-key',
    'R5.7',
    'is by the key of another issuer',
    (parts) => signEs256(parts.pqSigningInput, otherScalar),
  ],
  ['es256-of-another-mandate', 'R6.25', 'is of another mandate', () => another.e],
];

const pqHalves: readonly Row[] = [
  ['ml-dsa-65-zeros', 'R7.2', 'is of zeros', () => new Uint8Array(3309)],
  [
    'ml-dsa-65-pure',
    'R5.5',
    'is over the PQ Signing Input itself, not its digest',
    (parts) => signMlDsa65(Buffer.from(parts.pqSigningInput)),
  ],
  ['ml-dsa-65-of-another-mandate', 'R7.2', 'is of another mandate', () => another.m],
  [
    'ml-dsa-65-over-ml-dsa-65-label',
    'R5.1',
    'is over a header whose "pq_alg" is ML-DSA-65',
    (parts) => signMlDsa65(sha256(labelled('ML-DSA-65', parts))),
  ],
  [
    'ml-dsa-65-over-es256-component',
    'R5.3',
    'is over the ES256 component, one signature nested in the other',
    (parts) => signMlDsa65(sha256(signEs256(parts.pqSigningInput))),
  ],
  [
    'ml-dsa-65-other-key',
    'R6.26',
    'is by the key of another issuer',
    ({ fingerprint }) => ml_dsa65.sign(fingerprint, otherMlDsa65.secretKey, { extraEntropy: false }),
  ],
];

const ES256 = { code: 'ERR_MANDATE_HYBRID_ES256_INVALID', rule: 'R6.25' };
const ML_DSA_65 = { code: 'ERR_MANDATE_ML_DSA_65_INVALID', rule: 'R7.2' };

/** SPEC.md §12: what anyone can make from a hybrid mandate without a key. */
function strip(mandate: string): string {
  const { pq_sig, ...header } = headerOf(mandate);
  const component = Buffer.from(pq_sig, 'base64url').subarray(0, 64);
  return change(mandate, () => ({ header: base64url(jcs(header)), signature: base64url(component) }));
}

/** The outer signature is the component: valid for the header without `pq_sig`. */
const componentOutside = (_: string, { pqSigningInput }: PqParts): Uint8Array => signEs256(pqSigningInput);

export const hybrid: NegativeCase[] = [
  ...group(
    'hybrid',
    { ...ES256, flags: ['verifier', 'hybrid'], base },
    components.map(([id, rule, comment, component]) => ({
      id,
      rule,
      comment: `The ES256 component ${comment}`,
      defect: { component },
    })),
  ),
  ...group(
    'hybrid',
    { ...ML_DSA_65, flags: ['verifier', 'hybrid'], base },
    pqHalves.map(([id, rule, comment, mldsa65]) => ({
      id,
      rule,
      comment: `The ML-DSA-65 component ${comment}`,
      defect: { mldsa65 },
    })),
  ),
  ...group('hybrid', { ...ES256, flags: ['verifier', 'hybrid'], base }, [
    {
      id: 'halves-swapped',
      rule: 'R4.16',
      comment: 'The ML-DSA-65 component stands before the ES256 component',
      defect: {
        pqSig: (pqSig) => {
          const bytes = Buffer.from(pqSig, 'base64url');
          return base64url(Buffer.concat([bytes.subarray(64), bytes.subarray(0, 64)]));
        },
      },
    },
    {
      id: 'both-of-another-mandate',
      rule: 'R7.2',
      flags: ['substitution'],
      comment: 'The "pq_sig" of another hybrid mandate',
      defect: { pqSig: () => base64url(Buffer.concat([another.e, another.m])) },
    },
    {
      id: 'kid-removed',
      flags: ['substitution'],
      comment: 'The header has lost "kid" since both components signed it; the outer signature is made anew',
      defect: { finalHeader: ({ kid, ...header }) => header },
    },
    {
      id: 'outer-is-component',
      rule: 'R5.8',
      code: 'ERR_MANDATE_ES256_INVALID',
      flags: ['stripping'],
      comment: 'The ES256 component in the place of the outer signature, with "pq_sig" still there',
      defect: { es256: componentOutside },
    },
    {
      id: 'stripped',
      rule: 'R6.15',
      code: 'ERR_MANDATE_PQ_SIG_MISSING',
      flags: ['stripping', 'downgrade'],
      comment:
        '"pq_sig" cut out and its ES256 component in the place of the outer signature: a classical JWS that holds',
      defect: { edit: strip },
    },
  ]),
  ...POLICIES.flatMap((policy) =>
    group('hybrid', { ...ES256, flags: ['hybrid', 'policy'], base: { ...base, options: { policy } } }, [
      {
        id: `stripped-under-${policy}`,
        rule: 'R6.15',
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        flags: ['stripping', 'downgrade'],
        comment: `"pq_sig" cut out and its ES256 component in the place of the outer signature, under ${policy}`,
        defect: { edit: strip },
      },
      {
        id: `es256-wrong-under-${policy}`,
        rule: 'R7.2',
        comment: `The ES256 component is by the key of another issuer, under ${policy}`,
        defect: { component: ({ pqSigningInput }) => signEs256(pqSigningInput, otherScalar) },
      },
      {
        id: `ml-dsa-65-wrong-under-${policy}`,
        ...ML_DSA_65,
        comment: `The ML-DSA-65 component is over the PQ Signing Input itself, under ${policy}`,
        defect: { mldsa65: ({ pqSigningInput }) => signMlDsa65(Buffer.from(pqSigningInput)) },
      },
    ]),
  ),
  ...group('hybrid', { ...ES256, flags: ['hybrid', 'signature-encoding'], base }, [
    {
      id: 'component-in-der',
      rule: 'R4.15',
      code: 'ERR_MANDATE_PQ_SIG_MALFORMED',
      flags: ['verifier'],
      comment: 'The ES256 component is in DER',
      defect: {
        component: ({ pqSigningInput }) => derOf(signEs256(pqSigningInput)),
      },
    },
  ]),
];
