// One process of several that redeem from one ledger. Started by workers.ts, which hands it a job and says when to begin.
import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';
import { createLedger } from 'ap2-pq/ledger';
import { connect, type StoreAddress } from './connect.js';
import { Journal } from './journal.js';
import { redeem, type Troubles } from './redeem.js';
import { inParallel, ledgerOptions, type Plan, tasksOf } from './tasks.js';

/** What one worker does. */
export interface Job {
  readonly address: StoreAddress;
  readonly plan: Plan;
  readonly worker: number;
  readonly workers: number;
  /** Redemptions at a time. */
  readonly concurrency: number;
  /** Milliseconds for one call of the ledger. */
  readonly timeLimit: number;
  readonly journal: string;
  /** Verify a mandate in place of a redemption, before it, or not at all. */
  readonly verify: 'only' | 'before' | 'none';
}

/** What it found. */
export interface Findings extends Troubles {
  /** Milliseconds of each redemption. */
  readonly times: readonly number[];
  /** Milliseconds of processor time for all of them. */
  readonly processor: number;
}

async function main(job: Job): Promise<Findings> {
  const verify = job.verify === 'none' ? async () => {} : await makeVerification();
  const { store, close } = await connect(job.address);
  const ledger = await createLedger(store, { ...ledgerOptions(job.plan), timeLimit: job.timeLimit });
  const journal = new Journal(job.journal);
  const done = new Set(Journal.read(job.journal).map(({ attempt }) => attempt));
  const tasks = tasksOf(job.plan).filter((_, index) => index % job.workers === job.worker);
  const troubles: Troubles = { unknown: 0, unreached: 0 };
  const times: number[] = [];
  await whenTold();
  const before = process.cpuUsage();
  await inParallel(
    tasks.filter(({ attempt }) => !done.has(attempt)),
    job.concurrency,
    async (task) => {
      const start = performance.now();
      await verify();
      if (job.verify !== 'only') await redeem(ledger, task, journal, troubles);
      times.push(performance.now() - start);
    },
  );
  const { user, system } = process.cpuUsage(before);
  await close();
  return { ...troubles, times, processor: (user + system) / 1000 };
}

/** A verification of one mandate, which fails if the mandate does not hold. */
async function makeVerification(): Promise<() => Promise<void>> {
  const { privateKeys, publicKeys } = await generateMandateKeys();
  const mandate = await signMandate(
    { iss: 'https://bank.example', amount: 1250, currency: 'USD' },
    privateKeys,
  );
  return async () => {
    await verifyMandate(mandate, publicKeys);
  };
}

function whenTold(): Promise<void> {
  process.send?.('ready');
  return new Promise((resolve) => {
    process.once('message', () => resolve());
  });
}

// A parent that is gone has nobody to tell.
process.on('disconnect', () => process.exit(1));
const findings = await main(JSON.parse(process.argv[2] as string) as Job);
process.send?.(findings, () => process.disconnect());
process.removeAllListeners('disconnect');
