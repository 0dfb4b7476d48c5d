import { encodeBase64url } from '../encoding/base64url.js';
import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { checkDate, demand, invalidArgument, optional, type Read } from '../options.js';
import { randomBytes } from '../runtime.js';
import { parseDuration } from './duration.js';

/** Options for claims that are set at issuance; all optional. */
export interface LifetimeOptions {
  /**
   * Sets `iat` to now, unless the payload has one, and `exp` to this time after now: seconds, or a time span such as `'15m'` or
   * `'7d'`.
   */
  expiresIn?: number | string;
  /** `true` sets a random `jti` of 128 bits, base64url; a string is used unchanged. */
  jti?: boolean | string | undefined;
  /** The time of issuance. Default: now. */
  currentDate?: Date | undefined;
}

const JTI_BYTES = 16;

/**
 * The readers of {@link LifetimeOptions}. Without `expiresIn`, a mandate never expires, so `undefined` is treated as a missing
 * setting.
 */
export const LIFETIME_READERS = {
  expiresIn: demand(parseDuration),
  jti: optional(aJti, false),
  currentDate: optional(checkDate, undefined),
};

/** Adds `iat`, `exp` and `jti` according to the options. Claims of the payload are never overwritten. */
export function withLifetime(
  claims: JsonObject,
  { expiresIn, jti = false, currentDate = Date.now() }: Partial<Read<typeof LIFETIME_READERS>>,
): JsonObject {
  const now = Math.floor(currentDate / 1000);
  return {
    ...claims,
    ...(expiresIn !== undefined && {
      iat: claims.iat ?? now,
      exp: absent(claims, 'exp', 'expiresIn', now + expiresIn),
    }),
    ...(jti !== false && { jti: absent(claims, 'jti', 'jti', jti === true ? randomJti() : jti) }),
  };
}

const randomJti = (): string => encodeBase64url(randomBytes(JTI_BYTES));

function aJti(jti: unknown, path: string): boolean | string {
  if (typeof jti === 'boolean' || (typeof jti === 'string' && jti !== '')) return jti;
  return invalidArgument(path, 'a boolean or a non-empty string');
}

function absent<T>(claims: JsonObject, claim: string, option: string, value: T): T {
  if (!Object.hasOwn(claims, claim)) return value;
  const path = `payload.${claim}`;
  fail('ERR_MANDATE_PAYLOAD_INVALID', path, `"${path}" must be absent if the option "${option}" sets it`);
}
