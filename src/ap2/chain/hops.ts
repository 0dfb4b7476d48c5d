import { JWTClaimValidationFailed } from 'jose/errors';
import { isNeverMandate } from '../../claims/token-type.js';
import { type ClaimOptions, type ClaimRules, claimRules, validateClaims } from '../../claims/validate.js';
import type { JsonObject } from '../../encoding/json.js';
import { parseJws } from '../../jws/compact.js';
import { identityOf } from '../../jws/identity.js';
import type { Policy, PolicyRules } from '../../jws/policy.js';
import { type SignatureVerdict, verdictOf } from '../../jws/verdict.js';
import type { ThumbprintResolver } from '../../key-binding/confirmation.js';
import { issuerJwtHash, sdHash } from '../../key-binding/hash.js';
import type { MandateKeyResolver } from '../../keys/resolve-keys.js';
import type { MandateHeader, MandatePublicKeys } from '../../keys/types.js';
import { invalidArgument, printable } from '../../options.js';
import { CHAIN_CLOSED_TYPES, CHAIN_OPEN_TYPES, type MandateLimits } from '../../profile.js';
import { checkRevocation, type RevocationCheck } from '../../revocation/check.js';
import type { SdJwtSegments } from '../../sd-jwt/compact.js';
import { type Disclosure, processDisclosures } from '../../sd-jwt/disclosures.js';
import { type DisclosureResolver, type VerifiedToken, verifyToken } from '../../sd-jwt/verify.js';
import { type AllowDecoys, refuseWithheldConstraints } from '../model/disclosable.js';
import {
  isOpenMandateContent,
  kindOf,
  type MandateKind,
  type PresentedMandateContent,
  parsePresentedMandateContent,
} from '../model/mandate.js';
import type { ChainSegments } from './compact.js';
import {
  CREDENTIAL_PATH,
  type CredentialRules,
  type VerifiedCredential,
  verifyCredential,
} from './credential.js';
import { type DelegatedElement, readDelegatePayload, refuseChain } from './delegate-payload.js';
import { arrange, type DelegateForm, holdsMandates, refuseBothNames } from './forms.js';
import { atHop, atHopAsync } from './hop-error.js';
import { checkBinding, type ParsedToken, verifyDelegated } from './link.js';
import { DELEGATE_PAYLOAD } from './names.js';

/** A token of a chain that passed every check. */
export interface VerifiedHop extends SignatureVerdict {
  /** The mandate in `delegate_payload`: the only disclosed one, or the one of the requested kind. */
  readonly mandate: PresentedMandateContent;
  /**
   * Identifies what this mandate authorizes (SPEC.md §9.1): 43 base64url characters, used as the key for one-time use,
   * recurrences and budgets. Only the signer of the token can give the same mandate another identity.
   */
  readonly identity: string;
  /** The identity of the whole token with all its mandates, as `identity` in the result of `verifyMandate`. */
  readonly tokenIdentity: string;
  /**
   * BASE64URL(SHA-256) of the token as presented. It changes with the disclosures, and ECDSA malleability allows a second
   * value.
   */
  readonly sdHash: string;
  /** BASE64URL(SHA-256) of the issuer-signed JWT only, independent of the disclosures. */
  readonly issuerJwtHash: string;
  /**
   * The digest in `delegate_payload` of the disclosure that holds the mandate. It covers only this mandate, independent of
   * disclosures inside it.
   */
  readonly digest: string;
  /** The Processed SD-JWT Payload of the token, with `delegate_payload` as the claim name in every form. */
  readonly payload: JsonObject;
  readonly protectedHeader: MandateHeader;
  readonly disclosures: readonly Disclosure[];
}

