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
import {
  aListWhere,
  aString,
  checkDate,
  checkNames,
  checkOptions,
  checkTimeout,
  invalidArgument,
  optional,
  printable,
  readResult,
  required,
} from '../options.js';
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

/** The role of the verifier: the merchant sees the checkout, the payment network the payment. */
export type ViRole = 'merchant' | 'network';

/** What can be accepted without a check, if it is named. */
export type ViRefusedUnchecked = 'history' | 'checkout';

/** The data, besides the presentation, that its authority is evaluated against. */
export interface ViContext {
  /** The hash of the checkout that the verifier has; `checkout_hash` or `transaction_id` must equal it. */
  checkoutHash?: string;
  /**
   * Returns the content of a `checkout_jwt` after verifying the merchant's signature. The draft leaves both to implementations,
   * and an agent's statement about a checkout is no evidence. For a merchant whose mandates have constraints.
   */
  readCheckout?: (checkoutJwt: string) => ViCheckout | Promise<ViCheckout>;
  /**
   * Returns all transactions that were accepted under the mandate before; an empty array if there were none. The argument is
   * the identity of the mandate (SPEC.md §9.1).
   */
  history?: (identity: string) => readonly PastUse[] | undefined | Promise<readonly PastUse[] | undefined>;
  /**
   * The terms of the subscription that the payment sets up, from the merchant. For a network: an agent may set up a
   * subscription only if a `payment.recurrence` allows these terms.
   */
  subscription?: ViSubscription;
  /** What is accepted without a check. Default: nothing. */
  allowUnchecked?: readonly ViRefusedUnchecked[];
}

/** Options of {@link verifyViPresentation}. */
export interface VerifyViOptions extends ViOptions {
  /** The role of the verifier. */
  role: ViRole;
  /** The `aud` that names this verifier in the last layer, or several such names. */
  audience: string | readonly string[];
  /** The `nonce` that this verifier issued, in the last layer. */
  nonce: string;
  /** The maximum age of the last layer by its `iat`: seconds, or a time span. Default 300 seconds. */
  maxTokenAge?: number | string;
  /** How to treat what cannot be evaluated. Default `strict`. */
  strictness?: ViStrictness | undefined;
  /** The data that the constraints are evaluated against. */
  context?: ViContext | undefined;
  /** `enforce` (default) throws for a violation; `report` returns it in the result. */
  constraints?: 'enforce' | 'report' | undefined;
  /** Milliseconds that each call of `context.history` and `context.readCheckout` may take. Default 5000. */
  contextTimeout?: number | undefined;
}

/** Identifies the pair, and its layer 2, that a presentation is for. */
export interface ViPairNames {
  /** BASE64URL(SHA-256) of the JWT of layer 2. */
  readonly layer2: string;
  /** The digest of the checkout mandate in it, if known: a merchant always knows it, a network from the reference. */
  readonly checkout: string | undefined;
  /** The digest of the payment mandate in it, if disclosed. */
  readonly payment: string | undefined;
}

/** A presentation that passed every check, including its authority unless `constraints` is `report`. */
export interface VerifiedViPresentation {
  readonly policy: Policy;
  readonly mode: ViMode;
  readonly role: ViRole;
  /** The layers, starting with layer 1. */
  readonly layers: readonly VerifiedViLayer[];
  /** Whether every layer is quantum-safe. */
  readonly quantumSafe: boolean;
  /** The final payment mandate, for a network. */
  readonly payment: ViPaymentMandate | undefined;
  /** The final checkout mandate, for a merchant. */
  readonly checkout: ViCheckoutMandate | undefined;
  /** The open mandate that the final one closes, in autonomous mode. */
  readonly open: ViOpenPaymentMandate | ViOpenCheckoutMandate | undefined;
  /** The result of `readCheckout`. */
  readonly checkoutContent: ViCheckout | undefined;
  /** The key under which uses of the user's mandate are stored (SPEC.md §9.1). */
  readonly identity: string;
  readonly pair: ViPairNames;
  /** What is not authorized, or could not be determined; empty if the transaction may proceed. */
  readonly violations: readonly ViViolation[];
  /** What was not checked, whether or not that was allowed. */
  readonly unchecked: readonly ViUnchecked[];
}

const KIND: Readonly<Record<ViRole, MandateKind>> = { merchant: 'checkout', network: 'payment' };
const CONTEXT = ['checkoutHash', 'readCheckout', 'history', 'subscription', 'allowUnchecked'];

