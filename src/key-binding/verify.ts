import { JWTClaimValidationFailed, JWTExpired } from 'jose/errors';
import type { ClaimOptions, ClaimRules } from '../claims/validate.js';
import { claimRules, validateClaims } from '../claims/validate.js';
import type { JsonObject } from '../encoding/json.js';
import { MandateError } from '../errors.js';
import type { PolicyRules } from '../jws/policy.js';
import type { SignatureVerdict } from '../jws/verdict.js';
import { verdictOf } from '../jws/verdict.js';
import { openJws, verifyJws } from '../jws/verify.js';
import { checkNames, checkOptions, invalidArgument, refuseUndefined } from '../options.js';
import type { MandateLimits } from '../profile.js';
import { KEY_BINDING_TYP } from '../profile.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';
import type { VerifiedToken } from '../sd-jwt/verify.js';
import type { ThumbprintResolver } from './confirmation.js';
import { promisesPq, readConfirmation } from './confirmation.js';
import { sdHash } from './hash.js';

/** What a key binding JWT must hold. */
export interface KeyBindingDemands {
  /** The `aud` that names this verifier; one of several. */
  audience: string | string[];
  /** The `nonce` that this verifier gave out, for this presentation alone. */
  nonce: string;
  /** The greatest age by `iat`: seconds, or a time span. Default 300. */
  maxTokenAge?: number | string | undefined;
  /** Finds the key where `pq_cnf` holds a thumbprint. */
  resolveThumbprint?: ThumbprintResolver | undefined;
}

/** What was found of a key binding JWT. Its `mandateId` is the name of this presentation. */
export type KeyBindingVerdict = SignatureVerdict;

/** {@link KeyBindingDemands}, checked. */
export interface KeyBindingRules {
  readonly claims: ClaimRules;
  readonly nonce: string;
  readonly resolveThumbprint: ThumbprintResolver | undefined;
}

/** Reads the option `keyBinding`; the clock is that of the mandate. */
export function keyBindingRules(
  options: ClaimOptions & { keyBinding?: KeyBindingDemands },
): KeyBindingRules | undefined {
  if (!Object.hasOwn(options, 'keyBinding')) return undefined;
  refuseUndefined(options, ['keyBinding']);
  const given = checkOptions(options.keyBinding, 'keyBinding');
  checkNames(given, ['audience', 'nonce', 'maxTokenAge', 'resolveThumbprint']);
  const { audience, nonce, maxTokenAge = 300, resolveThumbprint } = given;
  if (typeof nonce !== 'string' || nonce === '') invalidArgument('keyBinding.nonce', 'a non-empty string');
  if (resolveThumbprint !== undefined && typeof resolveThumbprint !== 'function') {
    invalidArgument('keyBinding.resolveThumbprint', 'a function');
  }
  const { clockTolerance, currentDate } = options;
  const claims = claimRules({
    audience,
    maxTokenAge,
    clockTolerance,
    currentDate,
    requiredClaims: ['iat', 'aud', 'nonce', 'sd_hash'],
  });
  return { claims, nonce, resolveThumbprint };
}

/**
 * SPEC.md §6 step 10 (RFC 9901 §7.3). A key binding JWT that nobody asked for is refused, never ignored; one that is asked for
 * must be there.
 */
export async function checkKeyBinding(
  segments: SdJwtSegments,
  token: VerifiedToken,
  demands: KeyBindingRules | undefined,
  policy: PolicyRules,
  limits: MandateLimits,
): Promise<KeyBindingVerdict | undefined> {
  const { keyBindingJwt } = segments;
  if (demands === undefined) {
    if (keyBindingJwt === undefined) return undefined;
    throw new MandateError(
      'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
      'mandate',
      'the mandate carries a key binding JWT, which was not asked for: "keyBinding" demands one',
    );
  }
  if (keyBindingJwt === undefined) {
    throw new MandateError(
      'ERR_MANDATE_KEY_BINDING_MISSING',
      'mandate',
      'the mandate carries no key binding JWT, and "keyBinding" demands one',
    );
  }
  const opened = openJws(keyBindingJwt, limits);
  if (opened.header.typ !== KEY_BINDING_TYP) invalid('typ', `its "typ" must be "${KEY_BINDING_TYP}"`);

  const rules = { ...policy, pqRequired: policy.pqRequired || promisesPq(token.payload) };
  const confirmed = () => readConfirmation(token.payload, 'payload', demands.resolveThumbprint, limits);
  const verified = await verifyJws(opened, confirmed, rules, limits);

  checkClaims(verified.payload, verified.header, demands, sdHash(segments));
  return verdictOf(verified);
}

function checkClaims(
  payload: JsonObject,
  header: JsonObject,
  { claims, nonce }: KeyBindingRules,
  expectedHash: string,
): void {
  try {
    validateClaims(header, payload, claims);
  } catch (cause) {
    if (!(cause instanceof JWTClaimValidationFailed || cause instanceof JWTExpired)) throw cause;
    return invalid(cause.claim, cause.message, cause);
  }
  if (typeof payload.aud !== 'string') invalid('aud', 'its "aud" must be a string');
  if (payload.nonce !== nonce) invalid('nonce', 'its "nonce" is not the one that was given out');
  if (payload.sd_hash !== expectedHash)
    invalid('sd_hash', 'its "sd_hash" is not the hash of what is presented');
}

function invalid(member: string, message: string, cause?: unknown): never {
  throw new MandateError(
    'ERR_MANDATE_KEY_BINDING_INVALID',
    `keyBinding.${member}`,
    `the key binding JWT is refused: ${message}`,
    { cause },
  );
}
