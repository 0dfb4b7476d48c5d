import { aListWhere, checkDate, checkNames, checkOptions, invalidArgument, isString } from '../../options.js';
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

/** The data, besides the closed mandate, that the constraints of an open payment mandate are evaluated against. */
export interface PaymentConstraintContext {
  /**
   * Hashes, computed like `sd_hash`, of the open checkout mandates in the chain of the checkout mandate. Required for a
   * `payment.reference`.
   */
  openCheckoutHashes?: readonly string[] | undefined;
  /** The `checkout_hash` of the checkout to pay for. If given, `transaction_id` must equal it. */
  checkoutHash?: string;
  /**
   * All payments accepted under this open mandate before; an empty array for the first use. Required for a
   * `payment.agent_recurrence` and a `payment.budget`. Without a recurrence, it must be empty.
   */
  history?: readonly PastUse[] | undefined;
  /** When the mandate is presented. Default: now. */
  currentDate?: Date;
  /** Members that a party or instrument may have in addition to those of the entry that allows it. Default: none. */
  extraMembers?: ExtraMembers | undefined;
  /** Ignores members of a constraint that AP2 v0.2 does not define. Default `false`: they are violations. */
  allowUnknownMembers?: boolean;
  /** The name of the open mandate in violations. Default `open`. */
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
 * Returns every violation of an open payment mandate by a closed one; empty if the payment is authorized. In a chain, evaluate
 * each open mandate. Throws if a mandate does not have AP2's form, or has a constraint of an unknown type.
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

/** Throws a {@link MandateConstraintError} if {@link evaluatePaymentConstraints} finds a violation. */
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

const readHashes = (hashes: unknown): readonly string[] | undefined =>
  hashes === undefined
    ? undefined
    : aListWhere<string>(isString, 'an array of strings')(hashes, 'openCheckoutHashes');

/** payment_mandate.md "Reference": the payment must refer to one of the open checkout mandates. */
function evaluatePaymentReference(
  constraint: PaymentReference,
  openCheckoutHashes: readonly string[] | undefined,
): Finding[] {
  if (openCheckoutHashes?.includes(constraint.conditional_transaction_id)) return [];
  const expected = 'the hash of an open checkout mandate in the chain of the checkout mandate';
  const member = '.conditional_transaction_id';
  return openCheckoutHashes === undefined
    ? [{ member, expected, found: 'no "context.openCheckoutHashes"', unresolved: true }]
    : [{ member, expected, found: `a hash that is not among the ${openCheckoutHashes.length} given` }];
}
