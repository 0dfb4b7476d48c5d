import { checkNames, checkOptions, hasMethods, invalidArgument } from '../../options.js';
import { messageOf } from './message.js';
import {
  checkLedger,
  emptied,
  type LedgerChange,
  type LedgerMarks,
  type LedgerRead,
  type LedgerStep,
  type LedgerStore,
  LedgerStoreError,
  newLedgerId,
  SCHEMA_VERSION,
  type TransactionOptions,
  WITNESS,
} from './store.js';
import { checkTableName } from './table-name.js';

/** A prepared statement of `node:sqlite` or `better-sqlite3`. */
export interface SqliteStatement {
  run(...parameters: (string | number)[]): unknown;
  get(...parameters: (string | number)[]): unknown;
  all(...parameters: (string | number)[]): unknown[];
}

/** The part of a `DatabaseSync` of `node:sqlite`, or of a `Database` of `better-sqlite3`, that this store uses. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  /** `node:sqlite`. */
  readonly isTransaction?: boolean;
  /** `better-sqlite3`. */
  readonly inTransaction?: boolean;
}

/** Options of {@link createSqliteStore}, all optional. */
export interface SqliteStoreOptions {
  /** The prefix of the table names. Default `ap2_pq_ledger`. */
  table?: string | undefined;
  /**
   * `full` (default) requires a file, WAL and synchronous=FULL. `none` also accepts a database in memory, or one that is not
   * synced: committed uses can be lost, and then be spent again. For tests.
   */
  durability?: 'full' | 'none' | undefined;
}

/**
 * Stores a ledger in SQLite: one file, for any number of processes on one machine. It takes a handle of `node:sqlite` (Node
 * 22.13, or from 22.5 with `--experimental-sqlite`) or `better-sqlite3`. From then on, the handle belongs to the ledger: a transaction of yours on the same handle would
 * include the ledger's changes. Do not use a network file system, where locks are unreliable.
 *
 * @example
 * ```ts
 * import { DatabaseSync } from 'node:sqlite';
 *
 * const ledger = await createLedger(createSqliteStore(new DatabaseSync('ledger.db')));
 * ```
 *
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID` if the handle is of another library, or an option is wrong.
 */
export function createSqliteStore(database: SqliteDatabase, options?: SqliteStoreOptions): LedgerStore {
  const given = checkOptions(options, 'options');
  checkNames(given, ['table', 'durability']);
  const { durability = 'full' } = given;
  if (durability !== 'full' && durability !== 'none') invalidArgument('durability', '"full" or "none"');
  if (!hasMethods(database, ['exec', 'prepare']))
    invalidArgument('database', 'a DatabaseSync of node:sqlite or a Database of better-sqlite3');
  return new SqliteStore(database, checkTableName(given.table), durability);
}

/** Milliseconds before the first retry for a lock that another process holds, usually for a few milliseconds. */
const FIRST_PAUSE = 4;
/** If many processes wait, more frequent retries would cost more than the transactions. */
const LONGEST_PAUSE = 20;

class SqliteStore implements LedgerStore {
  readonly name = 'SQLite';
  readonly parallel = 1;
  readonly maxGroups = 1024;
  readonly #database: SqliteDatabase;
  readonly #table: string;
  readonly #durability: 'full' | 'none';
  #statements: Statements | undefined;
  #synchronous: SqliteStatement | undefined;
  /** The id of the ledger, once it is opened. */
  #id: string | undefined;

  constructor(database: SqliteDatabase, table: string, durability: 'full' | 'none') {
    this.#database = database;
    this.#table = table;
    this.#durability = durability;
  }

  async open(timeLimit: number): Promise<void> {
    const deadline = performance.now() + timeLimit;
    await this.#whenFree(deadline, () => this.#prepareDatabase());
    let id: string | undefined;
    await this.#exclusively(deadline, () => {
      if (this.#id === undefined && this.#isMissing()) this.#create();
      this.#statements = prepareStatements(this.#database, this.#table);
      id = checkLedger(readMarks(this.#statements), this.#id, this.name);
      return true;
    });
    this.#id = id;
  }

  async transact(
    reads: readonly LedgerRead[],
    step: LedgerStep,
    { timeLimit }: TransactionOptions,
  ): Promise<void> {
    const statements = this.#opened();
    await this.#exclusively(performance.now() + timeLimit, () => {
      this.#checkSynchronous();
      checkLedger(readMarks(statements), this.#id, this.name);
      const view = new Map(reads.map((read) => [read.group, readGroup(statements, read)]));
      const changes = step(view, Date.now());
      for (const change of changes) write(statements, change);
      return changes.length > 0;
    });
  }

