import { JWTClaimValidationFailed, JWTExpired } from 'jose/errors';
import { invalidArgument } from '../arguments.js';
import type { JsonObject, JsonValue } from '../json/types.js';
import { parseDuration } from './duration.js';
import { parseRfc3339 } from './rfc3339.js';

/**
 * What is demanded of the claims, in jose's names and with jose's semantics. Stricter than jose: `iat` in the future is
 * always refused, and a registered claim of the wrong type even where nothing is demanded of it.
 */
export interface ClaimOptions {
  /** Expected `iss`, or several of which one must be it. */
  issuer?: string | readonly string[] | undefined;
  /** Expected `aud`, or several of which `aud` must hold one. */
  audience?: string | readonly string[] | undefined;
  /** Expected `sub`. */
  subject?: string | undefined;
  /** Expected header `typ`; compared as a media type, case-insensitively, `application/` may be left out. */
  typ?: string | undefined;
  /** Tolerated clock skew: seconds, or a time span such as `'30s'`. Default 0. */
  clockTolerance?: number | string | undefined;
  /** The time to verify at. Default: now. */
  currentDate?: Date | undefined;
  /** Greatest age by `iat`: seconds, or a time span such as `'1d'`. Makes `iat` required. */
  maxTokenAge?: number | string | undefined;
  /** Names of claims that must be present in the processed payload. */
  requiredClaims?: readonly string[] | undefined;
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
  readonly now: number;
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

/** Checks the options before the mandate is looked at, so that a mistake in them shows on every call. */
export function claimRules(options: ClaimOptions): ClaimRules {
  const { subject, typ, clockTolerance = 0, currentDate = new Date(), maxTokenAge } = options;
  if (subject !== undefined && typeof subject !== 'string') invalidArgument('subject', 'a string');
  if (typ !== undefined && typeof typ !== 'string') invalidArgument('typ', 'a string');
  if (!(currentDate instanceof Date) || Number.isNaN(currentDate.getTime())) {
    invalidArgument('currentDate', 'a valid Date');
  }
  return {
    issuers: stringOrStrings(options.issuer, 'issuer'),
    audiences: stringOrStrings(options.audience, 'audience'),
    subject,
    typ,
    tolerance: parseDuration(clockTolerance, 'clockTolerance'),
    now: currentDate.getTime(),
    maxAge: maxTokenAge === undefined ? undefined : parseDuration(maxTokenAge, 'maxTokenAge'),
    requiredClaims: stringOrStrings(options.requiredClaims, 'requiredClaims') ?? [],
  };
}

function stringOrStrings(value: unknown, parameter: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const strings = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(strings) || !strings.every((element) => typeof element === 'string')) {
    return invalidArgument(parameter, 'a string or an array of strings');
  }
  return strings;
}

/**
 * SPEC.md §6 step 9, on the processed payload, so that a claim hidden in a disclosure counts. Throws jose's
 * `JWTClaimValidationFailed` and `JWTExpired`.
 */
export function validateClaims(header: JsonObject, payload: JsonObject, rules: ClaimRules): void {
  new ClaimsValidator(header, payload, rules).validate();
}

class ClaimsValidator {
  readonly #header: JsonObject;
  readonly #payload: JsonObject;
  readonly #rules: ClaimRules;

  constructor(header: JsonObject, payload: JsonObject, rules: ClaimRules) {
    this.#header = header;
    this.#payload = payload;
    this.#rules = rules;
  }

  validate(): void {
    this.#checkTyp();
    this.#checkPresence();
    this.#checkParties();
    this.#checkTimes();
    this.#checkValidity();
  }

