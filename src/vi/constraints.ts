import * as v from 'valibot';
import { isSameJson } from '../ap2/constraints/allowed.js';
import { evaluateReuse, type PastUse } from '../ap2/constraints/history.js';
import { assignLineItems } from '../ap2/constraints/line-items.js';
import type { Finding } from '../ap2/constraints/violation.js';
import {
  conform,
  currency,
  minorUnits,
  openObject,
  positiveInteger,
  sha256Digest,
} from '../ap2/model/schema.js';
import type { Amount } from '../ap2/model/types.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail, MandateError } from '../errors.js';
import { oneOf, printable } from '../options.js';
import { merchantSchema, type ViMerchant, type ViPaymentMandate } from './mandates.js';
import { CHECKOUT_CONSTRAINTS, constraintNameOf, type ViConstraintKind } from './names.js';

/**
 * How to treat what cannot be evaluated. `strict` (default): it is a violation. `permissive`, the default of the draft: it is
 * skipped and listed in `unchecked`. A constraint of an unknown type in an open mandate is rejected in both cases.
 */
export type ViStrictness = 'strict' | 'permissive';

export const aStrictness = oneOf('strict', 'permissive');

/** One violation of a constraint, or of another rule of Verifiable Intent, by the final values. */
export interface ViViolation {
  /** The `type` of the constraint as written in the mandate, or the name of a rule. */
  readonly rule: string;
  /** The path of the demand, such as `open.constraints[1].max`. */
  readonly path: string;
  /** What was demanded. */
  readonly expected: string;
  /** What was found. */
  readonly found: string;
  /** True if the result could not be determined. */
  readonly unresolved: boolean;
}

/**
 * What was not checked.
 *
 * - `allow-list`: a list without a disclosed entry.
 * - `constraint-members`: a member of a constraint, or of an entry of its list, that the draft does not define; it may be a
 * limit.
 * - `constraint-type`: a constraint of an unknown type, outside a chain.
 * - `frequency`: how often an agent pays within its recurrence; the draft leaves that to the agent.
 * - `history`: whether the mandate was used before.
 * - `checkout`: whether the mandate is for the checkout that the verifier has.
 * - `recurrence`: the terms of a subscription, which the merchant states outside Verifiable Intent; some or all of them were
 * not given.
 * - `revocation`: no `isRevoked` was given.
 */
export type ViUnchecked =
  | 'allow-list'
  | 'constraint-members'
  | 'constraint-type'
  | 'frequency'
  | 'history'
  | 'checkout'
  | 'recurrence'
  | 'revocation';

/** The content of a checkout, from the party that verified the merchant's signature. */
export interface ViCheckout {
  /** The seller. */
  readonly merchant: ViMerchant;
  /** The items sold: the identifier used in `acceptable_items`, and the quantity. */
  readonly lineItems: readonly { readonly id: string; readonly quantity: number }[];
}

/**
 * The terms of a subscription, as stated by the merchant. The draft leaves their form to implementations; the members are those
 * of the constraint `payment.recurrence`.
 */
export interface ViSubscription {
  readonly frequency: ViPeriod;
  /** The first day, such as `2026-03-01`. */
  readonly start_date: string;
  /** The last day; absent if there is none. */
  readonly end_date?: string;
  /** The number of payments; absent if unlimited. */
  readonly number?: number;
}

/** How often a subscription is paid. */
export type ViPeriod = 'DAILY' | 'WEEKLY' | 'BIWEEKLY' | 'MONTHLY' | 'QUARTERLY' | 'ANNUALLY';

/** The final values that constraints are evaluated against. */
export interface ViFulfillment {
  readonly payment?: Pick<ViPaymentMandate, 'transaction_id' | 'payee' | 'payment_amount'> | undefined;
  readonly checkout?: ViCheckout | undefined;
  /** The terms of the subscription that the payment sets up. */
  readonly subscription?: ViSubscription | undefined;
  /** The payments accepted under the mandate before. */
  readonly history?: readonly PastUse[] | undefined;
  /** The time of the evaluation. */
  readonly now: Date;
}

