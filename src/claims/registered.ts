import type { JsonObject, JsonValue } from '../encoding/json.js';
import { parseRfc3339 } from './rfc3339.js';

/** The claims of a mandate as a verifier returns them. The types of registered claims have been checked. */
export interface MandateClaims {
  iss?: string;
  sub?: string;
  aud?: string | string[];
  jti?: string;
  /** Seconds since the epoch, like `nbf` and `exp`. */
  iat?: number;
  nbf?: number;
  exp?: number;
  /** RFC 3339. */
  valid_from?: string;
  /** RFC 3339. */
  valid_until?: string;
  [claim: string]: JsonValue | undefined;
}

/** The claims that determine validity, with types checked and units converted. */
export interface RegisteredClaims {
  readonly iss: string | undefined;
  readonly sub: string | undefined;
  readonly aud: readonly string[];
  /** Seconds since the epoch. */
  readonly iat: number | undefined;
  readonly nbf: number | undefined;
  readonly exp: number | undefined;
  /** Milliseconds since the epoch. */
  readonly validFrom: number | undefined;
  readonly validUntil: number | undefined;
}

/**
 * Reads the registered claims of a payload (RFC 7519 §4.1, and a mandate's own period). A claim of another type is reported by
 * `wrongType`, never coerced. Signer and verifier use the same check.
 */
export function readRegisteredClaims(
  payload: JsonObject,
  wrongType: (claim: string, expected: string) => never,
): RegisteredClaims {
  const claim = (name: string) => (Object.hasOwn(payload, name) ? payload[name] : undefined);
  const string = (name: string): string | undefined => {
    const value = claim(name);
    return value === undefined || typeof value === 'string' ? value : wrongType(name, 'a string');
  };
  const numericDate = (name: string): number | undefined => {
    const value = claim(name);
    return value === undefined || typeof value === 'number' ? value : wrongType(name, 'a number of seconds');
  };
  const audience = (): readonly string[] => {
    const value = claim('aud');
    if (value === undefined) return [];
    if (typeof value === 'string') return [value];
    if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return value;
    return wrongType('aud', 'a string or an array of strings');
  };
  const dateTime = (name: string): number | undefined => {
    const value = string(name);
    return value === undefined
      ? undefined
      : (parseRfc3339(value) ?? wrongType(name, 'an RFC 3339 date-time'));
  };
  const [iss, sub] = [string('iss'), string('sub')];
  string('jti');
  return {
    iss,
    sub,
    aud: audience(),
    iat: numericDate('iat'),
    nbf: numericDate('nbf'),
    exp: numericDate('exp'),
    validFrom: dateTime('valid_from'),
    validUntil: dateTime('valid_until'),
  };
}
