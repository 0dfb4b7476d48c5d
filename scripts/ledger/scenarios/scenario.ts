import { createLedger, type Ledger } from 'ap2-pq/ledger';
import { audit, type Faults } from '../audit.js';
import { connect, type StoreAddress } from '../connect.js';
import { Journal } from '../journal.js';
import type { Server } from '../servers/server.js';
import { issueNonces, ledgerOptions, type Plan } from '../tasks.js';
import type { Job } from '../worker.js';

/** A store under test. */
export interface Subject {
  readonly name: string;
  /** The connections for workers: each of its drivers or clients in turn. */
  readonly addresses: readonly StoreAddress[];
  /** The server, if there is one that can be killed. */
  readonly server: Server | undefined;
  /** A path for a file of the scenario. */
  readonly path: (name: string) => string;
  readonly isQuick: boolean;
  /** Bytes that the store uses. */
  readonly size: () => Promise<number>;
}

/** The result of a scenario. */
export interface Outcome {
  readonly faults: Faults;
  /** A one-line summary, or the reason why the result does not count. */
  readonly details: string;
  /** Whether the event under test happened at all: a crash, a lost answer. */
  readonly hasHappened: boolean;
}

export interface Scenario {
  readonly name: string;
  /** Returns `undefined` if it does not apply to the store. */
  readonly run: (subject: Subject) => Promise<Outcome | undefined>;
}

const journalOf = (subject: Subject, plan: Plan, worker: number): string =>
  subject.path(`${plan.name} ${worker}.journal`);

/** One job for each worker, with the drivers and clients in turn. */
export function jobsOf(
  subject: Subject,
  plan: Plan,
  options: Pick<Job, 'workers' | 'concurrency' | 'timeLimit'> & Partial<Pick<Job, 'verify' | 'warmUp'>>,
  reach: (address: StoreAddress) => StoreAddress = (address) => address,
): readonly Job[] {
  return Array.from({ length: options.workers }, (_, worker) => ({
    verify: 'none',
    warmUp: 0,
    ...options,
    plan,
    worker,
    address: reach(subject.addresses[worker % subject.addresses.length] as StoreAddress),
    journal: journalOf(subject, plan, worker),
  }));
}

/** A ledger in this process, for the work before and after the workers. */
export async function withLedger<T>(
  subject: Subject,
  plan: Plan,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const { store, close } = await connect(subject.addresses[0] as StoreAddress);
  try {
    return await work(await createLedger(store, { ...ledgerOptions(plan), timeLimit: 30_000 }));
  } finally {
    await close();
  }
}

/** Opens the ledger, so that it exists, and issues the nonces. */
export const prepare = (subject: Subject, plan: Plan): Promise<void> =>
  withLedger(subject, plan, (ledger) => issueNonces(ledger, plan));

/** Compares the answers to all workers with the ledger. */
export const judge = (subject: Subject, plan: Plan, workers: number): Promise<Faults> => {
  const journal = Array.from({ length: workers }, (_, worker) =>
    Journal.read(journalOf(subject, plan, worker)),
  );
  return withLedger(subject, plan, (ledger) => audit(ledger, plan, journal.flat()));
};

export const between = (least: number, most: number): number => least + Math.random() * (most - least);