/** The result of evaluating the constraints of one mandate. */
export interface ViEvaluation {
  readonly violations: readonly ViViolation[];
  readonly unchecked: readonly ViUnchecked[];
}

/** Thrown if the final values violate an open mandate. */
export class ViConstraintError extends MandateError {
  /** All violations. The message describes the first. */
  readonly violations: readonly ViViolation[];

  /** @internal */
  constructor(violations: readonly [ViViolation, ...ViViolation[]]) {
    const [{ rule, path, expected, found }] = violations;
    super(
      'ERR_MANDATE_CONSTRAINT_VIOLATED',
      path,
      `"${path}" (${printable(rule)}) demands ${expected}, found ${found}`,
    );
    this.violations = violations;
  }
}

export function refuseViViolations(violations: readonly ViViolation[]): void {
  const [first, ...others] = violations;
  if (first !== undefined) throw new ViConstraintError([first, ...others]);
}

export const viViolation = (rule: string, path: string, finding: Finding): ViViolation => ({
  rule,
  path: path + finding.member,
  expected: finding.expected,
  found: finding.found,
  unresolved: finding.unresolved === true,
});

const FULL_DATE = /^\d{4}-\d{2}-\d{2}$/;
const date = v.pipe(
  v.string(),
  v.check((text) => FULL_DATE.test(text) && dayOf(text) !== undefined, 'a date such as 2026-03-01'),
);
const PERIODS = [
  'DAILY',
  'WEEKLY',
  'BIWEEKLY',
  'MONTHLY',
  'QUARTERLY',
  'ANNUALLY',
] as const satisfies readonly ViPeriod[];

/** The members of the constraint, and of the terms compared with it. */
const subscriptionSchema = openObject({
  frequency: v.picklist(PERIODS),
  start_date: date,
  end_date: v.exactOptional(date),
  number: v.exactOptional(positiveInteger),
});

/** Reads the terms of a subscription from the caller. */
export const readSubscription = (terms: unknown, path: string): ViSubscription =>
  conform(subscriptionSchema, terms, path) as unknown as ViSubscription;

const list = v.array(v.unknown());
const SCHEMAS = {
  allowedMerchants: openObject({}),
  allowedPayees: openObject({}),
  lineItems: openObject({
    match_mode: v.exactOptional(v.picklist(['minimum', 'exact'])),
  }),
  amountRange: openObject({
    currency,
    min: v.exactOptional(minorUnits),
    max: v.exactOptional(minorUnits),
  }),
  budget: openObject({ currency, max: minorUnits }),
  recurrence: subscriptionSchema,
  agentRecurrence: openObject({
    frequency: v.picklist(['ON_DEMAND', ...PERIODS]),
    start_date: date,
    end_date: date,
    max_occurrences: v.exactOptional(positiveInteger),
  }),
  reference: openObject({ conditional_transaction_id: sha256Digest }),
} as const;

const requirementSchema = openObject({
  id: v.pipe(v.string(), v.nonEmpty('a non-empty string')),
  acceptable_items: list,
  quantity: positiveInteger,
});

/** A constraint by its kind, with its form checked. */
export interface ReadConstraint {
  readonly kind: ViConstraintKind;
  readonly type: string;
  readonly path: string;
  readonly constraint: JsonObject;
  /** The disclosed entries. */
  readonly entries: readonly JsonValue[];
  /** Members that the draft does not define. */
  readonly unknown: readonly string[];
}

/** Reads one constraint; returns `undefined` for an unknown type. Throws for a malformed one. */
export function readConstraint(constraint: JsonObject, path: string): ReadConstraint | undefined {
  const name = constraintNameOf(constraint.type);
  if (name === undefined) return undefined;
  const { kind, type, list: member } = name;
  const schema = SCHEMAS[kind];
  conform<object>(schema, constraint, path);
  const entries = member === undefined ? [] : constraint[member];
  if (!Array.isArray(entries)) {
    return fail('ERR_MANDATE_SCHEMA', `${path}.${member}`, `"${path}.${member}" must be an array`);
  }
  const known = ['type', ...Object.keys(schema.entries), ...(member === undefined ? [] : [member])];
  const unknown = Object.keys(constraint).filter((each) => !known.includes(each));
  return { kind, type, path, constraint, entries, unknown };
}

