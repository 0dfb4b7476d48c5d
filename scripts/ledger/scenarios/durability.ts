import { createLedger } from 'ap2-pq/ledger';
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
