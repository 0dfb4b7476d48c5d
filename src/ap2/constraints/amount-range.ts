import type { Amount } from '../model/amount.js';
import type { AmountRange } from '../model/payment-constraints.js';
import type { Finding } from './violation.js';

/** payment_mandate.md "Amount Range": both ends inclusive; amounts of another currency cannot be compared. */
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
