import { JWTClaimValidationFailed, JWTExpired } from 'jose/errors';
import type { JsonObject } from '../encoding/json.js';
import {
  aString,
  checkDate,
  demand,
  invalidArgument,
  optional,
  printable,
  type Read,
  readOptions,
} from '../options.js';
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
  /**
   * Tolerated clock skew: seconds, or a time span such as `'30s'`. Default: 30 seconds for `iat`, `nbf` and `valid_from`, and
   * none for `exp`, `valid_until` and `maxTokenAge`.
   */
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
  /** Seconds that what begins may be ahead of the clock: `nbf`, `iat`, `valid_from`. */
  readonly earlyTolerance: number;
  /** Seconds that what ends may be behind the clock: `exp`, `valid_until`, the greatest age. */
  readonly tolerance: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seconds. */
  readonly maxAge: number | undefined;
  readonly requiredClaims: readonly string[];
}

/** The options of {@link ClaimOptions}, and what reads them. */
export const CLAIM_READERS = {
  issuer: demand(oneOrMore),
  audience: demand(oneOrMore),
  subject: demand(aString),
  typ: demand(aString),
  clockTolerance: optional(parseDuration, undefined),
  currentDate: optional(checkDate, undefined),
  maxTokenAge: demand(parseDuration),
  requiredClaims: demand((value, path) => strings(value, path, 'an array of strings')),
};

/**
 * Where the caller says nothing of its clock: two machines that keep their time are seconds apart. It lets nothing live longer
 * than its issuer said, only begin so much earlier.
 */
export const DEFAULT_EARLY_TOLERANCE = 30;

/** The rules that options make, which {@link CLAIM_READERS} has read. */
export const claimRulesOf = (read: Read<typeof CLAIM_READERS>): ClaimRules => ({
  issuers: read.issuer,
  audiences: read.audience,
  subject: read.subject,
  typ: read.typ,
  earlyTolerance: read.clockTolerance ?? DEFAULT_EARLY_TOLERANCE,
  tolerance: read.clockTolerance ?? 0,
  now: () => read.currentDate ?? Date.now(),
  maxAge: read.maxTokenAge,
  requiredClaims: read.requiredClaims ?? [],
});

/** Options that demand nothing of the claims. */
export const NO_CLAIM_DEMANDS: Read<typeof CLAIM_READERS> = {
  issuer: undefined,
  audience: undefined,
  subject: undefined,
  typ: undefined,
  clockTolerance: undefined,
  currentDate: undefined,
  maxTokenAge: undefined,
  requiredClaims: undefined,
};

/** Checks the options before the mandate is looked at, so that a mistake in them shows on every call. */
export const claimRules = (options: ClaimOptions, parameter?: string): ClaimRules =>
  claimRulesOf(readOptions(options, CLAIM_READERS, parameter));

function oneOrMore(value: unknown, parameter: string): readonly string[] {
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
  const unexpected = (claim: string, difference = ''): never =>
    fail(claim, 'check_failed', `claim "${claim}" is not the expected one${difference}`);
  const { issuers, audiences, subject, typ, requiredClaims, earlyTolerance, tolerance, maxAge } = rules;
  const late = (seconds: number): string => clockSkew(seconds, 'ago', tolerance);
  const early = (seconds: number): string => clockSkew(seconds, 'ahead', earlyTolerance);

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
  if (issuers !== undefined && !issuers.includes(iss as string))
    unexpected('iss', difference(issuers, [iss as string]));
  if (subject !== undefined && sub !== subject) unexpected('sub');
  if (audiences !== undefined && !audiences.some((audience) => aud.includes(audience))) {
    unexpected('aud', difference(audiences, aud));
  }

  // A comparison with an absent claim is with NaN, and false.
  const milliseconds = rules.now();
  const now = Math.floor(milliseconds / 1000);
  const age = now - (iat ?? Number.NaN);
  if ((nbf ?? Number.NaN) > now + earlyTolerance) {
    fail('nbf', 'check_failed', `the mandate is not yet valid ("nbf"${early((nbf as number) - now)})`);
  }
  if ((exp ?? Number.NaN) <= now - tolerance) {
    expired('exp', `the mandate has expired ("exp"${late(now - (exp as number))})`);
  }
  if (-age > earlyTolerance) {
    fail('iat', 'check_failed', `the mandate was issued in the future ("iat"${early(-age)})`);
  }
  if (age - tolerance > (maxAge ?? Number.NaN)) {
    expired('iat', `the mandate is older than "maxTokenAge" ("iat"${late(age)})`);
  }

  // A mandate's own period: valid at valid_from, no longer valid at valid_until, as with nbf and exp; in milliseconds.
  if ((validFrom ?? Number.NaN) > milliseconds + earlyTolerance * 1000) {
    const ahead = early(((validFrom as number) - milliseconds) / 1000);
    fail('valid_from', 'check_failed', `the mandate is not yet valid ("valid_from"${ahead})`);
  }
  if ((validUntil ?? Number.NaN) <= milliseconds - tolerance * 1000) {
    const ago = late((milliseconds - (validUntil as number)) / 1000);
    expired('valid_until', `the mandate has expired ("valid_until"${ago})`);
  }
}

/** By how much a time is off, and what was allowed: is it the token, or a clock? */
const clockSkew = (seconds: number, direction: 'ago' | 'ahead', tolerance: number): string =>
  `, ${Math.round(seconds * 1000) / 1000} s ${direction}; "clockTolerance" is ${tolerance} s`;

/** What was expected and what was found: of `iss` and `aud` alone, which name services and not people. */
const difference = (expected: readonly string[], found: readonly string[]): string =>
  `: expected ${someOf(expected)}, found ${someOf(found)}`;

/** The first few: a list may be long. */
const someOf = (values: readonly string[]): string =>
  values.length === 0
    ? 'none'
    : values
        .slice(0, 3)
        .map((value) => printable(value.slice(0, 100)))
        .join(', ') + (values.length > 3 ? ', …' : '');

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