/** The members of an item that the draft defines, including informational ones, and the `sku` that implementations write. */
const OF_ITEM: readonly string[] = ['id', 'sku', 'title', 'description', 'brand', 'color', 'size'];

/** Members of requirements and of their items that the draft does not define. */
function unknownOfRequirements(entries: readonly JsonValue[]): string[] {
  const unknown = (value: JsonValue, path: string, known: readonly string[]): string[] =>
    isJsonObject(value)
      ? Object.keys(value)
          .filter((name) => !known.includes(name))
          .map((name) => `${path}.${printable(name)}`)
      : [];
  return entries.flatMap((entry, index) => {
    const items = isJsonObject(entry) && Array.isArray(entry.acceptable_items) ? entry.acceptable_items : [];
    return [
      ...unknown(entry, `items[${index}]`, Object.keys(requirementSchema.entries)),
      ...items.flatMap((item, itemAt) =>
        unknown(item, `items[${index}].acceptable_items[${itemAt}]`, OF_ITEM),
      ),
    ];
  });
}

/** The data that constraints are evaluated with. */
interface Rules {
  readonly fulfillment: ViFulfillment;
  readonly strictness: ViStrictness;
  readonly all: readonly ReadConstraint[];
  /** The same constraints as signed, with the digests of their lists. */
  readonly signed: readonly JsonValue[];
}

/**
 * Finds every violation of the constraints of an open mandate.
 *
 * @param constraints The constraints with disclosed entries inserted.
 * @param signed The same constraints with their digests, to distinguish a list without disclosed entries from an empty list.
 * @param isOpenMandate Whether the constraints are in an open mandate. Unknown types are rejected there, whatever the
 * strictness.
 */
export function evaluateConstraints(
  constraints: readonly JsonObject[],
  signed: readonly JsonValue[],
  fulfillment: ViFulfillment,
  strictness: ViStrictness,
  isOpenMandate: boolean,
  path: string,
): ViEvaluation {
  const unchecked = new Set<ViUnchecked>();
  const violations: ViViolation[] = [];
  const read = constraints.map((constraint, index) => {
    const at = `${path}.constraints[${index}]`;
    const found = readConstraint(constraint, at);
    if (found !== undefined) return found;
    if (isOpenMandate || strictness === 'strict') refuseUnknown(constraint.type, `${at}.type`);
    unchecked.add('constraint-type');
    return undefined;
  });
  const all = read.filter((each) => each !== undefined);
  for (const [index, constraint] of read.entries()) {
    if (constraint === undefined) continue;
    const rules = { fulfillment, strictness, all, signed: listOf(signed[index], constraint) };
    for (const finding of evaluate(constraint, rules, unchecked)) {
      violations.push(viViolation(constraint.type, constraint.path, finding));
    }
    const ofLists = constraint.kind === 'lineItems' ? unknownOfRequirements(constraint.entries) : [];
    for (const member of [...constraint.unknown.map(printable), ...ofLists]) {
      if (strictness === 'permissive') unchecked.add('constraint-members');
      else {
        violations.push(
          viViolation('constraint-members', constraint.path, {
            member: `.${member}`,
            expected: 'a member defined by the draft',
            found: 'another',
            unresolved: true,
          }),
        );
      }
    }
  }
  return { violations, unchecked: [...unchecked] };
}

function refuseUnknown(type: JsonValue | undefined, path: string): never {
  const found = typeof type === 'string' ? printable(type.slice(0, 60)) : 'none';
  fail(
    'ERR_MANDATE_CONSTRAINT_UNKNOWN',
    path,
    `"${path}" must be a registered constraint type, found ${found}`,
  );
}

const listOf = (signed: JsonValue | undefined, { type }: ReadConstraint): readonly JsonValue[] => {
  const member = constraintNameOf(type)?.list;
  const found = member !== undefined && isJsonObject(signed) ? signed[member] : undefined;
  return Array.isArray(found) ? found : [];
};

