// The agent's side: it closes an open mandate, and discloses the parts of layer 2 that the recipient needs (SPEC.md §19.6).

import { atHop } from '../ap2/chain/hop-error.js';
import { conform } from '../ap2/model/schema.js';
import { parseDuration } from '../claims/duration.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { parseJws } from '../jws/compact.js';
import { serialize } from '../key-binding/hash.js';
import type { ClassicalPrivateKeys } from '../keys/types.js';
import { aListOf, checkOptions, invalidArgument, optional, readOptions, readValue } from '../options.js';
import type { MandateLimits } from '../profile.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';
import { type Disclosure, decodeDisclosure } from '../sd-jwt/disclosures.js';
import { isSameMerchant, type ViCheckout } from './constraints.js';
import {
  finalCheckout,
  finalPayment,
  LAYER_READERS,
  layerSegments,
  Packing,
  type ReadLayer,
  signBound,
  type ViLayerOptions,
} from './issue.js';
import { MAX_LAYER3_LIFETIME, type ViPresentation } from './layers.js';
import { merchantSchema, refuseLayer, type ViPaymentMandate } from './mandates.js';
import { constraintNameOf, VI_TYP } from './names.js';
import { pairInView, pairsOf, readMandates, type ViMandate } from './pairs.js';
import { resolveVi } from './resolve.js';

/** Options of {@link closeViPayment} and {@link closeViCheckout}. */
export interface CloseViOptions extends Omit<ViLayerOptions, 'expiresIn'> {
  /** The lifetime: seconds, or a time span; at most an hour. Default 5 minutes. */
  expiresIn?: number | string | undefined;
  /** The index of the pair to close, in the order of issuance. Required if layer 2 has several pairs. */
  pair?: number | undefined;
}

const CLOSE_READERS = {
  ...LAYER_READERS,
  expiresIn: optional(parseDuration, 300),
  pair: optional(anIndex, undefined),
};

/**
 * Signs an L3a: closes the payment mandate of a pair, for the payment network. Of layer 2, it discloses the payment mandate
 * and, in its allow lists, the payee.
 *
 * @param intent Layers 1 and 2, as the agent received them.
 * @param payment The final values, and the JWT or hash of the checkout that is paid for. `verifyViPresentation` checks whether
 * they meet the constraints.
 * @param privateKeys The keys that the open mandate names. If it has no `pq_cnf`, layer 3 is classical-only.
 * @returns The presentation. Layer 3 is bound to the exact text of layer 2 in it.
 * @throws {MandateError} as `issueViImmediate`, and `ERR_VI_LAYER_INVALID`, `ERR_VI_PAIR_INVALID`. Layers 1 and 2 are not
 * verified.
 */
export async function closeViPayment(
  intent: Pick<ViPresentation, 'layer1' | 'layer2'>,
  payment: Pick<ViPaymentMandate, 'payee' | 'payment_amount' | 'payment_instrument' | 'transaction_id'>,
  privateKeys: ClassicalPrivateKeys,
  options: CloseViOptions,
): Promise<ViPresentation> {
  const { transaction_id: transactionId, ...values } = checkOptions(payment, 'payment');
  return close('payment', intent, privateKeys, options, (names) => {
    const content = finalPayment(values, transactionId, names, 'payment');
    const { payee } = content as unknown as ViPaymentMandate;
    return {
      content,
      isNeeded: (entry, path) => isSameMerchant(conform(merchantSchema, entry, path), payee),
    };
  });
}

/**
 * Signs an L3b: closes the checkout mandate of a pair, for the merchant. Of layer 2, it discloses the checkout mandate and, in
 * its lists, the merchant and the items of the checkout.
 *
 * @param intent As for {@link closeViPayment}.
 * @param checkout The merchant's JWT and its content, which selects the entries to disclose.
 * @returns The presentation, as from {@link closeViPayment}.
 * @throws {MandateError} as {@link closeViPayment}.
 */
export async function closeViCheckout(
  intent: Pick<ViPresentation, 'layer1' | 'layer2'>,
  checkout: { readonly checkoutJwt: string; readonly content: ViCheckout },
  privateKeys: ClassicalPrivateKeys,
  options: CloseViOptions,
): Promise<ViPresentation> {
  const { checkoutJwt, content } = checkOptions(checkout, 'checkout');
  const { merchant, lineItems } = checkOptions(content, 'checkout.content');
  const party = conform(merchantSchema, merchant, 'checkout.content.merchant');
  const idOf = (line: unknown, path: string): unknown =>
    readValue(path, () => (line as { id?: unknown } | null | undefined)?.id);
  const bought = new Set(aListOf(idOf)(lineItems, 'checkout.content.lineItems'));
  return close('checkout', intent, privateKeys, options, (names) => ({
    content: finalCheckout(checkoutJwt, {}, names, 'checkout.checkout'),
    isNeeded: (entry, path, kind) =>
      kind === 'lineItems'
        ? isJsonObject(entry) && bought.has(entry.id === undefined ? entry.sku : entry.id)
        : isSameMerchant(conform(merchantSchema, entry, path), party),
  }));
}

