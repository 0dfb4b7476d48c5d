import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createLedger, type Ledger } from 'ap2-pq/ledger';
import { audit } from '../audit.js';
import { connect, type StoreAddress } from '../connect.js';
import { Journal } from '../journal.js';
import { redeem } from '../redeem.js';
import { inParallel, issueNonces, ledgerOptions, type Plan, type Task, tasksOf } from '../tasks.js';
import type { Outcome, Subject } from './scenario.js';

/** A file system that fills up during redemptions, and gets more space later. SQLite only. */
export async function fullDisk(subject: Subject): Promise<Outcome | undefined> {
  const [address] = subject.addresses;
  if (address?.kind !== 'sqlite') return undefined;
  const directory = subject.path('full-disk');
  mkdirSync(directory);
  if (!mount(['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory])) {
    return {
      faults: { overspent: 0, double: 0, lost: 0 },
      hasHappened: false,
      details: 'NOT RUN: a small file system cannot be mounted here (needs root)',
    };
  }
  try {
    return await fill({ ...address, path: `${directory}/ledger.db` }, subject, () =>
      mount(['-o', 'remount,size=256m', directory]),
    );
  } finally {
    spawnSync('umount', [directory]);
  }
}

const mount = (args: readonly string[]): boolean => spawnSync('mount', args).status === 0;

async function fill(address: StoreAddress, subject: Subject, makeRoom: () => boolean): Promise<Outcome> {
  const plan: Plan = { name: 'full disk', attempts: 2400, budgets: 3 };
  const journal = new Journal(subject.path(`${plan.name}.journal`));
  const { store, close } = await connect(address);
  try {
    const ledger = await createLedger(store, { ...ledgerOptions(plan), timeLimit: 30_000 });
    await issueNonces(ledger, plan);
    const refused: Task[] = [];
    const codes = new Set<string>();
    await inParallel(tasksOf(plan), 32, async (task) => {
      // Only once: a caller that retries while the disk is full would never finish.
      const code = await attemptOnce(ledger, task, journal);
      if (code === undefined) return;
      codes.add(code);
      refused.push(task);
    });
    const isRoomMade = makeRoom();
    const troubles = { unknown: 0, unreached: 0 };
    await inParallel(refused, 32, (task) => redeem(ledger, task, journal, troubles));
    return {
      faults: await audit(ledger, plan, Journal.read(subject.path(`${plan.name}.journal`))),
      hasHappened: isRoomMade && refused.length > 0,
      details: `${refused.length} of ${plan.attempts} attempts met the full disk (${[...codes].join(', ')}) and were repeated once there was room`,
    };
  } finally {
    await close();
  }
}

/** The code with which the store failed, or `undefined` if the attempt finished. */
async function attemptOnce(
  ledger: Ledger,
  { attempt, request }: Task,
  journal: Journal,
): Promise<string | undefined> {
  try {
    const { id } = await ledger.reserve(request);
    await ledger.commit(id);
    journal.write({ attempt, told: 'committed' });
    return undefined;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ERR_LEDGER_STORE_FAILED' || code === 'ERR_LEDGER_OUTCOME_UNKNOWN') return code;
    if (code === undefined) throw error;
    journal.write({ attempt, told: code });
    return undefined;
  }
}
