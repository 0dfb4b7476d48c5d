// The SQLite drivers of this Node: built in, better-sqlite3, or both.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { SqliteDatabase } from 'ap2-pq/ledger';

export type SqliteDriver = 'node:sqlite' | 'better-sqlite3';

type OpenDatabase = (path: string) => SqliteDatabase & { close(): void };

const ROOT = new URL('../../../', import.meta.url);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNew = major > 22 || (major === 22 && minor >= 13);

/** It is in no dependency list: installing the project must not compile anything. Version 13 needs Node 22. */
const BETTER_SQLITE = `better-sqlite3@${isNew ? '13.2.0' : '12.11.1'}`;

export const SQLITE_DRIVERS: readonly SqliteDriver[] = isNew
  ? ['node:sqlite', 'better-sqlite3']
  : ['better-sqlite3'];

/** Installs better-sqlite3 for this Node. Compiles it if no binary is available. */
export async function installSqlite(): Promise<void> {
  if (existsSync(new URL(`${directory()}node_modules/better-sqlite3/package.json`, ROOT))) return;
  await mkdir(new URL(directory(), ROOT), { recursive: true });
  await writeFile(new URL(`${directory()}package.json`, ROOT), '{ "private": true }\n');
  console.error(`${BETTER_SQLITE} …`);
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts=false', BETTER_SQLITE];
  const { status, stderr } = spawnSync('npm', args, { cwd: new URL(directory(), ROOT), encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
}

const directory = (): string => `build/ledger/node-${major}/`;

export async function sqliteDriver(driver: SqliteDriver): Promise<OpenDatabase> {
  if (driver === 'node:sqlite') {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as {
      DatabaseSync: new (path: string) => SqliteDatabase & { close(): void };
    };
    return (path) => new DatabaseSync(path);
  }
  const base = new URL(`${directory()}package.json`, ROOT);
  const Database = createRequire(base)('better-sqlite3') as new (
    path: string,
  ) => SqliteDatabase & { close(): void };
  return (path) => new Database(path);
}

/** The size of a database in bytes, including its log. */
export async function sqliteSize(path: string): Promise<number> {
  const database = (await sqliteDriver(SQLITE_DRIVERS[0] as SqliteDriver))(path);
  try {
    const [pages, bytes] = ['page_count', 'page_size'].map((name) =>
      Number(Object.values(database.prepare(`PRAGMA ${name}`).get() as object)[0]),
    );
    return (pages as number) * (bytes as number);
  } finally {
    database.close();
  }
}
