import type { CheckoutConstraintContext } from '../constraints/evaluate-checkout.js';
import { evaluateCheckoutConstraints } from '../constraints/evaluate-checkout.js';
import type { PaymentConstraintContext } from '../constraints/evaluate-payment.js';
import { evaluatePaymentConstraints } from '../constraints/evaluate-payment.js';
import type { ConstraintViolation } from '../constraints/violation.js';
import type { PresentedCheckoutMandate } from '../model/checkout-mandate.js';
import type { OpenCheckoutMandate } from '../model/open-checkout-mandate.js';
import type { OpenPaymentMandate } from '../model/open-payment-mandate.js';
import type { PaymentMandate } from '../model/payment-mandate.js';
import { MANDATE_VCT } from '../model/vct.js';
import type { VerifiedHop } from './hops.js';
import { hopPath } from './hops.js';

/** What the constraints of a chain's open mandates are evaluated against, beside the closed mandate; all optional. */
export type ConstraintContext = Pick<
  PaymentConstraintContext & CheckoutConstraintContext,
  'openCheckoutHashes' | 'checkoutHash' | 'history' | 'checkoutJwt'
>;

const PAYMENT_CONTEXT = ['openCheckoutHashes', 'checkoutHash', 'history'] as const;
const CHECKOUT_CONTEXT = ['checkoutJwt'] as const;
export const CONSTRAINT_CONTEXT: readonly string[] = [...PAYMENT_CONTEXT, ...CHECKOUT_CONTEXT];

/** Every violation of any open mandate of a chain by the closed one. They are of one kind, or their forms do not fit. */
export function evaluateChain(
  hops: readonly VerifiedHop[],
  closed: PaymentMandate | PresentedCheckoutMandate,
  context: ConstraintContext,
  currentDate: Date,
): ConstraintViolation[] {
  return hops.slice(0, -1).flatMap(({ mandate: open }, index) => {
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
}

/** The members that are given: one that is undefined is not. */
const pick = <T extends object, K extends keyof T>(object: T, names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(
    names.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]),
  ) as Pick<T, K>;
