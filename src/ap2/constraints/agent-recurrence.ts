import type { AgentRecurrence, PaymentConstraint } from '../model/constraints.js';
import type { PastUse } from './history.js';
import type { Finding } from './violation.js';

const DAY = 86_400_000;

/**
 * payment_mandate.md "Agent Recurrence": as many payments as allowed, and the last one long enough ago. It stands beside
 * a range and a budget, without which an agent could spend without limit.
 */
export function evaluateAgentRecurrence(
  { frequency, max_occurrences: most = Number.POSITIVE_INFINITY }: AgentRecurrence,
  constraints: readonly PaymentConstraint[],
  history: readonly PastUse[] | undefined,
  now: Date,
): Finding[] {
  const findings: Finding[] = [];
  for (const companion of ['payment.amount_range', 'payment.budget'] as const) {
    if (constraints.some(({ type }) => type === companion)) continue;
    findings.push({ member: '', expected: `a constraint of type ${companion} beside it`, found: 'none' });
  }
  if (frequency === 'ON_DEMAND' && most === Number.POSITIVE_INFINITY) return findings;
  if (history === undefined) {
    const missing = { expected: 'a "history" of past uses', found: 'none', unresolved: true } as const;
    return [...findings, { member: '', ...missing }];
  }
  if (history.length >= most) {
    findings.push({
      member: '.max_occurrences',
      expected: `at most ${most} payments`,
      found: `${history.length + 1}, this one included`,
    });
  }
  const last = latestUse(history);
  if (last === undefined || frequency === 'ON_DEMAND') return findings;
  const next = earliestNext(last, frequency);
  if (!(now.getTime() >= next)) {
    findings.push({
      member: '.frequency',
      expected: `${frequency}: ${new Date(next).toISOString()} or later`,
      found: now.toISOString(),
    });
  }
  return findings;
}

const latestUse = (history: readonly PastUse[]): Date | undefined =>
  history.reduce<Date | undefined>(
    (latest, { usedAt }) => (latest === undefined || usedAt > latest ? usedAt : latest),
    undefined,
  );

/** When the next payment may be made after the last; months and years are those of the calendar, in UTC. */
function earliestNext(last: Date, frequency: Exclude<AgentRecurrence['frequency'], 'ON_DEMAND'>): number {
  switch (frequency) {
    case 'DAILY':
      return last.getTime() + DAY;
    case 'WEEKLY':
      return last.getTime() + 7 * DAY;
    case 'BIWEEKLY':
      return last.getTime() + 14 * DAY;
    case 'MONTHLY':
      return addMonths(last, 1);
    case 'QUARTERLY':
      return addMonths(last, 3);
    case 'ANNUALLY':
      return addMonths(last, 12);
  }
}

/** The same day and time so many months later, or the last day of that month where it has no such day. */
function addMonths(date: Date, months: number): number {
  const result = new Date(date);
  result.setUTCMonth(result.getUTCMonth() + months + 1, 0);
  result.setUTCDate(Math.min(date.getUTCDate(), result.getUTCDate()));
  return result.getTime();
}
