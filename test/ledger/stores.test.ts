// What the stores refuse before they are used. That they work is the conformance suite's, on real servers: npm run ledger.
import { afterAll, describe, expect, test } from 'vitest';
import {
  createLedger,
  createPostgresStore,
  createRedisStore,
  createSqliteStore,
} from '../../src/ledger/index.js';
import { sqliteDrivers, temporaryDirectory } from './sqlite.js';

const directory = temporaryDirectory();
afterAll(directory.remove);

const NOT_DURABLE = 'ERR_LEDGER_STORE_NOT_DURABLE';

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code ?? error,
  );

describe.each(sqliteDrivers())('SQLite by $name', ({ name, open }) => {
  const path = (file: string) => directory.path(`${name.replace(':', '-')}-${file}`);

  test('a database in memory is refused, unless told by name (R16.13)', async () => {
    const database = open(':memory:');
    expect(await codeOf(createLedger(createSqliteStore(database)))).toBe(NOT_DURABLE);
    expect(await codeOf(createLedger(createSqliteStore(database, { durability: 'none' })))).toBe('accepted');
    database.close();
  });

  test('the handle is put to WAL and full synchronisation', async () => {
    const database = open(path('modes.db'));
    await createLedger(createSqliteStore(database));
    expect(Object.values(database.prepare('PRAGMA journal_mode').get() as object)).toEqual(['wal']);
    expect(Object.values(database.prepare('PRAGMA synchronous').get() as object)).toEqual([2]);
    database.close();
  });

  test('a handle whose synchronisation is turned off later is refused, and commits nothing (R16.13)', async () => {
    const database = open(path('synchronous.db'));
    const ledger = await createLedger(createSqliteStore(database));
    const request = { attempt: 'a', entries: [{ kind: 'once', mandate: 'm' }] } as const;
    database.exec('PRAGMA synchronous = OFF');
    expect(await codeOf(ledger.reserve(request))).toBe(NOT_DURABLE);
    database.exec('PRAGMA synchronous = FULL');
    expect(await ledger.find('a')).toEqual([]);
    database.close();
  });

  test('temporary tables on the handle do not take the place of those in the file (R16.13)', async () => {
    const [mine, other] = [open(path('temporary.db')), open(path('temporary.db'))];
    mine.exec(
      'CREATE TEMP TABLE ap2_pq_ledger (grp, field, value, PRIMARY KEY (grp, field)); CREATE TEMP TABLE ap2_pq_ledger_meta (name, value)',
    );
    const ledger = await createLedger(createSqliteStore(mine));
    await ledger.reserve({ attempt: 'a', entries: [{ kind: 'once', mandate: 'm' }] });
    expect(await (await createLedger(createSqliteStore(other))).find('a')).toHaveLength(1);
    for (const database of [mine, other]) database.close();
  });

  test('a ledger of a newer version is refused, when it is opened and while it is used (R16.16)', async () => {
    const database = open(path('newer.db'));
    const ledger = await createLedger(createSqliteStore(database));
    database.exec("UPDATE ap2_pq_ledger_meta SET value = '3' WHERE name = 'schema_version'");
    expect(await codeOf(ledger.find('a'))).toBe('ERR_LEDGER_SCHEMA_TOO_NEW');
    expect(await codeOf(createLedger(createSqliteStore(database)))).toBe('ERR_LEDGER_SCHEMA_TOO_NEW');
    database.close();
  });

  const T = 'ap2_pq_ledger';
  test.each([
    `DELETE FROM ${T}`,
    `DELETE FROM ${T}_meta`,
    `DROP TABLE ${T}`,
    `DROP TABLE ${T}_meta`,
    `DROP TABLE ${T}; DROP TABLE ${T}_meta`,
  ])('%s, while it is used: nothing is accepted (R16.16)', async (sql) => {
    const file = path(`emptied ${sql}.db`);
    const [mine, other] = [open(file), open(file)];
    const store = createSqliteStore(mine);
    const ledger = await createLedger(store);
    const request = { attempt: 'a', entries: [{ kind: 'once', mandate: 'm' }] } as const;
    await ledger.commit((await ledger.reserve(request)).id);
    other.exec(sql);
    const again = () => codeOf(ledger.reserve({ ...request, attempt: 'b' }));
    expect(await again()).toBe('ERR_LEDGER_STORE_EMPTIED');
    expect(await codeOf(createLedger(store))).toBe('ERR_LEDGER_STORE_EMPTIED');
    // Only where nothing of it is left does a process that starts later make a new one.
    const isGone = sql.includes(';');
    expect(await codeOf(createLedger(createSqliteStore(other)))).toBe(
      isGone ? 'accepted' : 'ERR_LEDGER_STORE_EMPTIED',
    );
    expect(await again()).toBe('ERR_LEDGER_STORE_EMPTIED');
    for (const database of [mine, other]) database.close();
  });

  test('a transaction of the caller on the same handle is refused, and left as it is', async () => {
    const database = open(path('shared.db'));
    const ledger = await createLedger(createSqliteStore(database));
    database.exec('CREATE TABLE mine (x); BEGIN; INSERT INTO mine VALUES (1)');
    expect(await codeOf(ledger.find('a'))).toBe('ERR_LEDGER_STORE_FAILED');
    database.exec('COMMIT');
    expect(database.prepare('SELECT count(*) AS n FROM mine').get()).toMatchObject({ n: 1 });
    expect(await codeOf(ledger.find('a'))).toBe('accepted');
    database.close();
  });

  test('a handle that is closed is a failure, and nothing was changed (R16.14)', async () => {
    const database = open(path('closed.db'));
    const store = createSqliteStore(database);
    const ledger = await createLedger(store, { timeLimit: 200 });
    database.close();
    const failed = 'ERR_LEDGER_STORE_FAILED';
    expect(await codeOf(ledger.find('a'))).toBe(failed);
    expect(await codeOf(ledger.purge(new Date(0)))).toBe(failed);
    expect(await codeOf(createLedger(store))).toBe(failed);
  });

  test('a database that another holds locked is waited for, and then nothing was changed', async () => {
    const [mine, other] = [open(path('locked.db')), open(path('locked.db'))];
    const ledger = await createLedger(createSqliteStore(mine), { timeLimit: 150 });
    other.exec('BEGIN IMMEDIATE');
    const request = { attempt: 'a', entries: [{ kind: 'once', mandate: 'm' }] } as const;
    const waiting = ledger.reserve(request);
    expect(await codeOf(waiting)).toBe('ERR_LEDGER_TIMEOUT');
    other.exec('ROLLBACK');
    expect(await ledger.find('a')).toEqual([]);
    expect(await codeOf(ledger.reserve(request))).toBe('accepted');
    for (const database of [mine, other]) database.close();
  });

  test('two ledgers in one database do not know of each other', async () => {
    const database = open(path('tables.db'));
    const [one, other] = await Promise.all([
      createLedger(createSqliteStore(database, { table: 'one' })),
      createLedger(createSqliteStore(database, { table: 'other' })),
    ]);
    const request = { attempt: 'a', entries: [{ kind: 'once', mandate: 'm' }] } as const;
    await one.reserve(request);
    expect(await other.find('a')).toEqual([]);
    database.close();
  });
});

