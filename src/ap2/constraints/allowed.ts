import type {
  AllowedMerchants,
  AllowedPayees,
  AllowedPaymentInstruments,
  AllowedPisps,
} from '../model/constraints.js';
import type { Merchant, PaymentInstrument, Pisp } from '../model/types.js';
import type { Finding } from './violation.js';

/** payment_mandate.md "Allowed Payees". */
export const evaluateAllowedPayees = ({ allowed }: AllowedPayees, payee: Merchant): Finding[] =>
  oneOf(allowed, 'payee', payee, isSameMerchant);

/** checkout_mandate.md "Allowed Merchants". */
export const evaluateAllowedMerchants = (
  { allowed }: AllowedMerchants,
  merchant: Merchant | undefined,
): Finding[] => oneOf(allowed, 'merchant', merchant, isSameMerchant);

/** payment_mandate.md "Allowed Payment Instruments". `description` is for people, and may change. */
export const evaluateAllowedPaymentInstruments = (
  { allowed }: AllowedPaymentInstruments,
  instrument: PaymentInstrument,
): Finding[] =>
  oneOf(
    allowed,
    'payment instrument',
    instrument,
    (one, other) => one.id === other.id && one.type === other.type,
  );

/** payment_mandate.md "Allowed Payment Initiation Service Providers". */
export const evaluateAllowedPisps = ({ allowed }: AllowedPisps, pisp: Pisp | undefined): Finding[] =>
  oneOf(
    allowed,
    'PISP',
    pisp,
    (one, other) =>
      one.domain_name === other.domain_name &&
      one.legal_name === other.legal_name &&
      one.brand_name === other.brand_name,
  );

/** As AP2's Python SDK has it: by `id`, and where one of the two has an empty one, by name and website. */
function isSameMerchant(one: Merchant, other: Merchant): boolean {
  if (one.id !== '' && other.id !== '') return one.id === other.id;
  return (
    one.name !== '' &&
    one.name === other.name &&
    one.website !== undefined &&
    one.website !== '' &&
    one.website === other.website
  );
}

/** Only what is disclosed counts: of a list without a disclosed element nothing is allowed. */
function oneOf<T>(
  allowed: readonly T[],
  name: string,
  candidate: T | undefined,
  isSame: (one: T, other: T) => boolean,
): Finding[] {
  if (candidate !== undefined && allowed.some((one) => isSame(one, candidate))) return [];
  return [
    {
      member: '.allowed',
      expected: `one of the ${name}s disclosed here, ${allowed.length} in number`,
      found: candidate === undefined ? `no ${name}` : `another ${name}`,
    },
  ];
}
