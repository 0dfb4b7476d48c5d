// SPEC.md §8.2: the ML-DSA-65 key.
import { ml_dsa44, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { base64url, mldsa65 as keyPair, privateKeys, publicKeys, sha256 } from '../../keys.js';
import type { NegativeCase } from '../case.js';
import { HYBRID } from '../forge.js';
import { padded, toBase64, withSpareBit } from '../texts.js';
import { commonRows, type KeyRow, keyCases } from './key-rows.js';

const { mldsa65 } = publicKeys;
const seed = sha256('ap2-pq-negative-other-parameter-set');

const bytes = (length: number): string =>
  base64url(Buffer.concat([keyPair.publicKey, keyPair.publicKey]).subarray(0, length));

const rows: readonly KeyRow[] = [
  ...commonRows(mldsa65, 'R8.5'),
  ['private', 'R8.9', 'is a private key', privateKeys.mldsa65],
  ['kty-okp', 'R8.5', 'has the "kty" OKP', { ...mldsa65, kty: 'OKP' }],
  ['alg-missing', 'R8.5', 'has no "alg"', { ...mldsa65, alg: undefined }],
  ['alg-ml-dsa-44', 'R8.5', 'says that it is for ML-DSA-44', { ...mldsa65, alg: 'ML-DSA-44' }],
  ['alg-ml-dsa-87', 'R8.5', 'says that it is for ML-DSA-87', { ...mldsa65, alg: 'ML-DSA-87' }],
  ['alg-hybrid', 'R8.5', 'says that it is for the hybrid', { ...mldsa65, alg: HYBRID }],
  ['alg-es256', 'R8.5', 'says that it is for ES256', { ...mldsa65, alg: 'ES256' }],
  ['alg-lower-case', 'R3.1', 'has its "alg" in lower case', { ...mldsa65, alg: 'ml-dsa-65' }],
  [
    'ml-dsa-44',
    'R8.5',
    'is a key of ML-DSA-44 that says ML-DSA-65',
    { ...mldsa65, pub: base64url(ml_dsa44.keygen(seed).publicKey) },
  ],
  [
    'ml-dsa-87',
    'R8.5',
    'is a key of ML-DSA-87 that says ML-DSA-65',
    { ...mldsa65, pub: base64url(ml_dsa87.keygen(seed).publicKey) },
  ],
  ['pub-missing', 'R8.5', 'has no "pub"', { ...mldsa65, pub: undefined }],
  ['pub-number', 'R8.5', 'has a number for "pub"', { ...mldsa65, pub: 1952 }],
  [
    'pub-as-x',
    'R8.5',
    'has its bytes in "x", as OKP keys have',
    { ...mldsa65, pub: undefined, x: mldsa65.pub },
  ],
  ['pub-short', 'R8.5', 'has a "pub" of 1951 bytes', { ...mldsa65, pub: bytes(1951) }],
  ['pub-long', 'R8.5', 'has a "pub" of 1953 bytes', { ...mldsa65, pub: bytes(1953) }],
  ['pub-padded', 'R2.1', 'has a "pub" that is padded', { ...mldsa65, pub: padded(mldsa65.pub) }],
  [
    'pub-spare-bits',
    'R2.3',
    'has a "pub" with a spare bit set',
    { ...mldsa65, pub: withSpareBit(mldsa65.pub) },
  ],
  [
    'pub-base64-alphabet',
    'R2.1',
    'has a "pub" in the alphabet of base64',
    { ...mldsa65, pub: toBase64(mldsa65.pub) },
  ],
  [
    'pub-expanded-secret',
    'R8.5',
    'has an expanded secret key for "pub"',
    { ...mldsa65, pub: base64url(keyPair.secretKey) },
  ],
  ['es256', 'R8.5', 'is the ES256 key', publicKeys.es256],
];

export const keysMlDsa65: NegativeCase[] = keyCases('mldsa65', 'R8.5', rows);
