import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { equal } from '../encoding/bytes.js';
import type { Sign, SignaturePrimitive } from './back-end.js';
import { oncePerTurn } from './turns.js';

// ML-DSA-65 in portable JavaScript, loaded where it is needed.

export const nobleMlDsa65: SignaturePrimitive = {
  thread: 'this',
  importPublicKey: (publicKey) => (data, signature) =>
    oncePerTurn(() => ml_dsa65.verify(signature, data, publicKey)),
  importPrivateKey: async (seed) => signWithExpandedKey(await oncePerTurn(() => expandSeed(seed))),
  derivePublicKey: (seed) => oncePerTurn(() => ml_dsa65.keygen(seed).publicKey),
  isPair: async (seed, publicKey) => equal(await nobleMlDsa65.derivePublicKey(seed), publicKey),
};

/** FIPS 204 Algorithm 6: 4032 bytes out of the seed. */
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

/** The public key, 1952 bytes, of an expanded key. */
export const publicKeyOfExpanded = (expanded: Uint8Array): Uint8Array => ml_dsa65.getPublicKey(expanded);
