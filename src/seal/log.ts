import { isUint8Array } from '../brand.js';
import { equal } from '../encoding/bytes.js';
import { fail } from '../errors.js';
import { checkNames, checkOptions, invalidArgument } from '../options.js';
import { CLOCK_TOLERANCE, readPolicy, type SealRules, signTreeHead, verifyNote } from './checkpoint.js';
import { openClaim } from './claim.js';
import { checkHash, type SealHash } from './hashes.js';
import { type CheckpointSigner, readSigners } from './keys.js';
import { type Committed, type Found, LogRight } from './log-right.js';
import { type Merkle, merkleOf } from './merkle.js';
import { parseNote } from './note.js';
import { formatProof } from './proof.js';
import { RANGE_UNIT, type SealedRange } from './range.js';
import { checkRecords, encodeEntry, type SealRecord } from './record.js';
import { RecordSource } from './record-source.js';
import { callStore, checkStore, getBytes, type SealLock, type SealStore, takeLock } from './store.js';
import {
  bundlePath,
  CHECKPOINT_PATH,
  hashesAt,
  levelsOf,
  NEXT_CHECKPOINT_PATH,
  TILE_WIDTH,
  tilePath,
} from './tiles.js';
import { isOrigin, type TreeHead } from './tree-head.js';
import { readEntries, readTile, TreeReader } from './tree-reader.js';
import { TreeWriter, type WriteRight } from './tree-writer.js';

/** Options of {@link openSealLog}. */
export interface SealLogOptions {
  /**
   * The name of the log, and the first line of its checkpoints: a URL without its scheme, such as `archive.bank.example/2026`.
   */
  origin: string;
  /**
   * The signers of its checkpoints, created by `createCheckpointSigner`: one with ML-DSA-65, and optionally ES256 or Ed25519
   * for today's tools.
   */
  signers: readonly CheckpointSigner[];
  /** Opens a log without an ML-DSA-65 signer. Default `false`. */
  allowClassical?: boolean | undefined;
  /** The hash of its tree and its entries, which never changes. Default `SHA-256`; the other one is for {@link carrySeals}. */
  hash?: SealHash | undefined;
  /**
   * The clock for the time in signatures, in milliseconds since the epoch. Default `Date.now`. Another clock must not be more than
   * 5 minutes ahead of it: verifiers would reject the checkpoint.
   */
  now?: (() => number) | undefined;
}

/** A log that is open for writing. It processes one call at a time; other calls wait. */
export interface SealLog {
  readonly origin: string;
  readonly hash: SealHash;
  /** The number of entries, including uncommitted ones. */
  readonly size: number;
  /** The last signed checkpoint; `undefined` before the first commit. */
  readonly checkpoint: string | undefined;
  /** Adds a record and returns its index. The next {@link SealLog.commit} seals it. */
  append(record: SealRecord): Promise<number>;
  /**
   * Adds records from an iterable, in constant memory. The iterable must not call the log: that is rejected. Nor must it wait for
   * somebody who does: both would wait for ever. Returns the index of the first and the number of records.
   */
  appendAll(
    records: Iterable<SealRecord> | AsyncIterable<SealRecord>,
  ): Promise<{ readonly first: number; readonly count: number }>;
  /** Adds a range written by `sealRange`. It must begin where the log ends. Its files are read, and checked against its hashes. */
  appendRange(range: SealedRange): Promise<void>;
  /**
   * Writes the added entries, signs the tree, and makes both durable. When it resolves, no committed data can be lost. If a signer
   * fails, or its signature does not verify (`ERR_MANDATE_SIGNER_FAILED`), the last checkpoint remains and the entries wait: call
   * it again.
   */
  commit(): Promise<string>;
  /**
   * The proof that an entry is in the last committed tree, as a file (C2SP tlog-proof). It was verified; if a tile is damaged,
   * there is none (`ERR_SEAL_LOG_CORRUPT`).
   */
  prove(index: number): Promise<string>;
  /** The hashes that prove that the last committed tree begins with the tree of an earlier checkpoint. */
  proveConsistency(earlierSize: number): Promise<readonly Uint8Array[]>;
  /**
   * Signs the last committed tree again with other signers, when a key is replaced or its algorithm becomes weak. The earlier
   * signatures remain valid for the same tree; a policy decides how far they are trusted. From then on, the log signs with these
   * signers; pass them to {@link openSealLog} too when it is opened again.
   */
  resign(signers: readonly CheckpointSigner[]): Promise<string>;
  /** Allows other writers. Uncommitted entries are lost. */
  close(): Promise<void>;
}

