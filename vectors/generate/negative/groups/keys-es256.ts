// SPEC.md §8.1 and §8.2: the ES256 key.
import { p384 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { base64url, privateKeys, publicKeys, sha256 } from '../../keys.js';
import { type NegativeCase, onClassicalMandate } from '../case.js';
import { coordinates, FIELD } from '../p256.js';
import { padded, toBase64, withSpareBit } from '../texts.js';
import { commonRows, type KeyRow, keyCases } from './key-rows.js';

const { es256 } = publicKeys;
const zero = base64url(new Uint8Array(32));
const seed = sha256('ap2-pq-negative-other-curve');
const p384Key = {
  kty: 'EC',
  crv: 'P-384',
  kid: es256.kid,
  ...coordinates(p384.getPublicKey(Buffer.alloc(48, 7), false)),
};

const rows: readonly KeyRow[] = [
  ...commonRows(es256, 'R8.4'),
  ['private', 'R8.9', 'is a private key', privateKeys.es256],
  ['kty-okp', 'R8.4', 'has the "kty" OKP', { ...es256, kty: 'OKP' }],
  ['crv-other', 'R8.4', 'says that it is on P-384', { ...es256, crv: 'P-384' }],
  ['crv-missing', 'R8.4', 'has no "crv"', { ...es256, crv: undefined }],
  ['crv-alias', 'R8.4', 'calls its curve secp256r1', { ...es256, crv: 'secp256r1' }],
  ['p-384', 'R8.4', 'is a proper key on P-384', p384Key],
  ['p-384-as-p-256', 'R8.4', 'is a key on P-384 that says P-256', { ...p384Key, crv: 'P-256' }],
  [
    'secp256k1',
    'R8.4',
    'is a proper key on secp256k1 that says P-256',
    { ...es256, ...coordinates(secp256k1.getPublicKey(seed, false)) },
  ],
  ['alg-es384', 'R8.4', 'is for ES384', { ...es256, alg: 'ES384' }],
  ['alg-ecdh', 'R8.4', 'is for ECDH-ES', { ...es256, alg: 'ECDH-ES' }],
  ['x-missing', 'R8.4', 'has no "x"', { ...es256, x: undefined }],
  ['y-missing', 'R8.4', 'has no "y", as if the point were compressed', { ...es256, y: undefined }],
  ['x-number', 'R8.4', 'has a number for "x"', { ...es256, x: 1 }],
  [
    'x-short',
    'R8.4',
    'has an "x" of 31 bytes',
    { ...es256, x: base64url(Buffer.from(es256.x, 'base64url').subarray(1)) },
  ],
  [
    'x-long',
    'R8.4',
    'has an "x" with a zero before it, 33 bytes',
    { ...es256, x: base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(es256.x, 'base64url')])) },
  ],
  ['x-padded', 'R2.1', 'has an "x" that is padded', { ...es256, x: padded(es256.x) }],
  ['y-spare-bits', 'R2.3', 'has a "y" with a spare bit set', { ...es256, y: withSpareBit(es256.y) }],
  ['base64-alphabet', 'R2.1', 'has an "x" in the alphabet of base64', { ...es256, x: toBase64(es256.x) }],
  ['off-the-curve', 'R8.4', 'is no point of the curve', { ...es256, y: es256.x }],
  ['swapped', 'R8.4', 'has its coordinates exchanged', { ...es256, x: es256.y, y: es256.x }],
  ['at-zero', 'R8.4', 'is the point (0, 0)', { ...es256, x: zero, y: zero }],
  ['x-of-field', 'R8.4', 'has the order p of the field for "x"', { ...es256, x: base64url(FIELD) }],
  ['ml-dsa-65', 'R8.4', 'is the ML-DSA-65 key', publicKeys.mldsa65],
];

export const keysEs256: NegativeCase[] = keyCases('es256', 'R8.4', rows).map(onClassicalMandate);
