import { canonicalize } from '../../encoding/canonicalize.js';
import type { JsonValue } from '../../encoding/json.js';
import { aListWhere, checkNames, checkOptions, isString } from '../../options.js';
import type {
  AllowedMerchants,
  AllowedPayees,
  AllowedPaymentInstruments,
  AllowedPisps,
} from '../model/constraints.js';
import type { Merchant, PaymentInstrument, Pisp } from '../model/types.js';
import type { Finding } from './violation.js';

/**
 * Members that a party or instrument may have although the entry that allows it does not have them. The user did not approve
 * their content: list a member only if it does not affect who or what is paid.
 */
export interface ExtraMembers {
  /** Members of a `payee`, for `payment.allowed_payees`. */
  readonly payee?: readonly string[];
  /** Members of a `payment_instrument`, for `payment.allowed_payment_instruments`. */
  readonly payment_instrument?: readonly string[];
  /** Members of a `pisp`, for `payment.allowed_pisps`. */
  readonly pisp?: readonly string[];
  /** Members of the checkout's `merchant`, for `checkout.allowed_merchants`. */
  readonly merchant?: readonly string[];
}

/** Returns a copy with every type checked. */
export function readExtraMembers(given: unknown): ExtraMembers {
  const extra = checkOptions(given as ExtraMembers | undefined, 'extraMembers');
  checkNames(extra, ['payee', 'payment_instrument', 'pisp', 'merchant']);
  return Object.fromEntries(
    Object.entries(extra).map(([name, members]) => [
      name,
      aListWhere(isString, 'an array of names')(members, `extraMembers.${name}`),
    ]),
  );
}

/** payment_mandate.md "Allowed Payees". */
export const evaluateAllowedPayees = (
  { allowed }: AllowedPayees,
  payee: Merchant,
  { payee: extra = [] }: ExtraMembers,
): Finding[] => oneOf(allowed, 'payee', payee, extra);

/** checkout_mandate.md "Allowed Merchants". */
export const evaluateAllowedMerchants = (
  { allowed }: AllowedMerchants,
  merchant: Merchant | undefined,
  { merchant: extra = [] }: ExtraMembers,
): Finding[] => oneOf(allowed, 'merchant', merchant, extra);

/** payment_mandate.md "Allowed Payment Instruments". */
export const evaluateAllowedPaymentInstruments = (
  { allowed }: AllowedPaymentInstruments,
  instrument: PaymentInstrument,
  { payment_instrument: extra = [] }: ExtraMembers,
): Finding[] => oneOf(allowed, 'payment instrument', instrument, extra);

/** payment_mandate.md "Allowed Payment Initiation Service Providers". */
export const evaluateAllowedPisps = (
  { allowed }: AllowedPisps,
  pisp: Pisp | undefined,
  { pisp: extra = [] }: ExtraMembers,
): Finding[] => oneOf(allowed, 'PISP', pisp, extra, 'domain_name');

/** Only disclosed entries count: a list without a disclosed entry allows nothing. */
function oneOf(
  allowed: readonly object[],
  name: string,
  candidate: object | undefined,
  extra: readonly string[],
  identifier = 'id',
): Finding[] {
  if (candidate !== undefined && allowed.some((entry) => isAllowedBy(entry, candidate, identifier, extra)))
    return [];
  return [
    {
      member: '.allowed',
      expected: `one of the ${allowed.length} ${name}s disclosed here, with all its members`,
      found: candidate === undefined ? `no ${name}` : `another ${name}`,
    },
  ];
}

/**
 * R10.26: the two must be equal, except for members that the caller lists. The identifier must not be empty: two parties
 * without an identifier are not the same.
 */
export function isAllowedBy(
  entry: object,
  candidate: object,
  identifier: string,
  extra: readonly string[],
): boolean {
  const [approved, found] = [membersOf(entry), membersOf(candidate)];
  if (typeof approved.get(identifier) !== 'string' || approved.get(identifier) === '') return false;
  return (
    [...approved].every(([name, value]) => isSameJson(value, found.get(name))) &&
    [...found.keys()].every((name) => approved.has(name) || extra.includes(name))
  );
}

const membersOf = (object: object): ReadonlyMap<string, JsonValue> => new Map(Object.entries(object));

/** Whether two JSON values are equal, regardless of the order of members. */
export const isSameJson = (one: JsonValue, other: JsonValue | undefined): boolean =>
  other !== undefined && canonicalize(one) === canonicalize(other);
