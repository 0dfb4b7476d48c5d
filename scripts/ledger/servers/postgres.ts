import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { Daemon, freePort, install, NotAvailable, run, type Server } from './server.js';

const VERSIONS = '/usr/lib/postgresql';

/** The program directory of the newest server, or `undefined`. */
function programs(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  const versions = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one));
  return versions
    .map((version) => `${VERSIONS}/${version}/bin`)
    .find((path) => existsSync(`${path}/postgres`));
}

/** Starts PostgreSQL with its default settings. It refuses to run as root. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<Server> {
  install(() => programs() !== undefined, ['postgresql']);
  const bin = programs() as string;
  const user = unprivilegedUser();
  const directory = await mkdtemp(join(tmpdir(), 'ap2-pq-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) await chown(directory, user.uid, user.gid);
  run(`${bin}/initdb`, ['-D', directory, '-U', 'ledger', '--auth=trust', '--no-sync', '-E', 'UTF8'], user);
  const port = await freePort();
  const options = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    ...settings,
  };
  const daemon = new Daemon(
    `${bin}/postgres`,
    ['-D', directory, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    user,
  );
  const start = () => daemon.start(() => isReady(port));
  await start();
  return {
    name: 'PostgreSQL',
    version: /(\d+(\.\d+)?)/.exec(run(`${bin}/postgres`, ['--version']))?.[1] ?? 'unknown',
    port,
    crash: async () => {
      // Only the postmaster: its children detect that it is gone and exit, as they do when the system kills it.
      await daemon.end('SIGKILL');
      await start();
    },
    size: async () =>
      Number(await ask(port, "SELECT pg_total_relation_size('ap2_pq_ledger')::text AS value")),
    stop: async () => {
      await daemon.end('SIGINT');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function unprivilegedUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(run('getent', ['passwd', 'postgres'])) ?? [];
  if (uid === undefined || gid === undefined) throw new NotAvailable('there is no user "postgres"');
  return { uid: Number(uid), gid: Number(gid) };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await ask(port, "SELECT 'ready' AS value")) === 'ready';
  } catch {
    return false;
  }
}

async function ask(port: number, sql: string): Promise<unknown> {
  const client = new Client({ host: '127.0.0.1', port, user: 'ledger', database: 'postgres' });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows[0]?.value;
  } finally {
    await client.end();
  }
}
