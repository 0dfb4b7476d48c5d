import { JWTClaimValidationFailed, JWTExpired } from 'jose/errors';
import type { JsonObject } from '../encoding/json.js';
import {
  aListWhere,
  aString,
  checkDate,
  demand,
  invalidArgument,
  isString,
  optional,
  printable,
  type Read,
  readOptions,
} from '../options.js';
import { parseDuration } from './duration.js';
import { readRegisteredClaims } from './registered.js';

/**
 * Demands on the claims, with jose's names and semantics. Two checks are stricter than jose's: an `iat` in the future is always
 * rejected, and so is a registered claim of the wrong type, even if it is not demanded.
 */
export interface ClaimOptions {
  /** The expected `iss`, or several accepted values. */
  issuer?: string | readonly string[];
  /** The expected `aud`, or several values of which `aud` must contain one. */
  audience?: string | readonly string[];
  /** The expected `sub`. */
  subject?: string;
  /** The expected header `typ`, compared as a media type: case-insensitively, and with or without `application/`. */
  typ?: string;
  /**
   * Tolerated clock skew: seconds, or a time span such as `'30s'`. Default: 30 seconds for `iat`, `nbf` and `valid_from`, and
   * none for `exp`, `valid_until` and `maxTokenAge`.
   */
  clockTolerance?: number | string | undefined;
  /** The time to use for verification. Default: now. */
  currentDate?: Date | undefined;
  /** The maximum age by `iat`: seconds, or a time span such as `'1d'`. Makes `iat` required. */
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
  /** The number of seconds that `nbf`, `iat` and `valid_from` may be in the future. */
  readonly earlyTolerance: number;
  /** The number of seconds that `exp`, `valid_until` and the maximum age may have passed. */
  readonly tolerance: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seconds. */
  readonly maxAge: number | undefined;
  readonly requiredClaims: readonly string[];
}

/** The options of {@link ClaimOptions}, with their readers. */
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
 * The default, because the clocks of two machines may differ by seconds. It never extends the lifetime that the issuer set; it
 * only allows an earlier start.
 */
export const DEFAULT_EARLY_TOLERANCE = 30;

/** The rules from options that {@link CLAIM_READERS} has read. */
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

/** Options without demands on the claims. */
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

/** Checks the options before the mandate is read, so that a mistake in them shows on every call. */
export const claimRules = (options: ClaimOptions, parameter?: string): ClaimRules =>
  claimRulesOf(readOptions(options, CLAIM_READERS, parameter));

function oneOrMore(value: unknown, parameter: string): readonly string[] {
  const expected = 'a non-empty string, or a non-empty array of non-empty strings';
  const given = strings(typeof value === 'string' ? [value] : value, parameter, expected);
  return given.length > 0 && !given.includes('') ? given : invalidArgument(parameter, expected);
}

function strings(value: unknown, parameter: string, expected: string): readonly string[] {
  return aListWhere<string>(isString, expected)(value, parameter);
}

/**
 * SPEC.md §6 step 9. Validates the processed payload, so that claims in disclosures count. Throws jose's
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

  // An absent claim becomes NaN, and every comparison with NaN is false.
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

  // A mandate's own period, in milliseconds. As with nbf and exp, it is valid at valid_from and no longer valid at valid_until.
  if ((validFrom ?? Number.NaN) > milliseconds + earlyTolerance * 1000) {
    const ahead = early(((validFrom as number) - milliseconds) / 1000);
    fail('valid_from', 'check_failed', `the mandate is not yet valid ("valid_from"${ahead})`);
  }
  if ((validUntil ?? Number.NaN) <= milliseconds - tolerance * 1000) {
    const ago = late((milliseconds - (validUntil as number)) / 1000);
    expired('valid_until', `the mandate has expired ("valid_until"${ago})`);
  }
}

/** How far a time is off, and what was allowed: this helps to decide whether the token or a clock is wrong. */
const clockSkew = (seconds: number, direction: 'ago' | 'ahead', tolerance: number): string =>
  `, ${Math.round(seconds * 1000) / 1000} s ${direction}; "clockTolerance" is ${tolerance} s`;

/** The expected and the found values, only for `iss` and `aud`, which name services and not people. */
const difference = (expected: readonly string[], found: readonly string[]): string =>
  `: expected ${someOf(expected)}, found ${someOf(found)}`;

/** The first few values, because a list may be long. */
const someOf = (values: readonly string[]): string =>
  values.length === 0
    ? 'none'
    : values
        .slice(0, 3)
        .map((value) => printable(value.slice(0, 100)))
        .join(', ') + (values.length > 3 ? ', …' : '');

/** The claims that a demand makes required. */
const requiredByOptions = ({ issuers, subject, audiences, maxAge }: ClaimRules): string[] => [
  ...(issuers === undefined ? [] : ['iss']),
  ...(subject === undefined ? [] : ['sub']),
  ...(audiences === undefined ? [] : ['aud']),
  ...(maxAge === undefined ? [] : ['iat']),
];

/** RFC 7515 §4.1.9: `application/` may be omitted from a media type without another slash. */
export function mediaType(typ: string): string {
  const lower = typ.toLowerCase();
  return lower.includes('/') ? lower : `application/${lower}`;
}
