import { type DelegatedElement, readElements } from '../ap2/chain/delegate-payload.js';
import { ALL_FORMS, holdsMandates } from '../ap2/chain/forms.js';
import { type VerifyCheckoutJwtOptions, verifyCheckoutJwt } from '../ap2/index.js';
import { isOfKind, type MandateKind } from '../ap2/model/mandate.js';
import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import { identityOf } from '../jws/identity.js';
import { aPolicy, DEFAULT_POLICY, type Policy, policyRules } from '../jws/policy.js';
import { type SignatureVerdict, verdictOf } from '../jws/verdict.js';
import { readJws, verifyJws } from '../jws/verify.js';
import { promisesPq, readConfirmation } from '../key-binding/confirmation.js';
import { issuerJwtHash, sdHash } from '../key-binding/hash.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { resolveLimits } from '../options.js';
import type { MandateLimits } from '../profile.js';
import { disclose, type VerifiedToken, verifyToken } from '../sd-jwt/verify.js';
import { acceptsCredential } from './demands.js';
import { publicKeysOf } from './keys.js';
import { documentsOf, type EvidenceParts, jwtsOf, type KeysPart, type PresentedDocument } from './parts.js';
import {
  type Common,
  datedDemands,
  type Link,
  mostLenient,
  needsOf,
  type Rederived,
  type Signed,
  signaturesOf,
  THE_JWT,
  THE_KEY_BINDING,
  tokenName,
  type Verdict,
} from './verdict.js';

// What a redacted file still proves (SPEC.md R18.7): the signatures of every token whose keys are still present, and how each
// token is linked to the previous one. Missing parts are reported as redacted. A part that is present and wrong is an error.

interface Given extends Common {
  readonly demands: Record<string, unknown>;
}

/** The remaining content of one document. */
interface Remaining {
  readonly signed: readonly Signed[];
  readonly links: readonly Link[];
  readonly hashes: readonly string[];
  /** The payload of the closed mandate, or of a single mandate; empty if it, or its signature, was redacted. */
  readonly payload: JsonObject;
  readonly keyBinding: SignatureVerdict | undefined;
}

export async function rederiveRemaining(parts: EvidenceParts, given: Given): Promise<Rederived> {
  const documents = documentsOf(parts.presentation);
  const found: Remaining[] = [];
  const policies: Policy[] = [];
  for (const document of documents) {
    const rules = rulesOf(given.demands, document);
    policies.push(rules.policy);
    found.push(await remainingOf(document, parts, rules, given));
  }
  const payloads = new Map(documents.map(({ part }, n) => [part, (found[n] as Remaining).payload]));
  const jwt = parts.presentation.kind === 'purchase' ? await remainingJwt(parts, payloads, given) : undefined;
  const signed = found.flatMap((each) => each.signed.filter(({ what }) => what !== THE_KEY_BINDING));
  const keyBinding = found[0]?.keyBinding;
  const stated = parts.verdict as unknown as Verdict;
  const verdict: Verdict = {
    policy: mostLenient(policies),
    // For redacted content, only the creator's verdict remains (R18.7).
    quantumSafe:
      stated.quantumSafe === true &&
      [...signed, ...(jwt?.signed ?? [])].every((each) => each.verdict?.quantumSafe ?? true) &&
      keyBinding?.quantumSafe !== false,
    tokens: signed.map((each, n) => each.verdict ?? (stated.tokens[n] as SignatureVerdict)),
    keyBinding: keyBinding ?? stated.keyBinding,
    checkoutJwt: jwt?.signed[0]?.verdict ?? stated.checkoutJwt,
    receiptReference: stated.receiptReference,
    receiptReferences: stated.receiptReferences,
  };
  return {
    verdict,
    isWhole: false,
    signed: [...found.flatMap((each) => each.signed), ...(jwt?.signed ?? [])],
    links: [...found.flatMap(({ links }) => links), ...(jwt?.links ?? [])],
    needs: needsOf(verdict, documents, {
      isLinked: jwt?.isLinked === true,
      isLeft: jwt?.signed[0]?.verdict !== undefined || parts.checkoutJwt !== undefined,
    }),
    receiptHashes: new Set(found.flatMap(({ hashes }) => hashes)),
    payload: payloads.get('payment') ?? payloads.get('checkout') ?? payloads.get(undefined) ?? {},
    strayStatus: [],
  };
}

interface Rules {
  readonly policy: Policy;
  readonly limits: MandateLimits;
  readonly kind: MandateKind | undefined;
  /** Whether the first token may be a User Credential. */
  readonly acceptsCredential: boolean;
}

/** The demands on one document: its own, or those on both. */
function rulesOf(demands: Record<string, unknown>, { part }: PresentedDocument): Rules {
  const own = part === undefined ? undefined : demands[part];
  const { policy, limits, kind } = { ...demands, ...(typeof own === 'object' ? own : {}) } as {
    policy?: Policy;
    limits?: Partial<MandateLimits>;
    kind?: MandateKind;
  };
  return {
    policy: policy === undefined ? DEFAULT_POLICY : aPolicy(policy, 'policy'),
    limits: resolveLimits(limits),
    kind: part ?? kind,
    acceptsCredential:
      Object.hasOwn(demands, 'credential') || acceptsCredential(typeof own === 'object' ? (own ?? {}) : {}),
  };
}

