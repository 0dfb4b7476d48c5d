import { invalidArgument } from '../options.js';
import { sha3 } from '../primitives/sha3.js';
import { sha256 } from '../primitives/sha256.js';

/**
 * The hash of a log, for its tree and for the records that its entries represent. `SHA-256` is that of C2SP, and the default.
 * `SHA3-256` is for the time when SHA-256 becomes weak: it has another design (FIPS 202) and the same length, so that all
 * formats stay the same.
 */
export type SealHash = 'SHA-256' | 'SHA3-256';

/** A hash function with 32 bytes of output. */
export type Digest = (data: Uint8Array) => Uint8Array;

const utf8 = new TextEncoder();

interface HashOfLog {
  readonly digest: Digest;
  /** The prefix of its entries, so that no entry of one hash is an entry of the other. */
  readonly label: Uint8Array;
}

/** Every hash that a log can have. */
export const SEAL_HASHES: Readonly<Record<SealHash, HashOfLog>> = {
  'SHA-256': { digest: sha256, label: utf8.encode('ap2-pq/leaf/v1\n\0') },
  'SHA3-256': { digest: sha3, label: utf8.encode('ap2-pq/leaf/v2\n\0') },
};

/** Reads the option `hash`. */
export function checkHash(value: unknown, parameter: string): SealHash {
  if (value === undefined) return 'SHA-256';
  return typeof value === 'string' && Object.hasOwn(SEAL_HASHES, value)
    ? (value as SealHash)
    : invalidArgument(parameter, `one of ${Object.keys(SEAL_HASHES).join(', ')}`);
}
