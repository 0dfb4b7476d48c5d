// One of several processes that redeem from one ledger. Started by workers.ts, which sends it a job and the start signal.
import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';
import { createLedger, type Ledger, type LedgerStore } from 'ap2-pq/ledger';
import { connect, type StoreAddress } from './connect.js';
import { Journal } from './journal.js';
import { redeem, type Troubles } from './redeem.js';
import { inParallel, issueNonces, ledgerOptions, type Plan, tasksOf } from './tasks.js';

/** The job of one worker. */
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
  /** The number of warm-up redemptions, which are not measured. */
  readonly warmUp: number;
  /** Verify a mandate in place of a redemption, before it, or not at all. */
  readonly verify: 'only' | 'before' | 'none';
}

/** Its result. */
export interface Findings extends Troubles {
  /** Milliseconds of each redemption. */
  readonly times: readonly number[];
  /** Milliseconds of processor time for all of them. */
  readonly processor: number;
}

async function main(job: Job): Promise<Findings> {
  const verify = job.verify === 'none' ? async () => {} : await makeVerification();
  const { store, close } = await connect(job.address);
  const ledger = await open(store, job);
  const journal = new Journal(job.journal);
  const done = new Set(Journal.read(job.journal).map(({ attempt }) => attempt));
  const tasks = tasksOf(job.plan).filter((_, index) => index % job.workers === job.worker);
  const troubles: Troubles = { unknown: 0, unreached: 0 };
  const times: number[] = [];
  await warmUp(job, store, verify);
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

/** Opens the ledger, and retries if that takes longer than one call may: nothing is redeemed yet. */
async function open(store: LedgerStore, { plan, timeLimit }: Job): Promise<Ledger> {
  for (;;) {
    try {
      return await createLedger(store, { ...ledgerOptions(plan), timeLimit });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_LEDGER_TIMEOUT') throw error;
    }
  }
}

/** Warms up with the same work: a program that was just started is slow. */
async function warmUp(job: Job, store: LedgerStore, verify: () => Promise<void>): Promise<void> {
  if (job.warmUp === 0) return;
  const plan: Plan = {
    name: `${job.plan.name}, warm-up ${job.worker}`,
    attempts: job.warmUp,
    budgets: job.plan.budgets,
  };
  const ledger = await open(store, { ...job, plan });
  const journal = new Journal(`${job.journal}.warm-up`);
  if (job.verify !== 'only') await issueNonces(ledger, plan);
  await inParallel(tasksOf(plan), job.concurrency, async (task) => {
    await verify();
    if (job.verify !== 'only') await redeem(ledger, task, journal, { unknown: 0, unreached: 0 });
  });
}

/** Verifies one mandate, and fails if it is not valid. */
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

// If the parent is gone, there is nobody to report to.
process.on('disconnect', () => process.exit(1));
const findings = await main(JSON.parse(process.argv[2] as string) as Job);
process.send?.(findings, () => process.disconnect());
process.removeAllListeners('disconnect');
