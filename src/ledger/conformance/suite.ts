import { LEDGER_CASES } from './ledger-cases.js';
import { STORE_CASES } from './store-cases.js';
import { inWorld, type OpenStore } from './world.js';

/** A case, ready to run: rejects where the rule is broken. */
export interface ConformanceTest {
  readonly name: string;
  run(): Promise<void>;
}

/** What came of one case. */
export interface ConformanceResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why it failed. */
  readonly error: unknown;
}

/**
 * The rules that a store has to keep, as tests for any runner.
 *
 * @example
 * ```ts
 * for (const { name, run } of ledgerConformanceTests(openStore)) test(name, run);
 * ```
 *
 * @param openStore Opens the store under test, each time as another process would, on the same data. It may hold other data.
 */
export const ledgerConformanceTests = (openStore: OpenStore): readonly ConformanceTest[] =>
  [...STORE_CASES, ...LEDGER_CASES].map(({ name, run }) => ({ name, run: () => inWorld(openStore, run) }));

/** Runs all of {@link ledgerConformanceTests}, one after the other. Never throws for what a test finds. */
export async function runLedgerConformance(openStore: OpenStore): Promise<readonly ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for (const { name, run } of ledgerConformanceTests(openStore)) {
    try {
      await run();
      results.push({ name, ok: true, error: undefined });
    } catch (error) {
      results.push({ name, ok: false, error });
    }
  }
  return results;
}
