import { checkOptions, invalidArgument, timeOf } from '../../options.js';
import { type Amount, parseAmount } from '../model/types.js';

/** One earlier payment that was accepted under the same open mandate. */
export interface PastUse {
  /** What was paid. */
  amount: Amount;
  /** When the payment mandate was presented. */
  usedAt: Date;
}

const YEAR_10000 = Date.UTC(10_000, 0);

/** A copy of the caller's history with every type checked. */
export function readHistory(history: unknown): readonly PastUse[] | undefined {
  if (history === undefined) return undefined;
  if (!Array.isArray(history)) invalidArgument('history', 'an array of past uses');
  return Array.from(history, (use: PastUse, index) => {
    const { amount, usedAt } = checkOptions(use, `history[${index}]`);
    const time = timeOf(usedAt);
    if (time === undefined || time >= YEAR_10000) {
      invalidArgument(`history[${index}].usedAt`, 'a valid Date, before the year 10000');
    }
    return { amount: parseAmount(amount, `history[${index}].amount`), usedAt: new Date(time) };
  });
}
