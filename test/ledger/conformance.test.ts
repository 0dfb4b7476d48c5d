import { afterAll, describe, test } from 'vitest';
import { createMemoryStore, ledgerConformanceTests } from '../../src/ledger/conformance/index.js';
import { createSqliteStore } from '../../src/ledger/index.js';
import { sqliteDrivers, temporaryDirectory } from './sqlite.js';

const directory = temporaryDirectory();
afterAll(directory.remove);

describe('memory', () => {
  const data = new Map<string, Map<string, string>>();
  const openStore = async () => ({ store: createMemoryStore(data), close: async () => {} });
  for (const { name, run } of ledgerConformanceTests(openStore)) test(name, run);
});

describe.each(sqliteDrivers())('$name', ({ name: driver, open }) => {
  const openStore = async () => {
    const database = open(directory.path(`${driver.replace(':', '-')}.db`));
    return { store: createSqliteStore(database), close: async () => database.close() };
  };
  for (const { name, run } of ledgerConformanceTests(openStore)) test(name, run);
});