/** The demands on the tokens of a chain. */
export interface ChainRules {
  readonly policy: Policy;
  readonly policyRules: PolicyRules;
  readonly limits: MandateLimits;
  readonly allowDecoys: AllowDecoys;
  readonly kind: MandateKind | undefined;
  /** Accepted forms of `delegate_payload` in addition to AP2's. */
  readonly forms: readonly DelegateForm[];
  /** The demands on a root that is a credential; `undefined` if none is accepted. */
  readonly credential: CredentialRules | undefined;
  readonly requiredClaims: readonly string[];
  readonly resolveThumbprint: ThumbprintResolver | undefined;
  readonly isRevoked: RevocationCheck | undefined;
  readonly revocationTimeout: number;
  readonly root: ClaimRules;
  readonly hop: ClaimRules;
  readonly lastHop: ClaimRules;
  readonly nonce: string | undefined;
  readonly times: ClaimRules;
  readonly now: () => number;
}

/** The claims that every hop must have (draft-gco-oauth-delegate-sd-jwt). */
const HOP_CLAIMS = ['iat', 'aud', 'nonce'];
/** The default maximum age of the closing hop in seconds, as for a key binding JWT (R10.6). */
const MAX_HOP_AGE = 300;

/** Checks the options that concern claims. */
export function chainRules(
  options: ClaimOptions,
  lastHop: (ClaimOptions & { nonce?: unknown }) | undefined,
): Pick<ChainRules, 'root' | 'hop' | 'lastHop' | 'nonce' | 'times' | 'now' | 'requiredClaims'> {
  const { clockTolerance, currentDate } = options;
  const clock = { clockTolerance, currentDate };
  // A member that is present but undefined is a missing demand: claimRules rejects it.
  const demanded = (from: ClaimOptions, ...names: readonly (keyof ClaimOptions)[]): ClaimOptions =>
    Object.fromEntries(names.filter((name) => Object.hasOwn(from, name)).map((name) => [name, from[name]]));
  const times = claimRules(clock);
  const { requiredClaims } = claimRules(demanded(options, 'requiredClaims'));
  const hop = { ...clock, requiredClaims: HOP_CLAIMS };
  const { audience, nonce } = lastHop ?? {};
  if (lastHop !== undefined) {
    if (audience === undefined)
      invalidArgument('audience', 'the name of this verifier, or an array of its names');
    if (typeof nonce !== 'string' || nonce === '') invalidArgument('nonce', 'a non-empty string');
  }
  return {
    root: claimRules({ ...clock, ...demanded(options, 'issuer', 'typ') }),
    hop: claimRules(hop),
    lastHop: claimRules({
      ...hop,
      ...(lastHop !== undefined && { maxTokenAge: MAX_HOP_AGE }),
      ...demanded(lastHop ?? {}, 'audience', 'maxTokenAge'),
    }),
    requiredClaims,
    nonce: nonce as string | undefined,
    times,
    now: times.now,
  };
}

/** The name of the mandate of a token in errors. */
export const hopPath = (index: number): string => `hops[${index}].${DELEGATE_PAYLOAD}[0]`;

/** The verified tokens of a chain. */
export interface VerifiedHops {
  /** The root, if it is a User Credential. */
  readonly credential: VerifiedCredential | undefined;
  /** The tokens that hold mandates. */
  readonly hops: readonly VerifiedHop[];
}

/**
 * Verifies the tokens one after the other: each names the keys of the next. The structure of all tokens is checked first
 * (R10.9).
 */
export async function verifyHops(
  segments: ChainSegments,
  rootKeys: MandatePublicKeys | MandateKeyResolver,
  rules: ChainRules,
): Promise<VerifiedHops> {
  const tokens = segments.map((token, index) =>
    atHop(index, () => ({ segments: token, jws: parseJws(token.jwt, rules.limits) })),
  );
  const hops: VerifiedHop[] = [];
  const [first, ...others] = tokens as [ParsedToken, ...ParsedToken[]];
  const credential = await verifyRoot(first, rules);
  let previous = credential && holderOf(first, credential);
  const holding = credential === undefined ? tokens : others;
  if (holding.length === 0) refuseChain('a credential alone does not authorize anything');
  for (const [index, token] of holding.entries()) {
    const place: Place = {
      previous,
      index,
      position: previous === undefined ? 0 : previous.position + 1,
      isLast: index === holding.length - 1,
    };
    const { hop, element } = await atHopAsync(index, () => verifyHop(token, place, rootKeys, rules));
    hops.push(hop);
    const [root] = hops;
    // A mandate of one kind authorizes nothing of the other kind.
    if (kindOf(hop.mandate) !== kindOf((root as VerifiedHop).mandate)) {
      refuseChain(`a mandate "${hop.mandate.vct}" must not follow a mandate "${root?.mandate.vct}"`);
    }
    const { position } = place;
    previous = { segments: token.segments, holder: element.processed, path: hopPath(index), position };
  }
  return { credential, hops };
}

