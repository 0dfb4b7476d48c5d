import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import { printable } from '../../options.js';
import { currency, executionDateText, integer, minorUnits, openObject, positiveInteger } from './schema.js';
import { merchantSchema, paymentInstrumentSchema, pispSchema } from './types.js';

const amountRange = openObject({
  /** The type of constraint. */
  type: v.literal('payment.amount_range'),
  /** ISO 4217; the currency of the payment. */
  currency,
  /** The maximum amount, inclusive, in minor units. */
  max: minorUnits,
  /** The minimum amount, inclusive, in minor units. Absent: no minimum. */
  min: v.exactOptional(minorUnits),
});

/** The amount of the payment is in a range (AP2 v0.2, payment_mandate.md "Amount Range"). */
export interface AmountRange extends v.InferOutput<typeof amountRange> {}

const allowedPayees = openObject({
  /** The type of constraint. */
  type: v.literal('payment.allowed_payees'),
  /** The payees, each selectively disclosable. */
  allowed: v.array(merchantSchema),
});

/** The payee is one of these (AP2 v0.2, payment_mandate.md "Allowed Payees"). */
export interface AllowedPayees extends v.InferOutput<typeof allowedPayees> {}

const allowedPaymentInstruments = openObject({
  /** The type of constraint. */
  type: v.literal('payment.allowed_payment_instruments'),
  /** The instruments, each selectively disclosable. */
  allowed: v.array(paymentInstrumentSchema),
});

/** The payment instrument is one of these (AP2 v0.2, payment_mandate.md "Allowed Payment Instruments"). */
export interface AllowedPaymentInstruments extends v.InferOutput<typeof allowedPaymentInstruments> {}

const allowedPisps = openObject({
  /** The type of constraint. */
  type: v.literal('payment.allowed_pisps'),
  /** The providers; not selectively disclosable. */
  allowed: v.array(pispSchema),
});

/** The payment initiation service provider is one of these (AP2 v0.2, payment_mandate.md "Allowed … PISPs"). */
export interface AllowedPisps extends v.InferOutput<typeof allowedPisps> {}

const agentRecurrence = openObject({
  /** The type of constraint. */
  type: v.literal('payment.agent_recurrence'),
  /** The minimum time between two payments. */
  frequency: v.picklist(['ON_DEMAND', 'DAILY', 'WEEKLY', 'BIWEEKLY', 'MONTHLY', 'QUARTERLY', 'ANNUALLY']),
  /** The maximum number of payments in total. Absent: no limit. */
  max_occurrences: v.exactOptional(integer),
});

/** The mandate may be used repeatedly (AP2 v0.2, payment_mandate.md "Agent Recurrence"). */
export interface AgentRecurrence extends v.InferOutput<typeof agentRecurrence> {}

const budget = openObject({
  /** The type of constraint. */
  type: v.literal('payment.budget'),
  /** The maximum sum of all payments, inclusive, in MAJOR units: 1000.5 is 1000.50 USD, 100050 minor units. */
  max: v.pipe(v.number('a number'), v.finite('a finite number'), v.minValue(0, 'a non-negative number')),
  /** ISO 4217; the currency of every payment. */
  currency,
});

/** The sum of all payments with the mandate is limited (AP2 v0.2, payment_mandate.md "Budget"). */
export interface Budget extends v.InferOutput<typeof budget> {}

const executionDate = openObject({
  /** The type of constraint. */
  type: v.literal('payment.execution_date'),
  /** The earliest execution, inclusive: RFC 3339 date-time, or full-date (UTC). Absent: no such limit. */
  not_before: v.exactOptional(executionDateText),
  /** The latest execution, inclusive: RFC 3339 date-time, or full-date (UTC). Absent: no such limit. */
  not_after: v.exactOptional(executionDateText),
});

/** The payment is executed in a period (AP2 v0.2, payment_mandate.md "Execution Date"). */
export interface ExecutionDate extends v.InferOutput<typeof executionDate> {}

const paymentReference = openObject({
  /** The type of constraint. */
  type: v.literal('payment.reference'),
  /** The hash of the open checkout mandate, computed like `sd_hash`. */
  conditional_transaction_id: v.string(),
});

/** The payment is for a checkout under a specific open checkout mandate (AP2 v0.2, payment_mandate.md "Reference"). */
export interface PaymentReference extends v.InferOutput<typeof paymentReference> {}

const paymentConstraints = [
  agentRecurrence,
  allowedPayees,
  allowedPaymentInstruments,
  allowedPisps,
  amountRange,
  budget,
  executionDate,
  paymentReference,
] as const;

/** A constraint of an open payment mandate (AP2 v0.2, `open_payment_mandate.json`). */
export type PaymentConstraint =
  | AgentRecurrence
  | AllowedPayees
  | AllowedPaymentInstruments
  | AllowedPisps
  | AmountRange
  | Budget
  | ExecutionDate
  | PaymentReference;

