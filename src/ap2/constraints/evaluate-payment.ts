import { checkDate, checkNames, checkOptions, invalidArgument } from '../../options.js';
import { type PaymentConstraint, type PaymentReference, unknownMembersOf } from '../model/constraints.js';
import {
  type OpenPaymentMandate,
  type PaymentMandate,
  parseOpenPaymentMandate,
  parsePaymentMandate,
} from '../model/payment-mandate.js';
import { withoutPrototypes } from '../model/schema.js';
import {
  type ExtraMembers,
  evaluateAllowedPayees,
  evaluateAllowedPaymentInstruments,
  evaluateAllowedPisps,
  readExtraMembers,
} from './allowed.js';
import { evaluateAmountRange, evaluateBudget } from './amounts.js';
import { evaluateExecutionDate } from './execution-date.js';
import { evaluateReuse, type PastUse, readHistory } from './history.js';
import { evaluatePreSetClaims } from './pre-set.js';
import { evaluateAgentRecurrence } from './recurrence.js';
import {
  type ConstraintViolation,
  type Finding,
  refuseViolations,
  unknownMembers,
  violationOf,
} from './violation.js';

/** What the constraints of an open payment mandate are evaluated against, beside the closed one. */
export interface PaymentConstraintContext {
  /**
   * Hashes, computed as `sd_hash` is, of the open checkout mandates in the chain of the checkout mandate. A
   * `payment.reference` needs them.
   */
  openCheckoutHashes?: readonly string[] | undefined;
  /** The `checkout_hash` of the checkout that is paid for; where given, `transaction_id` must be it. */
  checkoutHash?: string;
  /**
   * The payments that were accepted under this open mandate before, all of them: an empty array for the first use. A
   * `payment.agent_recurrence` and a `payment.budget` need it. Without a recurrence, there must be none.
   */
  history?: readonly PastUse[] | undefined;
  /** When the mandate is presented. Default: now. */
  currentDate?: Date;
  /** Members that a party or instrument may have beyond those of the entry that allows it. Default: none. */
  extraMembers?: ExtraMembers | undefined;
  /** Passes over members of a constraint that AP2 v0.2 does not define. Default `false`: they are violations. */
  allowUnknownMembers?: boolean;
  /** What violations call the open mandate. Default `open`. */
  path?: string;
}

const NAMES = [
  'openCheckoutHashes',
  'checkoutHash',
  'history',
  'currentDate',
  'extraMembers',
  'allowUnknownMembers',
  'path',
];

interface Rules {
  readonly openCheckoutHashes: readonly string[] | undefined;
  readonly history: readonly PastUse[] | undefined;
  readonly now: Date;
  readonly extra: ExtraMembers;
}

/**
 * Every violation of an open payment mandate by a closed one; none where it is authorized. In a chain, evaluate each
 * open mandate. A mandate that is not of AP2's form, or has a constraint of an unknown type, throws.
 */
export function evaluatePaymentConstraints(
  open: OpenPaymentMandate,
  closed: PaymentMandate,
  context?: PaymentConstraintContext,
): ConstraintViolation[] {
  const options = checkOptions(context, 'context');
  checkNames(options, NAMES);
  const { checkoutHash, currentDate = new Date(), path = 'open', allowUnknownMembers = false } = options;
  if (typeof path !== 'string') invalidArgument('path', 'a string');
  if (typeof allowUnknownMembers !== 'boolean') invalidArgument('allowUnknownMembers', 'a boolean');
  if (Object.hasOwn(options, 'checkoutHash') && typeof checkoutHash !== 'string') {
    invalidArgument('checkoutHash', 'a string');
  }
  const rules: Rules = {
    openCheckoutHashes: readHashes(options.openCheckoutHashes),
    history: readHistory(options.history),
    now: new Date(checkDate(currentDate, 'currentDate')),
    extra: readExtraMembers(options.extraMembers),
  };
  const mandate = withoutPrototypes(parseOpenPaymentMandate(open, path));
  const payment = withoutPrototypes(parsePaymentMandate(closed, 'closed'));

  const mayRecur = mandate.constraints.some(({ type }) => type === 'payment.agent_recurrence');
  const violations = [
    ...evaluatePreSetClaims(mandate, payment, path),
    ...evaluateReuse(rules.history ?? [], payment.transaction_id, mayRecur).map((finding) =>
      violationOf('history', path, finding),
    ),
  ];
  if (checkoutHash !== undefined && payment.transaction_id !== checkoutHash) {
    const finding = { member: '', expected: 'the hash of the checkout to be paid', found: 'another' };
    violations.push(violationOf('transaction_id', 'closed.transaction_id', finding));
  }
  for (const [index, constraint] of mandate.constraints.entries()) {
    const at = `${path}.constraints[${index}]`;
    const findings = evaluate(constraint, mandate.constraints, payment, rules);
    violations.push(...findings.map((finding) => violationOf(constraint.type, at, finding)));
    if (!allowUnknownMembers) violations.push(...unknownMembers(unknownMembersOf(constraint), at));
  }
  return violations;
}

/** Throws a {@link MandateConstraintError} where {@link evaluatePaymentConstraints} finds a violation. */
export function enforcePaymentConstraints(
  open: OpenPaymentMandate,
  closed: PaymentMandate,
  context?: PaymentConstraintContext,
): void {
  refuseViolations(evaluatePaymentConstraints(open, closed, context));
}

function evaluate(
  constraint: PaymentConstraint,
  constraints: readonly PaymentConstraint[],
  payment: PaymentMandate,
  { openCheckoutHashes, history, now, extra }: Rules,
): Finding[] {
  switch (constraint.type) {
    case 'payment.agent_recurrence':
      return evaluateAgentRecurrence(constraint, constraints, history, payment.execution_date, now);
    case 'payment.allowed_payees':
      return evaluateAllowedPayees(constraint, payment.payee, extra);
    case 'payment.allowed_payment_instruments':
      return evaluateAllowedPaymentInstruments(constraint, payment.payment_instrument, extra);
    case 'payment.allowed_pisps':
      return evaluateAllowedPisps(constraint, payment.pisp, extra);
    case 'payment.amount_range':
      return evaluateAmountRange(constraint, payment.payment_amount);
    case 'payment.budget':
      return evaluateBudget(constraint, payment.payment_amount, history);
    case 'payment.execution_date':
      return evaluateExecutionDate(constraint, payment.execution_date, now);
    case 'payment.reference':
      return evaluatePaymentReference(constraint, openCheckoutHashes);
  }
}

function readHashes(hashes: unknown): readonly string[] | undefined {
  if (hashes === undefined) return undefined;
  if (!Array.isArray(hashes) || !hashes.every((hash) => typeof hash === 'string')) {
    return invalidArgument('openCheckoutHashes', 'an array of strings');
  }
  return [...hashes];
}

/** payment_mandate.md "Reference": one of the open checkout mandates is the one that is referred to. */
function evaluatePaymentReference(
  constraint: PaymentReference,
  openCheckoutHashes: readonly string[] | undefined,
): Finding[] {
  if (openCheckoutHashes?.includes(constraint.conditional_transaction_id)) return [];
  const expected = 'the hash of an open checkout mandate in the chain of the checkout mandate';
  const member = '.conditional_transaction_id';
  return openCheckoutHashes === undefined
    ? [{ member, expected, found: 'no "openCheckoutHashes"', unresolved: true }]
    : [{ member, expected, found: `a hash that is not among the ${openCheckoutHashes.length} given` }];
}
