// Selects what a verifier needs from an open mandate to evaluate the next mandate, and nothing else (AP2 v0.2, specification.md
// "Autonomous": "MUST present only the disclosures … needed in the evaluation of the closed Mandates").
import type { JsonObject, JsonValue } from '../../encoding/json.js';
import { parseJws } from '../../jws/compact.js';
import type { MandateLimits } from '../../profile.js';
import type { SdJwtSegments } from '../../sd-jwt/compact.js';
import type { PresentationFrame } from '../../sd-jwt/select.js';
import { isAllowedBy } from '../constraints/allowed.js';
import { assignLineItems } from '../constraints/line-items.js';
import { refuseViolations, violationOf } from '../constraints/violation.js';
import { decodeCheckoutJwt } from '../model/checkout.js';
import { parseOpenCheckoutMandate } from '../model/checkout-mandate.js';
import type { CheckoutConstraint, LineItems, PaymentConstraint } from '../model/constraints.js';
import {
  isOfKind,
  isOpenMandateContent,
  kindOf,
  type OpenMandateContent,
  type PresentedMandateContent,
} from '../model/mandate.js';
import { parseOpenPaymentMandate } from '../model/payment-mandate.js';
import { MANDATE_VCT } from '../model/schema.js';
import { isCredential } from './credential.js';
import { elementsOf, isOpen } from './delegate-payload.js';
import { DELEGATE_PAYLOAD } from './names.js';

/** The frame for a token: the open mandates that are continued, each with the entries that the next mandate needs. */
export function minimalDisclosure(
  token: SdJwtSegments,
  continued: readonly PresentedMandateContent[],
  limits: MandateLimits,
): PresentationFrame {
  if (isCredential(parseJws(token.jwt, limits))) return {};
  const elements = elementsOf(token, limits).map(
    (element, index): [string, PresentationFrame | boolean][] => {
      const { processed } = element;
      const next = continued.find((content) => isOfKind(processed, kindOf(content)));
      if (next === undefined || !isOpen(element)) return [];
      return [[String(index), frameOf(processed, next)]];
    },
  );
  return { [DELEGATE_PAYLOAD]: Object.fromEntries(elements.flat()) };
}

function frameOf(processed: JsonObject, next: PresentedMandateContent): PresentationFrame {
  const open: OpenMandateContent =
    kindOf(next) === 'payment' ? parseOpenPaymentMandate(processed) : parseOpenCheckoutMandate(processed);
  const constraints = Object.fromEntries(
    open.constraints.map((constraint, index) => [index, constraintFrame(constraint, next, index)]),
  );
  return { ...(everything(processed) as PresentationFrame), constraints };
}

type Constraint = PaymentConstraint | CheckoutConstraint;

function constraintFrame(
  constraint: Constraint,
  next: PresentedMandateContent,
  index: number,
): PresentationFrame {
  const whole = everything(constraint as unknown as JsonValue) as PresentationFrame;
  const path = `constraints[${index}]`;
  switch (constraint.type) {
    case 'payment.allowed_payees':
    case 'payment.allowed_payment_instruments':
    case 'payment.allowed_pisps':
    case 'checkout.allowed_merchants':
      return { ...whole, allowed: only(constraint.allowed, neededEntries(constraint, next, path)) };
    case 'checkout.line_items':
      return { ...whole, items: itemsFrame(constraint, neededItems(constraint, next, path)) };
    default:
      return whole;
  }
}

type Allowed = Extract<Constraint, { allowed: unknown }>;