function evaluate(constraint: ReadConstraint, rules: Rules, unchecked: Set<ViUnchecked>): Finding[] {
  const { fulfillment } = rules;
  const { payment, checkout, history, now } = fulfillment;
  const isOfCheckout = CHECKOUT_CONSTRAINTS.includes(constraint.kind);
  if (isOfCheckout ? checkout === undefined : payment === undefined) {
    const expected = `the content of the ${isOfCheckout ? 'checkout' : 'payment'}`;
    return [{ member: '', expected, found: 'none', unresolved: true }];
  }
  switch (constraint.kind) {
    case 'allowedMerchants':
      return evaluateAllowed(constraint, (checkout as ViCheckout).merchant, rules, unchecked);
    case 'lineItems':
      return evaluateLineItems(constraint, (checkout as ViCheckout).lineItems, rules);
    case 'allowedPayees':
      return evaluateAllowed(constraint, (payment as ViPaymentMandate).payee, rules, unchecked);
    case 'amountRange':
      return evaluateAmount(constraint.constraint, (payment as ViPaymentMandate).payment_amount);
    case 'budget':
      return evaluateBudget(constraint.constraint, (payment as ViPaymentMandate).payment_amount, history);
    case 'agentRecurrence':
      if (constraint.constraint.frequency !== 'ON_DEMAND') unchecked.add('frequency');
      return evaluateAgentRecurrence(constraint.constraint, rules.all, history, now);
    case 'recurrence':
      return evaluateRecurrence(constraint.constraint, rules, unchecked);
    case 'reference':
      // The digest is compared when mandates are paired.
      return [];
  }
}

/** An allow list without a disclosed entry tells this verifier nothing. An empty list allows nobody. */
function withheld(
  { entries }: ReadConstraint,
  { signed, strictness }: Rules,
  unchecked: Set<ViUnchecked>,
): boolean {
  if (entries.length > 0 || signed.length === 0 || strictness === 'strict') return false;
  unchecked.add('allow-list');
  return true;
}

function evaluateAllowed(
  constraint: ReadConstraint,
  candidate: ViMerchant,
  rules: Rules,
  unchecked: Set<ViUnchecked>,
): Finding[] {
  if (withheld(constraint, rules, unchecked)) return [];
  const { entries, path } = constraint;
  const allowed = entries.map((entry, index) => conform(merchantSchema, entry, `${path}.entries[${index}]`));
  const same = allowed.filter((entry) => isSameMerchant(entry, candidate));
  if (same.some((entry) => hasSameOthers(entry, candidate, constraint.kind === 'allowedPayees'))) return [];
  if (same.length > 0 && rules.strictness === 'permissive') {
    unchecked.add('constraint-members');
    return [];
  }
  return [
    {
      member: '',
      expected: `one of the ${allowed.length} parties disclosed here, with all its members`,
      found: 'another',
      ...(allowed.length === 0 && rules.signed.length > 0 && { unresolved: true as const }),
    },
  ];
}

/** Compares by `id` if both have one, otherwise by name and website. Members that both have must be equal. */
export function isSameMerchant(one: ViMerchant, other: ViMerchant): boolean {
  const names = ['id', 'name', 'website'] as const;
  const compared = names.filter((name) => one[name] !== undefined && other[name] !== undefined);
  return (
    (compared.includes('id') || (compared.includes('name') && compared.includes('website'))) &&
    compared.every((name) => one[name] === other[name])
  );
}

/**
 * Other members of an entry may be an account or a limit, so the party must have them too. A payee is described by the agent,
 * and must not have members that the user did not approve. A merchant describes itself.
 */
function hasSameOthers(entry: ViMerchant, candidate: ViMerchant, isPayee: boolean): boolean {
  const others = (party: object): Map<string, JsonValue> =>
    new Map(Object.entries(party).filter(([name]) => !['id', 'name', 'website'].includes(name)));
  const [named, found] = [others(entry), others(candidate)];
  return (
    [...named].every(([name, value]) => isSameJson(value, found.get(name))) &&
    (!isPayee || [...found.keys()].every((name) => named.has(name)))
  );
}