interface Closing {
  readonly content: JsonObject;
  /** Whether an entry of a list is disclosed. */
  readonly isNeeded: (entry: JsonValue, path: string, kind: string) => boolean;
}

async function close(
  kind: 'payment' | 'checkout',
  intent: Pick<ViPresentation, 'layer1' | 'layer2'>,
  privateKeys: ClassicalPrivateKeys,
  options: CloseViOptions,
  make: (names: ReadLayer['names']) => Closing,
): Promise<ViPresentation> {
  const { layer1, layer2 } = checkOptions(intent, 'intent');
  const { pair, ...read } = readOptions(options, CLOSE_READERS);
  if (read.expiresIn > MAX_LAYER3_LIFETIME) invalidArgument('expiresIn', 'at most an hour');
  const { limits } = read;
  layerSegments(layer1, 'layer1', limits);
  const segments = layerSegments(layer2, 'layer2', limits);
  const { mandate, disclosures, nonce } = atHop(1, () => delegatedOf(kind, segments, pair, limits));
  if (nonce === read.nonce) invalidArgument('nonce', 'different from the nonce of layer 2');
  const { content, isNeeded } = make(read.names);
  const shown = [mandate.element.encoded, ...neededEntries(mandate, disclosures, isNeeded)];
  const view = { jwt: segments.jwt, disclosures: shown, keyBindingJwt: undefined };
  const packing = new Packing(read);
  await packing.add(content, undefined);
  const layer3 = await signBound(
    packing,
    view,
    mandate.content,
    mandate.path,
    privateKeys,
    read,
    VI_TYP.final,
  );
  return { layer1, layer2: serialize(view), layer3 };
}

/** Finds the open mandate to close. */
function delegatedOf(
  kind: 'payment' | 'checkout',
  segments: SdJwtSegments,
  index: number | undefined,
  limits: MandateLimits,
): { mandate: ViMandate; disclosures: ReadonlyMap<string, Disclosure>; nonce: JsonValue | undefined } {
  const decoded = segments.disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  const { payload } = parseJws(segments.jwt, limits);
  const resolved = resolveVi(payload, decoded, limits);
  const mandates = readMandates(resolved, 2);
  if (mandates[0]?.isOpen !== true) refuseLayer('layer2', 'layer 2 has final values: nothing is delegated');
  const isWhole = mandates.length === resolved.digests.length;
  const pairs = isWhole ? pairsOf(mandates, resolved) : [pairInView(kind, mandates, resolved)];
  if (index === undefined && pairs.length > 1)
    invalidArgument('pair', 'given, because layer 2 has several pairs');
  const mandate = pairs[index ?? 0]?.[kind];
  if (mandate === undefined) return invalidArgument('pair', `less than ${pairs.length}`);
  return { mandate, disclosures: new Map(decoded.map((each) => [each.digest, each])), nonce: payload.nonce };
}

/** The list entries that the recipient needs, in their original order. */
function neededEntries(
  { element, path }: ViMandate,
  disclosures: ReadonlyMap<string, Disclosure>,
  isNeeded: Closing['isNeeded'],
): string[] {
  const needed = new Set<string>();
  const visit = (entries: JsonValue | undefined, at: string, kind: string): void => {
    if (!Array.isArray(entries)) return;
    for (const [index, entry] of entries.entries()) {
      const digest = isJsonObject(entry) ? entry['...'] : undefined;
      const disclosure = typeof digest === 'string' ? disclosures.get(digest) : undefined;
      if (disclosure !== undefined && isNeeded(disclosure.value, `${at}[${index}]`, kind))
        needed.add(disclosure.encoded);
      if (kind === 'lineItems' && isJsonObject(entry))
        visit(entry.acceptable_items, `${at}[${index}].acceptable_items`, kind);
    }
  };
  for (const [index, constraint] of (element.signed.constraints as JsonObject[]).entries()) {
    const name = constraintNameOf(constraint.type);
    if (name?.list === undefined) continue;
    visit(constraint[name.list], `${path}.constraints[${index}].${name.list}`, name.kind);
  }
  return [...needed];
}

function anIndex(value: unknown, path: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : invalidArgument(path, 'a non-negative integer');
}
