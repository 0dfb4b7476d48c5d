// SPEC.md §6 step 4 and §8.4: keys that are valid but not those of the mandate, or missing.
import { p256 } from '@noble/curves/nist.js';
import { base64url, mldsa65 as keyPair, publicKeys, scalar } from '../../keys.js';
import { group, type NegativeCase } from '../case.js';
import { HYBRID, otherMlDsa65, otherScalar, signEs256 } from '../forge.js';
import { coordinates, negated } from '../p256.js';

const { es256, mldsa65 } = publicKeys;
const otherPoint = coordinates(p256.getPublicKey(otherScalar, false));
const negatedPoint = coordinates(p256.getPublicKey(negated(scalar), false));
const changedPub = Buffer.from(keyPair.publicKey).fill(0, 0, 1);

const mismatches = [
  ...group(
    'keys',
    { rule: 'R6.24', code: 'ERR_MANDATE_ES256_INVALID', flags: ['key-mismatch', 'wrong-key'] },
    [
      {
        id: 'es256-of-another',
        comment: 'The ES256 key is that of another issuer, under the same "kid"',
        defect: { keys: { es256: { ...es256, ...otherPoint } } },
      },
      {
        id: 'es256-negated',
        comment: 'The ES256 key is the negative point, of the same "x"',
        defect: { keys: { es256: { ...es256, ...negatedPoint } } },
      },
    ],
  ),
  ...group(
    'keys',
    { rule: 'R6.26', code: 'ERR_MANDATE_ML_DSA_65_INVALID', flags: ['key-mismatch', 'wrong-key'] },
    [
      {
        id: 'mldsa65-of-another',
        comment: 'The ML-DSA-65 key is that of another issuer, under the same "kid"',
        defect: { keys: { mldsa65: { ...mldsa65, pub: base64url(otherMlDsa65.publicKey) } } },
      },
      {
        id: 'mldsa65-changed',
        comment: 'One byte of the ML-DSA-65 key has changed',
        defect: { keys: { mldsa65: { ...mldsa65, pub: base64url(changedPub) } } },
      },
      {
        id: 'mldsa65-zeros',
        comment: 'The ML-DSA-65 key is of zeros',
        defect: { keys: { mldsa65: { ...mldsa65, pub: base64url(new Uint8Array(1952)) } } },
      },
    ],
  ),
  ...group('keys', { rule: 'R8.15', code: 'ERR_MANDATE_KEY_UNRESOLVED', flags: ['key-mismatch'] }, [
    {
      id: 'kid-of-es256',
      comment: 'The ES256 key has another "kid"',
      defect: { keys: { es256: { ...es256, kid: 'x' } } },
    },
    {
      id: 'kid-of-mldsa65',
      comment: 'The ML-DSA-65 key has another "kid"',
      defect: { keys: { mldsa65: { ...mldsa65, kid: 'x' } } },
    },
    {
      id: 'kid-of-both',
      comment: 'Both keys have another "kid" than the header',
      defect: { keys: { es256: { ...es256, kid: 'x' }, mldsa65: { ...mldsa65, kid: 'x' } } },
    },
    {
      id: 'kid-of-neither',
      comment: 'The header has no "kid", and those of the keys differ',
      base: { header: { kid: undefined } },
      defect: { keys: { mldsa65: { ...mldsa65, kid: 'x' } } },
    },
    {
      id: 'kid-of-header',
      comment: 'The header has another "kid" than the keys',
      defect: { header: { kid: 'x' } },
    },
    {
      id: 'kid-of-header-empty',
      comment: 'The "kid" of the header is empty',
      defect: { header: { kid: '' } },
    },
    {
      id: 'kid-case',
      comment: 'The "kid" of the header differs in case',
      defect: { header: { kid: es256.kid.toUpperCase() } },
    },
  ]),
];

const pqOnly = { options: { policy: 'pq-only' } };
const missing = group('keys', { rule: 'R6.22', code: 'ERR_MANDATE_KEY_UNRESOLVED', flags: ['downgrade'] }, [
  { id: 'es256-missing', comment: 'There is no ES256 key', defect: { keys: { es256: null } } },
  { id: 'mldsa65-missing', comment: 'There is no ML-DSA-65 key', defect: { keys: { mldsa65: null } } },
  { id: 'both-missing', comment: 'There is no key', defect: { keys: { es256: null, mldsa65: null } } },
  {
    id: 'mldsa65-missing-under-pq-optional',
    comment: 'There is no ML-DSA-65 key for a mandate that carries "pq_sig", under pq-optional',
    base: { options: { policy: 'pq-optional' } },
    defect: { keys: { mldsa65: null } },
  },
  {
    id: 'mldsa65-missing-under-pq-only',
    comment: 'There is no ML-DSA-65 key, under pq-only',
    base: pqOnly,
    defect: { keys: { mldsa65: null } },
  },
  {
    id: 'es256-missing-for-hybrid',
    comment: 'There is no ES256 key for the component of a hybrid, under pq-only',
    base: { ...pqOnly, pqAlg: HYBRID },
    defect: { keys: { es256: null } },
  },
]);

const carried = group(
  'keys',
  { rule: 'R8.14', code: 'ERR_MANDATE_ES256_INVALID', flags: ['verifier', 'wrong-key'] },
  [
    {
      id: 'in-the-header',
      comment:
        'The header carries the key of another issuer in "jwk", and the ES256 signature is by that key',
      base: { header: { jwk: { kty: 'EC', crv: 'P-256', ...otherPoint } } },
      defect: { es256: (input) => signEs256(input, otherScalar) },
    },
  ],
);

export const keyChoice: NegativeCase[] = [...mismatches, ...missing, ...carried];
