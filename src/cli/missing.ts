// What a chain was not judged for, because an option was not given.
import type { ConstraintViolation } from '../ap2/index.js';
import type { Given } from './arguments.js';

/** An option that a constraint needs, with what is said of it. */
export interface Needed {
  readonly option: string;
  readonly text: string;
}

const HISTORY: Needed = {
  option: '--history',
  text: '--history FILE, the past uses ({} if there were none)',
};
const NEEDED = {
  history: { ...HISTORY, text: `${HISTORY.text}, or --allow-unchecked history` },
  checkout: {
    option: '--checkout-hash',
    text: '--checkout-hash HASH or --checkout-jwt FILE, the checkout in hand, or --allow-unchecked checkout',
  },
  checkout_hash: {
    option: '--checkout-jwt',
    text: "--checkout-jwt FILE, the merchant's JWT of the checkout",
  },
  'payment.reference': {
    option: '--open-checkout-hashes',
    text: '--open-checkout-hashes HASHES, those of the checkout chain',
  },
  // What these limit is the sum or the number of uses: nobody can leave that unchecked.
  'payment.agent_recurrence': HISTORY,
  'payment.budget': HISTORY,
} as const satisfies Readonly<Partial<Record<ConstraintViolation['rule'], Needed>>>;

/** What a violation could not be judged without; `undefined` where it is a verdict. */
function neededFor({ rule, error }: ConstraintViolation, given: Given): Needed | undefined {
  if (error !== 'unresolved_constraint' || !Object.hasOwn(NEEDED, rule)) return undefined;
  const needed: Needed = NEEDED[rule as keyof typeof NEEDED];
  // With the checkout at hand, the rule is about what it holds.
  const isGiven = given.has(needed.option.slice(2)) || (rule === 'checkout' && given.has('checkout-jwt'));
  return isGiven ? undefined : needed;
}

/**
 * What was missing, where nothing else is wrong: then the payment was not judged. Nothing where a constraint is violated: that is a
 * verdict, whatever else is missing.
 */
export function missingOptions(violations: readonly ConstraintViolation[], given: Given): readonly Needed[] {
  const needed = violations.map((violation) => neededFor(violation, given));
  if (needed.includes(undefined)) return [];
  const byOption = new Map<string, Needed>();
  // The shorter text leaves no way around the option.
  for (const each of needed as Needed[])
    if (each.text.length < (byOption.get(each.option)?.text.length ?? Number.POSITIVE_INFINITY))
      byOption.set(each.option, each);
  return [...byOption.values()];
}

/** What is missing, in words. */
export const missingText = (needed: readonly Needed[]): string =>
  `the payment was not judged: its mandates need ${needed.map(({ text }) => text).join('; and ')}`;