const utf8 = new TextEncoder();

/**
 * Opens a log for writing; an empty store becomes a new log. The log is an append-only Merkle Tree in the layout of C2SP
 * tlog-tiles, and its signed checkpoints seal its content. On opening, the last checkpoint is verified with the keys of the
 * signers, and the right edge of the tree is checked against it. Data of an interrupted commit is ignored.
 *
 * @example
 * ```ts
 * const log = await openSealLog(createFileStore('./seal'), { origin: 'archive.bank.example/2026', signers: [mldsa65, es256] });
 * const index = await log.append({ kind: 'mandate', token: mandate });
 * await log.commit();
 * const proof = await log.prove(index); // keep it with the mandate
 * await log.close();
 * ```
 *
 * @throws {MandateError} `ERR_SEAL_LOG_LOCKED`, `ERR_SEAL_LOG_CORRUPT`, `ERR_SEAL_CHECKPOINT_MALFORMED` or
 * `ERR_SEAL_CHECKPOINT_UNTRUSTED` for a checkpoint that these signers did not sign, `ERR_SEAL_STORE_FAILED`,
 * `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function openSealLog(store: SealStore, options: SealLogOptions): Promise<SealLog> {
  checkStore(store);
  const rules = readOptions(options);
  readClock(rules);
  const lock = store.lock === undefined ? undefined : await takeLock(store);
  try {
    const found = await findCheckpoint(store, rules);
    const { committed } = found;
    const claim = await openClaim(store, committed?.head.size);
    const right = new LogRight(store, lock, claim, found);
    const writer = await openTree(store, rules.merkle, right, committed?.head);
    await right.finish(committed);
    return new OpenLog(store, rules, lock, right, writer, committed);
  } catch (error) {
    await lock?.release().catch(() => {});
    throw error;
  }
}

interface LogRules {
  readonly origin: string;
  readonly signers: readonly CheckpointSigner[];
  readonly allowClassical: boolean;
  readonly merkle: Merkle;
  readonly now: () => number;
}

function readOptions(options: SealLogOptions): LogRules {
  const given = checkOptions(options, 'options');
  checkNames(given, ['origin', 'signers', 'allowClassical', 'hash', 'now']);
  const { origin, allowClassical = false, now = Date.now } = given;
  if (!isOrigin(origin)) invalidArgument('origin', 'the name of a log: 1 to 255 bytes on one line');
  if (typeof allowClassical !== 'boolean') invalidArgument('allowClassical', 'a boolean');
  if (typeof now !== 'function') invalidArgument('now', 'a function');
  const signers = checkSigners(given.signers, allowClassical);
  return { origin, signers, allowClassical, merkle: merkleOf(checkHash(given.hash, 'hash')), now };
}

function checkSigners(signers: unknown, allowClassical: boolean): readonly CheckpointSigner[] {
  const read = readSigners(signers);
  if (read === undefined)
    return invalidArgument('signers', 'an array of signers from createCheckpointSigner');
  if (!allowClassical && !read.some(({ algorithm }) => algorithm === 'ML-DSA-65')) {
    return invalidArgument('signers', 'an array with an ML-DSA-65 signer, unless "allowClassical" is true');
  }
  return read;
}

/** The time by the clock of the log, in milliseconds since the epoch. */
function readClock({ now }: LogRules): number {
  let time: unknown;
  try {
    time = now();
  } catch (cause) {
    fail('ERR_MANDATE_ARGUMENT_INVALID', 'now', '"now" must return the time, and it threw', { cause });
  }
  if (typeof time === 'number' && time >= 0 && time <= LAST_DATE) return time;
  return invalidArgument('now', 'a function that returns milliseconds since the epoch');
}

/** Pairs of files that are read at once. It divides the number of tiles of a range. */
const MAX_READS = 16;

/** The last time that a Date can hold. */
const LAST_DATE = 8.64e15;

