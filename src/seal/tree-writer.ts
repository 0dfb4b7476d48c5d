import { fail } from '../errors.js';
import { refuseWriter } from './claim.js';
import type { Merkle } from './merkle.js';
import { getBytes, isSame, type SealStore, swap } from './store.js';
import {
  bundlePath,
  encodeBundle,
  encodeTile,
  entriesBelow,
  hashesAt,
  levelsOf,
  MAX_ENTRY_BYTES,
  MAX_SIZE,
  TILE_WIDTH,
  tilePath,
} from './tiles.js';
import { readBundle, readTile } from './tree-reader.js';

/** The maximum number of concurrent writes. */
const MAX_WRITES = 16;

/** What a writer asks before it writes. Both throw if it must not. */
export interface WriteRight {
  /** Called before every write; `end` is the number of entries with those that are about to be written. */
  claim(end: number): Promise<void>;
  /** Called before bytes that another writer has left are replaced by others: is it certain that no checkpoint covers them? */
  check(path: string): Promise<void>;
}

/**
 * The right edge of a growing tree: the partial tile of each level, and the partial bundle. This is all that is kept in memory,
 * whatever the size: at most 256 hashes per level, and 256 entries.
 */
export class TreeWriter {
  readonly #store: SealStore;
  readonly #merkle: Merkle;
  readonly #right: WriteRight;
  #size: number;
  readonly #edge: Uint8Array[][] = [];
  #entries: Uint8Array[] = [];
  readonly #writes = new Set<Promise<void>>();
  #failure: unknown;
  /** Hashes of this level are kept and not put into tiles: they are for another writer, which has the hashes before them. */
  readonly #top: number;
  readonly #kept: Uint8Array[] = [];

  /** Creates a writer for a whole tree, or for a range that begins at `start`, a multiple of 256^top. */
  constructor(
    store: SealStore,
    merkle: Merkle,
    right: WriteRight,
    start = 0,
    top = Number.POSITIVE_INFINITY,
  ) {
    this.#store = store;
    this.#merkle = merkle;
    this.#right = right;
    this.#size = start;
    this.#top = top;
  }

  get size(): number {
    return this.#size;
  }

