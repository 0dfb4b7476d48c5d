import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { equal } from '../encoding/bytes.js';
import type { Sign, SignaturePrimitive } from './back-end.js';

// ML-DSA-65 in portable JavaScript, loaded where it is needed.

export const nobleMlDsa65: SignaturePrimitive = {
  offThread: false,
  importPublicKey: (publicKey) => (data, signature) => ml_dsa65.verify(signature, data, publicKey),
  importPrivateKey: (seed) => signWithExpandedKey(expandSeed(seed)),
  derivePublicKey: (seed) => ml_dsa65.keygen(seed).publicKey,
};

/** FIPS 204 Algorithm 6: 4032 bytes out of the seed. */
const expandSeed = (seed: Uint8Array): Uint8Array => ml_dsa65.keygen(seed).secretKey;

/** Hedged (FIPS 204 §3.4). */
export const signWithExpandedKey =
  (expanded: Uint8Array): Sign =>
  (data) =>
    ml_dsa65.sign(data, expanded);

/** The deterministic variant (FIPS 204 §3.4), for test vectors. */
export function signDeterministically(seed: Uint8Array): Sign {
  const expanded = expandSeed(seed);
  return (data) => ml_dsa65.sign(data, expanded, { extraEntropy: false });
}

/** Whether an expanded key is the one that a seed expands to. */
export const isExpansionOf = (expanded: Uint8Array, seed: Uint8Array): boolean =>
  equal(expandSeed(seed), expanded);

/** An expanded key carries the hash of its public key: only if all of it fits does a signature verify. */
export function isConsistent(expanded: Uint8Array): boolean {
  try {
    const probe = new TextEncoder().encode('ap2-pq import');
    return ml_dsa65.verify(ml_dsa65.sign(probe, expanded), probe, ml_dsa65.getPublicKey(expanded));
  } catch {
    return false;
  }
}
