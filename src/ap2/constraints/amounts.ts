import type { AmountRange, Budget } from '../model/constraints.js';
import type { Amount } from '../model/types.js';
import type { PastUse } from './history.js';
import { toMinorUnits } from './minor-units.js';
import type { Finding } from './violation.js';

/** payment_mandate.md "Amount Range": both ends are inclusive; amounts in different currencies cannot be compared. */
export function evaluateAmountRange({ min = 0, max, currency }: AmountRange, payment: Amount): Finding[] {
  if (payment.currency !== currency) {
    return [{ member: '.currency', expected: currency, found: payment.currency }];
  }
  const { amount } = payment;
  const findings: Finding[] = [];
  if (amount < min) {
    findings.push({ member: '.min', expected: `at least ${min}`, found: `${amount}` });
  }
  if (amount > max) {
    findings.push({ member: '.max', expected: `at most ${max}`, found: `${amount}` });
  }
  return findings;
}

/** payment_mandate.md "Budget": this payment and all past payments are at most `max` in total. */
export function evaluateBudget(
  { max, currency }: Budget,
  payment: Amount,
  history: readonly PastUse[] | undefined,
): Finding[] {
  if (payment.currency !== currency) {
    return [{ member: '.currency', expected: currency, found: payment.currency }];
  }
  const unresolved = (member: string, expected: string, found: string): Finding[] => [
    { member, expected, found, unresolved: true },
  ];
  if (history === undefined) return unresolved('', '"context.history", the past uses', 'none');
  const spent = history.map(({ amount }) => amount);
  const foreign = spent.find((amount) => amount?.currency !== currency);
  if (spent.includes(undefined) || foreign !== undefined) {
    return unresolved('.currency', `past uses in ${currency}`, `one in ${foreign?.currency ?? 'none'}`);
  }
  const limit = toMinorUnits(max, currency);
  if (limit === undefined) {
    return unresolved('.currency', 'a currency with a known minor unit', currency);
  }
  const total = [payment, ...(spent as Amount[])].reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  if (total <= limit) return [];
  return [
    {
      member: '.max',
      expected: `at most ${limit} in total, in minor units`,
      found: `${total}, of which ${payment.amount} now`,
    },
  ];
}
