import { loadModule } from '../lazy.js';
import type { PrimitiveName, Sign } from '../primitives/back-end.js';
import { type NodePrimitive, nodeEs256, nodeMlDsa65 } from '../primitives/node.js';
import { type WebCryptoPrimitive, webCryptoEs256, webCryptoMlDsa65 } from '../primitives/webcrypto.js';
import { ML_DSA_65 } from '../profile.js';
import type { KeyOperation } from './forms.js';
import { type JwkMembers, type RawKey, readEs256Jwk, readMlDsa65Jwk } from './jwk.js';

/** The differences between the keys of the two algorithms. */
export interface KeyAlgorithm {
  readonly readJwk: (jwk: JwkMembers, operation: KeyOperation, parameter: string) => RawKey;
  /** The member of a JWK that holds the private half. */
  readonly privateMember: 'd' | 'priv';
  /** Completes "must be" if a JWK has the right form but is not a valid key. */
  readonly publicKeyIs: string;
  readonly privateKeyIs: string;
  /** The algorithm of a CryptoKey, and the primitive that computes with it. */
  readonly cryptoKey: { readonly name: string; readonly namedCurve?: string };
  readonly webCrypto: WebCryptoPrimitive;
  /** The type of a KeyObject, and the primitive that computes with it. */
  readonly keyObject: { readonly type: string; readonly namedCurve?: string };
  readonly node: NodePrimitive | undefined;
  /** Signs deterministically with a raw private key. Loads the portable code. */
  readonly signDeterministically: (privateKey: Uint8Array) => Promise<Sign>;
  /** Whether the raw private key can be exported from a KeyObject. */
  readonly exportsKeyObject: boolean;
}

/** ES256 (RFC 7518 §3.4) and ML-DSA-65 (RFC 9964). */
export const KEY_ALGORITHMS: Readonly<Record<PrimitiveName, KeyAlgorithm>> = {
  es256: {
    readJwk: readEs256Jwk,
    privateMember: 'd',
    publicKeyIs: 'a point of P-256',
    privateKeyIs: 'a scalar of P-256',
    cryptoKey: { name: 'ECDSA', namedCurve: 'P-256' },
    webCrypto: webCryptoEs256,
    keyObject: { type: 'ec', namedCurve: 'prime256v1' },
    node: nodeEs256,
    signDeterministically: async (scalar) =>
      (await loadModule('es256', () => import('../primitives/noble-es256.js'))).signDeterministically(scalar),
    exportsKeyObject: true,
  },
  mldsa65: {
    readJwk: readMlDsa65Jwk,
    privateMember: 'priv',
    publicKeyIs: 'an ML-DSA-65 public key',
    privateKeyIs: 'an ML-DSA-65 seed',
    cryptoKey: { name: ML_DSA_65 },
    webCrypto: webCryptoMlDsa65,
    keyObject: { type: 'ml-dsa-65' },
    node: nodeMlDsa65,
    signDeterministically: async (seed) =>
      (await loadModule('mldsa65', () => import('../primitives/noble-ml-dsa-65.js'))).signDeterministically(
        seed,
      ),
    // A KeyObject created from an expanded key has no seed.
    exportsKeyObject: false,
  },
};

/** The order of P-256 (SP 800-186 §3.2.1.3). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * A scalar is 1 to n − 1. Some runtimes do not check this: OpenSSL 3 accepts other values, and derives a public key from them.
 */
export function isP256Scalar(bytes: Uint8Array): boolean {
  let scalar = 0n;
  for (const byte of bytes) scalar = (scalar << 8n) | BigInt(byte);
  return scalar > 0n && scalar < P256_ORDER;
}
