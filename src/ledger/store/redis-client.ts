import { invalidArgument } from '../../options.js';

/** What is used of a client of `redis` (node-redis 5 and 6). */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>;
  readonly isOpen: boolean;
}

/** What is used of a client of `ioredis`. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
  readonly status: string;
}

/** Sends one command and resolves with its answer. */
export type RedisCommand = (args: readonly string[]) => Promise<unknown>;

/** One way to send a command for both clients. */
export function commandOf(client: NodeRedisClient | IoRedisClient): RedisCommand {
  const { call, sendCommand } = (client ?? {}) as Partial<NodeRedisClient & IoRedisClient>;
  // ioredis has a sendCommand too, which takes something else.
  if (typeof call === 'function' && 'status' in client) {
    return ([name = '', ...args]) => (client as IoRedisClient).call(name, ...args);
  }
  if (typeof sendCommand === 'function' && 'isOpen' in client) {
    if (!(client as NodeRedisClient).isOpen)
      invalidArgument('client', 'connected: call client.connect() first');
    return (args) => (client as NodeRedisClient).sendCommand([...args]);
  }
  return invalidArgument('client', 'a client of redis (node-redis) or of ioredis, for one server');
}
