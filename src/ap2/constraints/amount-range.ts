import type { Amount } from '../model/amount.js';
import type { AmountRange } from '../model/payment-constraints.js';
import type { Finding } from './violation.js';

/** payment_mandate.md "Amount Range": both ends inclusive; amounts of another currency cannot be compared. */
export function evaluateAmountRange(constraint: AmountRange, { amount, currency }: Amount): Finding[] {
  if (currency !== constraint.currency) {
    return [{ member: '.currency', expected: constraint.currency, found: currency }];
  }
  const findings: Finding[] = [];
  if (constraint.min !== undefined && amount < constraint.min) {
    findings.push({ member: '.min', expected: `at least ${constraint.min}`, found: `${amount}` });
  }
  if (amount > constraint.max) {
    findings.push({ member: '.max', expected: `at most ${constraint.max}`, found: `${amount}` });
  }
  return findings;
}
