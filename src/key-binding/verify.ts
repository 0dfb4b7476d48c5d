import { JWTClaimValidationFailed, JWTExpired } from 'jose/errors';
import { parseDuration } from '../claims/duration.js';
import { CLAIM_READERS, type ClaimRules, validateClaims } from '../claims/validate.js';
import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import type { PolicyRules } from '../jws/policy.js';
import { type SignatureVerdict, verdictOf } from '../jws/verdict.js';
import { readJws, verifyJws } from '../jws/verify.js';
import {
  aFunction,
  aNonEmptyString,
  invalidArgument,
  optional,
  type Read,
  readOptions,
  required,
} from '../options.js';
import { KEY_BINDING_TYP, type MandateLimits } from '../profile.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';
import { promisesPq, readConfirmation, type ThumbprintResolver } from './confirmation.js';
import { sdHash } from './hash.js';

/** The demands on a key binding JWT. */
export interface KeyBindingDemands {
  /** The `aud` that names this verifier, or several such names. */
  audience: string | string[];
  /** The `nonce` that this verifier issued for this presentation only. */
  nonce: string;
  /** The maximum age by `iat`: seconds, or a time span. Default 300. */
  maxTokenAge?: number | string | undefined;
  /** Finds the key if `pq_cnf` holds a thumbprint. */
  resolveThumbprint?: ThumbprintResolver | undefined;
}

/** The verdict on a key binding JWT. Its `mandateId` identifies this presentation. */
export type KeyBindingVerdict = SignatureVerdict;

const KEY_BINDING_READERS = {
  audience: CLAIM_READERS.audience,
  nonce: required(aNonEmptyString),
  maxTokenAge: optional(parseDuration, 300),
  resolveThumbprint: optional(aFunction<ThumbprintResolver>(), undefined),
};

/** {@link KeyBindingDemands}, checked. */
export type KeyBindingRules = Omit<Read<typeof KEY_BINDING_READERS>, 'maxTokenAge' | 'audience'> & {
  readonly claims: (clock: Clock) => ClaimRules;
};

/** What the checks of the mandate's claims and of the key binding JWT's claims share. */
type Clock = Pick<ClaimRules, 'now' | 'tolerance' | 'earlyTolerance'>;

/** Reads the option `keyBinding`. */
export function keyBindingRules(value: unknown, path: string): KeyBindingRules {
  const { audience, nonce, maxTokenAge, resolveThumbprint } = readOptions(
    value as object,
    KEY_BINDING_READERS,
    path,
  );
  if (audience === undefined)
    invalidArgument(`${path}.audience`, 'the name of this verifier, or an array of its names');
  const requiredClaims = ['iat', 'aud', 'nonce', 'sd_hash'];
  const none = { issuers: undefined, subject: undefined, typ: undefined };
  return {
    // Only the clock settings: the other demands concern the mandate, and the key binding JWT has no `iss`.
    claims: ({ now, tolerance, earlyTolerance }) => ({
      ...none,
      ...{ now, tolerance, earlyTolerance },
      audiences: audience,
      maxAge: maxTokenAge,
      requiredClaims,
    }),
    nonce,
    resolveThumbprint,
  };
}

/**
 * SPEC.md §6 step 10 (RFC 9901 §7.3). An unexpected key binding JWT is rejected, never ignored. A demanded key binding JWT must
 * be present.
 */
export async function checkKeyBinding(
  segments: SdJwtSegments,
  mandatePayload: JsonObject,
  demands: KeyBindingRules | undefined,
  clock: Clock,
  policy: PolicyRules,
  limits: MandateLimits,
): Promise<KeyBindingVerdict | undefined> {
  const { keyBindingJwt } = segments;
  if (demands === undefined) {
    if (keyBindingJwt === undefined) return undefined;
    fail(
      'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
      'mandate',
      'the mandate has an unexpected key binding JWT; use the option "keyBinding" to demand and verify one',
    );
  }
  if (keyBindingJwt === undefined) {
    fail(
      'ERR_MANDATE_KEY_BINDING_MISSING',
      'mandate',
      'the mandate has no key binding JWT, and "keyBinding" demands one',
    );
  }
  const checked = readJws(keyBindingJwt, limits);
  if (checked.header.typ !== KEY_BINDING_TYP) invalid('typ', `its "typ" must be "${KEY_BINDING_TYP}"`);

  const rules = { ...policy, pqRequired: policy.pqRequired || promisesPq(mandatePayload) };
  if (checked.pq === undefined && rules.pqRequired) {
    const reason = promisesPq(mandatePayload)
      ? '"pq_cnf" of the mandate requires one'
      : 'the policy requires one. The mandate names no ML-DSA-65 key of the holder: its issuer must add "pq_cnf"';
    fail(
      'ERR_MANDATE_PQ_REQUIRED',
      'keyBinding.pq_alg',
      `the key binding JWT has no post-quantum signature, and ${reason}`,
    );
  }
  const confirmed = () => readConfirmation(mandatePayload, 'payload', demands.resolveThumbprint, limits);
  const verified = await verifyJws(checked, confirmed, rules, limits);

  checkClaims(verified.payload, verified.header, demands.claims(clock), demands.nonce, sdHash(segments));
  return verdictOf(verified);
}

function checkClaims(
  payload: JsonObject,
  header: JsonObject,
  claims: ClaimRules,
  nonce: string,
  expectedHash: string,
): void {
  try {
    validateClaims(header, payload, claims);
  } catch (cause) {
    if (!(cause instanceof JWTClaimValidationFailed || cause instanceof JWTExpired)) throw cause;
    invalid(cause.claim, cause.message, cause);
  }
  if (typeof payload.aud !== 'string') invalid('aud', 'its "aud" must be a string');
  if (payload.nonce !== nonce) invalid('nonce', 'its "nonce" is not the expected one');
  if (payload.sd_hash !== expectedHash)
    invalid('sd_hash', 'its "sd_hash" is not the hash of the presented SD-JWT');
}

function invalid(member: string, message: string, cause?: unknown): never {
  fail(
    'ERR_MANDATE_KEY_BINDING_INVALID',
    `keyBinding.${member}`,
    `the key binding JWT is invalid: ${message.replace('the mandate', 'it')}`,
    { cause },
  );
}
