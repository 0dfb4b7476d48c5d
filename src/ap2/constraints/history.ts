import { checkOptions, copyArray, invalidArgument, readValue, timeOf } from '../../options.js';
import { parseExecutionDate } from '../model/schema.js';
import { type Amount, parseAmount } from '../model/types.js';
import type { Finding } from './violation.js';

/** A past transaction that was accepted under the same mandate. */
export interface PastUse {
  /** The `transaction_id` of the payment, or the `checkout_hash` of the checkout. */
  readonly transactionId: string;
  /** When the closed mandate was presented. */
  readonly usedAt: Date;
  /** The amount paid. Absent for a checkout. */
  readonly amount?: Amount;
  /** The `execution_date` of the payment, if it had one: an RFC 3339 date-time or full-date. */
  readonly executionDate?: string;
}

const YEAR_10000 = Date.UTC(10_000, 0);

/** Returns a copy of the caller's history with every type checked. */
export function readHistory(history: unknown, path = 'history'): readonly PastUse[] | undefined {
  if (history === undefined) return undefined;
  const uses = copyArray(history) ?? invalidArgument(path, 'an array of past uses');
  return uses.map((use, index) => readUse(use as PastUse, `${path}[${index}]`));
}

/** Calls the caller's function, and reads the history that it returns. */
export const callHistory = (
  history: ((identity: string, hop: number) => unknown) | undefined,
  identity: string,
  hop: number,
): readonly PastUse[] | undefined =>
  readHistory(
    readValue('context.history', () => history?.(identity, hop), 'ERR_MANDATE_HISTORY_UNKNOWN'),
    'context.history',
  );

function readUse(use: PastUse, path: string): PastUse {
  const { transactionId, usedAt, amount, executionDate } = checkOptions(use, path);
  if (typeof transactionId !== 'string' || transactionId === '') {
    invalidArgument(`${path}.transactionId`, 'a non-empty string');
  }
  const time = timeOf(usedAt);
  if (time === undefined || time >= YEAR_10000) {
    return invalidArgument(`${path}.usedAt`, 'a valid Date, before the year 10000');
  }
  if (
    executionDate !== undefined &&
    (typeof executionDate !== 'string' || !parseExecutionDate(executionDate))
  ) {
    invalidArgument(`${path}.executionDate`, 'an RFC 3339 full-date or date-time');
  }
  return {
    transactionId,
    usedAt: new Date(time),
    ...(amount !== undefined && { amount: parseAmount(amount, `${path}.amount`) }),
    ...(executionDate !== undefined && { executionDate }),
  };
}

/**
 * SPEC.md §10.6: a mandate is for one transaction, unless a `payment.agent_recurrence` allows more. No transaction is accepted
 * twice under it.
 */
export function evaluateReuse(
  history: readonly PastUse[],
  transactionId: string,
  mayRecur: boolean,
): Finding[] {
  if (!mayRecur && history.length > 0) {
    return [{ member: '', expected: 'one transaction', found: `${history.length + 1}, including this one` }];
  }
  if (history.some((use) => use.transactionId === transactionId)) {
    return [
      {
        member: '',
        expected: 'a transaction that was not accepted before',
        found: 'a transaction that was accepted before',
      },
    ];
  }
  return [];
}
