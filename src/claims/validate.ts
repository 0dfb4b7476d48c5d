import { JWTClaimValidationFailed, JWTExpired } from 'jose/errors';
import type { JsonObject } from '../encoding/json.js';
import { checkDate, invalidArgument } from '../options.js';
import { parseDuration } from './duration.js';
import { readRegisteredClaims } from './registered.js';

/**
 * What is demanded of the claims, in jose's names and with jose's semantics. Stricter than jose: `iat` in the future is
 * always refused, and a registered claim of the wrong type even where nothing is demanded of it.
 */
export interface ClaimOptions {
  /** Expected `iss`, or several of which one must be it. */
  issuer?: string | readonly string[];
  /** Expected `aud`, or several of which `aud` must hold one. */
  audience?: string | readonly string[];
  /** Expected `sub`. */
  subject?: string;
  /** Expected header `typ`; compared as a media type, case-insensitively, `application/` may be left out. */
  typ?: string;
  /** Tolerated clock skew: seconds, or a time span such as `'30s'`. Default 0. */
  clockTolerance?: number | string | undefined;
  /** The time to verify at. Default: now. */
  currentDate?: Date | undefined;
  /** Greatest age by `iat`: seconds, or a time span such as `'1d'`. Makes `iat` required. */
  maxTokenAge?: number | string;
  /** Names of claims that must be present in the processed payload. */
  requiredClaims?: readonly string[];
}

/** {@link ClaimOptions} with every type checked and every unit converted. */
export interface ClaimRules {
  readonly issuers: readonly string[] | undefined;
  readonly audiences: readonly string[] | undefined;
  readonly subject: string | undefined;
  readonly typ: string | undefined;
  /** Seconds. */
  readonly tolerance: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seconds. */
  readonly maxAge: number | undefined;
  readonly requiredClaims: readonly string[];
}

/** The names of {@link ClaimOptions}. */
export const CLAIM_OPTIONS = [
  'issuer',
  'audience',
  'subject',
  'typ',
  'clockTolerance',
  'currentDate',
  'maxTokenAge',
  'requiredClaims',
] as const;

/** Those of which `undefined` would silently mean no check. */
const DEMANDS = ['issuer', 'audience', 'subject', 'typ', 'maxTokenAge', 'requiredClaims'] as const;

/** Checks the options before the mandate is looked at, so that a mistake in them shows on every call. */
export function claimRules(options: ClaimOptions): ClaimRules {
  for (const name of DEMANDS) {
    // jose takes undefined for no demand; here a demand that went missing, say from the environment, is an error.
    if (Object.hasOwn(options, name) && options[name] === undefined) {
      invalidArgument(name, 'left out where nothing is demanded; it is undefined');
    }
  }
  const { subject, typ, clockTolerance = 0, currentDate, maxTokenAge } = options;
  if (subject !== undefined && typeof subject !== 'string') invalidArgument('subject', 'a string');
  if (typ !== undefined && typeof typ !== 'string') invalidArgument('typ', 'a string');
  const at = currentDate === undefined ? undefined : checkDate(currentDate, 'currentDate');
  return {
    issuers: oneOrMore(options.issuer, 'issuer'),
    audiences: oneOrMore(options.audience, 'audience'),
    subject,
    typ,
    tolerance: parseDuration(clockTolerance, 'clockTolerance'),
    now: () => at ?? Date.now(),
    maxAge: maxTokenAge === undefined ? undefined : parseDuration(maxTokenAge, 'maxTokenAge'),
    requiredClaims: strings(
      options.requiredClaims === undefined ? [] : options.requiredClaims,
      'requiredClaims',
      'an array of strings',
    ),
  };
}

function oneOrMore(value: unknown, parameter: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const expected = 'a non-empty string, or a non-empty array of such';
  const given = strings(typeof value === 'string' ? [value] : value, parameter, expected);
  return given.length > 0 && !given.includes('') ? given : invalidArgument(parameter, expected);
}

