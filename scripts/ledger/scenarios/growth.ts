import { createLedger, type Ledger, type LedgerRequest } from 'ap2-pq/ledger';
import { NO_FAULTS } from '../audit.js';
import { connect, type StoreAddress } from '../connect.js';
import { percentile } from '../figures.js';
import { fill } from '../fill.js';
import { inParallel } from '../tasks.js';
import type { Outcome, Subject } from './scenario.js';

const ROUNDS = 10;
/** The maximum ratio of the cost in the large ledger to that in the small one. */
const MOST_GROWTH = 3;

/**
 * A ledger of very many mandates: the cost of one more, whether the first ones are still marked as used, and the storage for
 * each. The cost is compared with that of a small ledger in the same store, in alternation, so that other load on the machine
 * slows down both.
 */
export async function growth(subject: Subject): Promise<Outcome> {
  const [mandates, beginning] = subject.isQuick ? [10_000, 1000] : [1_000_000, 10_000];
  const [address] = subject.addresses as [StoreAddress];
  const [large, small] = await Promise.all([connect(address), connect(address, 'small_ledger')]);
  try {
    const options = { scope: 'growth', timeLimit: 60_000 };
    const ledgers = {
      large: await createLedger(large.store, options),
      small: await createLedger(small.store, options),
    };
    await redeem(ledgers.small, 0, beginning);
    const before = await subject.size();
    await redeem(ledgers.large, 0, beginning);
    const stored = ((await subject.size()) - before) / beginning;
    await fill(large.store, mandates - beginning, (ledger) => redeem(ledger, 0, 1));
    const size = subject.isQuick ? 100 : 2000;
    const costs = { large: [] as number[], small: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      // The order alternates: pending writes of one delay the next.
      const order = round % 2 === 0 ? (['large', 'small'] as const) : (['small', 'large'] as const);
      for (const which of order) {
        costs[which].push(await redeem(ledgers[which], beginning + round * size, size));
      }
    }
    const ratio = percentile(
      costs.large.map((cost, round) => cost / (costs.small[round] as number)),
      0.5,
    );
    const [inLarge, inSmall] = [costs.large, costs.small].map((some) => percentile(some, 0.5).toFixed(3));
    const forgotten = await countForgotten(ledgers.large, beginning);
    return {
      faults: { ...NO_FAULTS, double: forgotten },
      // Nearly constant: a deeper tree may cost a little more; a full scan would cost a hundred times as much.
      hasHappened: subject.isQuick || ratio < MOST_GROWTH,
      details: `${mandates} mandates, each with a use, a claim and a transaction_id: another one costs ${inLarge} ms, and in turn ${inSmall} ms in a ledger of ${beginning} (${ratio.toFixed(2)} times); ${Math.round(stored)} bytes each; the first ${beginning} are refused a second time, but for ${forgotten}`,
    };
  } finally {
    for (const { close } of [large, small]) await close();
  }
}

const requestOf = (attempt: string, number: number): LedgerRequest => ({
  attempt,
  entries: [
    { kind: 'use', mandate: `open ${number}`, amount: 1250n, currency: 'USD' },
    { kind: 'once', mandate: `closed ${number}` },
    { kind: 'unique', namespace: 'merchant', value: `transaction ${number}` },
  ],
  decide: () => [],
});

/** Redeems a number of mandates, each once. Returns the milliseconds for one. */
async function redeem(ledger: Ledger, first: number, count: number): Promise<number> {
  const start = performance.now();
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  await inParallel(numbers, 256, async (number) => {
    const { id } = await ledger.reserve(requestOf(`order ${number}`, number));
    await ledger.commit(id);
  });
  return (performance.now() - start) / count;
}

/** The number of the first mandates that another attempt can use. */
async function countForgotten(ledger: Ledger, count: number): Promise<number> {
  let forgotten = 0;
  const numbers = Array.from({ length: count }, (_, number) => number);
  await inParallel(numbers, 256, async (number) => {
    const code = await ledger.reserve(requestOf(`another order ${number}`, number)).then(
      () => 'accepted',
      (error: { code?: string }) => error.code,
    );
    if (code !== 'ERR_LEDGER_USED') forgotten++;
  });
  return forgotten;
}
