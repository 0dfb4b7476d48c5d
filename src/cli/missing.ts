// Options whose absence prevented a verdict on a chain.
import type { ConstraintViolation } from '../ap2/index.js';
import type { Given } from './arguments.js';

/** An option that a constraint needs, with its description. */
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
    text: '--checkout-hash HASH or --checkout-jwt FILE, the checkout being paid, or --allow-unchecked checkout',
  },
  checkout_hash: {
    option: '--checkout-jwt',
    text: "--checkout-jwt FILE, the merchant's JWT of the checkout",
  },
  'payment.reference': {
    option: '--open-checkout-hashes',
    text: '--open-checkout-hashes HASHES, those of the checkout chain',
  },
  // These limit the sum or the number of uses, which must not remain unchecked.
  'payment.agent_recurrence': HISTORY,
  'payment.budget': HISTORY,
} as const satisfies Readonly<Partial<Record<ConstraintViolation['rule'], Needed>>>;

/** The option that a violation needs to be judged; `undefined` if it is a verdict. */
function neededFor({ rule, error }: ConstraintViolation, given: Given): Needed | undefined {
  if (error !== 'unresolved_constraint' || !Object.hasOwn(NEEDED, rule)) return undefined;
  const needed: Needed = NEEDED[rule as keyof typeof NEEDED];
  // If the checkout was given, the rule is about its content.
  const isGiven = given.has(needed.option.slice(2)) || (rule === 'checkout' && given.has('checkout-jwt'));
  return isGiven ? undefined : needed;
}

/**
 * The missing options, if nothing else is wrong: the payment was then not judged. Empty if a constraint is violated: that is a
 * verdict, even if options are missing.
 */
export function missingOptions(violations: readonly ConstraintViolation[], given: Given): readonly Needed[] {
  const needed = violations.map((violation) => neededFor(violation, given));
  if (needed.includes(undefined)) return [];
  const byOption = new Map<string, Needed>();
  // The shorter text offers no alternative to the option.
  for (const each of needed as Needed[])
    if (each.text.length < (byOption.get(each.option)?.text.length ?? Number.POSITIVE_INFINITY))
      byOption.set(each.option, each);
  return [...byOption.values()];
}

/** Describes the missing options. */
export const missingText = (needed: readonly Needed[]): string =>
  `the payment was not judged: its mandates need ${needed.map(({ text }) => text).join('; and ')}`;
