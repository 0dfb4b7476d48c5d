import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_256, sha3_384, sha3_512, shake128, shake256 } from '@noble/hashes/sha3.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { concat } from '../encoding/bytes.js';

// Finds out what was signed if a signature does not verify. Loaded only in that case.

/** DER of the object identifiers 2.16.840.1.101.3.4.2.x, without x. */
const NIST_HASH = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

/** The last arc of the object identifier, and the hash as HashML-DSA applies it (FIPS 204 §5.4). */
const HASHES: readonly (readonly [arc: number, hash: (data: Uint8Array) => Uint8Array])[] = [
  [1, sha256],
  [2, sha384],
  [3, sha512],
  [4, sha224],
  [5, sha512_224],
  [6, sha512_256],
  [8, sha3_256],
  [9, sha3_384],
  [10, sha3_512],
  [11, (data) => shake128(data, { dkLen: 32 })],
  [12, (data) => shake256(data, { dkLen: 64 })],
];

/** M′ of FIPS 204 Algorithms 2 and 4: the domain, the context, and the signed data. */
const formatted = (domain: 0 | 1, context: Uint8Array, ...signed: readonly Uint8Array[]): Uint8Array =>
  concat(Uint8Array.of(domain, context.length), context, ...signed);

const EMPTY = new Uint8Array();

/** What an ML-DSA-65 signature covers instead of the data. */
export type MlDsa65Finding = 'hashed again' | 'HashML-DSA' | 'context' | 'external mu';

/**
 * Tries the known deviations of services from FIPS 204 Algorithm 2 over the data with an empty context. `contexts` are those
 * that the signer may be configured with.
 */
export function diagnoseMlDsa65(
  data: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
  contexts: readonly Uint8Array[],
): MlDsa65Finding | undefined {
  const isOver = (message: Uint8Array): boolean => ml_dsa65.internal.verify(signature, message, publicKey);
  for (const [arc, hash] of HASHES) {
    const digest = hash(data);
    if (isOver(formatted(0, EMPTY, digest))) return 'hashed again';
    const oid = Uint8Array.from([...NIST_HASH, arc]);
    // The fingerprint is itself a digest: a service that accepts digests does not hash it.
    const taken = digest.length === data.length ? [digest, data] : [digest];
    for (const context of [EMPTY, ...contexts])
      for (const prehashed of taken) if (isOver(formatted(1, context, oid, prehashed))) return 'HashML-DSA';
  }
  if (contexts.some((context) => isOver(formatted(0, context, data)))) return 'context';
  // Algorithm 7 over the bare data: M′ without its first two bytes.
  return isOver(data) ? 'external mu' : undefined;
}
