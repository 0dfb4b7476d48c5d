import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { Daemon, freePort, install, run, type Server } from './server.js';

const EXECUTABLE = '/usr/bin/redis-server';

export interface RedisSettings {
  readonly appendonly?: 'yes' | 'no';
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  readonly maxmemoryPolicy?: string;
}

/** Starts Redis, with the AOF synced at every write by default. */
export async function startRedis(settings: RedisSettings = {}): Promise<Server> {
  install(() => existsSync(EXECUTABLE), ['redis-server']);
  const { appendonly = 'yes', appendfsync = 'always', maxmemoryPolicy = 'noeviction' } = settings;
  const directory = await mkdtemp(join(tmpdir(), 'ap2-pq-redis-'));
  const port = await freePort();
  const daemon = new Daemon(EXECUTABLE, [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''],
    ...['--appendonly', appendonly, '--appendfsync', appendfsync, '--maxmemory-policy', maxmemoryPolicy],
  ]);
  const start = () => daemon.start(() => isReady(port));
  await start();
  return {
    name: 'Redis',
    version: /v=(\S+)/.exec(run(EXECUTABLE, ['--version']))?.[1] ?? 'unknown',
    port,
    crash: async () => {
      await daemon.end('SIGKILL');
      await start();
    },
    size: async () => Number(/used_memory:(\d+)/.exec(String(await ask(port, ['INFO', 'memory'])))?.[1]),
    stop: async () => {
      await daemon.end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await ask(port, ['PING'])) === 'PONG';
  } catch {
    return false;
  }
}

async function ask(port: number, command: string[]): Promise<unknown> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