/** A token, as far as it is present. */
interface Token {
  readonly what: string;
  readonly jwt: string;
  readonly disclosures: readonly string[];
  /** Whether none of its disclosures was redacted. */
  readonly isWhole: boolean;
  readonly payload: JsonObject;
  /** Its disclosed mandates; none if the token is itself a single mandate. */
  readonly elements: readonly DelegatedElement[];
  /** A User Credential names the next keys itself, together with its other claims. */
  readonly isCredential: boolean;
  readonly isVerified: boolean;
}

async function remainingOf(
  document: PresentedDocument,
  parts: EvidenceParts,
  rules: Rules,
  given: Given,
): Promise<Remaining> {
  const signed: Signed[] = [];
  const links: Link[] = [];
  let previous: Token | undefined;
  for (const [n, jwt] of jwtsOf(document).entries()) {
    const what = tokenName(document, n);
    const disclosures = parts.disclosures[document.first + n] ?? [];
    const isWhole = disclosures.length === document.disclosures[n];
    const jws = parseJws(jwt, rules.limits);
    const isCredential =
      previous === undefined && rules.acceptsCredential && !holdsMandates(jws.payload, ALL_FORMS);
    const named =
      previous === undefined
        ? rootKeys(isCredential ? parts.credentialKeys : parts.keys)
        : await keysNamedBy(previous, Object.hasOwn(jws.header, 'pq_alg'), parts, rules, given);
    const found =
      named === undefined
        ? disclose(jws.payload, disclosures, rules.limits)
        : await verifyToken(jws, disclosures, named.keys, requiring(rules, named.promised), rules.limits);
    const elements =
      document.isChain && !isCredential ? readElements({ signedPayload: jws.payload, ...found }) : [];
    const verdict =
      named &&
      (isCredential
        ? signaturesOf(verdictOf(found as VerifiedToken))
        : verdictIn(document, n, found as VerifiedToken, meantOf(elements, rules.kind), parts));
    const isNamed = previous !== undefined && !previous.isVerified && verdict !== undefined;
    signed.push({ what, verdict, ...(isNamed && { keysNamedBy: previous?.what }) });
    if (previous !== undefined)
      links.push(linkOf(previous, what, found.payload, isWhole, verdict !== undefined));
    const isVerified = verdict !== undefined && !isNamed;
    previous = {
      what,
      jwt,
      disclosures,
      isWhole,
      payload: found.payload,
      elements,
      isCredential,
      isVerified,
    };
  }
  const last = previous as Token;
  const holder = await remainingKeyBinding(document, last, parts, rules, given);
  const closed = meantOf(last.elements, rules.kind);
  return {
    signed: holder === undefined ? signed : [...signed, holder],
    links: holder === undefined ? links : [...links, HOLDER_LINK],
    hashes: document.isChain ? [issuerJwtHash(last), ...(last.isWhole ? [sdHash(last)] : [])] : [],
    payload: !last.isVerified ? {} : document.isChain ? (closed?.processed ?? {}) : last.payload,
    keyBinding: holder?.verdict,
  };
}

const rootKeys = (part: KeysPart | undefined) => part && { keys: publicKeysOf(part), promised: false };

/** A promised key must have signed, whatever the policy (R10.3). */
const requiring = ({ policy }: Rules, promised: boolean) => {
  const rules = policyRules(policy);
  return { ...rules, pqRequired: rules.pqRequired || promised };
};

