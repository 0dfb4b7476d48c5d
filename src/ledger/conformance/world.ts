import { createLedger, type Ledger, type LedgerOptions } from '../ledger.js';
import type { LedgerStore } from '../store/store.js';
import type { LedgerDecision, LedgerRequest } from '../types.js';

/** Opens the store under test: each time as another process would, on the same data. */
export type OpenStore = () => Promise<{ readonly store: LedgerStore; close(): Promise<void> }>;

/** What a case works with. Names are new for every case, so that cases can share a store that holds other data. */
export interface World {
  /** Makes a name unique to this case. */
  name(text: string): string;
  /** A store that was opened. */
  store(): Promise<LedgerStore>;
  /** A ledger on a store of its own, as in another process. */
  ledger(options?: LedgerOptions): Promise<Ledger>;
}

/** One rule that a store, and the ledger on it, has to keep. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: (world: World) => Promise<void>;
}

/** Runs a case and closes what it opened. */
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

/** A clock that stands where it is put. */
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

/** Accepts the use of every open mandate while its uses, and the one to be decided, do not exceed `most` minor units. */
export const withinBudget =
  (most: bigint, amount: bigint): LedgerDecision =>
  (histories) =>
    [...histories]
      .filter(([, uses]) => uses.reduce((sum, use) => sum + (use.amount ?? 0n), amount) > most)
      .map(([mandate]) => `over the budget of ${mandate}`);

/** A request to spend an amount of a budget of some open mandates. */
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