/** What verifiers of checkpoints by these signers demand. */
const policyOf = (
  { origin, allowClassical, merkle }: LogRules,
  signers: readonly CheckpointSigner[],
  currentDate: Date,
): Promise<SealRules> =>
  readPolicy({
    origin,
    keys: signers.map(({ verifierKey }) => verifierKey),
    allowClassical,
    hash: merkle.hash,
    currentDate,
  });

/** Reads both files. Only an undamaged file counts; if both are undamaged, the next one if it continues the current one. */
async function findCheckpoint(store: SealStore, rules: LogRules): Promise<Found> {
  // A time ahead is no reason: the clock was wrong when it was signed, and only this log can replace it.
  const policy = await policyOf(rules, rules.signers, new Date(LAST_DATE));
  const read = async (path: string) => {
    const bytes = await getBytes(store, path);
    if (bytes === undefined) return undefined;
    try {
      const note = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return { bytes, note, head: await verifyNote(parseNote(note, path), policy) };
    } catch (error) {
      return { bytes, error };
    }
  };
  const [current, next] = [await read(CHECKPOINT_PATH), await read(NEXT_CHECKPOINT_PATH)];
  const found = { current: current?.bytes, next: next?.bytes };
  if (next?.head !== undefined && (await isAfter(store, rules.merkle, current?.head, next.head)))
    return { ...found, committed: next };
  // A first commit that was interrupted in its first file has confirmed nothing yet.
  if (current?.error !== undefined) throw current.error;
  return { ...found, committed: current?.head === undefined ? undefined : current };
}

/**
 * Whether the next checkpoint counts instead of the current one: it has more entries, and begins with the same. Otherwise it is
 * that of a writer whose right ended before it could confirm anything.
 */
async function isAfter(
  store: SealStore,
  merkle: Merkle,
  current: TreeHead | undefined,
  next: TreeHead,
): Promise<boolean> {
  if (current === undefined) return true;
  if (current.size >= next.size) return false;
  if (current.size === 0) return true;
  const beginning = await new TreeReader(store, next.size, merkle).hash([0, current.size]);
  return equal(beginning, current.root);
}

/** Loads the right edge, and compares its root with the signed one. */
async function openTree(
  store: SealStore,
  merkle: Merkle,
  right: WriteRight,
  head: TreeHead | undefined,
): Promise<TreeWriter> {
  const writer = new TreeWriter(store, merkle, right);
  if (head === undefined) return writer;
  await writer.load(head.size);
  if (!equal(writer.root(), head.root)) {
    fail(
      'ERR_SEAL_LOG_CORRUPT',
      CHECKPOINT_PATH,
      `the right edge of the tree does not have the root in the checkpoint of ${head.size} entries`,
    );
  }
  return writer;
}

function damaged(what: string): never {
  fail(
    'ERR_SEAL_LOG_CORRUPT',
    'tile',
    `the tiles give no valid proof of ${what}: one of them is damaged. Restore them from a copy; auditSealLog finds which one`,
  );
}

class OpenLog implements SealLog {
  readonly origin: string;
  readonly hash: SealHash;
  readonly #store: SealStore;
  readonly #rules: LogRules;
  readonly #lock: SealLock | undefined;
  readonly #right: LogRight;
  readonly #writer: TreeWriter;
  readonly #source = new RecordSource();
  /** The last signers that succeeded, at first those of the options. */
  #signers: readonly CheckpointSigner[];
  #committed: Committed | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #state: 'open' | 'failed' | 'closed' = 'open';

  constructor(
    store: SealStore,
    rules: LogRules,
    lock: SealLock | undefined,
    right: LogRight,
    writer: TreeWriter,
    committed: Committed | undefined,
  ) {
    this.origin = rules.origin;
    this.hash = rules.merkle.hash;
    this.#store = store;
    this.#rules = rules;
    this.#lock = lock;
    this.#right = right;
    this.#writer = writer;
    this.#committed = committed;
    this.#signers = rules.signers;
  }

  get size(): number {
    return this.#writer.size;
  }

  get checkpoint(): string | undefined {
    return this.#committed?.note;
  }