function evaluateAmount(constraint: JsonObject, payment: Amount): Finding[] {
  const { currency: demanded, min, max } = constraint as { currency: string; min?: number; max?: number };
  const { amount } = payment;
  if (payment.currency !== demanded)
    return [{ member: '.currency', expected: demanded, found: payment.currency }];
  const findings: Finding[] = [];
  if (min !== undefined && amount < min) {
    findings.push({ member: '.min', expected: `at least ${min}`, found: `${amount}` });
  }
  if (max !== undefined && amount > max) {
    findings.push({ member: '.max', expected: `at most ${max}`, found: `${amount}` });
  }
  return findings;
}

/** In minor units, unlike AP2's budget. */
function evaluateBudget(
  constraint: JsonObject,
  payment: Amount,
  history: readonly PastUse[] | undefined,
): Finding[] {
  const { currency: demanded, max } = constraint as { currency: string; max: number };
  if (payment.currency !== demanded)
    return [{ member: '.currency', expected: demanded, found: payment.currency }];
  if (history === undefined) {
    return [{ member: '', expected: '"context.history", the past uses', found: 'none', unresolved: true }];
  }
  const foreign = history.find(({ amount }) => amount?.currency !== demanded);
  if (foreign !== undefined) {
    const found = `one in ${foreign.amount?.currency ?? 'none'}`;
    return [{ member: '.currency', expected: `past uses in ${demanded}`, found, unresolved: true }];
  }
  const total = history.reduce(
    (sum, { amount }) => sum + BigInt(amount?.amount ?? 0),
    BigInt(payment.amount),
  );
  if (total <= BigInt(max)) return [];
  return [
    {
      member: '.max',
      expected: `at most ${max} in total`,
      found: `${total}, of which ${payment.amount} now`,
    },
  ];
}

const DAY = 86_400_000;

const dayOf = (text: string): number | undefined => {
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? undefined : time;
};

/**
 * Both days are inclusive, in UTC, because the draft names no time zone. The draft leaves the frequency to the agent, so it is
 * only reported.
 */
function evaluateAgentRecurrence(
  constraint: JsonObject,
  all: readonly ReadConstraint[],
  history: readonly PastUse[] | undefined,
  now: Date,
): Finding[] {
  const {
    start_date: start,
    end_date: end,
    max_occurrences: most,
  } = constraint as Record<string, string> & {
    max_occurrences?: number;
  };
  const findings: Finding[] = [];
  const today = now.getTime();
  if (today < (dayOf(start as string) as number)) {
    findings.push({ member: '.start_date', expected: `a day from ${start}`, found: 'an earlier one' });
  }
  if (today >= (dayOf(end as string) as number) + DAY) {
    findings.push({ member: '.end_date', expected: `a day until ${end}`, found: 'a later one' });
  }
  for (const kind of ['amountRange', 'budget'] as const) {
    if (all.some((each) => each.kind === kind)) continue;
    findings.push({
      member: '',
      expected: `an amount constraint and a budget in the same mandate`,
      found: 'not both',
    });
  }
  if (history === undefined) {
    findings.push({
      member: '',
      expected: '"context.history", the past uses',
      found: 'none',
      unresolved: true,
    });
  } else if (most !== undefined && history.length >= most) {
    findings.push({
      member: '.max_occurrences',
      expected: `at most ${most}`,
      found: `${history.length + 1}`,
    });
  }
  return findings;
}

/**
 * Compares the terms of a subscription with the constraint: the same frequency and first day, no later end, and no more
 * payments than the user allowed. Terms without an end exceed a constraint with one.
 */
