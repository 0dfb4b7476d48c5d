// Proves, against real servers, that nothing is spent twice and nothing confirmed is lost.
//
//   npm run ledger -- [--quick] [--only sqlite,postgres,redis] [--scenario redemptions,growth]
// Installs PostgreSQL and Redis from Debian's packages if they are missing, and starts them on loopback ports with their own
// directories. Scenarios that cannot run here are reported as NOT RUN. `--quick` takes a few minutes, the full run tens of
// minutes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addFaults, type Faults, formatFaults, isFaultless, NO_FAULTS } from './audit.js';
import { installSqlite, SQLITE_DRIVERS, sqliteSize } from './drivers.js';
import { conformance } from './scenarios/conformance.js';
import { killedWorkers, restartedServer } from './scenarios/crashes.js';
import { cutConnections } from './scenarios/cut-connection.js';
import { durability } from './scenarios/durability.js';
import { emptied } from './scenarios/emptied.js';
import { fullDisk } from './scenarios/full-disk.js';
import { growth } from './scenarios/growth.js';
import { jumpingClock } from './scenarios/jumping-clock.js';
import { model } from './scenarios/model.js';
import { redemptions } from './scenarios/redemptions.js';
import type { Outcome, Scenario, Subject } from './scenarios/scenario.js';
import { startPostgres } from './servers/postgres.js';
import { startRedis } from './servers/redis.js';
import { NotAvailable } from './servers/server.js';
import { killWorkers } from './workers.js';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'sqlite,postgres,redis' },
    scenario: { type: 'string', default: '' },
  },
});

const SCENARIOS: readonly Scenario[] = [
  { name: 'conformance', run: conformance },
  { name: 'durability', run: durability },
  { name: 'emptied', run: emptied },
  { name: 'model', run: model },
  { name: 'redemptions', run: redemptions },
  { name: 'killed workers', run: killedWorkers },
  { name: 'restarted server', run: restartedServer },
  { name: 'cut connections', run: cutConnections },
  { name: 'jumping clock', run: jumpingClock },
  { name: 'full disk', run: fullDisk },
  { name: 'growth', run: growth },
];

const directory = mkdtempSync(join(tmpdir(), 'ap2-pq-ledger-'));
const pathFor = (store: string) => (name: string) => join(directory, `${store} ${name}`);

const STORES: Readonly<Record<string, () => Promise<Subject & { stop(): Promise<void> }>>> = {
  sqlite: async () => {
    await installSqlite();
    const path = join(directory, 'ledger.db');
    return {
      name: `SQLite by ${SQLITE_DRIVERS.join(' and ')}`,
      addresses: SQLITE_DRIVERS.map((driver) => ({ kind: 'sqlite', driver, path })),
      server: undefined,
      path: pathFor('sqlite'),
      isQuick: options.quick,
      size: () => sqliteSize(path),
      stop: async () => {},
    };
  },
  postgres: async () => {
    const server = await startPostgres();
    return {
      name: `PostgreSQL ${server.version} by pg`,
      addresses: [{ kind: 'postgres', port: server.port }],
      server,
      path: pathFor('postgres'),
      isQuick: options.quick,
      size: server.size,
      stop: server.stop,
    };
  },
  redis: async () => {
    const server = await startRedis();
    return {
      name: `Redis ${server.version}, appendfsync always, by redis and ioredis`,
      addresses: (['redis', 'ioredis'] as const).map((client) => ({
        kind: 'redis',
        client,
        port: server.port,
      })),
      server,
      path: pathFor('redis'),
      isQuick: options.quick,
      size: server.size,
      stop: server.stop,
    };
  },
};

const counts = { passed: 0, failed: 0, notRun: 0 };

function report(scenario: string, outcome: Outcome, seconds: number): void {
  const isNotRun = outcome.details.startsWith('NOT RUN');
  const isGood = outcome.hasHappened && isFaultless(outcome.faults);
  counts[isNotRun ? 'notRun' : isGood ? 'passed' : 'failed']++;
  const verdict = isNotRun ? '–' : isGood ? 'passed' : 'FAILED';
  console.log(
    `  ${verdict.padEnd(7)}${scenario.padEnd(18)}${formatFaults(outcome.faults)}  (${seconds.toFixed(1)} s)`,
  );
  console.log(`    ${outcome.details}`);
}

async function prove(subject: Subject, names: readonly string[]): Promise<Faults> {
  let faults = NO_FAULTS;
  for (const { name, run } of SCENARIOS) {
    if (names.length > 0 && !names.includes(name)) continue;
    const start = performance.now();
    let outcome: Outcome | undefined;
    try {
      outcome = await run(subject);
    } catch (error) {
      const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
      outcome = { faults: NO_FAULTS, hasHappened: false, details };
    } finally {
      killWorkers();
    }
    if (outcome === undefined) continue;
    report(name, outcome, (performance.now() - start) / 1000);
    faults = addFaults(faults, outcome.faults);
  }
  return faults;
}

const list = (text: string): string[] => text.split(',').filter((each) => each !== '');

console.log(`Node ${process.version}${options.quick ? ', quick' : ''}`);
try {
  for (const store of list(options.only)) {
    const start = STORES[store];
    if (start === undefined) throw new Error(`--only: there are ${Object.keys(STORES).join(', ')}`);
    try {
      const subject = await start();
      console.log(`\n${subject.name}`);
      try {
        console.log(`${subject.name}: ${formatFaults(await prove(subject, list(options.scenario)))}`);
      } finally {
        await subject.stop();
      }
    } catch (error) {
      if (!(error instanceof NotAvailable)) throw error;
      counts.notRun++;
      console.log(`\n${store}: NOT RUN: ${error.message}`);
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
if (counts.notRun > 0) console.log(`\n${counts.notRun} NOT RUN`);
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;
