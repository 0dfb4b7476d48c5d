import { encodeBase64url } from '../../encoding/base64url.js';
import { randomBytes } from '../../runtime.js';

/** The fields of one group that a transaction reads: all, or the named ones. */
export interface LedgerRead {
  readonly group: string;
  readonly fields: 'all' | readonly string[];
}

/** A field to set, or to remove if `value` is `undefined`. */
export interface LedgerChange {
  readonly group: string;
  readonly field: string;
  readonly value: string | undefined;
}

/** The fields read from every group of the transaction. A group that does not exist has none. */
export type LedgerView = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Decides what a transaction changes. Pure and synchronous: a store may call it again with a newer view, and only the last
 * result counts.
 *
 * @param now Milliseconds since the epoch, by the clock of the store.
 */
export type LedgerStep = (view: LedgerView, now: number) => readonly LedgerChange[];

/** Options for running a transaction. */
export interface TransactionOptions {
  /** Milliseconds from the call within which the store must answer. */
  readonly timeLimit: number;
  /**
   * Whether an earlier transaction on these groups, whose answer was lost, must be excluded: it must not take effect after this
   * transaction. Stores whose locks already ensure this need do nothing.
   */
  readonly fence: boolean;
}

/**
 * The storage of a ledger: groups of named texts, and one kind of transaction. All rules, and their order, are in the ledger.
 * Run the conformance suite (`ap2-pq/ledger/conformance`) on a store of your own.
 *
 * Group names are 1 to 64 characters of `A-Z a-z 0-9 . _ -`, and so are field names. Values are any text without U+0000 and
 * lone surrogates, up to 1 MiB.
 */
export interface LedgerStore {
  /** The name in messages, such as `SQLite`. */
  readonly name: string;
  /** How many transactions one process may run at a time. */
  readonly parallel: number;
  /** How many groups one transaction may read. At least 64. */
  readonly maxGroups: number;
  /**
   * Creates or migrates the tables or keys of the store, and rejects a store that could lose confirmed changes. May be called
   * again.
   */
  open(timeLimit: number): Promise<void>;
  /**
   * Reads, calls `step`, and writes its result: all or nothing, as if no other transaction ran at the same time, and durably
   * before the promise resolves. If `step` throws, nothing is written, and the promise rejects with the same error.
   *
   * A ledger that was emptied, or replaced by a new one, since it was opened must be rejected in every transaction.
   *
   * @throws {LedgerStoreError} if the store fails; its kind tells what is known about the outcome.
   */
  transact(reads: readonly LedgerRead[], step: LedgerStep, options: TransactionOptions): Promise<void>;
  /** Returns the group names in any order, one page at a time. A group that exists throughout the scan is on some page. */
  scan(
    cursor: string | undefined,
    limit: number,
    timeLimit: number,
  ): Promise<{ groups: string[]; cursor: string | undefined }>;
}

/**
 * What a store knows about the outcome when it fails:
 *
 * - `unavailable`: nothing was changed, and the same call may succeed later (no connection, locked, restarted);
 * - `failed`: nothing was changed, and the same call will fail again (disk full, permission denied);
 * - `unknown`: the change may or may not have been made;
 * - `not-durable`, `emptied`, `too-new`: nothing was changed, and the store must not be used.
 */
export type LedgerStoreFailure = 'unavailable' | 'failed' | 'unknown' | 'not-durable' | 'emptied' | 'too-new';

/** The error of a {@link LedgerStore}. Any other error counts as `unknown`. */
export class LedgerStoreError extends Error {
  readonly failure: LedgerStoreFailure;

  constructor(failure: LedgerStoreFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LedgerStoreError';
    this.failure = failure;
  }
}

/** The version of the format of groups, fields and values. */
export const SCHEMA_VERSION = 2;

/**
 * The place of the witness: the id of the ledger, which is also in its meta data. It lies among the groups, so that whatever
 * empties them removes it too.
 */
export const WITNESS = { group: 'ledger', field: 'id' } as const;

/** Never repeats, so that a ledger that was emptied and made again is distinguishable. */
export const newLedgerId = (): string => encodeBase64url(randomBytes(12));

/** What identifies a ledger, as one transaction reads it: two values of its meta data, and the witness. */
export interface LedgerMarks {
  readonly version: unknown;
  readonly id: unknown;
  readonly witness: unknown;
}

/**
 * Rejects a ledger that was emptied or replaced, and one in another format than this version writes.
 *
 * @param opened The id of the ledger that was opened, or `undefined` while it is being opened.
 * @returns The id.
 */
export function checkLedger(
  { version, id, witness }: LedgerMarks,
  opened: string | undefined,
  store: string,
): string {
  checkSchemaVersion(version, store);
  if (typeof id !== 'string' || id === '' || id !== witness || id !== (opened ?? id)) throw emptied(store);
  return id;
}

/** Rejects a ledger in another format than this version writes. */
export function checkSchemaVersion(found: unknown, store: string): void {
  const version = typeof found === 'string' && /^[1-9]\d{0,8}$/.test(found) ? Number(found) : found;
  if (version === SCHEMA_VERSION) return;
  if (version === undefined || version === null) throw emptied(store);
  if (typeof version !== 'number') {
    throw new LedgerStoreError('failed', `${store}: the schema version of the ledger cannot be read`);
  }
  const message = `${store}: the ledger has schema ${version}, and this version of ap2-pq reads ${SCHEMA_VERSION}`;
  if (version > SCHEMA_VERSION) throw new LedgerStoreError('too-new', `${message}: update ap2-pq`);
  throw new LedgerStoreError('failed', `${message}: it was written before the first release`);
}

export const emptied = (store: string, cause?: unknown): LedgerStoreError =>
  new LedgerStoreError(
    'emptied',
    `${store}: the ledger is missing, and past uses are unknown; restore it before you accept anything`,
    { cause },
  );
