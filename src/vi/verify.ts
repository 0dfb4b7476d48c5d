import * as v from 'valibot';
import { atHop } from '../ap2/chain/hop-error.js';
import { readHistories } from '../ap2/chain/verify.js';
import { isSameJson } from '../ap2/constraints/allowed.js';
import { type PastUse, readHistory } from '../ap2/constraints/history.js';
import { evaluatePreSetClaims } from '../ap2/constraints/pre-set.js';
import type { Finding } from '../ap2/constraints/violation.js';
import type { MandateKind } from '../ap2/model/mandate.js';
import { conform, openObject, positiveInteger } from '../ap2/model/schema.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail, MandateError } from '../errors.js';
import type { Policy } from '../jws/policy.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { checkNames, checkOptions, checkTimeout, invalidArgument, printable } from '../options.js';
import { withTimeLimit } from '../time-limit.js';
import {
  aStrictness,
  evaluateConstraints,
  evaluateViReuse,
  isSameMerchant,
  readConstraint,
  readSubscription,
  refuseViViolations,
  type ViCheckout,
  type ViStrictness,
  type ViSubscription,
  type ViUnchecked,
  type ViViolation,
  viViolation,
} from './constraints.js';
import {
  readPresentation,
  type VerifiedViLayer,
  VI_OPTIONS,
  type ViIntent,
  type ViMode,
  type ViOptions,
  type ViPresentation,
  verifyIntent,
  verifyLayer3,
  viRules,
} from './layers.js';
import {
  mandatePath,
  merchantSchema,
  parseViMandate,
  refuseLayer,
  typeOfElement,
  type ViCheckoutMandate,
  type ViMerchant,
  type ViOpenCheckoutMandate,
  type ViOpenPaymentMandate,
  type ViPaymentMandate,
} from './mandates.js';
import {
  checkedHash,
  isCompanion,
  pairInView,
  pairsOf,
  referenceOf,
  refusePair,
  type ViMandate,
  type ViPair,
} from './pairs.js';
import type { ViPayload } from './resolve.js';

/** Who verifies: the merchant sees the checkout, the payment network the payment. */
export type ViRole = 'merchant' | 'network';

/** What is accepted although it was not checked, where it is named. */
export type ViRefusedUnchecked = 'history' | 'checkout';

/** What the authority of a presentation is evaluated against, beside the presentation itself. */
export interface ViContext {
  /** The hash of the checkout in hand; `checkout_hash`, or `transaction_id`, must be it. */
  checkoutHash?: string;
  /**
   * Says what a `checkout_jwt` holds, after it has verified the merchant's signature. The draft leaves both to implementations, and
   * what an agent says of a checkout is no evidence. For a merchant whose mandates have constraints.
   */
  readCheckout?: (checkoutJwt: string) => ViCheckout | Promise<ViCheckout>;
  /**
   * The transactions that were accepted under the mandate before, all of them; an empty array where there were none. Asked by its
   * identity (SPEC.md §9.1).
   */
  history?: (identity: string) => readonly PastUse[] | undefined | Promise<readonly PastUse[] | undefined>;
  /**
   * The terms of the subscription that the payment sets up, from the merchant. For a network: without a `payment.recurrence` that
   * allows them, an agent sets up none.
   */
  subscription?: ViSubscription;
  /** What is accepted although it was not checked. Default: nothing. */
  allowUnchecked?: readonly ViRefusedUnchecked[];
}

/** Options of {@link verifyViPresentation}. */
export interface VerifyViOptions extends ViOptions {
  /** Who verifies. */
  role: ViRole;
  /** The `aud` that names this verifier, in the last layer; one of several. */
  audience: string | readonly string[];
  /** The `nonce` that this verifier gave out, in the last layer. */
  nonce: string;
  /** Greatest age of the last layer by its `iat`: seconds, or a time span. Default 300 seconds. */
  maxTokenAge?: number | string;
  /** What becomes of what cannot be evaluated. Default `strict`. */
  strictness?: ViStrictness | undefined;
  /** What the constraints are evaluated against. */
  context?: ViContext | undefined;
  /** `enforce` (default) refuses a violation; `report` puts it into the result. */
  constraints?: 'enforce' | 'report' | undefined;
  /** Milliseconds that `context.history` and `context.readCheckout` may take, each time. Default 5000. */
  contextTimeout?: number | undefined;
}

