import { invalidArgument } from '../options.js';
import { sha3 } from '../primitives/sha3.js';
import { sha256 } from '../primitives/sha256.js';

/**
 * The hash of a log: of its tree, and of what its entries stand for. `SHA-256` is that of C2SP, and the default. `SHA3-256` is for
 * the time when SHA-256 ages: of another design (FIPS 202), and of the same length, so that every format stays as it is.
 */
export type SealHash = 'SHA-256' | 'SHA3-256';

/** Digests of 32 bytes. */
export type Digest = (data: Uint8Array) => Uint8Array;

const utf8 = new TextEncoder();

interface HashOfLog {
  readonly digest: Digest;
  /** What its entries begin with: no entry of one hash is one of another. */
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