/** Verifies the root if it is a credential, which holds no mandate, and the caller accepts one. */
async function verifyRoot(
  { jws, segments }: ParsedToken,
  rules: ChainRules,
): Promise<VerifiedCredential | undefined> {
  if (rules.credential === undefined || holdsMandates(jws.payload, rules.forms)) return undefined;
  const { policyRules, limits, isRevoked, revocationTimeout } = rules;
  const credential = await verifyCredential(jws, segments, rules.credential, policyRules, limits);
  if (isRevoked !== undefined) {
    const { mandateId, identity, payload, protectedHeader } = credential;
    const subject = {
      mandateId,
      identity,
      tokenIdentity: identity,
      payload,
      protectedHeader,
      hop: 0,
      isCredential: true,
    };
    await checkRevocation(isRevoked, subject, revocationTimeout);
  }
  return credential;
}

const holderOf = ({ segments }: ParsedToken, { payload }: VerifiedCredential): Previous => ({
  segments,
  holder: payload,
  path: CREDENTIAL_PATH,
  position: 0,
});

/**
 * The previous token, which a hop is bound to, and the object that names the keys of the hop: a mandate, or the payload of a
 * credential.
 */
interface Previous {
  readonly segments: SdJwtSegments;
  readonly holder: JsonObject;
  readonly path: string;
  /** The index in the chain, 0 for the root. */
  readonly position: number;
}

/** Where a token that holds a mandate stands. */
interface Place {
  /** `undefined` for the root. */
  readonly previous: Previous | undefined;
  /** The index among the tokens that hold mandates. */
  readonly index: number;
  /** The index in the chain: a credential counts too. */
  readonly position: number;
  readonly isLast: boolean;
}

async function verifyHop(
  parsed: ParsedToken,
  place: Place,
  rootKeys: MandatePublicKeys | MandateKeyResolver,
  rules: ChainRules,
): Promise<{ hop: VerifiedHop; element: DelegatedElement }> {
  const { token, element } = await verifySigned(parsed, place.previous, rootKeys, rules);
  const path = hopPath(place.index);
  const mandate = parsePresentedMandateContent(element.processed, path);
  if (isOpenMandateContent(mandate))
    refuseWithheldConstraints(element.signed, token.disclosures, path, rules.allowDecoys);
  const isRoot = place.previous === undefined;
  checkOpenOrClosed(token.header.typ, mandate, element.processed, isRoot, place.isLast);
  checkTimes(token, element.processed, isRoot, place.isLast, rules);
  if (place.index === 0) checkRequired(token.payload, element.processed, rules);
  const hop = hopOf(token, parsed.segments, element, mandate);
  await checkHopRevocation(hop, element.processed, place.position, rules);
  return { hop, element };
}

/** Verifies the signatures of a token, its disclosures, and that it is bound to the one before it. Finds its mandate. */
async function verifySigned(
  parsed: ParsedToken,
  previous: Previous | undefined,
  rootKeys: MandatePublicKeys | MandateKeyResolver,
  rules: ChainRules,
): Promise<{ token: VerifiedToken; element: DelegatedElement }> {
  const arranged = (payload: JsonObject): JsonObject => arrange(payload, rules.forms);
  const resolver: DisclosureResolver = (payload, ...others) =>
    processDisclosures(arranged(payload), ...others);
  const token =
    previous === undefined
      ? await verifyToken(
          parsed.jws,
          parsed.segments.disclosures,
          rootKeys,
          rules.policyRules,
          rules.limits,
          resolver,
        )
      : await verifyDelegated(parsed, previous.holder, previous.path, rules, resolver);
  // Here also with one of the names in a disclosure.
  refuseBothNames(token.payload);
  if (previous !== undefined) checkBinding(token.payload, previous.segments);
  const signedPayload = arranged(token.signedPayload);
  return { token, element: readDelegatePayload({ ...token, signedPayload }, rules.kind) };
}