/** Which pair of which layer 2 a presentation is for. */
export interface ViPairNames {
  /** BASE64URL(SHA-256) of the JWT of layer 2. */
  readonly layer2: string;
  /** The digest of the checkout mandate in it, where it is known: to a merchant, and by the reference to a network. */
  readonly checkout: string | undefined;
  /** The digest of the payment mandate in it, where it is disclosed. */
  readonly payment: string | undefined;
}

/** A presentation that holds in every respect: its authority too, unless `constraints` is `report`. */
export interface VerifiedViPresentation {
  readonly policy: Policy;
  readonly mode: ViMode;
  readonly role: ViRole;
  /** The layers, the first first. */
  readonly layers: readonly VerifiedViLayer[];
  /** Whether every layer is. */
  readonly quantumSafe: boolean;
  /** The final payment mandate; for a network. */
  readonly payment: ViPaymentMandate | undefined;
  /** The final checkout mandate; for a merchant. */
  readonly checkout: ViCheckoutMandate | undefined;
  /** The open mandate that it closes, in autonomous mode. */
  readonly open: ViOpenPaymentMandate | ViOpenCheckoutMandate | undefined;
  /** What `readCheckout` said. */
  readonly checkoutContent: ViCheckout | undefined;
  /** What uses of the user's mandate are kept under (SPEC.md §9.1). */
  readonly identity: string;
  readonly pair: ViPairNames;
  /** What is not authorized, or could not be found out to be; empty where the transaction may go on. */
  readonly violations: readonly ViViolation[];
  /** What was not checked, whether it was allowed or not. */
  readonly unchecked: readonly ViUnchecked[];
}

const KIND: Readonly<Record<ViRole, MandateKind>> = { merchant: 'checkout', network: 'payment' };
const CONTEXT = ['checkoutHash', 'readCheckout', 'history', 'subscription', 'allowUnchecked'];

/**
 * Verifies a Verifiable Intent as a merchant or a payment network receives it: SPEC.md §19. Every layer: structure, header, signatures
 * by the policy (the first by the issuer's keys, each later one by `cnf` and `pq_cnf` of the one before), disclosures, binding,
 * `typ`, times; `aud` and `nonce` of the last; then the mandates, their pairs, and the constraints.
 *
 * @example
 * ```ts
 * const { payment, quantumSafe } = await verifyViPresentation(presentation, issuerKeys, {
 *   role: 'network', audience: 'https://network.example', nonce,
 *   context: { history: (identity) => usesOf(identity), allowUnchecked: ['checkout'] },
 * });
 * ```
 *
 * @param presentation Layers 1 and 2, and layer 3 where layer 2 delegates; each an SD-JWT in compact form.
 * @param keys The public keys of the issuer of layer 1, or a function that resolves them.
 * @throws {MandateError} as `verifyMandateChain`, and `ERR_VI_LAYER_INVALID`, `ERR_VI_PAIR_INVALID`. An error of one layer has its
 * index as `hop`, 0 for layer 1. {@link ViConstraintError} for violations.
 * @throws {JWTExpired} A time of any layer has passed.
 * @throws {JWTClaimValidationFailed} Another time of any layer, or `aud` or `nonce` of the last, is not as demanded.
 */