/**
 * Verifies a Verifiable Intent as received by a merchant or a payment network: SPEC.md §19. For every layer it checks structure,
 * header, the signatures that the policy requires, disclosures, binding, `typ` and times. The issuer's keys verify layer 1;
 * `cnf` and `pq_cnf` of each layer verify the next one. It then checks `aud` and `nonce` of the last layer, the mandates, their
 * pairs, and the constraints.
 *
 * @example
 * ```ts
 * const { payment, quantumSafe } = await verifyViPresentation(presentation, issuerKeys, {
 *   role: 'network', audience: 'https://network.example', nonce,
 *   context: { history: (identity) => usesOf(identity), allowUnchecked: ['checkout'] },
 * });
 * ```
 *
 * @param presentation Layers 1 and 2, and layer 3 if layer 2 delegates; each an SD-JWT in compact form.
 * @param keys The public keys of the issuer of layer 1, or a function that resolves them.
 * @throws {MandateError} as `verifyMandateChain`, and `ERR_VI_LAYER_INVALID`, `ERR_VI_PAIR_INVALID`. For an error in one layer,
 * `hop` is its index, 0 for layer 1. {@link ViConstraintError} for violations.
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

  // One snapshot, so that the layers read here are the layers verified.
  const shown = checkOptions(presentation, 'presentation');
  const names = ['layer1', 'layer2', ...(shown.layer3 === undefined ? [] : ['layer3'])];
  const [first, second, third] = readPresentation(shown, rules.limits, names);
  if (first === undefined || second === undefined) return invalidArgument('presentation', 'complete');
  const intent = await verifyIntent([first, second], keys, rules);
  const kind = KIND[role];
  const found = await (async (): Promise<Found> => {
    if (intent.mode === 'immediate') {
      if (third !== undefined)
        refuseLayer('layer3', 'a layer 2 with final values must not be followed by a layer 3');
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

/** One pair of mandates in a layer 2. */
export interface VerifiedViPair {
  /** The checkout mandate, open or final. */
  readonly checkout: ViOpenCheckoutMandate | ViCheckoutMandate;
  /** The payment mandate, open or final. */
  readonly payment: ViOpenPaymentMandate | ViPaymentMandate;
  /** The keys under which uses of each mandate are stored (SPEC.md §9.1). */
  readonly identities: { readonly checkout: string; readonly payment: string };
}

/** Layers 1 and 2, with every mandate disclosed. */
export interface VerifiedViMandates {
  readonly policy: Policy;
  readonly mode: ViMode;
  readonly layers: readonly VerifiedViLayer[];
  readonly quantumSafe: boolean;
  /** All pairs: every mandate is in exactly one. */
  readonly pairs: readonly VerifiedViPair[];
}

/**
 * Verifies what an agent, or a party that settles a dispute, receives: layers 1 and 2, with every mandate disclosed.
 * Constraints are parsed but not evaluated. If `audience` and `nonce` are given, layer 2 must have them.
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
  // A layer 2 that delegates is valid for days. Only a presented one must be recent.
  const rules = { ...checked, hop: isAddressed ? { ...checked.lastHop, maxAge: undefined } : checked.hop };
  const shown = checkOptions(presentation as ViPresentation, 'presentation');
  if (shown.layer3 !== undefined) invalidArgument('presentation.layer3', 'left out');
  const [first, second] = readPresentation(shown, rules.limits, ['layer1', 'layer2']);
  if (first === undefined || second === undefined) return invalidArgument('presentation', 'complete');
  const intent = await verifyIntent([first, second], keys, rules);
  if (isAddressed && intent.layers[1]?.payload.nonce !== rules.nonce) {
    refuseLayer('nonce', '"nonce" of layer 2 is not the expected one');
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

/** An unknown constraint of an open mandate could not limit the agent. */
function readConstraints({ content, path }: ViMandate): void {
  for (const [index, constraint] of (content.constraints as JsonObject[]).entries()) {
    const at = `${path}.constraints[${index}]`;
    if (readConstraint(constraint, at) !== undefined) continue;
    fail('ERR_MANDATE_CONSTRAINT_UNKNOWN', `${at}.type`, `"${at}.type" must be a registered constraint type`);
  }
}

/**
 * Throws unless the two legs belong together: the same layer 2, the same pair in it, and the same checkout. For a party that
 * sees both legs, for example to settle a dispute.
 *
 * @param network The result of {@link verifyViPresentation} with `role: 'network'`.
 * @param merchant The result of {@link verifyViPresentation} with `role: 'merchant'`.
 * @throws {MandateError} `ERR_VI_PAIR_INVALID`.
 */
export function matchViLegs(network: VerifiedViPresentation, merchant: VerifiedViPresentation): void {
  const [paid, sold] = [readLeg(network, 'network'), readLeg(merchant, 'merchant')];
  const { payment } = paid;
  const { checkout } = sold;
  if (payment === undefined || checkout === undefined) {
    invalidArgument(
      'network',
      'the result for the role "network", and "merchant" the result for the role "merchant"',
    );
  }
  if (paid.pair.layer2 !== sold.pair.layer2) refusePair('layer2', 'the legs belong to different layers 2');
  if (payment.transaction_id !== checkout.checkout_hash) {
    refusePair('transaction_id', '"transaction_id" must equal the "checkout_hash" of the other leg');
  }
  if (paid.pair.checkout !== sold.pair.checkout) refusePair('layer2', 'the legs belong to different pairs');
}

