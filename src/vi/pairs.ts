// Finds the checkout mandate and the payment mandate that belong together (SPEC.md §19.5).

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
  /** The digest of its disclosure, as listed in `delegate_payload`. */
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

/** Reads the mandates of a layer 2, which are all open or all final. */
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
    refuseLayer(`layer${layer}`, 'a layer must not have both open and final mandates');
  }
  return mandates;
}

/** The digest of the checkout mandate that an open payment mandate is for. There must be exactly one, in the same layer. */
export function referenceOf({ content, path, digest }: ViMandate, digests: readonly string[]): string {
  const constraints = content.constraints as JsonObject[];
  const references = constraints
    .map((constraint, index) => readConstraint(constraint, `${path}.constraints[${index}]`))
    .filter((read) => read?.kind === 'reference');
  if (references.length !== 1) {
    refusePair(
      path,
      `an open payment mandate must have exactly one reference to a checkout mandate, got ${references.length}`,
    );
  }
  const target = references[0]?.constraint.conditional_transaction_id as string;
  if (target === digest || !digests.includes(target)) {
    refusePair(path, 'the payment mandate must refer to a checkout mandate of its layer');
  }
  return target;
}

/** The pairs of a fully disclosed layer 2: every mandate is in exactly one pair. */
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
      return refusePair(payment.path, 'a payment mandate has no checkout mandate of its own');
    keys.delete(key);
    return { checkout, payment };
  });
  for (const { path } of keys.values()) refusePair(path, 'a checkout mandate has no payment mandate');
  return pairs;
}

/**
 * The mandate of one role in a view of a delegating layer 2: the only disclosed one of its kind. If its counterpart is
 * disclosed too, the two must be a pair.
 */
export function pairInView(
  kind: MandateKind,
  mandates: readonly ViMandate[],
  { digests }: ViPayload,
): ViPair {
  const only = (each: MandateKind): ViMandate | undefined => {
    const found = mandates.filter((mandate) => mandate.kind === each);
    if (found.length > 1)
      refusePair('layer2', `at most one ${each} mandate may be disclosed, got ${found.length}`);
    return found[0];
  };
  const pair = { checkout: only('checkout'), payment: only('payment') };
  if (pair[kind] === undefined)
    refusePair('layer2', `a ${kind} mandate must be disclosed; a mandate of another kind cannot replace it`);
  if (pair.payment === undefined) return pair;
  const target = referenceOf(pair.payment, digests);
  if (pair.checkout !== undefined && pair.checkout.digest !== target) {
    refusePair(
      pair.payment.path,
      'the payment mandate refers to another checkout mandate than the disclosed one',
    );
  }
  return pair;
}

/** Computes and checks the `checkout_hash` of a final checkout mandate. */
export function checkedHash({ content, path }: Pick<ViMandate, 'content' | 'path'>): string {
  const { checkout_jwt: jwt, checkout_hash: hash } = content as unknown as ViCheckoutMandate;
  if (hash !== checkoutHash(jwt))
    refusePair(`${path}.checkout_hash`, '"checkout_hash" must be the hash of "checkout_jwt"');
  return hash;
}

/** Whether a value is an object without a `vct`: not a mandate, but a party or an item disclosed with one. */
export const isCompanion = ({ processed }: ViElement): boolean =>
  isJsonObject(processed) && !Object.hasOwn(processed, 'vct');

export function refusePair(path: string, message: string): never {
  fail('ERR_VI_PAIR_INVALID', path, message);
}
