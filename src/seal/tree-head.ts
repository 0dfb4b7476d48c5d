import { isWellFormed } from '../encoding/well-formed.js';
import { fail } from '../errors.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { HASH_BYTES } from './merkle.js';

/** The content of a checkpoint: the log, and its tree at a size (C2SP tlog-checkpoint). */
export interface TreeHead {
  /** Identifies the log: a URL without its scheme. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  /** Root hash of the Merkle Tree (RFC 6962), 32 bytes. */
  readonly root: Uint8Array;
}

/** The maximum length of an origin in UTF-8 bytes: tlog-cosignature stores the length in one byte. */
const MAX_ORIGIN_BYTES = 255;

export const isOrigin = (origin: unknown): origin is string =>
  typeof origin === 'string' &&
  isWellFormed(origin) &&
  /^[^\p{Cc}]+$/u.test(origin) &&
  new TextEncoder().encode(origin).length <= MAX_ORIGIN_BYTES;

/** The text of a note. */
export const treeHeadText = ({ origin, size, root }: TreeHead): string =>
  `${origin}\n${size}\n${encodeBase64(root)}\n`;

/** Parses a number in C2SP format: decimal, no leading zeros, at most 2^53 − 1. */
export function parseDecimal(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(value)
    ? value
    : undefined;
}

/** A SHA-256 hash in base64, or `undefined`. */
export function parseHash(text: string | undefined): Uint8Array | undefined {
  const bytes = text === undefined ? undefined : decodeBase64(text);
  return bytes?.length === HASH_BYTES ? bytes : undefined;
}

/**
 * Parses the text of a note. Extension lines are rejected: an ML-DSA signature does not cover them, so anyone could change
 * them.
 */
export function parseTreeHead(text: string, parameter: string): TreeHead {
  const [origin, sizeText, rootText, ...rest] = text.split('\n');
  const size = parseDecimal(sizeText);
  const root = parseHash(rootText);
  if (!isOrigin(origin) || size === undefined || root === undefined || rest.length !== 1 || rest[0] !== '') {
    fail(
      'ERR_SEAL_CHECKPOINT_MALFORMED',
      parameter,
      `"${parameter}" must be a checkpoint: origin, size up to 2^53 − 1 and root hash on one line each, and no extension lines`,
    );
  }
  return { origin, size, root };
}
