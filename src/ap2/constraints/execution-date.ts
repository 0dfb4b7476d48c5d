import type { ExecutionDate } from '../model/constraints.js';
import { parseExecutionDate } from '../model/schema.js';
import type { Finding } from './violation.js';

/**
 * payment_mandate.md "Execution Date": both ends inclusive, compared as instants. A payment without a date is executed
 * at once, and a date without a time of day may be executed at any time of that day. Nothing is executed before it is
 * presented, so that a window that has closed stays closed, whatever date the payment names.
 */
export function evaluateExecutionDate(
  constraint: ExecutionDate,
  executionDate: string | undefined,
  now: Date,
): Finding[] {
  const found = executionDate ?? now.toISOString();
  const findings: Finding[] = [];
  const [execution, notBefore, notAfter] = [found, constraint.not_before, constraint.not_after].map(
    (text = '') => parseExecutionDate(text),
  );
  if (notBefore !== undefined && !((execution?.start ?? Number.NaN) >= notBefore.start)) {
    findings.push({ member: '.not_before', expected: `${constraint.not_before} or later`, found });
  }
  if (notAfter !== undefined && !((execution?.end ?? Number.NaN) <= notAfter.end)) {
    findings.push({ member: '.not_after', expected: `${constraint.not_after} or earlier`, found });
  } else if (notAfter !== undefined && !(now.getTime() <= notAfter.end)) {
    findings.push({
      member: '.not_after',
      expected: `presented by ${constraint.not_after}`,
      found: now.toISOString(),
    });
  }
  return findings;
}
