// Several concurrent callers, each with its own ledger object: the answers to them must be consistent.
import type { createLedger, Ledger, LedgerRequest, LedgerStore } from 'ap2-pq/ledger';
import fc from 'fast-check';

/** The actions of one caller for one attempt. */
export interface Move {
  readonly mandate: number;
  readonly kind: 'once' | 'use';
  readonly amount: number;
  readonly end: 'commit' | 'release' | 'leave';
}

const MOST = 4n;

const move: fc.Arbitrary<Move> = fc.record({
  mandate: fc.nat({ max: 1 }),
  kind: fc.constantFrom('once', 'use'),
  amount: fc.integer({ min: 1, max: 3 }),
  end: fc.constantFrom('commit', 'release', 'leave'),
});

/** Callers, each with its sequence of actions. */
export const callers: fc.Arbitrary<readonly (readonly Move[])[]> = fc.array(
  fc.array(move, { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 4 },
);

const requestOf = (attempt: string, { kind, mandate, amount }: Move): LedgerRequest =>
  kind === 'once'
    ? { attempt, entries: [{ kind, mandate: `once ${mandate}` }] }
    : {
        attempt,
        entries: [{ kind, mandate: `use ${mandate}`, amount: BigInt(amount), currency: 'USD' }],
        decide: (histories) =>
          [...histories.values()].some(
            (uses) => uses.reduce((sum, use) => sum + (use.amount ?? 0n), BigInt(amount)) > MOST,
          )
            ? ['over the budget']
            : [],
      };

/** Runs the callers concurrently; throws if more was spent than allowed, something was spent twice, or an answer was wrong. */
export async function checkCallers(
  create: typeof createLedger,
  stores: readonly LedgerStore[],
  scope: string,
  moves: readonly (readonly Move[])[],
): Promise<void> {
  const ledgers = await Promise.all(
    moves.map((_, index) =>
      create(stores[index % stores.length] as LedgerStore, { scope, timeLimit: 30_000 }),
    ),
  );
  const told = new Map<string, { readonly move: Move; readonly state: string }>();
  await Promise.all(
    moves.map(async (own, caller) => {
      for (const [index, each] of own.entries()) {
        const attempt = `${caller}.${index}`;
        told.set(attempt, { move: each, state: await perform(ledgers[caller] as Ledger, attempt, each) });
      }
    }),
  );
  const [ledger] = ledgers as [Ledger];
  for (const [attempt, { state }] of told) {
    const found = (await ledger.find(attempt)).at(-1)?.state ?? 'refused';
    if (found !== state) throw new Error(`attempt ${attempt} was told ${state}, and is ${found}`);
  }
  for (const mandate of [0, 1]) {
    const committed = [...told.values()].filter(
      ({ move, state }) => move.mandate === mandate && state === 'committed',
    );
    const once = committed.filter(({ move }) => move.kind === 'once');
    if (once.length > 1) throw new Error(`"once ${mandate}" was used ${once.length} times`);
    const spent = committed.reduce(
      (sum, { move }) => sum + (move.kind === 'use' ? BigInt(move.amount) : 0n),
      0n,
    );
    if (spent > MOST) throw new Error(`"use ${mandate}" was spent ${spent} of ${MOST}`);
    const uses = (await ledger.history(`use ${mandate}`)).filter((use) => use.state === 'committed');
    const recorded = uses.reduce((sum, { amount = 0n }) => sum + amount, 0n);
    if (recorded !== spent) throw new Error(`"use ${mandate}" records ${recorded} of ${spent}`);
  }
}

async function perform(ledger: Ledger, attempt: string, move: Move): Promise<string> {
  let id: string;
  try {
    ({ id } = await ledger.reserve(requestOf(attempt, move)));
  } catch (error) {
    const { code } = error as { code?: string };
    if (['ERR_LEDGER_USED', 'ERR_LEDGER_RESERVED', 'ERR_LEDGER_REFUSED'].includes(code ?? ''))
      return 'refused';
    throw error;
  }
  if (move.end === 'leave') return 'reserved';
  const { state } = await (move.end === 'commit' ? ledger.commit(id) : ledger.release(id));
  return state;
}

/** A store that acts as if it held a lock, but holds none: the bug that the property must find. */
export function withoutLock(store: LedgerStore): LedgerStore {
  return {
    name: `${store.name} without a lock`,
    parallel: store.parallel,
    maxGroups: store.maxGroups,
    open: (timeLimit) => store.open(timeLimit),
    scan: (cursor, limit, timeLimit) => store.scan(cursor, limit, timeLimit),
    transact: async (reads, step, options) => {
      let changes: ReturnType<typeof step> = [];
      await store.transact(
        reads,
        (view, now) => {
          changes = step(view, now);
          return [];
        },
        options,
      );
      // Here, others can interleave.
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (changes.length > 0) await store.transact(reads, () => changes, options);
    },
  };
}
