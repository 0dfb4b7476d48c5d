// Compares the final state of the ledger with the answers to callers.
import type { Ledger, ReservationState } from 'ap2-pq/ledger';
import type { Told } from './journal.js';
import { budgetOf, inParallel, type Plan, type Task, tasksOf } from './tasks.js';

/** Faults by kind: all have to be 0. */
export interface Faults {
  /** Overspent open mandates. */
  overspent: number;
  /** Mandates and nonces that more than one attempt was reported to have, or has. */
  double: number;
  /** Attempts that were reported as committed and are not, or the reverse; and unused budgets, mandates and nonces. */
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

/**
 * Compares a scenario in which every caller finished with the ledger. Everything must be spent exactly, unless reservations may
 * expire, in which case something may be left.
 */
export async function audit(
  ledger: Ledger,
  plan: Plan,
  journal: readonly Told[],
  rest: 'is lost' | 'may be left over' = 'is lost',
): Promise<Faults> {
  const tasks = tasksOf(plan);
  const states = await latestStates(ledger, tasks);
  const faults = { ...NO_FAULTS };
  faults.lost += countUntrue(tasks, states, journal);
  const claims = countClaims(tasks, states, journal);
  const budgets = await countBudgets(ledger, plan, tasks, states);
  faults.double += claims.several;
  faults.overspent += budgets.overspent;
  faults.lost += budgets.untrue;
  if (rest === 'is lost') faults.lost += claims.none + budgets.underspent;
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

/** Attempts whose last answer differs from the ledger, or that never got an answer. */
function countUntrue(tasks: readonly Task[], states: States, journal: readonly Told[]): number {
  const told = new Map<string, string[]>();
  for (const each of journal) told.set(each.attempt, [...(told.get(each.attempt) ?? []), each.told]);
  return tasks.filter(({ attempt }) => {
    const all = told.get(attempt) ?? [];
    const isCommitted = states.get(attempt) === 'committed';
    return all.length === 0 || all.some((each) => (each === 'committed') !== isCommitted);
  }).length;
}

/** Single-use mandates and nonces that several attempts have, and those that none has. */
function countClaims(tasks: readonly Task[], states: States, journal: readonly Told[]) {
  const wasTold = new Set(journal.filter(({ told }) => told === 'committed').map(({ attempt }) => attempt));
  const holders = new Map<string, number>();
  for (const { kind, attempt, of } of tasks) {
    if (kind === 'budget') continue;
    const isHolder = states.get(attempt) === 'committed' || wasTold.has(attempt);
    holders.set(of, (holders.get(of) ?? 0) + (isHolder ? 1 : 0));
  }
  const counts = [...holders.values()];
  return {
    several: counts.filter((count) => count > 1).length,
    none: counts.filter((count) => count < 1).length,
  };
}

/** Budgets that are overspent or not fully spent, and those whose uses do not match the committed attempts. */
async function countBudgets(ledger: Ledger, plan: Plan, tasks: readonly Task[], states: States) {
  const counts = { overspent: 0, underspent: 0, untrue: 0 };
  if (tasks.length === 0) return counts;
  for (let budget = 0; budget < plan.budgets; budget++) {
    const of = `budget ${budget}`;
    const [root = [], ...delegates] = await Promise.all(
      [of, `${of} delegate 0`, `${of} delegate 1`].map(async (mandate) =>
        (await ledger.history(mandate)).filter(({ state }) => state === 'committed'),
      ),
    );
    const spent = root.reduce((sum, { amount = 0n }) => sum + amount, 0n);
    const committed = tasks.filter((task) => task.of === of && states.get(task.attempt) === 'committed');
    if (spent > budgetOf(plan) || committed.length > budgetOf(plan)) counts.overspent++;
    if (spent < budgetOf(plan)) counts.underspent++;
    if (committed.length !== root.length || delegates.flat().length !== root.length) counts.untrue++;
  }
  return counts;
}