export async function verifyViPresentation(
  presentation: ViPresentation,
  keys: MandatePublicKeys | MandateKeyResolver,
  options: VerifyViOptions,
): Promise<VerifiedViPresentation> {
  const given = checkOptions(options, 'options');
  const more = [
    'role',
    'audience',
    'nonce',
    'maxTokenAge',
    'strictness',
    'context',
    'constraints',
    'contextTimeout',
  ];
  checkNames(given, [...VI_OPTIONS, ...more]);
  const { role, constraints = 'enforce', contextTimeout = 5000 } = given;
  if (role !== 'merchant' && role !== 'network') invalidArgument('role', '"merchant" or "network"');
  if (constraints !== 'enforce' && constraints !== 'report') {
    invalidArgument('constraints', '"enforce" or "report"');
  }
  checkTimeout(contextTimeout, 'contextTimeout');
  const strictness = given.strictness === undefined ? 'strict' : aStrictness(given.strictness, 'strictness');
  const context = checkContext(given.context);
  const rules = viRules(keys, given, given);

  // One snapshot: what it is read for decides what is verified.
  const shown = checkOptions(presentation, 'presentation');
  const names = ['layer1', 'layer2', ...(shown.layer3 === undefined ? [] : ['layer3'])];
  const [first, second, third] = readPresentation(shown, rules.limits, names);
  if (first === undefined || second === undefined) return invalidArgument('presentation', 'complete');
  const intent = await verifyIntent([first, second], keys, rules);
  const kind = KIND[role];
  const found = await (async (): Promise<Found> => {
    if (intent.mode === 'immediate') {
      if (third !== undefined) refuseLayer('layer3', 'a layer 2 with final values is followed by no layer 3');
      return { pair: finalPair(kind, intent, context.checkoutHash), layers: intent.layers, companions: [] };
    }
    if (third === undefined)
      return refuseLayer('layer3', 'a layer 2 that delegates must be followed by a layer 3');
    const pair = atHop(1, () => pairInView(kind, intent.mandates, intent.layer2));
    const { layer, resolved } = await verifyLayer3(third, second, intent, pair[kind] as ViMandate, rules);
    const { final, companions } = atHop(2, () => finalMandate(kind, resolved));
    return { pair, final, companions, layers: [...intent.layers, layer] };
  })();

  const identity = intent.identityOf((found.pair[kind] as ViMandate).digest);
  const histories = await readHistories(
    { authorizations: [{ identity, hop: 1 }] },
    context.history,
    contextTimeout,
  );
  const subject: Subject = {
    kind,
    open: found.final === undefined ? undefined : (found.pair[kind] as ViMandate),
    final: found.final ?? (found.pair[kind] as ViMandate).content,
    companions: found.companions,
    history: readHistory(histories.get(identity), 'context.history'),
    now: new Date(rules.now()),
  };
  const jwt = (subject.final as unknown as ViCheckoutMandate).checkout_jwt;
  const checkoutContent =
    kind === 'checkout' ? await readContent(context.readCheckout, jwt, contextTimeout) : undefined;
  const { violations, unchecked } = evaluate(subject, checkoutContent, context, strictness);
  if (constraints === 'enforce') refuseViViolations(violations);
  const { payment, checkout } = found.pair;
  return {
    policy: rules.policy,
    mode: intent.mode,
    role,
    layers: found.layers,
    quantumSafe: found.layers.every((layer) => layer.quantumSafe),
    payment: kind === 'payment' ? (subject.final as unknown as ViPaymentMandate) : undefined,
    checkout: kind === 'checkout' ? (subject.final as unknown as ViCheckoutMandate) : undefined,
    open: subject.open?.content as unknown as VerifiedViPresentation['open'],
    checkoutContent,
    identity,
    pair: {
      layer2: (intent.layers[1] as VerifiedViLayer).issuerJwtHash,
      checkout:
        checkout?.digest ?? (payment === undefined ? undefined : referenceOf(payment, intent.layer2.digests)),
      payment: payment?.digest,
    },
    violations,
    unchecked: [...unchecked, ...(rules.isRevoked === undefined ? (['revocation'] as const) : [])],
  };
}

/** One pair of mandates of a layer 2. */
export interface VerifiedViPair {
  /** The checkout mandate, open or final. */
  readonly checkout: ViOpenCheckoutMandate | ViCheckoutMandate;
  /** The payment mandate, open or final. */
  readonly payment: ViOpenPaymentMandate | ViPaymentMandate;
  /** What uses of each are kept under (SPEC.md §9.1). */
  readonly identities: { readonly checkout: string; readonly payment: string };
}

/** Layers 1 and 2, with every mandate disclosed. */
export interface VerifiedViMandates {
  readonly policy: Policy;
  readonly mode: ViMode;
  readonly layers: readonly VerifiedViLayer[];
  readonly quantumSafe: boolean;
  /** All pairs: no mandate is alone, none is in two. */
  readonly pairs: readonly VerifiedViPair[];
}

/**
 * Verifies what an agent, or whoever settles a dispute, receives: layers 1 and 2, with every mandate disclosed. Constraints are read
 * and not evaluated. Where `audience` and `nonce` are given, layer 2 must have them.
 *
 * @throws {MandateError} as {@link verifyViPresentation}.
 */
