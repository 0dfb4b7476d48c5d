import { createLedger } from 'ap2-pq/ledger';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { NO_FAULTS } from '../audit.js';
import { connect, type StoreAddress } from '../connect.js';
import { sqliteDriver } from '../drivers.js';
import type { Outcome, Subject } from './scenario.js';

/** A ledger that is emptied while it is used accepts nothing any more, whether or not its meta data is left. */
export async function emptied(subject: Subject): Promise<Outcome> {
  const faults: string[] = [];
  let checked = 0;
  for (const address of subject.addresses) {
    for (const part of ['groups', 'meta', 'all'] as const) {
      const table = `emptied_${checked++}`;
      const { store, close } = await connect(address, table);
      const ledger = await createLedger(store, { timeLimit: 60_000 });
      const spend = async (attempt: string) => {
        const { id } = await ledger.reserve({ attempt, entries: [{ kind: 'once', mandate: 'm' }] });
        await ledger.commit(id);
      };
      const expectEmptied = async (when: string) => {
        const code = await spend('second').then(
          () => 'accepted',
          (error: { code: string }) => error.code,
        );
        if (code !== 'ERR_LEDGER_STORE_EMPTIED') faults.push(`${address.kind}, ${part}, ${when}: ${code}`);
      };
      await spend('first');
      await empty(address, table, part);
      await expectEmptied('at once');
      // Where nothing is left, another process makes a new ledger. The one that was opened is still gone.
      const other = await connect(address, table);
      await createLedger(other.store, { timeLimit: 60_000 }).catch(() => {});
      await other.close();
      await expectEmptied('after another process has opened it');
      await close();
    }
  }
  return {
    faults: { ...NO_FAULTS, lost: faults.length },
    hasHappened: checked > 0,
    details: [`${checked} ledgers were emptied, ${faults.length} faults`, ...faults].join('\n    '),
  };
}

async function empty(address: StoreAddress, table: string, part: 'groups' | 'meta' | 'all'): Promise<void> {
  const statements = {
    groups: [`DELETE FROM ${table}`],
    meta: [`DELETE FROM ${table}_meta`],
    all: [`DROP TABLE ${table}`, `DROP TABLE ${table}_meta`],
  }[part];
  switch (address.kind) {
    case 'sqlite': {
      const database = (await sqliteDriver(address.driver))(address.path);
      for (const statement of statements) database.exec(statement);
      return database.close();
    }
    case 'postgres': {
      const pool = new Pool({ host: '127.0.0.1', port: address.port, user: 'ledger', database: 'postgres' });
      for (const statement of statements) await pool.query(statement.replace('DELETE FROM', 'TRUNCATE'));
      return pool.end();
    }
    case 'redis': {
      const client = await createClient({ socket: { host: '127.0.0.1', port: address.port } }).connect();
      const pattern = { groups: 'g.*', meta: 'meta', all: '*' }[part];
      for (const key of await client.keys(`{${table}}:${pattern}`)) await client.del(key);
      client.destroy();
    }
  }
}
