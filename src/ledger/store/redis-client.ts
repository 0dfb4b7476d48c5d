import { invalidArgument } from '../../options.js';

/** The part of a client of `redis` (node-redis 5 and 6) that this store uses. */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>;
  readonly isOpen: boolean;
}

/** The part of a client of `ioredis` that this store uses. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
  readonly status: string;
}

/** Sends one command and resolves with its answer. */
export type RedisCommand = (args: readonly string[]) => Promise<unknown>;

/** A common way to send a command for both clients. */
export function commandOf(client: NodeRedisClient | IoRedisClient): RedisCommand {
  const { call, sendCommand } = (client ?? {}) as Partial<NodeRedisClient & IoRedisClient>;
  // ioredis also has a sendCommand, with other arguments.
  if (typeof call === 'function' && 'status' in client) {
    const { options } = client as { options?: { keyPrefix?: unknown } };
    // ioredis adds it to the keys that it sends, and not to the pattern of SCAN: "purge" would find nothing.
    if (options?.keyPrefix) {
      invalidArgument('client', 'without keyPrefix: give the prefix to the store, as its option "prefix"');
    }
    return ([name = '', ...args]) => (client as IoRedisClient).call(name, ...args);
  }
  if (typeof sendCommand === 'function' && 'isOpen' in client) {
    if (!(client as NodeRedisClient).isOpen)
      invalidArgument('client', 'connected: call client.connect() first');
    return (args) => (client as NodeRedisClient).sendCommand([...args]);
  }
  return invalidArgument('client', 'a client of redis (node-redis) or of ioredis, for one server');
}
