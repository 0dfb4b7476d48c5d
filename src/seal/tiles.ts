import { concat } from '../encoding/bytes.js';
import { fail } from '../errors.js';
import { HASH_BYTES } from './merkle.js';

// The layout of C2SP tlog-tiles: the path, the width and the bytes of a tile or an entry bundle.

/** Hashes of a full tile, and entries of a full bundle. */
export const TILE_WIDTH = 256;
/** Binary levels that a tile spans. */
export const TILE_HEIGHT = 8;
/** The maximum tree size: the largest integer that a number represents exactly. */
export const MAX_SIZE = Number.MAX_SAFE_INTEGER;
/** The maximum length of an entry in bytes: its length is a uint16. */
export const MAX_ENTRY_BYTES = 0xffff;

/** `x001/x234/067` for 1234067. */
export function indexPath(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const elements = padded.match(/\d{3}/g) as RegExpMatchArray;
  return elements.map((element, i) => (i < elements.length - 1 ? `x${element}` : element)).join('/');
}

const suffix = (width: number): string => (width === TILE_WIDTH ? '' : `.p/${width}`);

/** Path of the tile at a level. */
export const tilePath = (level: number, index: number, width: number): string =>
  `tile/${level}/${indexPath(index)}${suffix(width)}`;

/** Path of an entry bundle. */
export const bundlePath = (index: number, width: number): string =>
  `tile/entries/${indexPath(index)}${suffix(width)}`;

/** Path of the signed checkpoint. */
export const CHECKPOINT_PATH = 'checkpoint';

/**
 * A second copy of a new checkpoint, written before the one under its own path. If a file system truncates one of them, the
 * other remains.
 */
export const NEXT_CHECKPOINT_PATH = 'checkpoint.next';

/** 256 to the power of the level: the number of entries below one hash of a tile. No tree exceeds 2^53 − 1 entries. */
export const entriesBelow = (level: number): number => TILE_WIDTH ** level;

/** The number of complete hashes at a tile level of a tree. */
export const hashesAt = (level: number, size: number): number => Math.floor(size / entriesBelow(level));

/** The width of a tile in a tree of this size; 0 if the tree has no such tile. */
export const widthAt = (level: number, index: number, size: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH));

/** The number of tile levels of a tree: those with at least one hash. */
export function levelsOf(size: number): number {
  let levels = 0;
  while (hashesAt(levels, size) > 0) levels++;
  return levels;
}

/** The hashes of a tile. Throws if the length of the bytes is wrong. */
export function decodeTile(bytes: Uint8Array, width: number, path: string): Uint8Array[] {
  if (bytes.length !== width * HASH_BYTES) {
    fail(
      'ERR_SEAL_LOG_CORRUPT',
      path,
      `the tile "${path}" must have ${width * HASH_BYTES} bytes, got ${bytes.length}`,
    );
  }
  return Array.from({ length: width }, (_, i) => bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

export const encodeTile = (hashes: readonly Uint8Array[]): Uint8Array => concat(...hashes);

/** Encodes entries, each preceded by its length as a big-endian uint16. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((length, entry) => length + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    bundle[at] = entry.length >> 8;
    bundle[at + 1] = entry.length & 0xff;
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/** The entries of a bundle. Throws if the bytes do not contain exactly this number of entries. */
export function decodeBundle(bytes: Uint8Array, width: number, path: string): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const end = at + 2 + ((bytes[at] as number) << 8) + (bytes[at + 1] as number);
    if (end > bytes.length) break;
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  if (at !== bytes.length || entries.length !== width) {
    fail(
      'ERR_SEAL_LOG_CORRUPT',
      path,
      `the bundle "${path}" must contain ${width} entries, each preceded by its length`,
    );
  }
  return entries;
}
