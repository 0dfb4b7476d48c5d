import type { AgentRecurrence, PaymentConstraint } from '../model/constraints.js';
import { parseExecutionDate } from '../model/schema.js';
import type { PastUse } from './history.js';
import type { Finding } from './violation.js';

const DAY = 86_400_000;

/**
 * payment_mandate.md "Agent Recurrence": the number of payments is limited, and the last one must be long enough ago. A range
 * and a budget must be in the same mandate, or an agent could spend without limit. The interval applies to execution dates too,
 * or all payments could be executed on one day.
 */
export function evaluateAgentRecurrence(
  { frequency, max_occurrences: most = Number.POSITIVE_INFINITY }: AgentRecurrence,
  constraints: readonly PaymentConstraint[],
  history: readonly PastUse[] | undefined,
  executionDate: string | undefined,
  now: Date,
): Finding[] {
  const findings: Finding[] = [];
  for (const companion of ['payment.amount_range', 'payment.budget'] as const) {
    if (constraints.some(({ type }) => type === companion)) continue;
    findings.push({
      member: '',
      expected: `a constraint of type ${companion} in the same mandate`,
      found: 'none',
    });
  }
  if (frequency === 'ON_DEMAND' && most === Number.POSITIVE_INFINITY) return findings;
  if (history === undefined) {
    const missing = {
      expected: '"context.history", the past uses',
      found: 'none',
      unresolved: true,
    } as const;
    return [...findings, { member: '', ...missing }];
  }
  if (history.length >= most) {
    findings.push({
      member: '.max_occurrences',
      expected: `at most ${most} payments`,
      found: `${history.length + 1}, including this one`,
    });
  }
  if (frequency === 'ON_DEMAND') return findings;
  const presented = history.map(({ usedAt }) => usedAt.getTime());
  const executed = history.map(({ usedAt, executionDate: date }) => startOf(date) ?? usedAt.getTime());
  for (const [times, time] of [
    [presented, now.getTime()],
    [executed, startOf(executionDate) ?? now.getTime()],
  ] as const) {
    const next = earliestNext(times, frequency);
    if (next === undefined || time >= next) continue;
    findings.push({
      member: '.frequency',
      expected: `${frequency}: ${new Date(next).toISOString()} or later`,
      found: new Date(time).toISOString(),
    });
    break;
  }
  return findings;
}

const startOf = (date: string | undefined): number | undefined =>
  date === undefined ? undefined : parseExecutionDate(date)?.start;

type Frequency = Exclude<AgentRecurrence['frequency'], 'ON_DEMAND'>;

/** The earliest time of the next payment after the past ones. Months and years are calendar months and years, in UTC. */
function earliestNext(times: readonly number[], frequency: Frequency): number | undefined {
  const ascending = [...times].sort((one, other) => one - other);
  const last = ascending.at(-1);
  if (last === undefined) return undefined;
  switch (frequency) {
    case 'DAILY':
      return last + DAY;
    case 'WEEKLY':
      return last + 7 * DAY;
    case 'BIWEEKLY':
      return last + 14 * DAY;
    case 'MONTHLY':
      return addMonths(last, 1, intendedDay(ascending));
    case 'QUARTERLY':
      return addMonths(last, 3, intendedDay(ascending));
    case 'ANNUALLY':
      return addMonths(last, 12, intendedDay(ascending));
  }
}

/**
 * The day of the month on which payments are made. A payment on the last day of a short month counts as one on the intended day
 * that the month does not have: after 31 January and 28 February, the next payment is due on 31 March, not on 28 March.
 */
const intendedDay = (ascending: readonly number[]): number =>
  ascending.reduce((intended, time) => {
    const date = new Date(time);
    const day = date.getUTCDate();
    return day === daysInMonth(date.getUTCFullYear(), date.getUTCMonth()) && day < intended ? intended : day;
  }, 0);

/** Adds months, keeps the time of day, and uses the given day, or the last day of the month if it has no such day. */
function addMonths(time: number, months: number, day: number): number {
  const result = new Date(time);
  result.setUTCDate(1);
  result.setUTCMonth(result.getUTCMonth() + months);
  result.setUTCDate(Math.min(day, daysInMonth(result.getUTCFullYear(), result.getUTCMonth())));
  return result.getTime();
}

const daysInMonth = (year: number, month: number): number => {
  const last = new Date(0);
  last.setUTCFullYear(year, month + 1, 0);
  return last.getUTCDate();
};
