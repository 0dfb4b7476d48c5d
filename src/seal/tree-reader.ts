import { equal } from '../encoding/bytes.js';
import { fail } from '../errors.js';
import { consistencyRanges, inclusionRanges, type Merkle, type Range, splitPoint } from './merkle.js';
import { getBytes, type SealStore } from './store.js';
import {
  bundlePath,
  decodeBundle,
  decodeTile,
  entriesBelow,
  TILE_WIDTH,
  tilePath,
  widthAt,
} from './tiles.js';

// Reads the hashes of a tree of one size from its tiles.

const MAX_CACHED_TILES = 64;

/** Reads the tile at a level, with the width that it has in a tree of this size. */
export async function readTile(
  store: SealStore,
  level: number,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  const width = widthAt(level, index, size);
  const { bytes, path } = await readPartialOrFull(store, (wide) => tilePath(level, index, wide), width);
  return decodeTile(bytes, bytes.length === 32 * TILE_WIDTH ? TILE_WIDTH : width, path).slice(0, width);
}

/** Reads the entries of a bundle, as many as a tree of this size has. */
export async function readBundle(store: SealStore, index: number, size: number): Promise<Uint8Array[]> {
  const width = widthAt(0, index, size);
  const { bytes, path, isFull } = await readPartialOrFull(store, (wide) => bundlePath(index, wide), width);
  return decodeBundle(bytes, isFull ? TILE_WIDTH : width, path).slice(0, width);
}

/** A bundle with the tile of its hashes, and the first entry in it, by its index, whose hash is not the one in the tile. */
export async function readEntries(
  store: SealStore,
  index: number,
  size: number,
  merkle: Merkle,
): Promise<{
  readonly entries: Uint8Array[];
  readonly hashes: Uint8Array[];
  readonly wrong: number | undefined;
}> {
  const entries = await readBundle(store, index, size);
  const hashes = await readTile(store, 0, index, size);
  const found = entries.findIndex((entry, i) => !equal(merkle.leafHash(entry), hashes[i] as Uint8Array));
  return { entries, hashes, wrong: found === -1 ? undefined : index * TILE_WIDTH + found };
}

/** A partial tile may have been deleted once the full one exists. The full one begins with the same hashes. */
async function readPartialOrFull(
  store: SealStore,
  pathOf: (width: number) => string,
  width: number,
): Promise<{ bytes: Uint8Array; path: string; isFull: boolean }> {
  for (const wide of new Set([width, TILE_WIDTH])) {
    const path = pathOf(wide);
    const bytes = await getBytes(store, path);
    if (bytes !== undefined) return { bytes, path, isFull: wide === TILE_WIDTH };
  }
  fail('ERR_SEAL_LOG_CORRUPT', pathOf(width), `the log has no "${pathOf(width)}"`);
}

/** Reads hashes of the tree of one size. */
export class TreeReader {
  readonly #store: SealStore;
  readonly #size: number;
  readonly #merkle: Merkle;
  readonly #tiles = new Map<string, Promise<Uint8Array[]>>();

  constructor(store: SealStore, size: number, merkle: Merkle) {
    this.#store = store;
    this.#size = size;
    this.#merkle = merkle;
  }

  /** The hashes of an inclusion proof. */
  inclusionProof(index: number): Promise<Uint8Array[]> {
    return this.#hashes(inclusionRanges(index, this.#size));
  }

  /** The hashes of a consistency proof from a smaller, non-empty tree. */
  consistencyProof(oldSize: number): Promise<Uint8Array[]> {
    return this.#hashes(consistencyRanges(oldSize, this.#size));
  }

  async #hashes(ranges: readonly Range[]): Promise<Uint8Array[]> {
    const hashes: Uint8Array[] = [];
    for (const range of ranges) hashes.push(await this.hash(range));
    return hashes;
  }

  /** MTH(D[start:end]). The start is a multiple of the smallest power of two that is not less than the length. */
  async hash([start, end]: Range): Promise<Uint8Array> {
    const count = end - start;
    if (isPowerOfTwo(count)) return this.#subtree(start, count);
    const middle = start + splitPoint(count);
    return this.#merkle.nodeHash(await this.hash([start, middle]), await this.hash([middle, end]));
  }

  /** The hash of a complete subtree, from adjacent hashes in one tile. */
  async #subtree(start: number, count: number): Promise<Uint8Array> {
    let level = 0;
    while (entriesBelow(level + 1) <= count) level++;
    const first = start / entriesBelow(level);
    const length = count / entriesBelow(level);
    const index = Math.floor(first / TILE_WIDTH);
    const tile = await this.#tile(level, index);
    const offset = first - index * TILE_WIDTH;
    return this.#merkle.foldPerfect(tile.slice(offset, offset + length));
  }

  #tile(level: number, index: number): Promise<Uint8Array[]> {
    const key = `${level}/${index}`;
    const cached = this.#tiles.get(key);
    if (cached !== undefined) return cached;
    if (this.#tiles.size >= MAX_CACHED_TILES) this.#tiles.clear();
    const tile = readTile(this.#store, level, index, this.#size);
    this.#tiles.set(key, tile);
    return tile;
  }
}

const isPowerOfTwo = (count: number): boolean => {
  let power = 1;
  while (power < count) power *= 2;
  return power === count;
};
