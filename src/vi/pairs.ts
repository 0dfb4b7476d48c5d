// Which checkout mandate and which payment mandate belong together (SPEC.md §19.5).

import { checkoutHash } from '../ap2/model/checkout.js';
import type { MandateKind } from '../ap2/model/mandate.js';
import { isJsonObject, type JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { readConstraint } from './constraints.js';
import {
  mandatePath,
  parseViMandate,
  refuseLayer,
  typeOfElement,
  type ViCheckoutMandate,
  type ViPaymentMandate,
} from './mandates.js';
import type { ViElement, ViPayload } from './resolve.js';

/** A mandate of a layer, with its form checked. */
export interface ViMandate {
  readonly kind: MandateKind;
  readonly isOpen: boolean;
  /** Its disclosure's digest, as `delegate_payload` lists it. */
  readonly digest: string;
  readonly element: ViElement;
  readonly content: JsonObject;
  readonly path: string;
}

/** A checkout mandate and its payment mandate, as far as they are disclosed. */
export interface ViPair {
  readonly checkout: ViMandate | undefined;
  readonly payment: ViMandate | undefined;
}

/** The mandates of a layer 2: all open, or all final. */
export function readMandates({ elements }: ViPayload, layer: number): readonly ViMandate[] {
  const mandates = elements.map((element, index) => {
    const path = mandatePath(layer, index);
    const type = typeOfElement(element.processed, path);
    if (type === undefined) return refuseLayer(path, `every element of layer ${layer} must be a mandate`);
    const content = parseViMandate(element.processed, type, path);
    return { ...type, digest: element.digest, element, content, path };
  });
  const [first] = mandates;
  if (first === undefined) return refuseLayer(`layer${layer}`, 'at least one mandate must be disclosed');
  if (mandates.some(({ isOpen }) => isOpen !== first.isOpen)) {
    refuseLayer(`layer${layer}`, 'open mandates and final ones must not stand together');
  }
  return mandates;
}

/** The digest of the checkout mandate that an open payment mandate is for: exactly one, of a mandate of the same layer. */
export function referenceOf({ content, path, digest }: ViMandate, digests: readonly string[]): string {
  const constraints = content.constraints as JsonObject[];
  const references = constraints
    .map((constraint, index) => readConstraint(constraint, `${path}.constraints[${index}]`))
    .filter((read) => read?.kind === 'reference');
  if (references.length !== 1) {
    refusePair(
      path,
      `an open payment mandate must have one reference to a checkout mandate, it has ${references.length}`,
    );
  }
  const target = references[0]?.constraint.conditional_transaction_id as string;
  if (target === digest || !digests.includes(target)) {
    refusePair(path, 'the payment mandate refers to no checkout mandate of its layer: it is alone');
  }
  return target;
}

/** The pairs of a layer 2 that is wholly disclosed: no mandate alone, none in two pairs. */
export function pairsOf(mandates: readonly ViMandate[], { digests }: ViPayload): readonly ViPair[] {
  if (mandates.length !== digests.length) refusePair('layer2', 'every mandate must be disclosed');
  const isOpen = mandates[0]?.isOpen === true;
  const checkouts = mandates.filter(({ kind }) => kind === 'checkout');
  const payments = mandates.filter(({ kind }) => kind === 'payment');
  const keyed = isOpen
    ? payments.map((payment) => [referenceOf(payment, digests), payment] as const)
    : payments.map(
        (payment) => [(payment.content as unknown as ViPaymentMandate).transaction_id, payment] as const,
      );
  const keyOf = (checkout: ViMandate): string => (isOpen ? checkout.digest : checkedHash(checkout));
  const keys = new Map<string, ViMandate>();
  for (const checkout of checkouts) {
    const key = keyOf(checkout);
    if (keys.has(key)) refusePair(checkout.path, 'two checkout mandates are for the same checkout');
    keys.set(key, checkout);
  }
  const pairs = keyed.map(([key, payment]): ViPair => {
    const checkout = keys.get(key);
    if (checkout === undefined)
      return refusePair(payment.path, 'a payment mandate has no checkout mandate, or shares it');
    keys.delete(key);
    return { checkout, payment };
  });
  for (const { path } of keys.values()) refusePair(path, 'a checkout mandate has no payment mandate');
  return pairs;
}

/**
 * The mandate of one role in a view of a delegating layer 2: the only one of its kind that is disclosed. Where its counterpart is
 * disclosed too, the two are a pair.
 */
export function pairInView(
  kind: MandateKind,
  mandates: readonly ViMandate[],
  { digests }: ViPayload,
): ViPair {
  const only = (each: MandateKind): ViMandate | undefined => {
    const found = mandates.filter((mandate) => mandate.kind === each);
    if (found.length > 1)
      refusePair('layer2', `at most one ${each} mandate may be disclosed, ${found.length} are`);
    return found[0];
  };
  const pair = { checkout: only('checkout'), payment: only('payment') };
  if (pair[kind] === undefined)
    refusePair('layer2', `a ${kind} mandate must be disclosed; another kind cannot stand for it`);
  if (pair.payment === undefined) return pair;
  const target = referenceOf(pair.payment, digests);
  if (pair.checkout !== undefined && pair.checkout.digest !== target) {
    refusePair(
      pair.payment.path,
      'the payment mandate is for another checkout mandate than the one disclosed',
    );
  }
  return pair;
}

/** The `checkout_hash` of a final checkout mandate, computed. */
export function checkedHash({ content, path }: Pick<ViMandate, 'content' | 'path'>): string {
  const { checkout_jwt: jwt, checkout_hash: hash } = content as unknown as ViCheckoutMandate;
  if (hash !== checkoutHash(jwt))
    refusePair(`${path}.checkout_hash`, '"checkout_hash" is not the hash of "checkout_jwt"');
  return hash;
}

/** Whether a value is an object without a `vct`: no mandate, but a party or an item that is disclosed beside one. */
export const isCompanion = ({ processed }: ViElement): boolean =>
  isJsonObject(processed) && !Object.hasOwn(processed, 'vct');

export function refusePair(path: string, message: string): never {
  fail('ERR_VI_PAIR_INVALID', path, message);
}
