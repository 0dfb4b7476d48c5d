import { concat, equal } from '../encoding/bytes.js';
import { type Digest, SEAL_HASHES, type SealHash } from './hashes.js';

// The Merkle Tree of RFC 6962 §2.1 (RFC 9162 §2.1) with the hash of a log. Nothing here knows about tiles, notes or mandates.
// Indexes and sizes are numbers up to 2^53 − 1, so this code uses `%` and division where 64-bit integers would be shifted.

export const HASH_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0);

/** The largest power of two smaller than `size`, which is at least 2. */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** A half-open range of entries. */
export type Range = readonly [start: number, end: number];

/**
 * The subtrees whose hashes form the inclusion proof PATH(index, D[size]), from the sibling of the leaf upwards (RFC 6962
 * §2.1.1).
 */
export function inclusionRanges(index: number, size: number): Range[] {
  const path: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push([middle, end]);
      end = middle;
    } else {
      path.push([start, middle]);
      start = middle;
    }
  }
  return path.reverse();
}

/** The subtrees whose hashes form the consistency proof PROOF(oldSize, D[size]) (RFC 6962 §2.1.2); 0 < oldSize < size. */
export function consistencyRanges(oldSize: number, size: number): Range[] {
  const path: Range[] = [];
  let [start, end] = [0, size];
  let isWhole = true;
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      path.push([middle, end]);
      end = middle;
    } else {
      path.push([start, middle]);
      start = middle;
      isWhole = false;
    }
  }
  if (!isWhole) path.push([start, end]);
  return path.reverse();
}

const half = (value: number): number => Math.floor(value / 2);

/** The tree for one hash function. */
export class Merkle {
  readonly hash: SealHash;
  readonly #digest: Digest;
  /** One shared buffer: it is filled and hashed without interruption. */
  readonly #node = new Uint8Array(1 + 2 * HASH_BYTES);

  constructor(hash: SealHash) {
    this.hash = hash;
    this.#digest = SEAL_HASHES[hash].digest;
    this.#node[0] = 1;
  }

  /** MTH({d}) = HASH(0x00 ‖ d). */
  leafHash(entry: Uint8Array): Uint8Array {
    return this.#digest(concat(LEAF_PREFIX, entry));
  }

  /** HASH(0x01 ‖ left ‖ right). */
  nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
    this.#node.set(left, 1);
    this.#node.set(right, 1 + HASH_BYTES);
    return this.#digest(this.#node);
  }

  /** The root of a tree without entries: the hash of the empty string. */
  emptyRoot(): Uint8Array {
    return this.#digest(new Uint8Array(0));
  }

  /** The root over complete subtrees from left to right, each smaller than the previous one: the right edge of a tree. */
  foldEdge(subtrees: readonly Uint8Array[]): Uint8Array {
    let root = subtrees[subtrees.length - 1];
    if (root === undefined) return this.emptyRoot();
    for (let i = subtrees.length - 2; i >= 0; i--) root = this.nodeHash(subtrees[i] as Uint8Array, root);
    return root;
  }

  /** The root over a number of hashes that is a power of two. */
  foldPerfect(hashes: readonly Uint8Array[]): Uint8Array {
    let level = hashes;
    while (level.length > 1) {
      const above: Uint8Array[] = [];
      for (let i = 0; i < level.length; i += 2) {
        above.push(this.nodeHash(level[i] as Uint8Array, level[i + 1] as Uint8Array));
      }
      level = above;
    }
    return level[0] as Uint8Array;
  }

  /** Whether a proof shows that the leaf is at `index` in the tree with this size and root (RFC 9162 §2.1.3.2). */
  isIncluded(
    leaf: Uint8Array,
    index: number,
    size: number,
    proof: readonly Uint8Array[],
    root: Uint8Array,
  ): boolean {
    if (index >= size) return false;
    const sides = sidesOf(index, size - 1, proof.length);
    if (sides === undefined) return false;
    let hash = leaf;
    for (const [step, sibling] of proof.entries())
      hash = sides[step] === 'left' ? this.nodeHash(sibling, hash) : this.nodeHash(hash, sibling);
    return equal(hash, root);
  }

  /** Whether a proof shows that the larger tree begins with the entries of the smaller one (RFC 9162 §2.1.4.2). */
  isConsistent(
    oldSize: number,
    oldRoot: Uint8Array,
    size: number,
    root: Uint8Array,
    proof: readonly Uint8Array[],
  ): boolean {
    if (oldSize > size) return false;
    if (oldSize === size) return proof.length === 0 && equal(oldRoot, root);
    // Every tree continues an empty tree, whose root must still be that of an empty tree.
    if (oldSize === 0) return proof.length === 0 && equal(oldRoot, this.emptyRoot());
    let at = oldSize - 1;
    let last = size - 1;
    while (at % 2 === 1) {
      at = half(at);
      last = half(last);
    }
    // If the size of the smaller tree is a power of two, its root is the first node of the path.
    const [first, ...rest] = at === 0 ? [oldRoot, ...proof] : proof;
    if (first === undefined) return false;
    const sides = sidesOf(at, last, rest.length);
    if (sides === undefined) return false;
    let oldHash = first;
    let hash = first;
    for (const [step, sibling] of rest.entries()) {
      const isLeft = sides[step] === 'left';
      if (isLeft) oldHash = this.nodeHash(sibling, oldHash);
      hash = isLeft ? this.nodeHash(sibling, hash) : this.nodeHash(hash, sibling);
    }
    return equal(oldHash, oldRoot) && equal(hash, root);
  }
}

/**
 * The side of each sibling on a path, from the node `at` of a level whose last node is `last` up to the root (the loops of RFC
 * 9162 §2.1.3.2 and §2.1.4.2). `undefined` if the path of that node has another length.
 */
function sidesOf(at: number, last: number, length: number): ('left' | 'right')[] | undefined {
  const sides: ('left' | 'right')[] = [];
  for (let node = at, end = last; end !== 0; node = half(node), end = half(end)) {
    if (node % 2 === 1 || node === end) {
      sides.push('left');
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        end = half(end);
      }
    } else {
      sides.push('right');
    }
    if (sides.length > length) return undefined;
  }
  return sides.length === length ? sides : undefined;
}

const MERKLES = { 'SHA-256': new Merkle('SHA-256'), 'SHA3-256': new Merkle('SHA3-256') } as const;

/** The tree for a hash. */
export const merkleOf = (hash: SealHash): Merkle => MERKLES[hash];