  async scan(cursor: string | undefined, limit: number, timeLimit: number) {
    const { scan } = this.#opened();
    return this.#whenFree(performance.now() + timeLimit, () => {
      const groups = scan.all(cursor ?? '', limit).map((row) => (row as { grp: string }).grp);
      return { groups, cursor: groups.length < limit ? undefined : groups.at(-1) };
    });
  }

  #opened(): Statements {
    if (this.#statements === undefined || this.#id === undefined)
      throw new LedgerStoreError('failed', 'SQLite: the store was not opened');
    return this.#statements;
  }

  /** Configures the connection. Settings that the database does not adopt are found by reading them back. */
  #prepareDatabase(): void {
    // Waiting in SQLite would block the whole process; the ledger waits between attempts instead.
    this.#database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    // On macOS, fsync alone does not write to the disk.
    this.#database.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
    const mode = firstOf(this.#database.prepare('PRAGMA journal_mode'));
    if (mode !== 'wal') this.#refuse(`journal_mode is ${String(mode)}, and not wal`);
    this.#synchronous = this.#database.prepare('PRAGMA synchronous');
    this.#checkSynchronous();
  }

  /** Other code can change this setting of the handle at any time; the journal mode cannot be changed while it is open. */
  #checkSynchronous(): void {
    const found = Number(this.#synchronous && firstOf(this.#synchronous));
    if (!(found >= 2)) this.#refuse(`synchronous is ${found}, and not 2`);
  }

  #refuse(what: string): void {
    if (this.#durability === 'none') return;
    throw new LedgerStoreError(
      'not-durable',
      `SQLite: ${what}. A database in memory, or one that is not synced, loses committed uses: use a file, or pass ` +
        'durability: "none" in tests',
    );
  }

  /** If one table is missing, the ledger was emptied: the statements that use both say so. */
  #isMissing(): boolean {
    const names = [this.#table, `${this.#table}_meta`];
    const tables = this.#database.prepare(
      "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name IN (?, ?)",
    );
    return tables.all(...names).length === 0;
  }

  /** Rows are stored by key, so no second index is needed. */
  #create(): void {
    this.#database.exec(
      `CREATE TABLE main.${this.#table}_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
       CREATE TABLE main.${this.#table} (grp TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (grp, field)) WITHOUT ROWID`,
    );
    const id = newLedgerId();
    this.#database
      .prepare(`INSERT INTO main.${this.#table}_meta (name, value) VALUES ('schema_version', ?), ('id', ?)`)
      .run(String(SCHEMA_VERSION), id);
    write(prepareStatements(this.#database, this.#table), { ...WITNESS, value: id });
  }

  /** Runs `work` in exclusion of all other processes. It returns whether it has written. */
  async #exclusively(deadline: number, work: () => boolean): Promise<void> {
    await this.#whenFree(deadline, () => {
      if (this.#database.isTransaction === true || this.#database.inTransaction === true) {
        throw new LedgerStoreError(
          'failed',
          'SQLite: a transaction is open on the handle; give the ledger a handle of its own',
        );
      }
      this.#database.exec('BEGIN IMMEDIATE');
      let hasWritten: boolean;
      try {
        hasWritten = work();
      } catch (error) {
        this.#rollBack();
        throw error;
      }
      this.#end(hasWritten ? 'COMMIT' : 'ROLLBACK');
    });
  }

  #end(statement: 'COMMIT' | 'ROLLBACK'): void {
    try {
      this.#database.exec(statement);
    } catch (cause) {
      this.#rollBack();
      // If the disk is full, SQLite rolls back. After an I/O error, it is uncertain what reached the disk.
      if (isBusy(cause) || isFull(cause)) throw cause;
      throw new LedgerStoreError('unknown', `SQLite: COMMIT failed: ${messageOf(cause)}`, { cause });
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // SQLite has already rolled back, or the handle is closed: the first error is the one to report.
    }
  }

  /** Retries `work` while another process holds the lock, until the deadline. */
  async #whenFree<T>(deadline: number, work: () => T): Promise<T> {
    for (let longest = FIRST_PAUSE; ; longest = Math.min(1.5 * longest, LONGEST_PAUSE)) {
      try {
        return work();
      } catch (cause) {
        if (cause instanceof LedgerStoreError || !(isSqliteError(cause) || isClosed(cause))) throw cause;
        if (isMissingTable(cause)) throw emptied(`SQLite: ${messageOf(cause)}`, cause);
        if (!isBusy(cause)) {
          throw new LedgerStoreError('failed', `SQLite: ${messageOf(cause)}`, { cause });
        }
        if (performance.now() >= deadline) {
          throw new LedgerStoreError('unavailable', 'SQLite: the database remained locked', { cause });
        }
      }
      // A random pause, so that processes do not collide again.
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * longest));
    }
  }
}

