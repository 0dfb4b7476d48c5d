import { createLedger } from 'ap2-pq/ledger';
import { NO_FAULTS } from '../audit.js';
import { connect, type StoreAddress } from '../connect.js';
import { percentile } from '../figures.js';
import { inParallel } from '../tasks.js';
import type { Outcome, Subject } from './scenario.js';

const BLOCKS = 20;

/** Many mandates, each redeemed once: what one costs at the end, beside the beginning, and how much is stored for each. */
export async function growth(subject: Subject): Promise<Outcome> {
  const mandates = subject.isQuick ? 10_000 : 1_000_000;
  const { store, close } = await connect(subject.addresses[0] as StoreAddress);
  try {
    const ledger = await createLedger(store, { scope: 'growth', timeLimit: 60_000 });
    const before = await subject.size();
    const costs: number[] = [];
    for (let block = 0; block < BLOCKS; block++) {
      const size = mandates / BLOCKS;
      const numbers = Array.from({ length: size }, (_, index) => block * size + index);
      const start = performance.now();
      await inParallel(numbers, 256, async (number) => {
        const { id } = await ledger.reserve({
          attempt: `order ${number}`,
          entries: [
            { kind: 'use', mandate: `open ${number}`, amount: 1250n, currency: 'USD' },
            { kind: 'once', mandate: `closed ${number}` },
            { kind: 'unique', namespace: 'merchant', value: `transaction ${number}` },
          ],
          decide: () => [],
        });
        await ledger.commit(id);
      });
      costs.push((performance.now() - start) / size);
    }
    const stored = (await subject.size()) - before;
    const [first, last] = [costs.slice(0, 4), costs.slice(-4)].map((some) => percentile(some, 0.5));
    const growthOfCost = (last as number) / (first as number);
    return {
      // Flat: a tenth of the cost may come from a tree that is deeper; twice the cost may not.
      faults: NO_FAULTS,
      hasHappened: subject.isQuick || growthOfCost < 2,
      details: `${mandates} mandates, each with a use, a claim and a transaction_id: ${format(first)} ms each at first, ${format(last)} ms at the end (${growthOfCost.toFixed(2)} times), ${Math.round(stored / mandates)} bytes each`,
    };
  } finally {
    await close();
  }
}

const format = (milliseconds: number | undefined): string => (milliseconds ?? Number.NaN).toFixed(3);