function strings(value: unknown, parameter: string, expected: string): readonly string[] {
  let copy: unknown[];
  try {
    copy = Array.isArray(value) ? [...value] : [undefined];
  } catch {
    return invalidArgument(parameter, expected);
  }
  return copy.every((element) => typeof element === 'string') ? copy : invalidArgument(parameter, expected);
}

/**
 * SPEC.md §6 step 9, on the processed payload, so that a claim hidden in a disclosure counts. Throws jose's
 * `JWTClaimValidationFailed` and `JWTExpired`.
 */
export function validateClaims(header: JsonObject, payload: JsonObject, rules: ClaimRules): void {
  const fail = (claim: string, reason: string, message: string): never => {
    throw new JWTClaimValidationFailed(message, payload, claim, reason);
  };
  const expired = (claim: string, message: string): never => {
    throw new JWTExpired(message, payload, claim, 'check_failed');
  };
  const unexpected = (claim: string): never =>
    fail(claim, 'check_failed', `claim "${claim}" is not the expected one`);
  const { issuers, audiences, subject, typ, requiredClaims, tolerance, maxAge } = rules;

  if (typ !== undefined && (typeof header.typ !== 'string' || mediaType(header.typ) !== mediaType(typ))) {
    fail('typ', 'check_failed', 'header parameter "typ" is not the expected one');
  }
  for (const claim of [...requiredByOptions(rules), ...requiredClaims]) {
    if (!Object.hasOwn(payload, claim)) fail(claim, 'missing', `claim "${claim}" is missing`);
  }
  const { iss, sub, aud, iat, nbf, exp, validFrom, validUntil } = readRegisteredClaims(
    payload,
    (claim, expected) => fail(claim, 'invalid', `claim "${claim}" must be ${expected}`),
  );
  if (issuers !== undefined && !issuers.includes(iss as string)) unexpected('iss');
  if (subject !== undefined && sub !== subject) unexpected('sub');
  if (audiences !== undefined && !audiences.some((audience) => aud.includes(audience))) unexpected('aud');

  // A comparison with an absent claim is with NaN, and false.
  const milliseconds = rules.now();
  const now = Math.floor(milliseconds / 1000);
  const age = now - (iat ?? Number.NaN);
  if ((nbf ?? Number.NaN) > now + tolerance)
    fail('nbf', 'check_failed', 'the mandate is not yet valid ("nbf")');
  if ((exp ?? Number.NaN) <= now - tolerance) expired('exp', 'the mandate has expired ("exp")');
  if (-age > tolerance) fail('iat', 'check_failed', 'the mandate was issued in the future ("iat")');
  if (age - tolerance > (maxAge ?? Number.NaN))
    expired('iat', 'the mandate is older than "maxTokenAge" ("iat")');

  // A mandate's own period: valid at valid_from, no longer valid at valid_until, as with nbf and exp; in milliseconds.
  if ((validFrom ?? Number.NaN) > milliseconds + tolerance * 1000) {
    fail('valid_from', 'check_failed', 'the mandate is not yet valid ("valid_from")');
  }
  if ((validUntil ?? Number.NaN) <= milliseconds - tolerance * 1000) {
    expired('valid_until', 'the mandate has expired ("valid_until")');
  }
}

/** The claims that an expectation makes required. */
const requiredByOptions = ({ issuers, subject, audiences, maxAge }: ClaimRules): string[] => [
  ...(issuers === undefined ? [] : ['iss']),
  ...(subject === undefined ? [] : ['sub']),
  ...(audiences === undefined ? [] : ['aud']),
  ...(maxAge === undefined ? [] : ['iat']),
];

/** RFC 7515 §4.1.9: `application/` may be left out of a media type without another slash. */
export function mediaType(typ: string): string {
  const lower = typ.toLowerCase();
  return lower.includes('/') ? lower : `application/${lower}`;
}
