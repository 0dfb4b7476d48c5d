import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { bytesOf } from '../encoding/ascii.js';
import { equal } from '../encoding/bytes.js';
import type { Sign, SignaturePrimitive, Verify } from './back-end.js';
import { oncePerTurn } from './turns.js';

// ML-DSA-65 in portable JavaScript, loaded on first use.

export const nobleMlDsa65: SignaturePrimitive = {
  thread: 'this',
  importPublicKey: (publicKey) => (data, signature) =>
    oncePerTurn(() => ml_dsa65.verify(signature, bytesOf(data), publicKey)),
  importPrivateKey: async (seed) => signWithExpandedKey(await oncePerTurn(() => expandSeed(seed))),
  derivePublicKey: (seed) => oncePerTurn(() => ml_dsa65.keygen(seed).publicKey),
  isPair: async (seed, publicKey) => equal(await nobleMlDsa65.derivePublicKey(seed), publicKey),
};

/** FIPS 204 Algorithm 6: expands the seed into the 4032-byte secret key. */
export const expandSeed = (seed: Uint8Array): Uint8Array => ml_dsa65.keygen(seed).secretKey;

/** Hedged (FIPS 204 §3.4). */
export const signWithExpandedKey =
  (expanded: Uint8Array): Sign =>
  (data) =>
    oncePerTurn(() => ml_dsa65.sign(data, expanded));

/** The deterministic variant (FIPS 204 §3.4), for test vectors. */
export function signDeterministically(seed: Uint8Array): Sign {
  const expanded = expandSeed(seed);
  return (data) => oncePerTurn(() => ml_dsa65.sign(data, expanded, { extraEntropy: false }));
}

/**
 * Signs and verifies with a context (FIPS 204 Algorithms 2 and 3), for a composite. Some other back ends do not support
 * contexts.
 */
export const withContext = (context: Uint8Array) => ({
  verifier:
    (publicKey: Uint8Array): Verify =>
    (data, signature) =>
      oncePerTurn(() => ml_dsa65.verify(signature, bytesOf(data), publicKey, { context })),
  signer: (seed: Uint8Array, deterministic: boolean): Sign => {
    const expanded = expandSeed(seed);
    return (data) =>
      oncePerTurn(() =>
        ml_dsa65.sign(data, expanded, { context, ...(deterministic && { extraEntropy: false }) }),
      );
  },
});

/** The public key, 1952 bytes, of an expanded key. */
export const publicKeyOfExpanded = (expanded: Uint8Array): Uint8Array => ml_dsa65.getPublicKey(expanded);