function evaluateRecurrence(
  constraint: JsonObject,
  { fulfillment: { subscription }, strictness }: Rules,
  unchecked: Set<ViUnchecked>,
): Finding[] {
  if (subscription === undefined) {
    unchecked.add('recurrence');
    return [];
  }
  const { frequency, start_date: start, end_date: end, number } = constraint as unknown as ViSubscription;
  const findings: Finding[] = [];
  for (const [member, demanded] of Object.entries({ frequency, start_date: start })) {
    const found = subscription[member as 'frequency'];
    if (found !== demanded) findings.push({ member: `.${member}`, expected: demanded, found });
  }
  const compare = <T extends string | number>(member: string, most: T | undefined, found: T | undefined) => {
    if (most === undefined || (found !== undefined && found <= most)) return;
    if (found === undefined && strictness === 'permissive') unchecked.add('recurrence');
    else findings.push({ member: `.${member}`, expected: `at most ${most}`, found: `${found ?? 'no end'}` });
  };
  compare('end_date', end, subscription.end_date);
  compare('number', number, subscription.number);
  return findings;
}

/** A pair of mandates is for one transaction, unless an agent may repeat it. No transaction is accepted twice. */
export const evaluateViReuse = (
  history: readonly PastUse[],
  transactionId: string,
  mayRecur: boolean,
): Finding[] => evaluateReuse(history, transactionId, mayRecur);

/**
 * Assigns every item of the checkout to a requirement that accepts it, within its quantity. The assignment is a flow, so that
 * no item counts for two requirements. A requirement without acceptable items accepts any item. Requirements may remain unmet,
 * unless `match_mode` is `exact`.
 */
function evaluateLineItems(
  constraint: ReadConstraint,
  lineItems: ViCheckout['lineItems'],
  { signed }: Rules,
): Finding[] {
  const { entries, path } = constraint;
  if (entries.length === 0) return [{ member: '', expected: 'at least one requirement', found: 'none' }];
  if (entries.length !== signed.length) {
    return [{ member: '', expected: 'every requirement disclosed', found: 'one withheld', unresolved: true }];
  }
  if (lineItems.length === 0) return [{ member: '', expected: 'a checkout with items', found: 'none' }];
  const any = [...new Set(lineItems.map(({ id }) => id))].map((id) => ({ id, title: '' }));
  const requirements = entries.map((entry, index) => {
    const at = `${path}.items[${index}]`;
    const { id, acceptable_items: acceptable, quantity } = conform(requirementSchema, entry, at);
    const listed = isJsonObject(signed[index]) ? signed[index].acceptable_items : undefined;
    const items = acceptable.map((item, itemAt) =>
      acceptableItem(item as JsonValue, `${at}.acceptable_items[${itemAt}]`),
    );
    // A list without a disclosed entry accepts nothing here, unlike an empty list.
    const isAny = acceptable.length === 0 && (!Array.isArray(listed) || listed.length === 0);
    return { id, quantity, isAny, acceptable_items: isAny ? any : items };
  });
  const cart = lineItems.map(({ id, quantity }) => ({ id, item: { id, title: '' }, quantity }));
  const assigned = assignLineItems(
    { type: 'checkout.line_items', items: requirements },
    cart as unknown as Parameters<typeof assignLineItems>[1],
  );
  if (assigned === undefined)
    return [{ member: '.items', expected: 'at most 2^53 - 1 items in total', found: 'more' }];
  const findings: Finding[] = [];
  if (assigned.surplus > 0) {
    const expected = 'only acceptable items, within their quantities';
    findings.push({ member: '.items', expected, found: `${assigned.surplus} more` });
  }
  if (constraint.constraint.match_mode === 'exact') {
    const bought = new Set(lineItems.filter(({ quantity }) => quantity > 0).map(({ id }) => id));
    for (const [index, { isAny, acceptable_items: acceptable }] of requirements.entries()) {
      if (isAny || acceptable.some(({ id }) => bought.has(id))) continue;
      findings.push({
        member: `.items[${index}]`,
        expected: 'an acceptable item in the checkout',
        found: 'none',
      });
    }
  }
  return findings;
}

/** The identifier of an item: `id`, or the `sku` that implementations write. */
function acceptableItem(item: JsonValue, path: string): { id: string; title: string } {
  const { id, sku, title } = isJsonObject(item) ? item : {};
  const name = id === undefined ? sku : id;
  if (typeof name === 'string' && name !== '' && typeof title === 'string') return { id: name, title };
  return fail('ERR_MANDATE_SCHEMA', path, `"${path}" must be an item with an "id" and a "title"`);
}
