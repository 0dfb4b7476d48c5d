// Opens a store from a description that can be sent to another process.
import {
  createPostgresStore,
  createRedisStore,
  createSqliteStore,
  type LedgerStore,
  type RedisStoreOptions,
} from 'ap2-pq/ledger';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { type SqliteDriver, sqliteDriver } from './drivers.js';

export type StoreAddress =
  | { readonly kind: 'sqlite'; readonly driver: SqliteDriver; readonly path: string }
  | { readonly kind: 'postgres'; readonly port: number }
  | { readonly kind: 'redis'; readonly client: 'redis' | 'ioredis'; readonly port: number };

export interface Connection {
  readonly store: LedgerStore;
  close(): Promise<void>;
}

/** `table` names another ledger in the same database. */
export async function connect(address: StoreAddress, table?: string): Promise<Connection> {
  switch (address.kind) {
    case 'sqlite': {
      const database = (await sqliteDriver(address.driver))(address.path);
      return { store: createSqliteStore(database, { table }), close: async () => database.close() };
    }
    case 'postgres': {
      const pool = new Pool({
        host: '127.0.0.1',
        port: address.port,
        user: 'ledger',
        database: 'postgres',
        max: 4,
      });
      // A connection that breaks while idle.
      pool.on('error', () => {});
      return { store: createPostgresStore(pool, { table }), close: () => pool.end() };
    }
    case 'redis':
      return connectRedis(address, table === undefined ? {} : { prefix: `{${table}}:` });
  }
}

async function connectRedis(
  { client: name, port }: StoreAddress & { kind: 'redis' },
  options: RedisStoreOptions,
): Promise<Connection> {
  if (name === 'ioredis') {
    const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 });
    client.on('error', () => {});
    return { store: createRedisStore(client, options), close: async () => client.disconnect() };
  }
  const client = createClient({
    socket: { host: '127.0.0.1', port, reconnectStrategy: 50, connectTimeout: 2000 },
  });
  client.on('error', () => {});
  await client.connect();
  return { store: createRedisStore(client, options), close: async () => client.destroy() };
}

/** The address with another port: that of a proxy. */
export const through = (address: StoreAddress, port: number): StoreAddress =>
  address.kind === 'sqlite' ? address : { ...address, port };
