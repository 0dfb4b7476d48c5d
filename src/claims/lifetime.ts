import { encodeBase64url } from '../encoding/base64url.js';
import type { JsonObject } from '../encoding/json.js';
import { MandateError } from '../errors.js';
import { checkDate, invalidArgument } from '../options.js';
import { randomBytes } from '../runtime.js';
import { parseDuration } from './duration.js';

/** Conveniences at issuance; all optional. */
export interface LifetimeOptions {
  /**
   * Sets `iat` to now, unless the payload has one, and `exp` so much later than now: seconds, or a time span such as
   * `'15m'` or `'7d'`.
   */
  expiresIn?: number | string;
  /** `true` sets a random `jti` of 128 bits, base64url; a string is taken as it is. */
  jti?: boolean | string | undefined;
  /** The time of issuance. Default: now. */
  currentDate?: Date | undefined;
}

const JTI_BYTES = 16;

/** The claims with `iat`, `exp` and `jti` as the options say. What the payload has already is never overwritten. */
export function withLifetime(claims: JsonObject, options: LifetimeOptions): JsonObject {
  if (Object.hasOwn(options, 'expiresIn') && options.expiresIn === undefined) {
    // A mandate without end, because a setting is missing.
    invalidArgument('expiresIn', 'left out where there is to be no end; it is undefined');
  }
  const { expiresIn, jti, currentDate = new Date() } = options;
  const now = Math.floor(checkDate(currentDate, 'currentDate') / 1000);
  return {
    ...claims,
    ...(expiresIn !== undefined && {
      iat: claims.iat ?? now,
      exp: absent(claims, 'exp', 'expiresIn', now + parseDuration(expiresIn, 'expiresIn')),
    }),
    ...(jti !== undefined && jti !== false && { jti: absent(claims, 'jti', 'jti', jtiOf(jti)) }),
  };
}

function jtiOf(jti: unknown): string {
  if (jti === true) return encodeBase64url(randomBytes(JTI_BYTES));
  return typeof jti === 'string' && jti !== ''
    ? jti
    : invalidArgument('jti', 'a boolean or a non-empty string');
}

function absent<T>(claims: JsonObject, claim: string, option: string, value: T): T {
  if (!Object.hasOwn(claims, claim)) return value;
  const path = `payload.${claim}`;
  throw new MandateError(
    'ERR_MANDATE_PAYLOAD_INVALID',
    path,
    `"${path}" must be absent where the option "${option}" sets it`,
  );
}
