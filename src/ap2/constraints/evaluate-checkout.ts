import { checkNames, checkOptions, invalidArgument } from '../../options.js';
import { type Checkout, checkoutHash, decodeCheckoutJwt } from '../model/checkout.js';
import {
  type OpenCheckoutMandate,
  type PresentedCheckoutMandate,
  parseOpenCheckoutMandate,
  parsePresentedCheckoutMandate,
} from '../model/checkout-mandate.js';
import type { CheckoutConstraint } from '../model/constraints.js';
import { withoutPrototypes } from '../model/schema.js';
import { evaluateAllowedMerchants } from './allowed.js';
import { evaluateLineItems } from './line-items.js';
import { evaluatePreSetClaims } from './pre-set.js';
import { type ConstraintViolation, type Finding, refuseViolations, violationOf } from './violation.js';

/** What the constraints of an open checkout mandate are evaluated against, beside the closed one. */
export interface CheckoutConstraintContext {
  /**
   * The merchant's JWT of the checkout, as the merchant itself has it. Needed where the holder withheld the one in the
   * mandate; where both are there, both must have the mandate's `checkout_hash`.
   */
  checkoutJwt?: string;
  /** What violations call the open mandate. Default `open`. */
  path?: string;
}

/**
 * Every violation of an open checkout mandate by a closed one and the checkout it is for; none where it is authorized.
 * In a chain, evaluate each open mandate. A mandate or checkout that is not of AP2's form, or has a constraint of an
 * unknown type, throws. The merchant's signature in the checkout's JWT is not verified here.
 */
export function evaluateCheckoutConstraints(
  open: OpenCheckoutMandate,
  closed: PresentedCheckoutMandate,
  context?: CheckoutConstraintContext,
): ConstraintViolation[] {
  const options = checkOptions(context, 'context');
  checkNames(options, ['checkoutJwt', 'path']);
  const { path = 'open' } = options;
  if (typeof path !== 'string') invalidArgument('path', 'a string');
  if (Object.hasOwn(options, 'checkoutJwt') && typeof options.checkoutJwt !== 'string') {
    invalidArgument('checkoutJwt', 'a JWT in compact form');
  }
  const mandate = withoutPrototypes(parseOpenCheckoutMandate(open, path));
  const closing = withoutPrototypes(parsePresentedCheckoutMandate(closed, 'closed'));

  const violations = evaluatePreSetClaims(['checkout_hash'], mandate, closing, path);
  const jwts = [closing.checkout_jwt, options.checkoutJwt].filter((jwt) => jwt !== undefined);
  const [jwt] = jwts;
  if (jwt === undefined) {
    return [
      ...violations,
      violationOf('checkout_hash', 'closed.checkout_jwt', {
        member: '',
        expected: 'the checkout, disclosed or as "checkoutJwt"',
        found: 'none',
        unresolved: true,
      }),
    ];
  }
  if (jwts.some((text) => checkoutHash(text) !== closing.checkout_hash)) {
    const finding = { member: '', expected: 'the hash of the checkout', found: 'that of another' };
    // The constraints would be evaluated on a checkout that the mandate is not for.
    return [...violations, violationOf('checkout_hash', 'closed.checkout_hash', finding)];
  }
  const checkout = withoutPrototypes(decodeCheckoutJwt(jwt, 'closed.checkout_jwt'));
  for (const [index, constraint] of mandate.constraints.entries()) {
    const findings = evaluate(constraint, checkout);
    violations.push(
      ...findings.map((finding) => violationOf(constraint.type, `${path}.constraints[${index}]`, finding)),
    );
  }
  return violations;
}

/** Throws a {@link MandateConstraintError} where {@link evaluateCheckoutConstraints} finds a violation. */
export function enforceCheckoutConstraints(
  open: OpenCheckoutMandate,
  closed: PresentedCheckoutMandate,
  context?: CheckoutConstraintContext,
): void {
  refuseViolations(evaluateCheckoutConstraints(open, closed, context));
}

function evaluate(constraint: CheckoutConstraint, checkout: Checkout): Finding[] {
  switch (constraint.type) {
    case 'checkout.allowed_merchants':
      return evaluateAllowedMerchants(constraint, checkout.merchant);
    case 'checkout.line_items':
      return evaluateLineItems(constraint, checkout.line_items);
  }
}