/** The mandate of a token that the next token refers to; `undefined` if it was redacted. */
function meantOf(
  elements: readonly DelegatedElement[],
  kind: MandateKind | undefined,
): DelegatedElement | undefined {
  const found = kind === undefined ? elements : elements.filter(({ processed }) => isOfKind(processed, kind));
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The verdict on a token. In a chain, its identity is that of its mandate. If the mandate was redacted, the creator's verdict
 * states it.
 */
function verdictIn(
  { isChain, first }: PresentedDocument,
  n: number,
  token: VerifiedToken,
  element: DelegatedElement | undefined,
  parts: EvidenceParts,
): SignatureVerdict {
  const verdict = signaturesOf(verdictOf(token));
  if (!isChain) return verdict;
  const stated = (parts.verdict as unknown as Verdict).tokens[first + n];
  const identity =
    element === undefined ? (stated?.identity ?? verdict.identity) : identityOf(token, element.digest);
  return { ...verdict, identity };
}

/** The keys that the mandate of a token names for the next one; `undefined` if they were redacted. */
async function keysNamedBy(
  token: Token,
  needsPq: boolean,
  parts: EvidenceParts,
  { kind, limits }: Rules,
  { resolveThumbprint }: Given,
): Promise<{ keys: MandatePublicKeys; promised: boolean } | undefined> {
  const holder = token.isCredential ? token.payload : (meantOf(token.elements, kind)?.processed ?? {});
  return confirmedBy(holder, token, needsPq, parts, limits, resolveThumbprint);
}

async function confirmedBy(
  holder: JsonObject,
  token: Token,
  needsPq: boolean,
  { redacted }: EvidenceParts,
  limits: MandateLimits,
  resolveThumbprint: Given['resolveThumbprint'],
): Promise<{ keys: MandatePublicKeys; promised: boolean } | undefined> {
  const promised = promisesPq(holder);
  if (!token.isWhole && (!Object.hasOwn(holder, 'cnf') || (needsPq && !promised))) return undefined;
  try {
    return { keys: await readConfirmation(holder, token.what, resolveThumbprint, limits), promised };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ERR_MANDATE_KEY_UNRESOLVED' && redacted.includes('holderKeys')) return undefined;
    throw error;
  }
}

/** How a token is linked to the previous one: by the hash of its JWT, or of everything presented. */
function linkOf(
  previous: Token,
  what: string,
  payload: JsonObject,
  isWhole: boolean,
  isVerified: boolean,
): Link {
  const statement = `${what} is bound to ${previous.what}`;
  const { sd_hash: ofAll, issuer_jwt_hash: ofJwt } = payload;
  const expected = ofJwt === undefined ? sdHash(previous) : issuerJwtHash(previous);
  if (ofJwt === undefined && (ofAll === undefined ? !isWhole : !previous.isWhole))
    return { statement, isShown: false };
  if ((ofJwt ?? ofAll) !== expected || (ofJwt !== undefined && ofAll !== undefined)) {
    fail('ERR_MANDATE_BINDING_INVALID', 'presentation', `${what} is not bound to ${previous.what}`);
  }
  return { statement, isShown: isVerified };
}

const HOLDER_LINK: Link = { statement: 'the key binding JWT is for the presentation', isShown: false };

async function remainingKeyBinding(
  { isChain, token: sealed }: PresentedDocument,
  token: Token,
  parts: EvidenceParts,
  rules: Rules,
  { resolveThumbprint }: Given,
): Promise<Signed | undefined> {
  const jwt = isChain ? '' : (sealed.split('~')[1] ?? '');
  if (jwt === '') return undefined;
  const checked = readJws(jwt, rules.limits);
  const needsPq = Object.hasOwn(checked.header, 'pq_alg');
  const named = await confirmedBy(token.payload, token, needsPq, parts, rules.limits, resolveThumbprint);
  if (named === undefined) return { what: THE_KEY_BINDING, verdict: undefined };
  const verified = await verifyJws(checked, named.keys, requiring(rules, named.promised), rules.limits);
  return { what: THE_KEY_BINDING, verdict: signaturesOf(verdictOf(verified)) };
}

/** Verifies the merchant's JWT of a purchase, if it is still present, and that the mandates refer to it. */
async function remainingJwt(
  parts: EvidenceParts,
  payloads: ReadonlyMap<'checkout' | 'payment' | undefined, JsonObject>,
  { demands, currentDate }: Given,
): Promise<{ signed: readonly Signed[]; links: readonly Link[]; isLinked: boolean }> {
  const { checkout, payment } = Object.fromEntries(payloads) as Record<string, JsonObject | undefined>;
  const disclosed = checkout?.checkout_jwt;
  const text = parts.checkoutJwt ?? (typeof disclosed === 'string' ? disclosed : undefined);
  const merchant = parts.merchantKeys && publicKeysOf(parts.merchantKeys);
  const named = [
    { part: 'checkout', hash: checkout?.checkout_hash },
    { part: 'payment', hash: payment?.transaction_id },
  ].filter(({ part }) => payloads.has(part as 'checkout'));
  const gone = { signed: [{ what: THE_JWT, verdict: undefined }], isLinked: false };
  const link = ({ part }: { part: string }, isShown: boolean): Link => ({
    statement: `the ${part} mandate refers to the merchant’s JWT`,
    isShown,
  });
  if (text === undefined || merchant === undefined)
    return { ...gone, links: named.map((each) => link(each, false)) };
  const { policy, limits, clockTolerance } = demands;
  const shared = Object.fromEntries(
    Object.entries({ policy, limits, clockTolerance }).filter(([, value]) => value !== undefined),
  );
  const options = { ...shared, currentDate, ...(datedDemands(demands, currentDate).checkoutJwt as object) };
  const verified = await verifyCheckoutJwt(text, () => merchant, options as VerifyCheckoutJwtOptions);
  for (const { part, hash } of named) {
    if (hash !== undefined && hash !== verified.checkoutHash)
      fail('ERR_MANDATE_CHECKOUT_INVALID', 'presentation', `the ${part} mandate refers to another checkout`);
  }
  return {
    signed: [{ what: THE_JWT, verdict: signaturesOf(verified) }],
    links: named.map((each) => link(each, each.hash !== undefined)),
    isLinked: named.every(({ hash }) => hash !== undefined),
  };
}
