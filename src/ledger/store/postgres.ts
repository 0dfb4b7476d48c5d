import { checkNames, checkOptions, hasMethods, invalidArgument } from '../../options.js';
import { sha256 } from '../../primitives/sha256.js';
import { withTimeLimit } from '../../time-limit.js';
import { messageOf } from './message.js';
import {
  checkLedger,
  emptied,
  type LedgerChange,
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

/** The part of a client of a `pg` `Pool` that this store uses. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; command: string }>;
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  removeListener(event: 'error', listener: (error: unknown) => void): unknown;
}

/** The part of a `pg` `Pool` that this store uses. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
}

/** Options of {@link createPostgresStore}, all optional. */
export interface PostgresStoreOptions {
  /** The prefix of the table names. Default `ap2_pq_ledger`, in the first schema of the search path. */
  table?: string | undefined;
  /**
   * `full` (default) requires fsync, full_page_writes, a synchronous_commit other than off, and ordinary tables, neither UNLOGGED
   * nor TEMPORARY. It is checked in every transaction. `none` accepts less: committed uses can be lost, and then be spent again.
   * For tests.
   */
  durability?: 'full' | 'none' | undefined;
  /** The number of pool connections that one process uses at a time. Default 2; transactions are grouped, so few are enough. */
  parallel?: number | undefined;
}

/**
 * Stores a ledger in PostgreSQL 12 or newer, with a `Pool` of `pg`. Groups are locked with advisory transaction locks in a fixed
 * order, so transactions wait for each other and never deadlock. A connection pooler must be in session or transaction mode.
 *
 * @example
 * ```ts
 * import { Pool } from 'pg';
 *
 * const ledger = await createLedger(createPostgresStore(new Pool({ connectionString })));
 * ```
 *
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID` if the pool is not a `Pool`, or an option is wrong.
 */
export function createPostgresStore(pool: PostgresPool, options?: PostgresStoreOptions): LedgerStore {
  const given = checkOptions(options, 'options');
  checkNames(given, ['table', 'durability', 'parallel']);
  const { durability = 'full', parallel = 2 } = given;
  if (durability !== 'full' && durability !== 'none') invalidArgument('durability', '"full" or "none"');
  if (!Number.isSafeInteger(parallel) || parallel < 1 || parallel > 100) {
    invalidArgument('parallel', 'an integer from 1 to 100');
  }
  if (!hasMethods(pool, ['connect'])) invalidArgument('pool', 'a Pool of pg');
  return new PostgresStore(pool, checkTableName(given.table), durability, parallel);
}

/** A field of a group or, where `grp` is null, something else that a query tells. */
interface Row {
  readonly grp: string | null;
  readonly field: string;
  readonly value: string;
}

class PostgresStore implements LedgerStore {
  readonly name = 'PostgreSQL';
  readonly parallel: number;
  /** Each group takes a lock in shared memory. A server has 6400 by default, for all connections. */
  readonly maxGroups = 64;
  readonly #pool: PostgresPool;
  readonly #table: string;
  readonly #durability: 'full' | 'none';
  /** The id of the ledger, once it is opened. */
  #id: string | undefined;

  constructor(pool: PostgresPool, table: string, durability: 'full' | 'none', parallel: number) {
    this.#pool = pool;
    this.#table = table;
    this.#durability = durability;
    this.parallel = parallel;
  }

  async open(timeLimit: number): Promise<void> {
    let id: string | undefined;
    await this.#transaction(timeLimit, async (connection) => {
      // One process at a time, because two could create the same table.
      await connection.query('SELECT pg_advisory_xact_lock($1::bigint)', [this.#lockOf('')]);
      const { rows } = await connection.query(this.#weaknesses());
      checkDurability((rows as Row[]).map(({ value }) => value));
      const isNew = await this.#createIfMissing(connection);
      id = checkLedger((await this.#read(connection, [])).marks, this.#id, this.name);
      return isNew;
    });
    this.#id = id;
  }

  async transact(
    reads: readonly LedgerRead[],
    step: LedgerStep,
    { timeLimit }: TransactionOptions,
  ): Promise<void> {
    await this.#transaction(timeLimit, async (connection) => {
      const locks = [...new Set(reads.map(({ group }) => this.#lockOf(group)))].sort();
      // The read is a separate statement, because its snapshot must be newer than the locks.
      await connection.query('SELECT pg_advisory_xact_lock(lock) FROM unnest($1::bigint[]) AS lock', [locks]);
      const { view, marks, now, weaknesses } = await this.#read(connection, reads);
      checkDurability(weaknesses);
      checkLedger(marks, this.#opened(), this.name);
      const changes = step(view, now);
      await this.#write(connection, changes);
      return changes.length > 0;
    });
  }

  async scan(cursor: string | undefined, limit: number, timeLimit: number) {
    let groups: string[] = [];
    await this.#transaction(timeLimit, async (connection) => {
      const { rows } = await connection.query(
        `SELECT DISTINCT grp FROM ${this.#table} WHERE grp > $1 ORDER BY grp LIMIT $2`,
        [cursor ?? '', limit],
      );
      groups = (rows as { grp: string }[]).map(({ grp }) => grp);
      return false;
    });
    return { groups, cursor: groups.length < limit ? undefined : groups.at(-1) };
  }

  async #read(connection: Connection, reads: readonly LedgerRead[]) {
    const whole = reads.filter(({ fields }) => fields === 'all').map(({ group }) => group);
    const single = reads.flatMap(({ group, fields }) =>
      fields === 'all' ? [] : fields.map((field) => ({ group, field })),
    );
    const { rows } = await connection.query(
      `SELECT NULL AS grp, 'now' AS field, (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS value
       UNION ALL SELECT NULL, name, value FROM ${this.#table}_meta
       UNION ALL SELECT NULL, 'witness', value FROM ${this.#table}
         WHERE grp = '${WITNESS.group}' AND field = '${WITNESS.field}'
       UNION ALL ${this.#weaknesses()}
       UNION ALL SELECT grp, field, value FROM ${this.#table} WHERE grp = ANY($1::text[])
       UNION ALL SELECT grp, field, value FROM ${this.#table}
         WHERE (grp, field) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
      [whole, single.map(({ group }) => group), single.map(({ field }) => field)],
    );
    const view = new Map(reads.map(({ group }) => [group, new Map<string, string>()]));
    const meta = new Map<string, string>();
    const weaknesses: string[] = [];
    for (const { grp, field, value } of rows as Row[]) {
      if (grp !== null) view.get(grp)?.set(field, value);
      else if (field === 'weakness') weaknesses.push(value);
      else meta.set(field, value);
    }
    const marks = {
      version: meta.get('schema_version'),
      id: meta.get('id'),
      witness: meta.get('witness'),
    };
    return { view, marks, now: Number(meta.get('now')), weaknesses };
  }

  /** The query for what could lose confirmed changes: settings of the server, and tables that a crash empties. */
  #weaknesses(): string {
    if (this.#durability === 'none') return "SELECT NULL AS grp, '' AS field, '' AS value WHERE false";
    return `SELECT NULL AS grp, 'weakness' AS field, name || ' is off' AS value
         FROM (VALUES ('fsync'), ('full_page_writes'), ('synchronous_commit')) AS setting (name)
         WHERE current_setting(name) = 'off'
       UNION ALL SELECT NULL, 'weakness', relname || ' is not an ordinary table (UNLOGGED, TEMPORARY, partitioned, a view)'
         FROM pg_class WHERE oid IN (to_regclass('${this.#table}'), to_regclass('${this.#table}_meta'))
         AND (relpersistence <> 'p' OR relkind <> 'r')`;
  }

  async #write(connection: Connection, changes: readonly LedgerChange[]): Promise<void> {
    const removed = changes.filter(({ value }) => value === undefined);
    const set = changes.filter(({ value }) => value !== undefined);
    if (removed.length > 0) {
      await connection.query(
        `DELETE FROM ${this.#table} WHERE (grp, field) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
        [removed.map(({ group }) => group), removed.map(({ field }) => field)],
      );
    }
    if (set.length > 0) {
      await connection.query(
        `INSERT INTO ${this.#table} (grp, field, value) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
         ON CONFLICT (grp, field) DO UPDATE SET value = excluded.value`,
        [set.map(({ group }) => group), set.map(({ field }) => field), set.map(({ value }) => value)],
      );
    }
  }

  /**
   * Returns whether it has written. A user who may only read and write the tables can open an existing ledger. If one table is
   * missing, the ledger was emptied: what reads both says so.
   */
  async #createIfMissing(connection: Connection): Promise<boolean> {
    const { rows } = await connection.query(
      'SELECT coalesce(to_regclass($1), to_regclass($2))::text AS value',
      [this.#table, `${this.#table}_meta`],
    );
    if (this.#id !== undefined || (rows as { value: string | null }[])[0]?.value != null) return false;
    await this.#create(connection);
    return true;
  }

  /** The collation "C" compares bytes, which is faster and the same on every server. */
  async #create(connection: Connection): Promise<void> {
    await connection.query(`CREATE TABLE ${this.#table}_meta (name text PRIMARY KEY, value text NOT NULL)`);
    await connection.query(
      `CREATE TABLE ${this.#table} (grp text COLLATE "C", field text COLLATE "C", value text NOT NULL, PRIMARY KEY (grp, field))`,
    );
    const id = newLedgerId();
    await connection.query(
      `INSERT INTO ${this.#table}_meta (name, value) VALUES ('schema_version', $1), ('id', $2)`,
      [String(SCHEMA_VERSION), id],
    );
    await this.#write(connection, [{ ...WITNESS, value: id }]);
  }

  #opened(): string {
    if (this.#id === undefined) throw new LedgerStoreError('failed', 'PostgreSQL: the store was not opened');
    return this.#id;
  }

  /** The number of a group's advisory lock. If two groups have the same number, they only wait for each other unnecessarily. */
  #lockOf(group: string): string {
    const digest = sha256(new TextEncoder().encode(`ap2-pq ledger ${this.#table} ${group}`));
    return new DataView(digest.buffer, digest.byteOffset).getBigInt64(0).toString();
  }

  /** Runs `work` between BEGIN and the end of the transaction. `work` returns whether it has written. */
  async #transaction(timeLimit: number, work: (connection: Connection) => Promise<boolean>): Promise<void> {
    const connection = await Connection.open(this.#pool, timeLimit);
    try {
      // A server that loses contact with this process must release its locks.
      await connection.query(
        `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(timeLimit)}`,
      );
      const hasWritten = await work(connection);
      if (hasWritten) await connection.commit();
      else await connection.query('ROLLBACK');
    } catch (error) {
      // Without COMMIT, closing the connection rolls back.
      connection.close(true);
      throw error;
    }
    connection.close(false);
  }
}

/** A connection for one transaction, with a time limit for all of it. */
class Connection {
  readonly #client: PostgresClient;
  readonly #deadline: number;
  /** Errors of an idle connection are emitted as events, which would end the process without a listener. */
  readonly #onError = () => {};
  #isCommitting = false;

  private constructor(client: PostgresClient, deadline: number) {
    this.#client = client;
    this.#deadline = deadline;
    client.on('error', this.#onError);
  }

  static async open(pool: PostgresPool, timeLimit: number): Promise<Connection> {
    const deadline = performance.now() + timeLimit;
    let isLate = false;
    const client = await withTimeLimit(
      timeLimit,
      async () => {
        const connected = await pool.connect();
        // A connection that arrives too late goes back to the pool.
        if (isLate) connected.release();
        return connected;
      },
      (cause, late) => {
        isLate = late;
        return new LedgerStoreError('unavailable', `PostgreSQL: no connection: ${messageOf(cause)}`, {
          cause,
        });
      },
    );
    return new Connection(client, deadline);
  }

  async query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; command: string }> {
    return withTimeLimit(
      Math.max(1, this.#deadline - performance.now()),
      () => this.#client.query(text, values),
      (cause) =>
        stateOf(cause) === UNDEFINED_TABLE
          ? emptied(`PostgreSQL: ${messageOf(cause)}`, cause)
          : new LedgerStoreError(this.#failureOf(cause), `PostgreSQL: ${messageOf(cause)}`, { cause }),
    );
  }

  async commit(): Promise<void> {
    this.#isCommitting = true;
    const { command } = await this.query('COMMIT');
    if (command === 'COMMIT') return;
    throw new LedgerStoreError('failed', 'PostgreSQL: the transaction was rolled back');
  }

  close(isBroken: boolean): void {
    // Some poolers and versions emit an error after a broken connection is released, so the listener remains on those.
    if (!isBroken) this.#client.removeListener('error', this.#onError);
    this.#client.release(isBroken);
  }

  #failureOf(error: unknown): 'unavailable' | 'failed' | 'unknown' {
    const state = stateOf(error);
    // After COMMIT is sent, only an explicit error shows that nothing was changed.
    if (this.#isCommitting) return state === undefined || /^(08|57|58|XX)/.test(state) ? 'unknown' : 'failed';
    // No answer; serialization failure and deadlock; resources; shutdown; and a lost connection.
    return state === undefined || /^(40|53[^1]|55P03|57|08)/.test(state) ? 'unavailable' : 'failed';
  }
}

const UNDEFINED_TABLE = '42P01';

/** The SQLSTATE, if the server answered with an error. */
function stateOf(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && code.length === 5 && severity !== undefined ? code : undefined;
}

function checkDurability([weakness]: readonly string[]): void {
  if (weakness === undefined) return;
  throw new LedgerStoreError(
    'not-durable',
    `PostgreSQL: ${weakness}, so a crash of the server can lose committed uses: change that, or pass durability: "none" in tests`,
  );
}
