// The properties that npm run ledger holds against real servers, in memory.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callers, checkCallers, withoutLock } from '../../scripts/ledger/model/concurrent.js';
import { checkSteps, ModelClock, steps } from '../../scripts/ledger/model/sequential.js';
import { createMemoryStore } from '../../src/ledger/conformance/index.js';
import { createLedger } from '../../src/ledger/index.js';

test('one caller after the other finds what a sequential model says', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const clock = new ModelClock();
      await checkSteps(await createLedger(createMemoryStore(), { clock: clock.read }), clock, all);
    }),
    { numRuns: 150 },
  );
});

describe('several callers at once', () => {
  const property = (isSabotaged: boolean) =>
    fc.asyncProperty(callers, async (moves) => {
      const data = new Map<string, Map<string, string>>();
      const stores = Array.from({ length: 3 }, () => createMemoryStore(data));
      await checkCallers(createLedger, isSabotaged ? stores.map(withoutLock) : stores, '', moves);
    });

  test('spend no more than allowed, nothing twice, and are told what is so', async () => {
    await fc.assert(property(false), { numRuns: 100 });
  });

  test('a lock that is lost is found, and shrunk to two callers', async () => {
    const { failed, counterexample } = await fc.check(property(true), { numRuns: 300, seed: 1 });
    expect(failed).toBe(true);
    expect(counterexample?.[0]).toHaveLength(2);
  });
});
