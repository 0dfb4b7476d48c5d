/** What a transaction reads of one group: all its fields, or the named ones. */
export interface LedgerRead {
  readonly group: string;
  readonly fields: 'all' | readonly string[];
}

/** One field to be set, or removed where `value` is `undefined`. */
export interface LedgerChange {
  readonly group: string;
  readonly field: string;
  readonly value: string | undefined;
}

/** What was read: the fields of every group of the transaction. A group that does not exist has none. */
export type LedgerView = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Decides what a transaction changes. Pure and synchronous: a store may call it again with a newer view, and only what the
 * last call returned counts.
 *
 * @param now Milliseconds since the epoch, by the clock of the store.
 */
export type LedgerStep = (view: LedgerView, now: number) => readonly LedgerChange[];

/** How a transaction is run. */
export interface TransactionOptions {
  /** Milliseconds from the call until the store has to answer. */
  readonly timeLimit: number;
  /**
   * What an earlier transaction of these groups may still change, although its answer was lost, has to be excluded: after this
   * transaction nothing of it may take effect. Stores whose locks see to that need do nothing.
   */
  readonly fence: boolean;
}

/**
 * Where a ledger keeps what it knows: groups of named texts, and one kind of transaction. Everything else, the rules and their
 * order, is the ledger's own. Run the conformance suite (`ap2-pq/ledger/conformance`) against a store of your own.
 *
 * Group names are 1 to 64 characters of `A-Z a-z 0-9 . _ -`, field names 1 to 64 of the same. Values are any
 * text without U+0000 and lone surrogates, up to 1 MiB.
 */
export interface LedgerStore {
  /** For messages: `SQLite`. */
  readonly name: string;
  /** How many transactions of one process may run at a time. */
  readonly parallel: number;
  /** How many groups one transaction may name. At least 64. */
  readonly maxGroups: number;
  /** Creates or migrates what the store needs, and refuses a store that would lose what it confirmed. May be called again. */
  open(timeLimit: number): Promise<void>;
  /**
   * Reads, calls `step`, and writes what it returns: all or nothing, as if no other transaction ran at the same time, and kept
   * before the promise resolves. If `step` throws, nothing is written and the promise rejects with what it threw.
   *
   * @throws {LedgerStoreError} where the store fails; its kind says what is known of the outcome.
   */
  transact(reads: readonly LedgerRead[], step: LedgerStep, options: TransactionOptions): Promise<void>;
  /** Group names in any order, a page at a time; a group that exists throughout is on some page. */
  scan(
    cursor: string | undefined,
    limit: number,
    timeLimit: number,
  ): Promise<{ groups: string[]; cursor: string | undefined }>;
}

/**
 * What a store knows of the outcome when it fails:
 *
 * - `unavailable`: nothing was changed, and the same call may succeed later (no connection, locked, restarted);
 * - `failed`: nothing was changed, and the same call will fail again (disk full, permission denied);
 * - `unknown`: the change may or may not have been made;
 * - `not-durable`, `emptied`, `too-new`: nothing was changed, and the store must not be used.
 */
export type LedgerStoreFailure = 'unavailable' | 'failed' | 'unknown' | 'not-durable' | 'emptied' | 'too-new';

/** What a {@link LedgerStore} throws. Anything else that it throws is taken for `unknown`. */
export class LedgerStoreError extends Error {
  readonly failure: LedgerStoreFailure;

  constructor(failure: LedgerStoreFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LedgerStoreError';
    this.failure = failure;
  }
}

/** The version of the form of groups, fields and values. */
export const SCHEMA_VERSION = 1;

/** Refuses a ledger of another form than this version writes. */
export function checkSchemaVersion(found: unknown, store: string): void {
  const version = typeof found === 'string' && /^[1-9]\d{0,8}$/.test(found) ? Number(found) : found;
  if (version === SCHEMA_VERSION) return;
  if (version === undefined || version === null) {
    throw new LedgerStoreError(
      'emptied',
      `${store}: the ledger is gone. What was spent is unknown; restore it before anything is accepted`,
    );
  }
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new LedgerStoreError(
      'too-new',
      `${store}: the ledger has schema ${version}, this version of ap2-pq reads up to ${SCHEMA_VERSION}: update it`,
    );
  }
  throw new LedgerStoreError('failed', `${store}: the schema version of the ledger cannot be read`);
}