export async function verifyViMandates(
  presentation: Pick<ViPresentation, 'layer1' | 'layer2'>,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: ViOptions & { audience?: string | readonly string[]; nonce?: string },
): Promise<VerifiedViMandates> {
  const given = checkOptions(options, 'options');
  checkNames(given, [...VI_OPTIONS, 'audience', 'nonce']);
  const isAddressed = 'audience' in given || 'nonce' in given;
  const checked = viRules(keys, given, isAddressed ? given : undefined);
  // A layer 2 that delegates lives for days: only one that is presented must be fresh.
  const rules = { ...checked, hop: isAddressed ? { ...checked.lastHop, maxAge: undefined } : checked.hop };
  const shown = checkOptions(presentation as ViPresentation, 'presentation');
  if (shown.layer3 !== undefined) invalidArgument('presentation.layer3', 'left out');
  const [first, second] = readPresentation(shown, rules.limits, ['layer1', 'layer2']);
  if (first === undefined || second === undefined) return invalidArgument('presentation', 'complete');
  const intent = await verifyIntent([first, second], keys, rules);
  if (isAddressed && intent.layers[1]?.payload.nonce !== rules.nonce) {
    refuseLayer('nonce', '"nonce" of layer 2 is not the one that was given out');
  }
  return {
    policy: rules.policy,
    mode: intent.mode,
    layers: intent.layers,
    quantumSafe: intent.layers.every((layer) => layer.quantumSafe),
    pairs: atHop(1, () => pairsOf(intent.mandates, intent.layer2)).map((pair) => {
      const [checkout, payment] = [pair.checkout as ViMandate, pair.payment as ViMandate];
      for (const each of [checkout, payment]) {
        if (each.isOpen) readConstraints(each);
      }
      return {
        checkout: checkout.content as unknown as VerifiedViPair['checkout'],
        payment: payment.content as unknown as VerifiedViPair['payment'],
        identities: {
          checkout: intent.identityOf(checkout.digest),
          payment: intent.identityOf(payment.digest),
        },
      };
    }),
  };
}

/** "Any unknown constraint" of an open mandate leaves the agent unbounded. */
function readConstraints({ content, path }: ViMandate): void {
  for (const [index, constraint] of (content.constraints as JsonObject[]).entries()) {
    const at = `${path}.constraints[${index}]`;
    if (readConstraint(constraint, at) !== undefined) continue;
    fail(
      'ERR_MANDATE_CONSTRAINT_UNKNOWN',
      `${at}.type`,
      `"${at}.type" must be a registered type of constraint`,
    );
  }
}

/**
 * Throws unless the two legs belong together: the same layer 2, the same pair in it, and one checkout. For whoever sees both, as when
 * a dispute is settled.
 *
 * @param network From {@link verifyViPresentation} with `role: 'network'`.
 * @param merchant The same with `role: 'merchant'`.
 * @throws {MandateError} `ERR_VI_PAIR_INVALID`.
 */
export function matchViLegs(network: VerifiedViPresentation, merchant: VerifiedViPresentation): void {
  const { payment } = network;
  const { checkout } = merchant;
  if (payment === undefined || checkout === undefined) {
    invalidArgument('network', 'verified for the role "network", and "merchant" for the role "merchant"');
  }
  if (network.pair.layer2 !== merchant.pair.layer2)
    refusePair('layer2', 'the legs are of different layers 2');
  if (payment.transaction_id !== checkout.checkout_hash) {
    refusePair('transaction_id', '"transaction_id" is not the "checkout_hash" of the other leg');
  }
  if (network.pair.checkout !== merchant.pair.checkout)
    refusePair('layer2', 'the legs are of different pairs');
}

/** What is evaluated. */
interface Subject {
  readonly kind: MandateKind;
  readonly open: ViMandate | undefined;
  readonly final: JsonObject;
  readonly companions: readonly JsonObject[];
  readonly history: readonly PastUse[] | undefined;
  readonly now: Date;
}

interface Found {
  readonly pair: ViPair;
  readonly final?: JsonObject;
  readonly companions: readonly JsonObject[];
  readonly layers: readonly VerifiedViLayer[];
}

/** Of final mandates all are disclosed; of several pairs the checkout in hand says which is meant. */
function finalPair(kind: MandateKind, { mandates, layer2 }: ViIntent, hash: string | undefined): ViPair {
  return atHop(1, () => {
    const pairs = pairsOf(mandates, layer2);
    const meant =
      pairs.length === 1
        ? pairs
        : pairs.filter(({ checkout }) => checkout !== undefined && checkedHash(checkout) === hash);
    const [pair] = meant;
    if (pair?.[kind] !== undefined && meant.length === 1) return pair;
    return refusePair('layer2', 'of several pairs, "context.checkoutHash" must name one');
  });
}

