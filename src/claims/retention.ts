import type { JsonObject, JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import { invalidArgument } from '../options.js';
import { parseRfc3339 } from './rfc3339.js';

/** How long the record of a mandate must be kept, and why: the claim `retention_metadata`, as in test vector TC4. */
export interface RetentionMetadata {
  /** Identifies the rule, such as `HKMA-Cap615-7yr`. */
  policy: string;
  /** RFC 3339 date-time. */
  retention_until: string;
}

/** Checks the option before the mandate is read. */
export function checkRetentionYears(years: unknown): number {
  const number = years as number;
  if (Number.isSafeInteger(number) && number > 0 && number <= 1000) return number;
  return invalidArgument('minRetentionYears', 'a positive integer of years, at most 1000');
}

/** Each of these claims can state when the mandate was issued. */
const DATES = ['issued_at', 'iat', 'valid_from'];

/**
 * Demands `retention_metadata` whose `retention_until` is at least this number of calendar years after issuance. Issuance is
 * the later of `issued_at` and `iat`, or else `valid_from`. These claims must not be in disclosures: a holder who could
 * withhold one would choose the date that counts. `retention_metadata` may be disclosable, because withholding it only leads to
 * rejection.
 *
 * @param signed The payload as signed.
 * @param processed The processed payload.
 * @param tolerance The number of seconds that `issued_at` and `iat` may differ.
 */
export function checkRetention(
  signed: JsonObject,
  processed: JsonObject,
  years: number | undefined,
  tolerance: number,
): void {
  if (years === undefined) return;
  const hidden = DATES.find((claim) => Object.hasOwn(processed, claim) && !Object.hasOwn(signed, claim));
  if (hidden !== undefined) refuse(hidden, 'outside the disclosures');
  const claims = ownMembers(processed);
  const { policy, retention_until: text } = ownMembers(claims.retention_metadata);
  if (typeof policy !== 'string') {
    refuse('retention_metadata', 'an object with a "policy" and "retention_until"');
  }
  const until = typeof text === 'string' ? parseRfc3339(text) : undefined;
  if (until === undefined) {
    refuse('retention_metadata.retention_until', 'an RFC 3339 date-time');
  }
  const required = new Date(issuedAt(claims, tolerance));
  required.setUTCFullYear(required.getUTCFullYear() + years);
  if (Number.isNaN(required.getTime())) {
    refuse('iat', 'a valid calendar date');
  }
  if (until < required.getTime()) {
    refuse(
      'retention_metadata.retention_until',
      `at least ${years} years after issuance, ${required.toISOString()}`,
    );
  }
}

/** The own members of an object; an empty object for any other value. Members of Object.prototype are not claims. */
const ownMembers = (value: JsonValue | undefined): JsonObject => Object.assign(Object.create(null), value);

/** Milliseconds since the epoch. */
function issuedAt(claims: JsonObject, tolerance: number): number {
  const { issued_at: text, iat, valid_from: validFrom } = claims;
  const byIat = typeof iat === 'number' ? iat * 1000 : undefined;
  if (text !== undefined) {
    const issued =
      (typeof text === 'string' ? parseRfc3339(text) : undefined) ??
      refuse('issued_at', 'an RFC 3339 date-time');
    if (byIat === undefined) return issued;
    // "iat" is usually an integer, and "issued_at" may have a fraction.
    if (Math.abs(issued - byIat) >= (tolerance + 1) * 1000) {
      refuse('issued_at', `the same time as "iat", with a difference of less than ${tolerance + 1} s`);
    }
    return Math.max(issued, byIat);
  }
  if (byIat !== undefined) return byIat;
  return (
    (typeof validFrom === 'string' ? parseRfc3339(validFrom) : undefined) ??
    refuse('issued_at', 'present: the mandate has no time of issuance')
  );
}

function refuse(parameter: string, expected: string): never {
  fail('ERR_MANDATE_RETENTION', parameter, `claim "${parameter}" must be ${expected}`);
}