describe('options', () => {
  const database = { exec: () => {}, prepare: () => ({ run: () => {}, get: () => {}, all: () => [] }) };
  const pool = { connect: () => Promise.reject(new Error('not connected')) };
  const client = { call: () => Promise.reject(new Error('not connected')), status: 'ready' };

  test.each<[string, () => unknown]>([
    ['database', () => createSqliteStore({} as never)],
    ['table', () => createSqliteStore(database, { table: 'x; DROP TABLE y' })],
    ['durability', () => createSqliteStore(database, { durability: 'some' as never })],
    ['sync', () => createSqliteStore(database, { sync: true } as never)],
    ['pool', () => createPostgresStore({} as never)],
    ['table', () => createPostgresStore(pool, { table: 'A' })],
    ['parallel', () => createPostgresStore(pool, { parallel: 0 })],
    ['durability', () => createPostgresStore(pool, { durability: true as never })],
    ['client', () => createRedisStore({} as never)],
    ['client', () => createRedisStore({ sendCommand: async () => 'OK', isOpen: false })],
    ['client', () => createRedisStore({ ...client, options: { keyPrefix: 'app:' } } as never)],
    ['prefix', () => createRedisStore(client, { prefix: 'a b' })],
    ['durability', () => createRedisStore(client, { durability: 'sometimes' as never })],
  ])('%s is checked when the store is made', (parameter, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID', parameter }));
  });

  test('an error of better-sqlite3, which is no Error, is told as one of SQLite', async () => {
    const error = Object.assign(Object.create(Error.prototype), { code: 'SQLITE_CANTOPEN' });
    const exec = () => {
      throw error;
    };
    expect(await codeOf(createLedger(createSqliteStore({ ...database, exec })))).toBe(
      'ERR_LEDGER_STORE_FAILED',
    );
  });

  test('a server that cannot be reached is asked again until the time is over, and nothing was changed', async () => {
    let asked = 0;
    const gone = {
      connect: () => {
        asked++;
        return Promise.reject(new Error('not connected'));
      },
    };
    const options = { timeLimit: 250 };
    expect(await codeOf(createLedger(createPostgresStore(gone), options))).toBe('ERR_LEDGER_TIMEOUT');
    expect(asked).toBeGreaterThan(1);
    for (const durability of ['always', 'none'] as const) {
      const redis = createRedisStore(client, { durability });
      expect(await codeOf(createLedger(redis, options))).toBe('ERR_LEDGER_TIMEOUT');
    }
  });
});

