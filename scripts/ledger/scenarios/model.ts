import { createLedger } from 'ap2-pq/ledger';
import fc from 'fast-check';
import { NO_FAULTS } from '../audit.js';
import { type Connection, connect, type StoreAddress } from '../connect.js';
import { callers, checkCallers, withoutLock } from '../model/concurrent.js';
import { checkSteps, ModelClock, steps } from '../model/sequential.js';
import type { Outcome, Subject } from './scenario.js';

/**
 * Generated steps against a sequential model; generated concurrent callers; and the same with a lock that is intentionally
 * missing.
 */
export async function model(subject: Subject): Promise<Outcome> {
  const numRuns = subject.isQuick ? 40 : 300;
  const connections = await Promise.all(
    [0, 1, 2].map((index) => connect(subject.addresses[index % subject.addresses.length] as StoreAddress)),
  );
  try {
    const sequential = await fc.check(sequentialProperty(connections), { numRuns });
    const concurrent = await fc.check(concurrentProperty(connections, false), { numRuns });
    // It ends with the first failure: it may take some time until two callers collide.
    const sabotaged = await fc.check(concurrentProperty(connections, true), { numRuns: 1000 });
    const failures = [sequential, concurrent].filter(({ failed }) => failed).map(describe);
    const found = sabotaged.failed
      ? `a lock lost on purpose was found after ${sabotaged.numRuns} runs and shrunk ${sabotaged.numShrinks} times to ${JSON.stringify(sabotaged.counterexample?.[0])}`
      : 'A LOCK LOST ON PURPOSE WAS NOT FOUND';
    return {
      faults: { ...NO_FAULTS, lost: failures.length },
      hasHappened: sabotaged.failed,
      details: [`${numRuns} generated sequences and ${numRuns} sets of callers; ${found}`, ...failures].join(
        '\n    ',
      ),
    };
  } finally {
    for (const { close } of connections) await close();
  }
}

interface Details {
  readonly seed: number;
  readonly counterexample: unknown;
  readonly errorInstance: unknown;
}

const describe = ({ seed, counterexample, errorInstance }: Details): string =>
  `seed ${seed}, ${JSON.stringify(counterexample)}: ${String(errorInstance)}`;

const sequentialProperty = ([connection]: readonly Connection[]) =>
  fc.asyncProperty(steps, async (all) => {
    const clock = new ModelClock();
    const options = { scope: crypto.randomUUID(), clock: clock.read, timeLimit: 30_000 };
    await checkSteps(await createLedger((connection as Connection).store, options), clock, all);
  });

const concurrentProperty = (connections: readonly Connection[], isSabotaged: boolean) => {
  const stores = connections.map(({ store }) => (isSabotaged ? withoutLock(store) : store));
  return fc.asyncProperty(callers, (moves) => checkCallers(createLedger, stores, crypto.randomUUID(), moves));
};
