// All names that a new draft of Verifiable Intent may change. Draft 0.1 was published with its own names (`plain`). Later
// drafts use those of AP2 v0.2, with `mandate.` before each constraint (`versioned`). AP2's own names are accepted too.
import type { MandateKind } from '../ap2/model/mandate.js';

/** Which names are written. Both are accepted when reading. */
export type ViNames = 'versioned' | 'plain';

/** Header `typ` of the layers. The `typ` of layer 2 tells whether it delegates; layer 3 never does. */
export const VI_TYP = { layer1: 'sd+jwt', final: 'kb-sd-jwt', delegating: 'kb-sd-jwt+kb' } as const;

/** The `vct` of a layer 1, unless the caller expects others: Mastercard's profile of the draft. */
export const VI_CARD_VCT = 'https://credentials.mastercard.com/card';

/** The claim that lists the mandates of a layer. */
export const VI_MANDATES = 'delegate_payload';

/** The claim of a layer 1 that a payment instrument must have as its `id`. */
export const VI_CARD_ID = 'card_id';

/** Optional claims of layer 1 that the presenter must not be able to withhold: each is a limit or a promise. */
export const VI_LAYER1_IN_CLEAR: readonly string[] = ['nbf', 'pq_cnf', 'status', 'vct#integrity', VI_CARD_ID];

/** The meaning of a `vct`. */
export interface ViMandateType {
  readonly kind: MandateKind;
  readonly isOpen: boolean;
}

const TYPES: Readonly<Record<ViNames, readonly (readonly [string, ViMandateType])[]>> = {
  versioned: [
    ['mandate.checkout.open.1', { kind: 'checkout', isOpen: true }],
    ['mandate.checkout.1', { kind: 'checkout', isOpen: false }],
    ['mandate.payment.open.1', { kind: 'payment', isOpen: true }],
    ['mandate.payment.1', { kind: 'payment', isOpen: false }],
  ],
  plain: [
    ['mandate.checkout.open', { kind: 'checkout', isOpen: true }],
    ['mandate.checkout', { kind: 'checkout', isOpen: false }],
    ['mandate.payment.open', { kind: 'payment', isOpen: true }],
    ['mandate.payment', { kind: 'payment', isOpen: false }],
  ],
};

/** The meaning of a `vct`; `undefined` if it is not the `vct` of a mandate. */
export function mandateTypeOf(vct: unknown): ViMandateType | undefined {
  return [...TYPES.versioned, ...TYPES.plain].find(([name]) => name === vct)?.[1];
}

/** The `vct` to write. */
export function vctOf(kind: MandateKind, isOpen: boolean, names: ViNames): string {
  const found = TYPES[names].find(([, type]) => type.kind === kind && type.isOpen === isOpen);
  return (found as readonly [string, ViMandateType])[0];
}

/** A constraint, independent of its name. */
export type ViConstraintKind =
  | 'allowedMerchants'
  | 'lineItems'
  | 'allowedPayees'
  | 'amountRange'
  | 'budget'
  | 'recurrence'
  | 'agentRecurrence'
  | 'reference';

/** One name of a constraint, and the name of its list. */
interface ConstraintName {
  readonly kind: ViConstraintKind;
  readonly type: string;
  readonly list?: string;
}

const CONSTRAINTS: Readonly<Record<ViNames | 'ap2', readonly ConstraintName[]>> = {
  versioned: [
    { kind: 'allowedMerchants', type: 'mandate.checkout.allowed_merchants', list: 'allowed' },
    { kind: 'lineItems', type: 'mandate.checkout.line_items', list: 'items' },
    { kind: 'allowedPayees', type: 'mandate.payment.allowed_payees', list: 'allowed' },
    { kind: 'amountRange', type: 'mandate.payment.amount_range' },
    { kind: 'budget', type: 'mandate.payment.budget' },
    { kind: 'recurrence', type: 'mandate.payment.recurrence' },
    { kind: 'agentRecurrence', type: 'mandate.payment.agent_recurrence' },
    { kind: 'reference', type: 'mandate.payment.reference' },
  ],
  plain: [
    { kind: 'allowedMerchants', type: 'mandate.checkout.allowed_merchant', list: 'allowed_merchants' },
    { kind: 'lineItems', type: 'mandate.checkout.line_items', list: 'items' },
    { kind: 'allowedPayees', type: 'payment.allowed_payee', list: 'allowed_payees' },
    { kind: 'amountRange', type: 'payment.amount' },
    { kind: 'budget', type: 'payment.budget' },
    { kind: 'recurrence', type: 'payment.recurrence' },
    { kind: 'agentRecurrence', type: 'payment.agent_recurrence' },
    { kind: 'reference', type: 'payment.reference' },
  ],
  // AP2's budget is in major units, and its recurrence has no dates. Here these names have the meaning that Verifiable Intent
  // gives them.
  ap2: [
    { kind: 'allowedMerchants', type: 'checkout.allowed_merchants', list: 'allowed' },
    { kind: 'lineItems', type: 'checkout.line_items', list: 'items' },
    { kind: 'allowedPayees', type: 'payment.allowed_payees', list: 'allowed' },
    { kind: 'amountRange', type: 'payment.amount_range' },
  ],
};

/** The constraint that a `type` names, or `undefined`. */
export const constraintNameOf = (type: unknown): ConstraintName | undefined =>
  [...CONSTRAINTS.versioned, ...CONSTRAINTS.plain, ...CONSTRAINTS.ap2].find((name) => name.type === type);

/** The name of a constraint when it is written. */
export const constraintName = (kind: ViConstraintKind, names: ViNames): ConstraintName =>
  CONSTRAINTS[names].find((name) => name.kind === kind) as ConstraintName;

/** The constraints of a checkout mandate; the others are those of a payment mandate. */
export const CHECKOUT_CONSTRAINTS: readonly ViConstraintKind[] = ['allowedMerchants', 'lineItems'];
