import { decodeBase64url, encodeBase64url } from '../encoding/base64url.js';
import { P256_FIELD_BYTES } from '../profile.js';

/** The members of an EC JWK that are numbers of a fixed length (RFC 7518 §6.2). */
const NUMBERS = ['x', 'y', 'd'] as const;

/**
 * A JWK that a runtime exported, with the leading zeros that it may have dropped: Bun ≤ 1.3.1 writes 1 `d` in 256 too
 * short. What a caller wrote does not come here: there a short member is refused.
 */
export function restoreLeadingZeros<T extends object>(exported: T): T {
  const jwk = { ...exported } as Record<string, unknown>;
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256') return exported;
  for (const name of NUMBERS) {
    const text = jwk[name];
    if (typeof text !== 'string') continue;
    const digits = decodeBase64url(text, name, 'ERR_MANDATE_KEY_INVALID');
    if (digits.length >= P256_FIELD_BYTES) continue;
    const number = new Uint8Array(P256_FIELD_BYTES);
    number.set(digits, P256_FIELD_BYTES - digits.length);
    jwk[name] = encodeBase64url(number);
  }
  return jwk as T;
}
