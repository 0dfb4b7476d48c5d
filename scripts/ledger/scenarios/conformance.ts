import { runLedgerConformance } from 'ap2-pq/ledger/conformance';
import { NO_FAULTS } from '../audit.js';
import { connect } from '../connect.js';
import type { Outcome, Subject } from './scenario.js';

/** The exported suite, with each driver and client. */
export async function conformance(subject: Subject): Promise<Outcome> {
  const failures: string[] = [];
  let passed = 0;
  for (const address of subject.addresses) {
    for (const { name, ok, error } of await runLedgerConformance(() => connect(address))) {
      if (ok) passed++;
      else failures.push(`${JSON.stringify(address)}: ${name}: ${String(error)}`);
    }
  }
  return {
    faults: { ...NO_FAULTS, lost: failures.length },
    hasHappened: passed > 0,
    details: [`${passed} tests passed, ${failures.length} failed`, ...failures].join('\n    '),
  };
}