export const paymentConstraintSchema: v.GenericSchema<unknown, PaymentConstraint> = v.variant(
  'type',
  paymentConstraints,
);

/** The types of constraint that an open payment mandate may have. */
export const PAYMENT_CONSTRAINT_TYPES: readonly PaymentConstraint['type'][] = paymentConstraints.map(
  ({ entries }) => entries.type.literal,
);

const allowedMerchants = openObject({
  /** The type of constraint. */
  type: v.literal('checkout.allowed_merchants'),
  /** The merchants, each selectively disclosable. */
  allowed: v.array(merchantSchema),
});

/** The checkout's merchant is one of these (AP2 v0.2, checkout_mandate.md "Allowed Merchants"). */
export interface AllowedMerchants extends v.InferOutput<typeof allowedMerchants> {}

const acceptableItem = openObject({
  /** The identifier of the item in a checkout, often its SKU. */
  id: v.string(),
  /** A title for people. */
  title: v.string(),
});

/** An item that meets a requirement (AP2 v0.2, `open_checkout_mandate.json`). */
export interface AcceptableItem extends v.InferOutput<typeof acceptableItem> {}

const lineItemRequirements = openObject({
  /** Identifies the requirement. */
  id: v.string(),
  /** The items that meet it, each selectively disclosable; only disclosed items count. */
  acceptable_items: v.array(acceptableItem),
  /** The total number of these items in the checkout. */
  quantity: positiveInteger,
});

/** What the checkout must contain, and how many (AP2 v0.2, `open_checkout_mandate.json`). */
export interface LineItemRequirements extends v.InferOutput<typeof lineItemRequirements> {}

const lineItems = openObject({
  /** The type of constraint. */
  type: v.literal('checkout.line_items'),
  /** The requirements, at least one. */
  items: v.pipe(v.array(lineItemRequirements), v.minLength(1, 'an array of at least one requirement')),
});

/** The checkout has these items and no others (AP2 v0.2, checkout_mandate.md "Line Items"). */
export interface LineItems extends v.InferOutput<typeof lineItems> {}

const checkoutConstraints = [allowedMerchants, lineItems] as const;

/** A constraint of an open checkout mandate (AP2 v0.2, `open_checkout_mandate.json`). */
export type CheckoutConstraint = AllowedMerchants | LineItems;

export const checkoutConstraintSchema: v.GenericSchema<unknown, CheckoutConstraint> = v.variant(
  'type',
  checkoutConstraints,
);

/** The types of constraint that an open checkout mandate may have. */
export const CHECKOUT_CONSTRAINT_TYPES: readonly CheckoutConstraint['type'][] = checkoutConstraints.map(
  ({ entries }) => entries.type.literal,
);

/**
 * Paths of the members of a constraint that AP2 v0.2 does not define, including those of its requirements and acceptable items.
 * They may be limits of unknown meaning.
 */
export function unknownMembersOf(constraint: PaymentConstraint | CheckoutConstraint): string[] {
  const known = [...paymentConstraints, ...checkoutConstraints].find(
    ({ entries }) => entries.type.literal === constraint.type,
  );
  const below =
    constraint.type === 'checkout.line_items'
      ? (constraint as LineItems).items.flatMap((requirement, index) => [
          ...beyond(requirement, lineItemRequirements.entries, `.items[${index}]`),
          ...requirement.acceptable_items.flatMap((item, at) =>
            beyond(item, acceptableItem.entries, `.items[${index}].acceptable_items[${at}]`),
          ),
        ])
      : [];
  return [...beyond(constraint, known?.entries ?? {}, ''), ...below];
}

const beyond = (object: object, entries: object, path: string): string[] =>
  Object.keys(object)
    .filter((name) => !Object.hasOwn(entries, name))
    .map((name) => `${path}.${printable(name)}`);

/**
 * "Any unknown Constraints MUST be treated as failing" (AP2 v0.2, agent_authorization.md). This has its own code, because AP2
 * has an error for it, `unresolved_constraint`. The schema rejects what is not a constraint at all.
 */
export function refuseUnknownConstraints(mandate: JsonObject, known: readonly string[], path: string): void {
  const constraints = mandate.constraints;
  if (!Array.isArray(constraints)) return;
  for (const [index, constraint] of constraints.entries()) {
    const type = isJsonObject(constraint) ? constraint.type : undefined;
    if (typeof type !== 'string' || known.includes(type)) continue;
    const parameter = `${path}.constraints[${index}].type`;
    fail(
      'ERR_MANDATE_CONSTRAINT_UNKNOWN',
      parameter,
      `"${parameter}" must be a known constraint type, one of ${known.join(', ')}`,
    );
  }
}
