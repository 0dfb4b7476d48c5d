import { createLedger, type Ledger, type LedgerOptions } from '../ledger.js';
import type { LedgerStore } from '../store/store.js';
import type { LedgerDecision, LedgerRequest } from '../types.js';

/** Opens the store under test, each time as another process would, on the same data. */
export type OpenStore = () => Promise<{ readonly store: LedgerStore; close(): Promise<void> }>;

/** The environment of a case. Names are new in every case, so that cases can share a store that has other data. */
export interface World {
  /** Makes a name unique to this case. */
  name(text: string): string;
  /** An open store. */
  store(): Promise<LedgerStore>;
  /** A ledger on its own connection to the store, as in another process. */
  ledger(options?: LedgerOptions): Promise<Ledger>;
}

/** One rule that a store, and the ledger on it, must follow. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: (world: World) => Promise<void>;
}

/** Runs a case, and closes everything that it opened. */
export async function inWorld(openStore: OpenStore, run: (world: World) => Promise<void>): Promise<void> {
  const prefix = crypto.randomUUID();
  const opened: { close(): Promise<void> }[] = [];
  const store = async () => {
    const each = await openStore();
    opened.push(each);
    await each.store.open(30_000);
    return each.store;
  };
  try {
    await run({
      name: (text) => `${prefix} ${text}`,
      store,
      ledger: async (options) =>
        createLedger(await store(), { scope: prefix, timeLimit: 30_000, ...options }),
    });
  } finally {
    for (const each of opened) await each.close();
  }
}

/** A clock that only moves when told to. */
export class StoppedClock {
  #time: number;

  constructor(time = Date.UTC(2026, 0, 15)) {
    this.#time = time;
  }

  readonly read = (): Date => new Date(this.#time);

  move(milliseconds: number): void {
    this.#time += milliseconds;
  }
}

/** Accepts the use of every open mandate while all its uses, including the new one, do not exceed `most` minor units. */
export const withinBudget =
  (most: bigint, amount: bigint): LedgerDecision =>
  (histories) =>
    [...histories]
      .filter(([, uses]) => uses.reduce((sum, use) => sum + (use.amount ?? 0n), amount) > most)
      .map(([mandate]) => `over the budget of ${mandate}`);

/** A request to spend an amount from the budget of some open mandates. */
export const spending = (
  attempt: string,
  mandates: readonly string[],
  amount: bigint,
  most: bigint,
): LedgerRequest => ({
  attempt,
  entries: mandates.map((mandate) => ({ kind: 'use', mandate, amount, currency: 'USD' })),
  decide: withinBudget(most, amount),
});