interface Statements {
  readonly marks: SqliteStatement;
  readonly group: SqliteStatement;
  readonly field: SqliteStatement;
  readonly set: SqliteStatement;
  readonly remove: SqliteStatement;
  readonly scan: SqliteStatement;
}

/** With the schema's name, because a temporary table of the same name would hide the table in the file. */
const prepareStatements = (database: SqliteDatabase, table: string): Statements => ({
  marks: database.prepare(
    `SELECT (SELECT value FROM main.${table}_meta WHERE name = 'schema_version') AS version,
       (SELECT value FROM main.${table}_meta WHERE name = 'id') AS id,
       (SELECT value FROM main.${table} WHERE grp = '${WITNESS.group}' AND field = '${WITNESS.field}') AS witness`,
  ),
  group: database.prepare(`SELECT field, value FROM main.${table} WHERE grp = ?`),
  field: database.prepare(`SELECT field, value FROM main.${table} WHERE grp = ? AND field = ?`),
  set: database.prepare(
    `INSERT INTO main.${table} (grp, field, value) VALUES (?, ?, ?) ON CONFLICT (grp, field) DO UPDATE SET value = excluded.value`,
  ),
  remove: database.prepare(`DELETE FROM main.${table} WHERE grp = ? AND field = ?`),
  scan: database.prepare(`SELECT DISTINCT grp FROM main.${table} WHERE grp > ? ORDER BY grp LIMIT ?`),
});

const firstOf = (statement: SqliteStatement): unknown => Object.values((statement.get() ?? {}) as object)[0];

const readMarks = ({ marks }: Statements): LedgerMarks => marks.get() as LedgerMarks;

function readGroup({ group, field }: Statements, read: LedgerRead): Map<string, string> {
  const rows =
    read.fields === 'all'
      ? group.all(read.group)
      : read.fields.flatMap((name) => field.all(read.group, name));
  return new Map((rows as { field: string; value: string }[]).map((row) => [row.field, row.value]));
}

function write({ set, remove }: Statements, { group, field, value }: LedgerChange): void {
  if (value === undefined) remove.run(group, field);
  else set.run(group, field, value);
}

const BUSY = 5;
const LOCKED = 6;
const FULL = 13;

/** The primary result code of SQLite. `node:sqlite` returns the extended code as a number, `better-sqlite3` its name. */
function resultCode(error: unknown): number | string | undefined {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (typeof errcode === 'number') return errcode & 0xff;
  return typeof code === 'string' ? code : undefined;
}

/** By its code alone: the errors of `better-sqlite3` have the prototype of an error, and are none. */
function isSqliteError(error: unknown): boolean {
  return /SQLITE/.test(String((error as { code?: unknown } | null)?.code));
}

function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED || (typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code));
}

/** "database is not open" and "statement has been finalized" of `node:sqlite`, "The database connection is not open" of the other. */
const isClosed = (error: unknown): boolean => /is not open|has been finalized/.test(messageOf(error));

const isMissingTable = (error: unknown): boolean => /no such table/.test(messageOf(error));

const isFull = (error: unknown): boolean => [FULL, 'SQLITE_FULL'].includes(resultCode(error) as never);
