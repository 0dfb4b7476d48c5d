import { checkDate, checkNames, checkOptions, invalidArgument } from '../../options.js';
import { type Checkout, checkoutHash, decodeCheckoutJwt } from '../model/checkout.js';
import {
  type OpenCheckoutMandate,
  type PresentedCheckoutMandate,
  parseOpenCheckoutMandate,
  parsePresentedCheckoutMandate,
} from '../model/checkout-mandate.js';
import { type CheckoutConstraint, unknownMembersOf } from '../model/constraints.js';
import { withoutPrototypes } from '../model/schema.js';
import { type ExtraMembers, evaluateAllowedMerchants, readExtraMembers } from './allowed.js';
import { evaluateCheckoutState } from './checkout.js';
import { evaluateReuse, type PastUse, readHistory } from './history.js';
import { evaluateLineItems } from './line-items.js';
import { evaluatePreSetClaims } from './pre-set.js';
import {
  type ConstraintViolation,
  type Finding,
  refuseViolations,
  unknownMembers,
  violationOf,
} from './violation.js';

/** The data, besides the closed mandate, that the constraints of an open checkout mandate are evaluated against. */
export interface CheckoutConstraintContext {
  /**
   * The merchant's JWT of the checkout, from the merchant. Required if the holder withheld the one in the mandate. If both are
   * present, both must have the mandate's `checkout_hash`.
   */
  checkoutJwt?: string;
  /** The checkouts accepted under this open mandate before. If given, it must be empty. */
  history?: readonly PastUse[] | undefined;
  /** When the mandate is presented. Default: now. */
  currentDate?: Date;
  /** Members that a merchant may have in addition to those of the entry that allows it. Default: none. */
  extraMembers?: ExtraMembers | undefined;
  /** Ignores members of a constraint that AP2 v0.2 does not define. Default `false`: they are violations. */
  allowUnknownMembers?: boolean;
  /** The name of the open mandate in violations. Default `open`. */
  path?: string;
}

const NAMES = ['checkoutJwt', 'history', 'currentDate', 'extraMembers', 'allowUnknownMembers', 'path'];

/**
 * Returns every violation of an open checkout mandate by a closed one and its checkout; empty if the checkout is authorized. In
 * a chain, evaluate each open mandate. Throws if a mandate or checkout does not have AP2's form, or has a constraint of an
 * unknown type. The merchant's signature in the checkout's JWT is not verified here.
 */
export function evaluateCheckoutConstraints(
  open: OpenCheckoutMandate,
  closed: PresentedCheckoutMandate,
  context?: CheckoutConstraintContext,
): ConstraintViolation[] {
  const options = checkOptions(context, 'context');
  checkNames(options, NAMES);
  const { path = 'open', currentDate = new Date(), allowUnknownMembers = false } = options;
  if (typeof path !== 'string') invalidArgument('path', 'a string');
  if (typeof allowUnknownMembers !== 'boolean') invalidArgument('allowUnknownMembers', 'a boolean');
  if (Object.hasOwn(options, 'checkoutJwt') && typeof options.checkoutJwt !== 'string') {
    invalidArgument('checkoutJwt', 'a JWT in compact form');
  }
  const now = new Date(checkDate(currentDate, 'currentDate'));
  const extra = readExtraMembers(options.extraMembers);
  const history = readHistory(options.history);
  const mandate = withoutPrototypes(parseOpenCheckoutMandate(open, path));
  const closing = withoutPrototypes(parsePresentedCheckoutMandate(closed, 'closed'));

  const violations = [
    ...evaluatePreSetClaims(mandate, closing, path, ['checkout_jwt']),
    ...evaluatePreSetJwt(mandate.checkout_jwt, closing, path),
    ...evaluateReuse(history ?? [], closing.checkout_hash, false).map((finding) =>
      violationOf('history', path, finding),
    ),
  ];
  const jwts = [closing.checkout_jwt, options.checkoutJwt].filter((jwt) => jwt !== undefined);
  const [jwt] = jwts;
  if (jwt === undefined) {
    return [
      ...violations,
      violationOf('checkout_hash', 'closed.checkout_jwt', {
        member: '',
        expected: 'the checkout, disclosed or as "context.checkoutJwt"',
        found: 'none',
        unresolved: true,
      }),
    ];
  }
  if (jwts.some((text) => checkoutHash(text) !== closing.checkout_hash)) {
    const finding = {
      member: '',
      expected: 'the hash of the checkout',
      found: 'the hash of another checkout',
    };
    // Otherwise the constraints would be evaluated for a checkout that the mandate does not refer to.
    return [...violations, violationOf('checkout_hash', 'closed.checkout_hash', finding)];
  }
  const checkout = withoutPrototypes(decodeCheckoutJwt(jwt, 'closed.checkout_jwt'));
  violations.push(
    ...evaluateCheckoutState(checkout, now).map((finding) =>
      violationOf('checkout', 'closed.checkout_jwt', finding),
    ),
  );
  violations.push(...evaluateContent(mandate, checkout, { path, extra, allowUnknownMembers }));
  return violations;
}

/** Evaluates only the constraints, on the content of the checkout, not whether the mandate refers to it. */
export function evaluateContent(
  { constraints }: OpenCheckoutMandate,
  checkout: Checkout,
  { path, extra, allowUnknownMembers }: { path: string; extra: ExtraMembers; allowUnknownMembers: boolean },
): ConstraintViolation[] {
  return constraints.flatMap((constraint, index) => {
    const at = `${path}.constraints[${index}]`;
    return [
      ...evaluate(constraint, checkout, extra).map((finding) => violationOf(constraint.type, at, finding)),
      ...(allowUnknownMembers ? [] : unknownMembers(unknownMembersOf(constraint), at)),
    ];
  });
}

/** Throws a {@link MandateConstraintError} if {@link evaluateCheckoutConstraints} finds a violation. */
export function enforceCheckoutConstraints(
  open: OpenCheckoutMandate,
  closed: PresentedCheckoutMandate,
  context?: CheckoutConstraintContext,
): void {
  refuseViolations(evaluateCheckoutConstraints(open, closed, context));
}

/** A pre-set checkout. The holder may withhold it, but its hash remains. */
function evaluatePreSetJwt(
  settled: unknown,
  closed: PresentedCheckoutMandate,
  path: string,
): ConstraintViolation[] {
  if (settled === undefined) return [];
  if (typeof settled === 'string' && checkoutHash(settled) === closed.checkout_hash) return [];
  const finding = {
    member: '.checkout_jwt',
    expected: 'the same in the closed mandate',
    found: 'another value',
  };
  return [violationOf('pre-set claim', path, finding)];
}

function evaluate(constraint: CheckoutConstraint, checkout: Checkout, extra: ExtraMembers): Finding[] {
  switch (constraint.type) {
    case 'checkout.allowed_merchants':
      return evaluateAllowedMerchants(constraint, checkout.merchant, extra);
    case 'checkout.line_items':
      return evaluateLineItems(constraint, checkout.line_items);
  }
}
