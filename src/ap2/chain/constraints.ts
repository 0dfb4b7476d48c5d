import { checkNames, checkOptions, invalidArgument } from '../../options.js';
import {
  type CheckoutConstraintContext,
  evaluateCheckoutConstraints,
} from '../constraints/evaluate-checkout.js';
import {
  evaluatePaymentConstraints,
  type PaymentConstraintContext,
} from '../constraints/evaluate-payment.js';
import { type PastUse, readHistory } from '../constraints/history.js';
import type { ConstraintViolation } from '../constraints/violation.js';
import { checkoutHash } from '../model/checkout.js';
import type { OpenCheckoutMandate, PresentedCheckoutMandate } from '../model/checkout-mandate.js';
import type { OpenPaymentMandate, PaymentMandate } from '../model/payment-mandate.js';
import { MANDATE_VCT } from '../model/schema.js';
import { hopPath, type VerifiedHop } from './hops.js';

/** What the constraints of a chain's open mandates are evaluated against, beside the closed mandate; all optional. */
export type ConstraintContext = Pick<
  PaymentConstraintContext & CheckoutConstraintContext,
  'openCheckoutHashes' | 'checkoutHash' | 'history' | 'checkoutJwt'
>;

const PAYMENT_CONTEXT = ['openCheckoutHashes', 'checkoutHash', 'history'] as const;
const CHECKOUT_CONTEXT = ['checkoutJwt'] as const;

/** Checks the context before a chain is looked at. A member that is undefined is a demand that went missing. */
export function checkContext(context: ConstraintContext | undefined): ConstraintContext {
  const given = checkOptions(context, 'context');
  checkNames(given, [...PAYMENT_CONTEXT, ...CHECKOUT_CONTEXT]);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined)
      invalidArgument(`context.${name}`, 'left out where there is none; it is undefined');
  }
  const { openCheckoutHashes = [], checkoutHash = '', checkoutJwt = '' } = given;
  if (!Array.isArray(openCheckoutHashes) || !openCheckoutHashes.every((hash) => typeof hash === 'string')) {
    invalidArgument('context.openCheckoutHashes', 'an array of strings');
  }
  if (typeof checkoutHash !== 'string') invalidArgument('context.checkoutHash', 'a string');
  if (typeof checkoutJwt !== 'string') invalidArgument('context.checkoutJwt', 'a string');
  // Copies: what the caller changes later is no context.
  return {
    ...given,
    ...(given.openCheckoutHashes && { openCheckoutHashes: [...openCheckoutHashes] }),
    ...(given.history && { history: readHistory(given.history) as readonly PastUse[] }),
  };
}

/**
 * Every violation of any open mandate of a chain by the closed one, and of what the caller knows of the checkout. They are of one
 * kind, or their forms do not fit.
 */
export function evaluateChain(
  hops: readonly VerifiedHop[],
  closed: PaymentMandate | PresentedCheckoutMandate,
  context: ConstraintContext,
  currentDate: Date,
): ConstraintViolation[] {
  const violations = hops.slice(0, -1).flatMap(({ mandate: open }, index) => {
    const path = hopPath(index);
    return closed.vct === MANDATE_VCT.payment
      ? evaluatePaymentConstraints(open as OpenPaymentMandate, closed, {
          ...pick(context, PAYMENT_CONTEXT),
          currentDate,
          path,
        })
      : evaluateCheckoutConstraints(open as OpenCheckoutMandate, closed, {
          ...pick(context, CHECKOUT_CONTEXT),
          path,
        });
  });
  return isOfCheckout(closed, context) || violations.some(({ rule }) => CHECKOUT_RULES.includes(rule))
    ? violations
    : [...violations, OTHER_CHECKOUT];
}

const CHECKOUT_RULES: readonly string[] = ['transaction_id', 'checkout_hash'];
const OTHER_CHECKOUT: ConstraintViolation = {
  rule: 'checkout_hash',
  path: 'closed',
  expected: 'the hash of the checkout',
  found: 'that of another',
  error: 'invalid_mandate',
};

/** Whether a closed mandate has the hash of every form of the checkout that is at hand. */
function isOfCheckout(
  closed: PaymentMandate | PresentedCheckoutMandate,
  { checkoutHash: known, checkoutJwt }: ConstraintContext,
): boolean {
  const isPayment = closed.vct === MANDATE_VCT.payment;
  const jwts = [checkoutJwt, isPayment ? undefined : closed.checkout_jwt].filter((jwt) => jwt !== undefined);
  const hash = isPayment ? closed.transaction_id : closed.checkout_hash;
  return [...(known === undefined ? [] : [known]), ...jwts.map(checkoutHash)].every(
    (other) => other === hash,
  );
}

/** The members that are given: one that is undefined is not. */
const pick = <T extends object, K extends keyof T>(object: T, names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(
    names.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]),
  ) as Pick<T, K>;