/** One entry for what a closed mandate names; for an open one, every entry that allows one of its own entries. */
function neededEntries(constraint: Allowed, next: PresentedMandateContent, path: string): readonly number[] {
  const identifier = constraint.type === 'payment.allowed_pisps' ? 'domain_name' : 'id';
  const entries: readonly object[] = constraint.allowed;
  const allowing = (candidate: object, extra: readonly string[]) =>
    entries.findIndex((entry) => isAllowedBy(entry, candidate, identifier, extra));
  /** An entry without a member of the candidate is sufficient for a verifier that lists the member in `extraMembers`. */
  const entryFor = (candidate: object) => {
    const exact = allowing(candidate, []);
    return exact >= 0 ? exact : allowing(candidate, Object.keys(candidate));
  };
  if (isOpenMandateContent(next)) {
    const narrower = sameType(next, constraint.type) as readonly Allowed[];
    if (narrower.length === 0) return entries.map((_, index) => index);
    return narrower.flatMap(({ allowed }) => allowed.map(entryFor)).filter((found) => found >= 0);
  }
  const candidate = namedIn(constraint.type, next);
  const found = candidate === undefined ? -1 : entryFor(candidate);
  if (found < 0) {
    const finding = {
      member: '.allowed',
      expected: 'an entry that the closed mandate names',
      found: 'none',
    };
    refuseViolations([violationOf(constraint.type, path, finding)]);
  }
  return [found];
}

/** The acceptable items of each requirement that match an item in the checkout. */
function neededItems(constraint: LineItems, next: PresentedMandateContent, path: string) {
  if (isOpenMandateContent(next)) {
    const narrower = sameType(next, constraint.type) as readonly LineItems[];
    const wanted = new Set(
      narrower.flatMap(({ items }) => items.flatMap((item) => item.acceptable_items.map(({ id }) => id))),
    );
    return constraint.items.map((item) =>
      [...item.acceptable_items.keys()].filter(
        (index) => narrower.length === 0 || wanted.has(item.acceptable_items[index]?.id ?? ''),
      ),
    );
  }
  const lines = checkoutOf(next)?.line_items;
  const assignment = lines === undefined ? undefined : assignLineItems(constraint, lines);
  if (assignment === undefined) {
    const finding = { member: '.items', expected: 'a checkout that can be evaluated', found: 'none' };
    refuseViolations([violationOf(constraint.type, path, finding)]);
  }
  return assignment?.used ?? [];
}

const sameType = ({ constraints }: OpenMandateContent, type: Constraint['type']): readonly Constraint[] =>
  (constraints as readonly Constraint[]).filter((constraint) => constraint.type === type);

/** The party or instrument of a closed mandate that the constraint concerns. */
function namedIn(type: Allowed['type'], closed: PresentedMandateContent): object | undefined {
  if (type === 'checkout.allowed_merchants') return checkoutOf(closed)?.merchant;
  if (closed.vct !== MANDATE_VCT.payment) return undefined;
  if (type === 'payment.allowed_payees') return closed.payee;
  return type === 'payment.allowed_pisps' ? closed.pisp : closed.payment_instrument;
}

const checkoutOf = (closed: PresentedMandateContent) =>
  closed.vct === MANDATE_VCT.checkout && closed.checkout_jwt !== undefined
    ? decodeCheckoutJwt(closed.checkout_jwt, 'mandate.checkout_jwt')
    : undefined;

const itemsFrame = ({ items }: LineItems, needed: readonly (readonly number[])[]): PresentationFrame =>
  Object.fromEntries(
    items.map((item, index) => [
      index,
      {
        ...(everything(item as unknown as JsonValue) as PresentationFrame),
        acceptable_items: only(item.acceptable_items, needed[index] ?? []),
      },
    ]),
  );

const only = (array: readonly unknown[], indices: readonly number[]): PresentationFrame =>
  Object.fromEntries(
    array.flatMap((entry, index) =>
      indices.includes(index) ? [[String(index), everything(entry as JsonValue)]] : [],
    ),
  );

/** The frame that discloses a value with everything in it. */
function everything(value: JsonValue): PresentationFrame | boolean {
  if (typeof value !== 'object' || value === null) return true;
  const entries = Object.entries(value);
  if (entries.length === 0) return true;
  return Object.fromEntries(entries.map(([name, member]) => [name, everything(member)]));
}
