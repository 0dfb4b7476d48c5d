// SQLite as this runtime has it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqliteDatabase } from '../../src/ledger/index.js';

export interface SqliteDriver {
  readonly name: string;
  open(path: string): SqliteDatabase & { close(): void };
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/** `node:sqlite` came with Node 22.5, and needs no flag from 22.13 on. `npm run ledger` runs the same with `better-sqlite3`. */
export function sqliteDrivers(): readonly SqliteDriver[] {
  if (major < 22 || (major === 22 && minor < 13)) return [];
  // Bundlers know no node:sqlite yet.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as {
    DatabaseSync: new (path: string) => SqliteDatabase & { close(): void };
  };
  return [{ name: 'node:sqlite', open: (path) => new DatabaseSync(path) }];
}

/** A directory for one file of tests. */
export function temporaryDirectory(): { path: (name: string) => string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'ap2-pq-ledger-'));
  return {
    path: (name) => join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
