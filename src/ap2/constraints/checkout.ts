import type { Checkout } from '../model/checkout.js';
import type { PaymentMandate } from '../model/payment-mandate.js';
import { parseExecutionDate } from '../model/schema.js';
import { isSameJson } from './allowed.js';
import type { Finding } from './violation.js';

/** The states in which nobody can complete a checkout. */
const ENDED: readonly string[] = ['completed', 'canceled'];

/** R10.37: a checkout that has ended or expired is no longer authorized. */
export function evaluateCheckoutState(checkout: Checkout, now: Date): Finding[] {
  const { status, expires_at: expiresAt, exp } = checkout;
  const findings: Finding[] = [];
  if (ENDED.includes(status)) {
    findings.push({ member: '.status', expected: 'a checkout that can be completed', found: status });
  }
  const ends = [
    ['.expires_at', expiresAt === undefined ? undefined : parseExecutionDate(expiresAt)?.start],
    // The merchant's JWT may have its own expiry.
    ['.exp', exp === undefined ? undefined : typeof exp === 'number' ? exp * 1000 : Number.NaN],
  ] as const;
  for (const [member, end] of ends) {
    if (end === undefined || now.getTime() < end) continue;
    findings.push({ member, expected: 'a time in the future', found: 'a time in the past' });
  }
  return findings;
}

/** The total of a checkout; `undefined` if it has no total, or several. */
export function totalOf({ totals }: Checkout): Checkout['totals'][number] | undefined {
  const [total, ...others] = totals.filter(({ type }) => type === 'total');
  return others.length === 0 ? total : undefined;
}

/** R10.36: the payment matches the checkout: its total, its currency, its merchant. */
export function evaluatePaymentOfCheckout(payment: PaymentMandate, checkout: Checkout): Finding[] {
  const findings: Finding[] = [];
  const { amount, currency } = payment.payment_amount;
  if (currency !== checkout.currency) {
    findings.push({ member: '.payment_amount.currency', expected: checkout.currency, found: currency });
  }
  const total = totalOf(checkout);
  if (total === undefined) {
    findings.push({
      member: '.payment_amount.amount',
      expected: 'exactly one total in the checkout',
      found: 'no total, or several',
      unresolved: true,
    });
  } else if (total.amount !== amount) {
    findings.push({ member: '.payment_amount.amount', expected: `${total.amount}`, found: `${amount}` });
  }
  if (checkout.merchant !== undefined && !isSameParty(checkout.merchant, payment.payee)) {
    findings.push({ member: '.payee', expected: 'the merchant of the checkout', found: 'another' });
  }
  return findings;
}

/** The identifiers are equal, and so are all members that both have. */
function isSameParty(one: { id: string }, other: { id: string }): boolean {
  if (one.id === '') return false;
  const others = new Map(Object.entries(other));
  return Object.entries(one).every(([name, value]) => {
    return name === 'id' || others.has(name) ? isSameJson(value as never, others.get(name) as never) : true;
  });
}
