import { createLedger, createPostgresStore } from 'ap2-pq/ledger';
import { Pool } from 'pg';
import { NO_FAULTS } from '../audit.js';
import { connect, type StoreAddress } from '../connect.js';
import { sqliteDriver } from '../drivers.js';
import { startPostgres } from '../servers/postgres.js';
import { startRedis } from '../servers/redis.js';
import type { Server } from '../servers/server.js';
import type { Outcome, Subject } from './scenario.js';

/** Stores that could lose confirmed data are rejected. */
export async function durability(subject: Subject): Promise<Outcome> {
  const [address] = subject.addresses as [StoreAddress];
  const faults: string[] = [];
  let checked = 0;
  const expectRefusal = async (what: string, weak: StoreAddress) => {
    const { store, close } = await connect(weak);
    const code = await createLedger(store, { timeLimit: 60_000 }).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );
    await close();
    checked++;
    if (code !== 'ERR_LEDGER_STORE_NOT_DURABLE') faults.push(`${what}: ${code}`);
  };
  const withServer = async (what: string, start: Promise<Server>) => {
    const server = await start;
    try {
      for (const each of subject.addresses)
        await expectRefusal(what, { ...each, port: server.port } as StoreAddress);
    } finally {
      await server.stop();
    }
  };
  switch (address.kind) {
    case 'sqlite':
      for (const each of subject.addresses) {
        await expectRefusal('a database in memory', { ...each, path: ':memory:' } as StoreAddress);
      }
      await sqliteDriver(address.driver);
      break;
    case 'postgres':
      await withServer('fsync off', startPostgres({ fsync: 'off' }));
      await withServer('synchronous_commit off', startPostgres({ synchronous_commit: 'off' }));
      await weakTables(address.port, (what, code) => {
        checked++;
        if (code !== 'ERR_LEDGER_STORE_NOT_DURABLE') faults.push(`${what}: ${code}`);
      });
      break;
    case 'redis':
      await withServer('no AOF', startRedis({ appendonly: 'no' }));
      await withServer('appendfsync everysec', startRedis({ appendfsync: 'everysec' }));
      await withServer('eviction', startRedis({ maxmemoryPolicy: 'allkeys-lru' }));
      break;
  }
  return {
    faults: { ...NO_FAULTS, lost: faults.length },
    hasHappened: checked > 0,
    details: [`${checked} weak settings were tried, ${faults.length} accepted`, ...faults].join('\n    '),
  };
}

const COLUMNS =
  '(grp text COLLATE "C" NOT NULL, field text COLLATE "C" NOT NULL, value text NOT NULL, PRIMARY KEY (grp, field))';

/** Tables that a crash empties, made before the ledger is opened, and while it is used. */
async function weakTables(port: number, tell: (what: string, code: string) => void): Promise<void> {
  // One connection, because a temporary table belongs to it. A ledger that is rejected closes it.
  const pool = new Pool({ host: '127.0.0.1', port, user: 'ledger', database: 'postgres', max: 1 });
  const codeOf = async (table: string) =>
    createLedger(createPostgresStore(pool, { table }), { timeLimit: 60_000 }).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );
  try {
    for (const kind of ['UNLOGGED', 'TEMPORARY']) {
      const table = `weak_${kind.toLowerCase()}`;
      await pool.query(`CREATE ${kind} TABLE ${table} ${COLUMNS}`);
      tell(`${kind} table`, await codeOf(table));
      await pool.query(`DROP TABLE IF EXISTS ${table}`);
    }
    for (const change of [
      'ALTER TABLE weak_later SET UNLOGGED',
      'ALTER TABLE weak_later_meta SET UNLOGGED',
      'SET synchronous_commit = off',
    ]) {
      const ledger = await createLedger(createPostgresStore(pool, { table: 'weak_later' }));
      await pool.query(change);
      const use = ledger.reserve({ attempt: change, entries: [{ kind: 'once', mandate: change }] });
      tell(
        `${change}, while it is used`,
        await use.then(
          () => 'accepted',
          (error: { code: string }) => error.code,
        ),
      );
      await pool.query(change.replace('UNLOGGED', 'LOGGED').replace('= off', '= on'));
    }
  } finally {
    await pool.end();
  }
}