/** The one final mandate of a layer 3, and what is disclosed beside it. */
function finalMandate(
  kind: MandateKind,
  resolved: ViPayload,
): { final: JsonObject; companions: JsonObject[] } {
  if (resolved.elements.length !== resolved.digests.length) {
    refuseLayer('layer3', 'every element of layer 3 must be disclosed');
  }
  const finals = resolved.elements.flatMap((element, index) => {
    if (isCompanion(element)) return [];
    const path = mandatePath(3, index);
    const type = typeOfElement(element.processed, path);
    if (type === undefined || type.isOpen || type.kind !== kind) {
      return refuseLayer(path, `a layer 3 for this role must hold a final ${kind} mandate, and no other`);
    }
    return [parseViMandate(element.processed, type, path)];
  });
  const [final] = finals;
  if (final === undefined || finals.length > 1) {
    return refuseLayer('layer3', `a layer 3 must hold one final ${kind} mandate, it holds ${finals.length}`);
  }
  return { final, companions: resolved.elements.filter(isCompanion).map(({ processed }) => processed) };
}

function evaluate(
  { kind, open, final, companions, history, now }: Subject,
  content: ViCheckout | undefined,
  { checkoutHash, readCheckout, subscription, allowUnchecked = [] }: ViContext,
  strictness: ViStrictness,
): { violations: readonly ViViolation[]; unchecked: readonly ViUnchecked[] } {
  const violations: ViViolation[] = [];
  const unchecked = new Set<ViUnchecked>();
  const add = (rule: string, path: string, findings: readonly Finding[]): void => {
    violations.push(...findings.map((finding) => viViolation(rule, path, finding)));
  };
  const leave = (what: ViRefusedUnchecked, path: string, expected: string): void => {
    unchecked.add(what);
    if (allowUnchecked.includes(what)) return;
    add(what, path, [{ member: '', expected, found: 'none', unresolved: true }]);
  };
  const payment = kind === 'payment' ? (final as unknown as ViPaymentMandate) : undefined;
  const checkout = kind === 'checkout' ? (final as unknown as ViCheckoutMandate) : undefined;
  const transaction = payment?.transaction_id ?? (checkout?.checkout_hash as string);

  if (checkout !== undefined) checkedHash({ content: final, path: 'layer3' });
  if (checkoutHash !== undefined && transaction !== checkoutHash) {
    add('checkout', 'final', [{ member: '', expected: 'the checkout in hand', found: 'another' }]);
  }
  if (checkoutHash === undefined && readCheckout === undefined) {
    leave('checkout', 'final', 'a "checkoutHash" to compare with');
  }
  if (content !== undefined) add('line_items', 'final', compareLineItems(final.line_items, content));

  const constraints = (open?.content.constraints ?? []) as readonly JsonObject[];
  if (open !== undefined) {
    const signed = open.element.signed.constraints as readonly JsonValue[];
    const fulfillment = { payment, checkout: content, subscription, history, now };
    const found = evaluateConstraints(constraints, signed, fulfillment, strictness, true, 'open');
    violations.push(...found.violations);
    for (const each of found.unchecked) unchecked.add(each);
  }
  if (open !== undefined) {
    const settled = evaluatePreSetClaims(open.content, final, 'open', ['payment_instrument']);
    if (strictness === 'strict') {
      for (const { rule, path, expected, found } of settled)
        violations.push({ rule, path, expected, found, unresolved: false });
    } else if (settled.length > 0) unchecked.add('constraint-members');
  }
  if (payment !== undefined && open !== undefined) {
    add('payment_instrument', 'open.payment_instrument', comparePaymentInstrument(open.content, payment));
    for (const companion of companions)
      add('payee', 'final.payee', compareCompanion(companion, payment.payee));
  }

  if (history === undefined) leave('history', 'history', 'a "history" of past uses');
  const kinds = constraints.map((each, index) => readConstraint(each, `open.constraints[${index}]`)?.kind);
  if (
    payment !== undefined &&
    open !== undefined &&
    subscription !== undefined &&
    !kinds.includes('recurrence')
  ) {
    add('recurrence', 'open.constraints', [
      { member: '', expected: 'a payment.recurrence that allows the subscription', found: 'none' },
    ]);
  }
  // Only the network knows whether a pair may be used again: the payment mandate says so.
  const mayRecur = (kind === 'checkout' && open !== undefined) || kinds.includes('agentRecurrence');
  add('history', 'history', evaluateViReuse(history ?? [], transaction, mayRecur));
  return { violations, unchecked: [...unchecked] };
}

