import { createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';

// The keys of the test vectors (SPEC.md §11). Public by construction: never use them for anything else.

export const SEED_TEXT = 'pqsafe-ap2-tc-mldsa';
export const SCALAR_TEXT = 'pqsafe-ap2-tc-ecdsa';
const KID = 'pqsafe-ap2-tc';

export const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
export const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

export const seed = sha256(SEED_TEXT);
export const scalar = sha256(SCALAR_TEXT);
export const mldsa65 = ml_dsa65.keygen(seed);

const point = p256.getPublicKey(scalar, false);

const es256Public = {
  kty: 'EC' as const,
  crv: 'P-256' as const,
  kid: KID,
  alg: 'ES256' as const,
  use: 'sig',
  x: base64url(point.subarray(1, 33)),
  y: base64url(point.subarray(33)),
};
const mldsa65Public = {
  kty: 'AKP' as const,
  alg: 'ML-DSA-65' as const,
  kid: KID,
  use: 'sig',
  pub: base64url(mldsa65.publicKey),
};

export const publicKeys = { es256: es256Public, mldsa65: mldsa65Public };
export const privateKeys = {
  es256: { ...es256Public, d: base64url(scalar) },
  mldsa65: { ...mldsa65Public, priv: base64url(seed) },
};
