import type { ExecutionDate } from '../model/constraints.js';
import { parseExecutionDate } from '../model/schema.js';
import type { Finding } from './violation.js';

/**
 * payment_mandate.md "Execution Date": both ends are inclusive, and are compared as instants. A payment without a date is
 * executed immediately. A date without a time means any time of that day. Nothing is executed before it is presented: after the
 * end of a period, the constraint is violated, whatever date the payment has.
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
