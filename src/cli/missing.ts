// What a chain was not judged for, because an option was not given.
import type { ConstraintViolation } from '../ap2/index.js';
import type { Given } from './arguments.js';

/** Options that a constraint can need, with what is said of them. */
const NEEDED = {
  history: '--history FILE, the past uses ({} if there were none), or --allow-unchecked history',
  'checkout-hash':
    '--checkout-hash HASH or --checkout-jwt FILE, the checkout in hand, or --allow-unchecked checkout',
  'checkout-jwt': "--checkout-jwt FILE, the merchant's JWT of the checkout",
  'open-checkout-hashes': '--open-checkout-hashes HASHES, those of the checkout chain',
} as const;

export type NeededOption = keyof typeof NEEDED;

/** The option without which a violation could not be judged; `undefined` where it is a verdict. */
function optionFor({ rule, error }: ConstraintViolation, given: Given): NeededOption | undefined {
  if (error !== 'unresolved_constraint') return undefined;
  const options: readonly NeededOption[] =
    rule === 'history' || rule === 'payment.agent_recurrence' || rule === 'payment.budget'
      ? ['history']
      : rule === 'payment.reference'
        ? ['open-checkout-hashes']
        : rule === 'checkout_hash'
          ? ['checkout-jwt']
          : rule === 'checkout' && !given.has('checkout-jwt')
            ? ['checkout-hash']
            : [];
  return options.find((name) => !given.has(name));
}

/**
 * The options that were missing, where nothing else is wrong: then the payment was not judged. None where a constraint is violated:
 * that is a verdict, whatever else is missing.
 */
export function missingOptions(
  violations: readonly ConstraintViolation[],
  given: Given,
): readonly NeededOption[] {
  const options = violations.map((violation) => optionFor(violation, given));
  return options.includes(undefined) ? [] : [...new Set(options as NeededOption[])];
}

/** What is missing, in words. */
export const missingText = (options: readonly NeededOption[]): string =>
  `the payment was not judged: its mandates need ${options.map((name) => NEEDED[name]).join('; and ')}`;
