import { aString, invalidArgument } from '../../options.js';
import {
  type CheckoutMandate,
  type OpenCheckoutMandate,
  type PresentedCheckoutMandate,
  parseCheckoutMandate,
  parseOpenCheckoutMandate,
  parsePresentedCheckoutMandate,
} from './checkout-mandate.js';
import {
  type OpenPaymentMandate,
  type PaymentMandate,
  parseOpenPaymentMandate,
  parsePaymentMandate,
} from './payment-mandate.js';
import { copyObject, MANDATE_VCT, refuseSchema } from './schema.js';

/** An open mandate of either kind, distinguished by `vct`. */
export type OpenMandateContent = OpenPaymentMandate | OpenCheckoutMandate;
/** A mandate as issued, an element of `delegate_payload`; `vct` tells which one it is. */
export type MandateContent = OpenMandateContent | PaymentMandate | CheckoutMandate;
/** A mandate as presented, possibly without what may be withheld; `vct` tells which one it is. */
export type PresentedMandateContent = OpenMandateContent | PaymentMandate | PresentedCheckoutMandate;

/** Returns a copy of `value`, which must be one of AP2's mandates, complete; `path` is its name in errors. */
export function parseMandateContent(value: unknown, path = 'mandate'): MandateContent {
  aString(path, 'path');
  const content = parsePresentedMandateContent(value, path);
  return content.vct === MANDATE_VCT.checkout ? parseCheckoutMandate(content, path) : content;
}

/** Returns a copy of `value`, which must be one of AP2's mandates, possibly without what may be withheld. */
export function parsePresentedMandateContent(value: unknown, path = 'mandate'): PresentedMandateContent {
  const content = copyObject(value, path);
  switch (content.vct) {
    case MANDATE_VCT.openPayment:
      return parseOpenPaymentMandate(content, path);
    case MANDATE_VCT.payment:
      return parsePaymentMandate(content, path);
    case MANDATE_VCT.openCheckout:
      return parseOpenCheckoutMandate(content, path);
    case MANDATE_VCT.checkout:
      return parsePresentedCheckoutMandate(content, path);
    default:
      return refuseSchema(`${path}.vct`, `one of ${Object.values(MANDATE_VCT).join(', ')}`);
  }
}

/** Whether a mandate is open: it has constraints and a `cnf`, and is not yet bound to a transaction. */
export const isOpenMandateContent = (
  content: PresentedMandateContent | MandateContent,
): content is OpenMandateContent =>
  content.vct === MANDATE_VCT.openPayment || content.vct === MANDATE_VCT.openCheckout;

/** What a mandate authorizes: a payment, or the completion of a checkout. */
export type MandateKind = 'payment' | 'checkout';

/** The kind of a mandate, open or closed. */
export const kindOf = ({ vct }: Pick<PresentedMandateContent, 'vct'>): MandateKind =>
  vct === MANDATE_VCT.openPayment || vct === MANDATE_VCT.payment ? 'payment' : 'checkout';

/** Whether a possible mandate is of this kind, by its `vct`. */
export const isOfKind = ({ vct }: { readonly vct?: unknown }, kind: MandateKind): boolean =>
  Object.values(MANDATE_VCT).some((known) => known === vct && kindOf({ vct: known }) === kind);

/** Checks an option that names a kind. */
export function checkKind(kind: unknown, parameter: string): asserts kind is MandateKind | undefined {
  if (kind !== undefined && kind !== 'payment' && kind !== 'checkout') {
    invalidArgument(parameter, '"payment" or "checkout"');
  }
}
