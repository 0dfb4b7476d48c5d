import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import {
  createMemoryStore,
  RANGE_UNIT,
  type SealRecord,
  type SealStore,
  sealRange,
} from '../../src/seal/index.js';
import { open } from './support.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are still in use. */
function live(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A store that keeps no tile: what is left in memory is the library's. */
function forgetful(): SealStore {
  const kept = createMemoryStore();
  return {
    get: kept.get,
    put: async (path, bytes) => {
      if (!path.startsWith('tile/')) await kept.put(path, bytes);
    },
  };
}

/** Records, and what is in use after some and after all of them. */
function measured(count: number) {
  const found: number[] = [];
  function* records(): Generator<SealRecord> {
    for (let n = 0; n < count; n++) {
      if (n === count / 8) found.push(live());
      yield { kind: 'other', bytes: new TextEncoder().encode(`record ${n}`) };
    }
    found.push(live());
  }
  return { records: records(), found };
}

/** Far less than a hash for each of the records between the two would take. */
const LEEWAY = 1_500_000;

test('a log holds no more after 2^18 records than after 2^15 (R17.11)', async () => {
  const { records, found } = measured(4 * RANGE_UNIT);
  const log = await open(forgetful());
  await log.appendAll(records);
  expect((found[1] as number) - (found[0] as number)).toBeLessThan(LEEWAY);
});

test('nor does a range', async () => {
  const { records, found } = measured(4 * RANGE_UNIT);
  await sealRange(forgetful(), 0, records);
  expect((found[1] as number) - (found[0] as number)).toBeLessThan(LEEWAY);
});