  /** Continues a tree of this size. */
  async load(size: number): Promise<void> {
    this.#size = size;
    for (let level = 0; level < levelsOf(size); level++) {
      const count = hashesAt(level, size);
      const index = Math.floor(count / TILE_WIDTH);
      this.#edge[level] = count % TILE_WIDTH === 0 ? [] : await readTile(this.#store, level, index, size);
    }
    if (size === 0) return;
    // The last bundle, full or partial. This detects a log with another hash, whose right edge may be a single hash.
    const index = Math.floor((size - 1) / TILE_WIDTH);
    const entries = await readBundle(this.#store, index, size);
    const hashes = await readTile(this.#store, 0, index, size);
    this.#entries = size % TILE_WIDTH === 0 ? [] : entries;
    if (entries.some((entry, i) => !sameHash(this.#merkle.leafHash(entry), hashes[i]))) {
      fail(
        'ERR_SEAL_LOG_CORRUPT',
        bundlePath(index, entries.length),
        `the last entries of the log do not have the ${this.#merkle.hash} hashes in its last tile`,
      );
    }
  }

  /** The root of the current tree. */
  root(): Uint8Array {
    const subtrees: Uint8Array[] = [];
    for (let level = this.#edge.length - 1; level >= 0; level--) {
      const hashes = this.#edge[level] as Uint8Array[];
      let at = 0;
      for (let count = TILE_WIDTH / 2; count >= 1; count /= 2) {
        if (hashes.length - at < count) continue;
        subtrees.push(this.#merkle.foldPerfect(hashes.slice(at, at + count)));
        at += count;
      }
    }
    return this.#merkle.foldEdge(subtrees);
  }

  /** Adds an entry. Resolves at once, or when there is room for another write. */
  async append(entry: Uint8Array): Promise<void> {
    if (entry.length > MAX_ENTRY_BYTES) {
      fail(
        'ERR_SEAL_RECORD_INVALID',
        'entry',
        `an entry must have at most ${MAX_ENTRY_BYTES} bytes, got ${entry.length}`,
      );
    }
    this.#checkRoom(1);
    const index = Math.floor(this.#size / TILE_WIDTH);
    this.#entries.push(entry);
    this.#size++;
    if (this.#entries.length === TILE_WIDTH) {
      await this.#write(bundlePath(index, TILE_WIDTH), encodeBundle(this.#entries));
      this.#entries = [];
    }
    await this.#push(0, this.#merkle.leafHash(entry));
  }

  /**
   * Adds the hash of a complete subtree of 256^level entries, whose tiles and bundles were written elsewhere. The tree must end
   * where such a subtree begins.
   */
  async appendSubtree(level: number, hash: Uint8Array): Promise<void> {
    const count = entriesBelow(level);
    if (this.#size % count !== 0) {
      fail(
        'ERR_MANDATE_ARGUMENT_INVALID',
        'range',
        `a range can be added only if the size is a multiple of ${count}, got ${this.#size}`,
      );
    }
    this.#checkRoom(count);
    for (let below = 0; below < level; below++) this.#edge[below] ??= [];
    this.#size += count;
    await this.#push(level, hash);
  }

  #checkRoom(count: number): void {
    if (this.#size + count <= MAX_SIZE) return;
    fail('ERR_SEAL_RECORD_INVALID', 'log', `a log has at most ${MAX_SIZE} entries`);
  }

  async #push(level: number, hash: Uint8Array): Promise<void> {
    if (level === this.#top) {
      this.#kept.push(hash);
      return;
    }
    this.#edge[level] ??= [];
    const hashes = this.#edge[level] as Uint8Array[];
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    this.#edge[level] = [];
    const index = this.#size / entriesBelow(level + 1) - 1;
    await this.#write(tilePath(level, index, TILE_WIDTH), encodeTile(hashes));
    await this.#push(level + 1, this.#merkle.foldPerfect(hashes));
  }

  /**
   * Writes the partial tiles and the partial bundle, and waits for all writes. A tile that has not changed since the earlier
   * commit is not written again: a store that damages a file must not damage committed data.
   */
  async writePartials(earlier: number): Promise<void> {
    if (this.#entries.length > 0 && this.#size !== earlier) {
      const path = bundlePath(Math.floor(this.#size / TILE_WIDTH), this.#entries.length);
      await this.#write(path, encodeBundle(this.#entries));
    }
    for (const [level, hashes] of this.#edge.entries()) {
      const count = hashesAt(level, this.#size);
      if (hashes.length === 0 || count === hashesAt(level, earlier)) continue;
      await this.#write(tilePath(level, Math.floor(count / TILE_WIDTH), hashes.length), encodeTile(hashes));
    }
    await this.settle();
  }

  /** The hashes of the level `top`. */
  get kept(): readonly Uint8Array[] {
    return this.#kept;
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    while (this.#writes.size >= MAX_WRITES) await Promise.race(this.#writes);
    this.#throwFailure();
    await this.#right.claim(this.#size);
    const write: Promise<void> = this.#writeOnce(path, bytes)
      .catch((cause) => {
        this.#failure ??= cause;
      })
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  /**
   * A tile or a bundle is written once. One that is there already is that of an interrupted writer, or of another one. The same
   * bytes are written again, so that they are durable.
   */
  async #writeOnce(path: string, bytes: Uint8Array): Promise<void> {
    if (await swap(this.#store, path, bytes, undefined)) return;
    const found = await getBytes(this.#store, path);
    if (!isSame(found, bytes)) await this.#right.check(path);
    if (!(await swap(this.#store, path, bytes, found))) refuseWriter(path);
  }

  /** Waits for all pending writes, and throws if one of them failed. */
  async settle(): Promise<void> {
    await Promise.all(this.#writes);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

const sameHash = (a: Uint8Array, b: Uint8Array | undefined): boolean =>
  b !== undefined && a.every((byte, i) => byte === b[i]);
