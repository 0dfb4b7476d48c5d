// What the ledger holds in the end, against what callers were told.
import type { Ledger, ReservationState } from 'ap2-pq/ledger';
import type { Told } from './journal.js';
import type { Plan, Task } from './tasks.js';
import { budgetOf, inParallel, tasksOf } from './tasks.js';

/** Faults by kind: all have to be 0. */
export interface Faults {
  /** Open mandates of which more was spent than allowed. */
  overspent: number;
  /** Mandates and nonces that more than one attempt was told to have, or has. */
  double: number;
  /** Attempts that were told to be committed and are not, or the reverse; and budgets, mandates and nonces that were left over. */
  lost: number;
}

export const NO_FAULTS: Readonly<Faults> = { overspent: 0, double: 0, lost: 0 };

export const addFaults = (one: Faults, other: Faults): Faults => ({
  overspent: one.overspent + other.overspent,
  double: one.double + other.double,
  lost: one.lost + other.lost,
});

export const formatFaults = ({ overspent, double, lost }: Faults): string =>
  `overspent ${overspent}, double ${double}, lost ${lost}`;

export const isFaultless = (faults: Faults): boolean => Object.values(faults).every((count) => count === 0);

/** Holds a scenario in which every caller came to its end against the ledger. */
export async function audit(ledger: Ledger, plan: Plan, journal: readonly Told[]): Promise<Faults> {
  const tasks = tasksOf(plan);
  const states = await latestStates(ledger, tasks);
  const faults = { ...NO_FAULTS };
  faults.lost += countUntrue(tasks, states, journal);
  countClaims(tasks, states, journal, faults);
  await countBudgets(ledger, plan, tasks, states, faults);
  return faults;
}

async function latestStates(
  ledger: Ledger,
  tasks: readonly Task[],
): Promise<ReadonlyMap<string, ReservationState | undefined>> {
  const states = new Map<string, ReservationState | undefined>();
  await inParallel(tasks, 128, async ({ attempt }) => {
    states.set(attempt, (await ledger.find(attempt)).at(-1)?.state);
  });
  return states;
}

type States = ReadonlyMap<string, ReservationState | undefined>;

/** Attempts of which callers were told, last, something other than what the ledger holds, or never told anything. */
function countUntrue(tasks: readonly Task[], states: States, journal: readonly Told[]): number {
  const told = new Map<string, string[]>();
  for (const each of journal) told.set(each.attempt, [...(told.get(each.attempt) ?? []), each.told]);
  return tasks.filter(({ attempt }) => {
    const all = told.get(attempt) ?? [];
    const isCommitted = states.get(attempt) === 'committed';
    return all.length === 0 || all.some((each) => (each === 'committed') !== isCommitted);
  }).length;
}

/** Of each mandate for one use and each nonce, exactly one of the attempts has to have it. */
function countClaims(tasks: readonly Task[], states: States, journal: readonly Told[], faults: Faults): void {
  const wasTold = new Set(journal.filter(({ told }) => told === 'committed').map(({ attempt }) => attempt));
  const holders = new Map<string, number>();
  for (const { kind, attempt, of } of tasks) {
    if (kind === 'budget') continue;
    const isHolder = states.get(attempt) === 'committed' || wasTold.has(attempt);
    holders.set(of, (holders.get(of) ?? 0) + (isHolder ? 1 : 0));
  }
  for (const count of holders.values()) {
    if (count > 1) faults.double++;
    if (count < 1) faults.lost++;
  }
}

/** Of each budget, exactly all has to be spent, and each use has to be that of an attempt that is committed. */
async function countBudgets(
  ledger: Ledger,
  plan: Plan,
  tasks: readonly Task[],
  states: States,
  faults: Faults,
): Promise<void> {
  for (let budget = 0; budget < plan.budgets; budget++) {
    const of = `budget ${budget}`;
    const uses = await ledger.history(of);
    const spent = uses.reduce((sum, { amount = 0n }) => sum + amount, 0n);
    const committed = tasks.filter((task) => task.of === of && states.get(task.attempt) === 'committed');
    if (spent > budgetOf(plan) || committed.length > budgetOf(plan)) faults.overspent++;
    if (spent < budgetOf(plan) || committed.length !== uses.length) faults.lost++;
    const delegates = await Promise.all(
      [0, 1].map((delegate) => ledger.history(`${of} delegate ${delegate}`)),
    );
    if (delegates.flat().length !== uses.length) faults.lost++;
  }
}
