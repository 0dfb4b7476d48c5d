// A store, from a description that can be handed to another process.
import { createPostgresStore, createRedisStore, createSqliteStore, type LedgerStore } from 'ap2-pq/ledger';
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

export async function connect(address: StoreAddress): Promise<Connection> {
  switch (address.kind) {
    case 'sqlite': {
      const database = (await sqliteDriver(address.driver))(address.path);
      return { store: createSqliteStore(database), close: async () => database.close() };
    }
    case 'postgres': {
      const pool = new Pool({
        host: '127.0.0.1',
        port: address.port,
        user: 'ledger',
        database: 'postgres',
        max: 4,
      });
      // A connection that breaks while nobody uses it.
      pool.on('error', () => {});
      return { store: createPostgresStore(pool), close: () => pool.end() };
    }
    case 'redis':
      return address.client === 'redis' ? connectNodeRedis(address.port) : connectIoRedis(address.port);
  }
}

async function connectNodeRedis(port: number): Promise<Connection> {
  const client = createClient({
    socket: { host: '127.0.0.1', port, reconnectStrategy: 50, connectTimeout: 2000 },
  });
  client.on('error', () => {});
  await client.connect();
  return { store: createRedisStore(client), close: async () => client.destroy() };
}

async function connectIoRedis(port: number): Promise<Connection> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 });
  client.on('error', () => {});
  return { store: createRedisStore(client), close: async () => client.disconnect() };
}

/** The address as seen through another port: that of a proxy. */
export const through = (address: StoreAddress, port: number): StoreAddress =>
  address.kind === 'sqlite' ? address : { ...address, port };
