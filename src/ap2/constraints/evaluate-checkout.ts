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

/** What the constraints of an open checkout mandate are evaluated against, beside the closed one. */
export interface CheckoutConstraintContext {
  /**
   * The merchant's JWT of the checkout, as the merchant itself has it. Needed where the holder withheld the one in the
   * mandate; where both are there, both must have the mandate's `checkout_hash`.
   */
  checkoutJwt?: string;
  /** The checkouts that were accepted under this open mandate before; where given, there must be none. */
  history?: readonly PastUse[] | undefined;
  /** When the mandate is presented. Default: now. */
  currentDate?: Date;
  /** Members that a merchant may have beyond those of the entry that allows it. Default: none. */
  extraMembers?: ExtraMembers | undefined;
  /** Passes over members of a constraint that AP2 v0.2 does not define. Default `false`: they are violations. */
  allowUnknownMembers?: boolean;
  /** What violations call the open mandate. Default `open`. */
  path?: string;
}

const NAMES = ['checkoutJwt', 'history', 'currentDate', 'extraMembers', 'allowUnknownMembers', 'path'];

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
        expected: 'the checkout, disclosed or as "checkoutJwt"',
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
    // The constraints would be evaluated on a checkout that the mandate is not for.
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

/** The constraints by themselves: what the checkout holds, and not which mandate is for it. */
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

/** Throws a {@link MandateConstraintError} where {@link evaluateCheckoutConstraints} finds a violation. */
export function enforceCheckoutConstraints(
  open: OpenCheckoutMandate,
  closed: PresentedCheckoutMandate,
  context?: CheckoutConstraintContext,
): void {
  refuseViolations(evaluateCheckoutConstraints(open, closed, context));
}

/** A checkout that is settled already. The holder may withhold it; its hash stays. */
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
