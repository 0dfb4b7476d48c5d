import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import type { CryptoKey } from 'jose';
import { equal } from '../bytes.js';
import { MandateError } from '../errors.js';
import { readMlDsa65Jwk } from '../keys/jwk.js';
import type { NodeKeyObject } from '../keys/kinds.js';
import { checkCryptoKey, checkKeyObject, isolate, sortKey } from '../keys/kinds.js';
import type { ExternalSigner, ExternalVerifier, MlDsa65PrivateKey, MlDsa65PublicKey } from '../keys/types.js';
import { ML_DSA_65 } from '../profile.js';

// ML-DSA.Sign and ML-DSA.Verify of FIPS 204 (Algorithms 2 and 3) with an empty context, over a 32-byte fingerprint.
// Never HashML-DSA (Algorithms 4 and 5). JWKs run on @noble/post-quantum; a CryptoKey or KeyObject on its runtime.

const ALGORITHM = { name: ML_DSA_65 };

/** Imports a public key. Throws `ERR_MANDATE_KEY_INVALID` for one that cannot verify ML-DSA-65. */
export function importMlDsa65Verifier(key: MlDsa65PublicKey, parameter: string): ExternalVerifier {
  const sorted = sortKey<ExternalVerifier>(key, parameter);
  switch (sorted.kind) {
    case 'function':
      return isolate(sorted.key);
    case 'CryptoKey': {
      const { key: cryptoKey } = sorted;
      checkCryptoKey(cryptoKey, ALGORITHM, 'verify', parameter);
      return (data, signature) =>
        crypto.subtle.verify(ALGORITHM, cryptoKey, signature as BufferSource, data as BufferSource);
    }
    case 'KeyObject': {
      const { key: keyObject } = sorted;
      checkKeyObject(keyObject, 'ml-dsa-65', 'verify', parameter);
      return (data, signature) => nodeCrypto().verify(null, data, keyObject, signature);
    }
    case 'JWK': {
      const { pub } = readMlDsa65Jwk(sorted.key, 'verify', parameter);
      return (data, signature) => ml_dsa65.verify(signature, data, pub);
    }
  }
}

/**
 * Imports a private key. Signing is hedged (FIPS 204 §3.4) unless `deterministic`, which is for test vectors.
 */
export function importMlDsa65Signer(
  key: MlDsa65PrivateKey,
  parameter: string,
  deterministic: boolean,
): ExternalSigner {
  const sorted = sortKey<ExternalSigner>(key, parameter);
  if (deterministic && sorted.kind !== 'JWK') {
    throw new MandateError(
      'ERR_MANDATE_ARGUMENT_INVALID',
      parameter,
      `"deterministic" needs "${parameter}" as a JWK`,
    );
  }
  switch (sorted.kind) {
    case 'function':
      return sorted.key;
    case 'CryptoKey': {
      const { key: cryptoKey } = sorted;
      checkCryptoKey(cryptoKey, ALGORITHM, 'sign', parameter);
      return async (data) => new Uint8Array(await signWithCryptoKey(cryptoKey, data));
    }
    case 'KeyObject': {
      const { key: keyObject } = sorted;
      checkKeyObject(keyObject, 'ml-dsa-65', 'sign', parameter);
      return (data) => new Uint8Array(nodeCrypto().sign(null, data, keyObject));
    }
    case 'JWK': {
      const secretKey = expandSeed(sorted.key, parameter);
      return (data) => ml_dsa65.sign(data, secretKey, deterministic ? { extraEntropy: false } : {});
    }
  }
}

const signWithCryptoKey = (key: CryptoKey, data: Uint8Array): Promise<ArrayBuffer> =>
  crypto.subtle.sign(ALGORITHM, key, data as BufferSource);

/** FIPS 204 Algorithm 1 from the seed; the public key it makes must be the one in the JWK (RFC 9964 §3). */
function expandSeed(jwk: object, parameter: string): Uint8Array {
  const { pub, priv } = readMlDsa65Jwk(jwk, 'sign', parameter);
  const { publicKey, secretKey } = ml_dsa65.keygen(priv);
  if (!equal(publicKey, pub)) {
    const invalid = `${parameter}.priv`;
    throw new MandateError(
      'ERR_MANDATE_KEY_INVALID',
      invalid,
      `"${invalid}" must derive the "pub" beside it`,
    );
  }
  return secretKey;
}

/** What this library uses of node:crypto. */
interface NodeCrypto {
  sign(algorithm: null, data: Uint8Array, key: NodeKeyObject): Uint8Array;
  verify(algorithm: null, data: Uint8Array, key: NodeKeyObject, signature: Uint8Array): boolean;
}

/** node:crypto without an import that a browser would have to resolve. Whoever holds a KeyObject has it. */
function nodeCrypto(): NodeCrypto {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): NodeCrypto } };
  return process.getBuiltinModule('node:crypto');
}