  append(record: SealRecord): Promise<number> {
    return this.#inTurn(async () => {
      // Checked before any change: a rejected record leaves the log unchanged.
      const entry = encodeEntry(record, this.hash);
      return this.#writing(async () => {
        const index = this.#writer.size;
        await this.#writer.append(entry);
        return index;
      });
    });
  }

  appendAll(records: Iterable<SealRecord> | AsyncIterable<SealRecord>) {
    return this.#inTurn(async () => {
      checkRecords(records);
      const first = this.#writer.size;
      for await (const { record } of this.#source.read(records)) {
        const entry = encodeEntry(record, this.hash);
        await this.#writing(() => this.#writer.append(entry));
      }
      return { first, count: this.#writer.size - first };
    });
  }

  appendRange(range: SealedRange): Promise<void> {
    return this.#inTurn(async () => {
      const { start, count, hashes } = checkOptions(range, 'range');
      const isRange =
        Array.isArray(hashes) &&
        hashes.every((hash) => isUint8Array(hash) && hash.length === 32) &&
        count === hashes.length * RANGE_UNIT &&
        start % RANGE_UNIT === 0;
      if (!isRange) invalidArgument('range', 'the result of sealRange');
      if (start !== this.#writer.size) {
        invalidArgument('range', `a range that begins at ${this.#writer.size}, where the log ends`);
      }
      await this.#writing(async () => {
        await this.#writer.settle();
        await this.#right.claim(start + count);
      });
      try {
        for (const [i, hash] of hashes.entries()) await this.#checkRange(start / RANGE_UNIT + i, hash);
      } catch (error) {
        await this.#writing(() => this.#right.giveBack(start));
        throw error;
      }
      await this.#writing(async () => {
        for (const hash of hashes) await this.#writer.appendSubtree(2, hash);
      });
    });
  }

  /**
   * Some or all files may be those of other records, which were sealed under the same indexes before the range was reserved. Every
   * file is read: a seal of other records may have ended after any of them.
   */
  async #checkRange(unit: number, hash: Uint8Array): Promise<void> {
    const { merkle } = this.#rules;
    const end = (unit + 1) * RANGE_UNIT;
    const refuseUnless = (isSame: boolean, path: string): void => {
      if (isSame) return;
      const message = 'the file of the range is that of other records. Seal the range again with sealRange';
      fail('ERR_SEAL_LOG_CORRUPT', path, message);
    };
    const above = await readTile(this.#store, 1, unit, end);
    refuseUnless(equal(merkle.foldPerfect(above), hash), tilePath(1, unit, TILE_WIDTH));
    const check = async (tile: number): Promise<void> => {
      const index = unit * TILE_WIDTH + tile;
      const { hashes, wrong } = await readEntries(this.#store, index, end, merkle);
      refuseUnless(
        equal(merkle.foldPerfect(hashes), above[tile] as Uint8Array),
        tilePath(0, index, TILE_WIDTH),
      );
      refuseUnless(wrong === undefined, bundlePath(index, TILE_WIDTH));
    };
    for (let tile = 0; tile < TILE_WIDTH; tile += MAX_READS) {
      await Promise.all(Array.from({ length: MAX_READS }, (_, i) => check(tile + i)));
    }
  }

  commit(): Promise<string> {
    return this.#inTurn(() => this.#commit());
  }

  resign(signers: readonly CheckpointSigner[]): Promise<string> {
    return this.#inTurn(async () => {
      const checked = checkSigners(signers, this.#rules.allowClassical);
      const { head } = this.#requireCommitted();
      if (this.#writer.size !== head.size) invalidArgument('log', 'committed before it is signed again');
      const note = await this.#publish(head, checked);
      this.#signers = checked;
      return note;
    });
  }

  async #commit(): Promise<string> {
    const earlier = this.#committed;
    const size = this.#writer.size;
    if (earlier !== undefined && earlier.head.size === size) return earlier.note;
    await this.#writing(async () => {
      await this.#right.check();
      await this.#writer.writePartials(earlier?.head.size ?? 0);
      // The whole tree is made durable before the checkpoint that covers it is written.
      await this.#right.flush();
    });
    const head = { origin: this.origin, size, root: this.#writer.root() };
    const note = await this.#publish(head, this.#signers);
    await this.#writing(() => this.#removePartials(earlier?.head.size ?? 0, size));
    return note;
  }

  async #publish(head: TreeHead, signers: readonly CheckpointSigner[]): Promise<string> {
    const note = await this.#sign(head, signers);
    await this.#writing(() => this.#right.replaceCheckpoint(utf8.encode(note), head.size));
    this.#committed = { head, note };
    return note;
  }

  /** Signs, and verifies the result as everybody will. Nothing is written: after a failure the log is as it was. */
  async #sign(head: TreeHead, signers: readonly CheckpointSigner[]): Promise<string> {
    const time = readClock(this.#rules);
    if (time > Date.now() + CLOCK_TOLERANCE * 1000)
      invalidArgument('now', `at most ${CLOCK_TOLERANCE} seconds ahead of the clock of this machine`);
    const policy = await policyOf(this.#rules, signers, new Date(time));
    return signTreeHead(head, signers, Math.floor(time / 1000), policy);
  }

  /** Removes the partial tiles of the last commit that are full now. */
  async #removePartials(earlier: number, size: number): Promise<void> {
    if (this.#store.removePartials === undefined) return;
    const remove = async (path: string): Promise<void> => {
      await callStore(path, async () => this.#store.removePartials?.(path));
    };
    for (let level = 0; level < levelsOf(earlier); level++) {
      const index = Math.floor(hashesAt(level, earlier) / TILE_WIDTH);
      const isFull = hashesAt(level, size) >= (index + 1) * TILE_WIDTH;
      if (!isFull || hashesAt(level, earlier) % TILE_WIDTH === 0) continue;
      await remove(tilePath(level, index, TILE_WIDTH));
      if (level === 0) await remove(bundlePath(index, TILE_WIDTH));
    }
  }

  prove(index: number): Promise<string> {
    return this.#inTurn(async () => {
      const { head, note } = this.#requireCommitted();
      if (!Number.isSafeInteger(index) || index < 0 || index >= head.size) {
        invalidArgument('index', `the index of a committed entry, from 0 to ${head.size - 1}`);
      }
      const { merkle } = this.#rules;
      const reader = new TreeReader(this.#store, head.size, merkle);
      const hashes = await reader.inclusionProof(index);
      const leaf = await reader.hash([index, index + 1]);
      if (!merkle.isIncluded(leaf, index, head.size, hashes, head.root)) damaged(`entry ${index}`);
      return formatProof({ index, hashes, checkpoint: note });
    });
  }

  proveConsistency(earlierSize: number): Promise<readonly Uint8Array[]> {
    return this.#inTurn(async () => {
      const { head } = this.#requireCommitted();
      if (!Number.isSafeInteger(earlierSize) || earlierSize < 0 || earlierSize > head.size) {
        invalidArgument('earlierSize', `the size of an earlier checkpoint, from 0 to ${head.size}`);
      }
      if (earlierSize === 0 || earlierSize === head.size) return [];
      const { merkle } = this.#rules;
      const reader = new TreeReader(this.#store, head.size, merkle);
      const hashes = await reader.consistencyProof(earlierSize);
      const earlier = await reader.hash([0, earlierSize]);
      if (!merkle.isConsistent(earlierSize, earlier, head.size, head.root, hashes))
        damaged(`the first ${earlierSize} entries`);
      return hashes;
    });
  }

  close(): Promise<void> {
    if (this.#source.isReading) return this.#refuseInside();
    const closed = this.#queue.then(async () => {
      if (this.#state === 'closed') return;
      this.#state = 'closed';
      await this.#writer.settle().catch(() => {});
      await this.#lock?.release();
    });
    this.#queue = closed.catch(() => {});
    return closed;
  }

  #requireCommitted(): Committed {
    return this.#committed ?? invalidArgument('log', 'committed: there is no checkpoint yet');
  }

  /** Runs calls one after the other, in their order. */
  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    if (this.#source.isReading) return this.#refuseInside();
    const result = this.#queue.then(() => {
      if (this.#state === 'closed') fail('ERR_SEAL_LOG_CLOSED', 'log', 'the log is closed');
      if (this.#state === 'failed') {
        fail(
          'ERR_SEAL_LOG_CLOSED',
          'log',
          'an earlier write failed; close the log and open it again: committed entries are not lost',
        );
      }
      return call();
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  async #refuseInside(): Promise<never> {
    return invalidArgument(
      'records',
      'an iterable that does not call the log: appendAll would wait for itself',
    );
  }

  /** After a failed write, the content of the store is unknown. Only what is read again counts. */
  async #writing<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }
}