  #checkTyp(): void {
    const { typ } = this.#rules;
    if (typ === undefined) return;
    const actual = this.#header.typ;
    if (typeof actual !== 'string' || mediaType(actual) !== mediaType(typ)) {
      this.#fail('typ', 'check_failed', 'header parameter "typ" is not the expected one');
    }
  }

  #checkPresence(): void {
    const { requiredClaims, issuers, audiences, subject, maxAge } = this.#rules;
    const required = [
      ...(issuers === undefined ? [] : ['iss']),
      ...(subject === undefined ? [] : ['sub']),
      ...(audiences === undefined ? [] : ['aud']),
      ...(maxAge === undefined ? [] : ['iat']),
      ...requiredClaims,
    ];
    for (const claim of required) {
      if (!Object.hasOwn(this.#payload, claim)) this.#fail(claim, 'missing', `claim "${claim}" is missing`);
    }
  }

  #checkParties(): void {
    const { issuers, audiences, subject } = this.#rules;
    const iss = this.#string('iss');
    const sub = this.#string('sub');
    this.#string('jti');
    const aud = this.#audience();
    if (issuers !== undefined && !issuers.includes(iss as string)) this.#unexpected('iss');
    if (subject !== undefined && sub !== subject) this.#unexpected('sub');
    if (audiences !== undefined && !audiences.some((audience) => aud.includes(audience)))
      this.#unexpected('aud');
  }

  #checkTimes(): void {
    const { tolerance, maxAge } = this.#rules;
    const now = Math.floor(this.#rules.now / 1000);
    const iat = this.#numericDate('iat');
    const nbf = this.#numericDate('nbf');
    const exp = this.#numericDate('exp');
    if (nbf !== undefined && nbf > now + tolerance)
      this.#fail('nbf', 'check_failed', 'the mandate is not yet valid ("nbf")');
    if (exp !== undefined && exp <= now - tolerance) this.#expired('exp', 'the mandate has expired ("exp")');
    if (iat === undefined) return;
    if (iat > now + tolerance)
      this.#fail('iat', 'check_failed', 'the mandate was issued in the future ("iat")');
    if (maxAge !== undefined && now - iat - tolerance > maxAge) {
      this.#expired('iat', 'the mandate is older than "maxTokenAge" ("iat")');
    }
  }

  /** A mandate's own period: valid at `valid_from`, no longer valid at `valid_until`, as with nbf and exp. */
  #checkValidity(): void {
    const { now } = this.#rules;
    const tolerance = this.#rules.tolerance * 1000;
    const from = this.#dateTime('valid_from');
    const until = this.#dateTime('valid_until');
    if (from !== undefined && from > now + tolerance) {
      this.#fail('valid_from', 'check_failed', 'the mandate is not yet valid ("valid_from")');
    }
    if (until !== undefined && until <= now - tolerance) {
      this.#expired('valid_until', 'the mandate has expired ("valid_until")');
    }
  }

  #claim(claim: string): JsonValue | undefined {
    return Object.hasOwn(this.#payload, claim) ? this.#payload[claim] : undefined;
  }

  #string(claim: string): string | undefined {
    const value = this.#claim(claim);
    return value === undefined || typeof value === 'string' ? value : this.#wrongType(claim, 'a string');
  }

  #numericDate(claim: string): number | undefined {
    const value = this.#claim(claim);
    return value === undefined || typeof value === 'number'
      ? value
      : this.#wrongType(claim, 'a number of seconds');
  }

  #audience(): readonly string[] {
    const value = this.#claim('aud');
    if (value === undefined) return [];
    if (typeof value === 'string') return [value];
    if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return value;
    return this.#wrongType('aud', 'a string or an array of strings');
  }

  #dateTime(claim: string): number | undefined {
    const value = this.#string(claim);
    if (value === undefined) return undefined;
    return parseRfc3339(value) ?? this.#wrongType(claim, 'an RFC 3339 date-time');
  }

  #wrongType(claim: string, expected: string): never {
    return this.#fail(claim, 'invalid', `claim "${claim}" must be ${expected}`);
  }

  #unexpected(claim: string): never {
    return this.#fail(claim, 'check_failed', `claim "${claim}" is not the expected one`);
  }

  #fail(claim: string, reason: string, message: string): never {
    throw new JWTClaimValidationFailed(message, this.#payload, claim, reason);
  }

  #expired(claim: string, message: string): never {
    throw new JWTExpired(message, this.#payload, claim, 'check_failed');
  }
}

/** RFC 7515 §4.1.9: `application/` may be left out of a media type without another slash. */
function mediaType(typ: string): string {
  const lower = typ.toLowerCase();
  return lower.includes('/') ? lower : `application/${lower}`;
}