function hopOf(
  token: VerifiedToken,
  segments: SdJwtSegments,
  { digest }: DelegatedElement,
  mandate: PresentedMandateContent,
): VerifiedHop {
  const verdict = verdictOf(token);
  return {
    ...verdict,
    identity: identityOf(token, digest),
    tokenIdentity: verdict.identity,
    sdHash: sdHash(segments),
    issuerJwtHash: issuerJwtHash(segments),
    digest,
    mandate,
    payload: token.payload,
    protectedHeader: token.header,
    disclosures: token.disclosures,
  };
}

async function checkHopRevocation(
  { mandateId, identity, tokenIdentity, payload, protectedHeader }: VerifiedHop,
  mandate: JsonObject,
  hop: number,
  { isRevoked, revocationTimeout }: ChainRules,
): Promise<void> {
  if (isRevoked === undefined) return;
  const subject = { mandateId, identity, tokenIdentity, payload, protectedHeader, mandate, hop };
  await checkRevocation(isRevoked, subject, revocationTimeout);
}

/**
 * An open mandate names the next signer and must not be the last. A closed one names none and must be the last. The caller
 * checks whether the last mandate has the expected kind.
 */
function checkOpenOrClosed(
  typ: string | undefined,
  mandate: PresentedMandateContent,
  element: JsonObject,
  isRoot: boolean,
  isLast: boolean,
): void {
  const isOpen = isOpenMandateContent(mandate);
  if (!isOpen && !isLast) refuseChain('only the last token of a chain may have a closed mandate');
  if (!isOpen && ['cnf', 'pq_cnf'].some((name) => Object.hasOwn(element, name))) {
    refuseChain('a closed mandate must not have "cnf" or "pq_cnf"');
  }
  if (isRoot) {
    if (isNeverMandate(typ))
      refuseChain(
        `the root must not have the "typ" of a hop or of another token, got ${printable(typ ?? '')}`,
      );
    return;
  }
  const expected: readonly (string | undefined)[] = isOpen ? CHAIN_OPEN_TYPES : CHAIN_CLOSED_TYPES;
  if (!expected.includes(typ)) refuseChain(`the "typ" of this hop must be "${expected[0]}"`);
}

/** Checks the times of the token and of its mandate: if either has expired, the hop is invalid. */
function checkTimes(
  { header, payload }: VerifiedToken,
  element: JsonObject,
  isRoot: boolean,
  isLast: boolean,
  rules: ChainRules,
): void {
  const claims = isLast ? rules.lastHop : rules.hop;
  validateClaims(header, payload, isRoot ? rules.root : claims);
  validateClaims({}, element, rules.times);
  const refuse = (claim: string, message: string): never => {
    throw new JWTClaimValidationFailed(message, payload, claim, 'check_failed');
  };
  if (isRoot) return;
  if (typeof payload.aud !== 'string') refuse('aud', '"aud" of a hop must be a string');
  if (typeof payload.nonce !== 'string') refuse('nonce', '"nonce" of a hop must be a string');
  if (isLast && rules.nonce !== undefined && payload.nonce !== rules.nonce) {
    refuse('nonce', '"nonce" is not the expected one');
  }
}

/** R10.50, for the first token that holds a mandate. */
function checkRequired(payload: JsonObject, element: JsonObject, { requiredClaims }: ChainRules): void {
  const missing = requiredClaims.find(
    (name) => ![payload, element].some((part) => Object.hasOwn(part, name)),
  );
  if (missing === undefined) return;
  throw new JWTClaimValidationFailed(`claim "${missing}" is missing`, payload, missing, 'missing');
}