/** The agent pays with what the user named: of what it says of the instrument, such as an account, nothing is its own. */
function comparePaymentInstrument(
  open: JsonObject,
  { payment_instrument: used }: ViPaymentMandate,
): Finding[] {
  const named = new Map(Object.entries(open.payment_instrument as JsonObject));
  return Object.entries(used as { [name: string]: JsonValue })
    .filter(([name, value]) => !isSameJson(value, named.get(name)))
    .map(([name]) => ({
      member: `.${printable(name)}`,
      expected: 'that of the open mandate',
      found: 'another',
    }));
}

/** A merchant that an agent discloses beside the payment is the payee, or the two tell different stories. */
function compareCompanion(companion: JsonObject, payee: ViMerchant): Finding[] {
  const merchant = conform(merchantSchema, companion, 'layer3.merchant');
  if (isSameMerchant(merchant, payee)) return [];
  return [{ member: '', expected: 'the merchant that is disclosed beside the payment', found: 'another' }];
}

/** What the agent says of the items, where it does, is what the checkout holds. */
function compareLineItems(claimed: JsonValue | undefined, { lineItems }: ViCheckout): Finding[] {
  if (claimed === undefined) return [];
  const found = Array.isArray(claimed) ? claimed.map(claimedItem) : [undefined];
  const differs = (): Finding[] => [
    { member: '.line_items', expected: 'the items of the checkout', found: 'others' },
  ];
  if (found.includes(undefined)) return differs();
  const [one, other] = [countById(found as ViCheckout['lineItems']), countById(lineItems)];
  const isSame = one.size === other.size && [...one].every(([id, quantity]) => other.get(id) === quantity);
  return isSame ? [] : differs();
}

function countById(items: ViCheckout['lineItems']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id, quantity } of items) counts.set(id, (counts.get(id) ?? 0) + quantity);
  return counts;
}

/** The draft nests the item; implementations write `id`, or `sku`. */
function claimedItem(line: JsonValue): { id: string; quantity: number } | undefined {
  if (!isJsonObject(line)) return undefined;
  const { item, id: own, sku, quantity } = line;
  const id = isJsonObject(item) ? item.id : (own ?? sku);
  return typeof id === 'string' && typeof quantity === 'number' ? { id, quantity } : undefined;
}

const contentSchema = openObject({
  merchant: merchantSchema,
  lineItems: v.array(openObject({ id: v.pipe(v.string(), v.nonEmpty()), quantity: positiveInteger })),
});

async function readContent(
  read: ViContext['readCheckout'],
  checkoutJwt: string,
  milliseconds: number,
): Promise<ViCheckout | undefined> {
  if (read === undefined) return undefined;
  const content: unknown = await withTimeLimit(
    milliseconds,
    () => read(checkoutJwt),
    (cause, late) =>
      new MandateError(
        'ERR_MANDATE_CHECKOUT_INVALID',
        'context.readCheckout',
        late
          ? '"context.readCheckout" did not answer in time'
          : '"context.readCheckout" refused the checkout',
        { cause },
      ),
  );
  return conform(contentSchema, content, 'context.readCheckout') as unknown as ViCheckout;
}

function checkContext(context: ViContext | undefined): ViContext {
  const given = checkOptions(context, 'context');
  checkNames(given, CONTEXT);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined)
      invalidArgument(`context.${name}`, 'left out where there is none; it is undefined');
  }
  const { checkoutHash, allowUnchecked = [] } = given;
  if (Object.hasOwn(given, 'checkoutHash') && typeof checkoutHash !== 'string') {
    invalidArgument('context.checkoutHash', 'a string');
  }
  for (const name of ['readCheckout', 'history'] as const) {
    if (Object.hasOwn(given, name) && typeof given[name] !== 'function') {
      invalidArgument(`context.${name}`, 'a function');
    }
  }
  const terms = Object.hasOwn(given, 'subscription') && {
    subscription: readSubscription(given.subscription, 'context.subscription'),
  };
  const allowed: unknown = allowUnchecked;
  if (!Array.isArray(allowed) || !allowed.every((each) => each === 'history' || each === 'checkout')) {
    return invalidArgument('context.allowUnchecked', 'an array of history, checkout');
  }
  return { ...given, ...terms, allowUnchecked: [...allowUnchecked] };
}

/** What to keep of a presentation that was accepted, under its `identity`: the history of the next. */
export function viPastUseOf(
  { payment, checkout }: Pick<VerifiedViPresentation, 'payment' | 'checkout'>,
  usedAt: Date,
): PastUse {
  if (payment !== undefined) {
    return { transactionId: payment.transaction_id, usedAt, amount: payment.payment_amount };
  }
  return { transactionId: (checkout as ViCheckoutMandate).checkout_hash, usedAt };
}
