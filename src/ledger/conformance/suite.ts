import { LEDGER_CASES } from './ledger-cases.js';
import { STORE_CASES } from './store-cases.js';
import { inWorld, type OpenStore } from './world.js';

/** A test, ready to run: it rejects if the rule is broken. */
export interface ConformanceTest {
  readonly name: string;
  run(): Promise<void>;
}

/** The result of one case. */
export interface ConformanceResult {
  readonly name: string;
  readonly ok: boolean;
  /** The reason for the failure. */
  readonly error: unknown;
}

/**
 * The rules that a store must follow, as tests for any runner.
 *
 * @example
 * ```ts
 * for (const { name, run } of ledgerConformanceTests(openStore)) test(name, run);
 * ```
 *
 * @param openStore Opens the store under test, each time as another process would, on the same data. The store may have other
 * data.
 */
export const ledgerConformanceTests = (openStore: OpenStore): readonly ConformanceTest[] =>
  [...STORE_CASES, ...LEDGER_CASES].map(({ name, run }) => ({ name, run: () => inWorld(openStore, run) }));

/** Runs all {@link ledgerConformanceTests}, one after the other. Never throws if a test fails. */
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