describe('PostgreSQL says what it keeps (R16.13)', () => {
  /** A server of which only the weaknesses are real, and the ledger exists. */
  const server = (weaknesses: { found: string[] }) => ({
    connect: async () => ({
      query: async (text: string) => {
        const rows: unknown[] = [];
        if (/relpersistence/.test(text) && /to_regclass\('ap2_pq_ledger_meta'\)/.test(text)) {
          for (const value of weaknesses.found) rows.push({ grp: null, field: 'weakness', value });
        }
        if (/FROM ap2_pq_ledger_meta/.test(text)) {
          const meta = { schema_version: '2', id: 'x', witness: 'x' };
          for (const [field, value] of Object.entries(meta)) rows.push({ grp: null, field, value });
        }
        if (/clock_timestamp/.test(text)) rows.push({ grp: null, field: 'now', value: '1000' });
        if (/coalesce/.test(text)) rows.push({ value: 'ap2_pq_ledger' });
        return { rows, command: text };
      },
      release: () => {},
      on: () => {},
      removeListener: () => {},
    }),
  });

  test('weak settings and tables are refused when the ledger is opened and in every transaction', async () => {
    const weaknesses = { found: ['ap2_pq_ledger is UNLOGGED'] };
    expect(await codeOf(createLedger(createPostgresStore(server(weaknesses))))).toBe(NOT_DURABLE);
    weaknesses.found = [];
    const ledger = await createLedger(createPostgresStore(server(weaknesses)));
    expect(await codeOf(ledger.find('a'))).toBe('accepted');
    weaknesses.found = ['synchronous_commit is off'];
    expect(await codeOf(ledger.find('a'))).toBe(NOT_DURABLE);
    const any = await createLedger(createPostgresStore(server(weaknesses), { durability: 'none' }));
    expect(await codeOf(any.find('a'))).toBe('accepted');
  });
});