const FINAL = {
  payment: optional((value, path) => parseFinal(value, 'payment', path) as ViPaymentMandate, undefined),
  checkout: optional((value, path) => parseFinal(value, 'checkout', path) as ViCheckoutMandate, undefined),
};

const parseFinal = (value: unknown, kind: MandateKind, path: string): unknown =>
  parseViMandate(value as JsonObject, { kind, isOpen: false }, path);

const PAIR = { layer2: required(aString), checkout: optional(aString, undefined) };

const LEG = { ...FINAL, pair: required((value, path) => readResult(value, PAIR, path, 'a pair')) };

const SOURCE = 'the result of verifyViPresentation';

const readLeg = (leg: unknown, parameter: string) => readResult(leg, LEG, parameter, SOURCE);

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

/** All final mandates are disclosed. If there are several pairs, the hash of the verifier's checkout selects one. */
function finalPair(kind: MandateKind, { mandates, layer2 }: ViIntent, hash: string | undefined): ViPair {
  return atHop(1, () => {
    const pairs = pairsOf(mandates, layer2);
    const meant =
      pairs.length === 1
        ? pairs
        : pairs.filter(({ checkout }) => checkout !== undefined && checkedHash(checkout) === hash);
    const [pair] = meant;
    if (pair?.[kind] !== undefined && meant.length === 1) return pair;
    return refusePair('layer2', 'layer 2 has several pairs: "context.checkoutHash" must select one');
  });
}

/** The one final mandate of a layer 3, and the objects disclosed with it. */
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
      return refuseLayer(
        path,
        `a layer 3 for this role must contain a final ${kind} mandate, and no other mandate`,
      );
    }
    return [parseViMandate(element.processed, type, path)];
  });
  const [final] = finals;
  if (final === undefined || finals.length > 1) {
    return refuseLayer(
      'layer3',
      `a layer 3 must contain exactly one final ${kind} mandate, got ${finals.length}`,
    );
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
    add('checkout', 'final', [{ member: '', expected: 'the checkout of "checkoutHash"', found: 'another' }]);
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

  if (history === undefined) leave('history', 'history', '"context.history", the past uses');
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
  // Only the network knows whether a pair may be used again, because the payment mandate says so.
  const mayRecur = (kind === 'checkout' && open !== undefined) || kinds.includes('agentRecurrence');
  add('history', 'history', evaluateViReuse(history ?? [], transaction, mayRecur));
  return { violations, unchecked: [...unchecked] };
}

/** The agent must pay with the instrument that the user named: it cannot add details, such as an account, of its own. */
function comparePaymentInstrument(
  open: JsonObject,
  { payment_instrument: used }: ViPaymentMandate,
): Finding[] {
  const named = new Map(Object.entries(open.payment_instrument as JsonObject));
  return Object.entries(used as { [name: string]: JsonValue })
    .filter(([name, value]) => !isSameJson(value, named.get(name)))
    .map(([name]) => ({
      member: `.${printable(name)}`,
      expected: 'the value in the open mandate',
      found: 'another',
    }));
}

/** If an agent discloses a merchant with the payment, it must be the payee. Otherwise the two contradict each other. */
function compareCompanion(companion: JsonObject, payee: ViMerchant): Finding[] {
  const merchant = conform(merchantSchema, companion, 'layer3.merchant');
  if (isSameMerchant(merchant, payee)) return [];
  return [{ member: '', expected: 'the merchant disclosed with the payment', found: 'another' }];
}

/** If the agent describes the items, the description must match the checkout. */
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

/** The draft nests the item; implementations write `id` or `sku`. */
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

const someAllowable = aListWhere<ViRefusedUnchecked>(
  (each) => each === 'history' || each === 'checkout',
  'an array of history, checkout',
);

function checkContext(context: ViContext | undefined): ViContext {
  const given = checkOptions(context, 'context');
  checkNames(given, CONTEXT);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined)
      invalidArgument(`context.${name}`, 'given a value, or left out; it is undefined');
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
  const allowed = someAllowable(allowUnchecked, 'context.allowUnchecked');
  return { ...given, ...terms, allowUnchecked: allowed };
}

/** Returns what to store for an accepted presentation, under its `identity`: the history for later verifications. */
export function viPastUseOf(
  presentation: Pick<VerifiedViPresentation, 'payment' | 'checkout'>,
  usedAt: Date,
): PastUse {
  const { payment, checkout } = readResult(presentation, FINAL, 'presentation', SOURCE);
  const at = new Date(checkDate(usedAt, 'usedAt'));
  if (payment !== undefined) {
    return { transactionId: payment.transaction_id, usedAt: at, amount: payment.payment_amount };
  }
  if (checkout === undefined) return invalidArgument('presentation', SOURCE);
  return { transactionId: checkout.checkout_hash, usedAt: at };
}