describe('Redis says what it keeps (R16.13)', () => {
  const durable: Record<string, string> = {
    appendonly: 'yes',
    appendfsync: 'always',
    'no-appendfsync-on-rewrite': 'no',
    'maxmemory-policy': 'noeviction',
  };

  /** A server of which only the settings are real. */
  const server = (settings: Record<string, string>, answer: (name: string, value: string) => unknown) => ({
    status: 'ready',
    call: async (command: string, ...args: string[]) => {
      if (command === 'CONFIG') return answer(args[1] as string, settings[args[1] as string] as string);
      return command === 'EVAL' ? ['2', 'x', 'x'] : 'OK';
    },
  });
  const asList = (name: string, value: string) => [name, value];
  const open = (
    settings: Record<string, string>,
    durability?: 'always' | 'everysec' | 'none',
    answer: (name: string, value: string) => unknown = asList,
  ) => codeOf(createLedger(createRedisStore(server(settings, answer), { durability })));

  test('a server that keeps everything is accepted, in each form of its answer', async () => {
    expect(await open(durable)).toBe('accepted');
    expect(await open(durable, 'always', (name, value) => ({ [name]: value }))).toBe('accepted');
    expect(await open(durable, 'always', (name, value) => new Map([[name, value]]))).toBe('accepted');
  });

  test.each([
    { appendonly: 'no' },
    { appendfsync: 'no' },
    { appendfsync: 'everysec' },
    { 'no-appendfsync-on-rewrite': 'yes' },
    { 'maxmemory-policy': 'allkeys-lru' },
  ])('%j is refused', async (weak) => {
    expect(await open({ ...durable, ...weak } as Record<string, string>)).toBe(NOT_DURABLE);
    expect(await open({ ...durable, ...weak } as Record<string, string>, 'none')).toBe('accepted');
  });

  test('a setting that is weakened while the server runs stops the next change (R16.13)', async () => {
    const settings = { ...durable };
    let written = 0;
    const client = {
      status: 'ready',
      call: async (command: string, ...args: string[]) => {
        const [name = ''] = args.slice(1);
        if (command === 'CONFIG') return [name, settings[name]];
        if (command === 'EVAL') return ['2', 'x', 'x'];
        if (command === 'SCRIPT') return String(args[1]).includes('EMPTIED') ? 'write' : 'read';
        if (args[0] === 'write') {
          written += 1;
          return 'OK';
        }
        // The marks, the time, and for each group its version and no fields.
        const groups = Number(args[1]) - 2;
        const each = Array.from({ length: groups }, () => ['-', []]).flat();
        return ['2', 'x', 'x', String(Date.now()), ...each];
      },
    };
    const ledger = await createLedger(createRedisStore(client));
    await ledger.revoke('a');
    expect(written).toBe(1);
    settings.appendonly = 'no';
    expect(await codeOf(ledger.revoke('b'))).toBe(NOT_DURABLE);
    expect(written).toBe(1);
    const unchecked = await createLedger(createRedisStore(client, { durability: 'none' }));
    await unchecked.revoke('b');
    expect(written).toBe(2);
  });

  test('everysec is accepted by name, and nothing weaker with it', async () => {
    expect(await open({ ...durable, appendfsync: 'everysec' }, 'everysec')).toBe('accepted');
    expect(await open({ ...durable, appendfsync: 'no' }, 'everysec')).toBe(NOT_DURABLE);
    expect(await open({ ...durable, appendonly: 'no' }, 'everysec')).toBe(NOT_DURABLE);
  });

  test('a server that does not answer CONFIG is refused', async () => {
    const refuse = () => {
      throw new Error("NOPERM this user has no permissions to run the 'config|get' command");
    };
    expect(await open(durable, 'always', refuse)).toBe(NOT_DURABLE);
    expect(await open(durable, 'none', refuse)).toBe('accepted');
  });
});
