import { decodeBase64url, encodeBase64url } from '../encoding/base64url.js';
import { P256_FIELD_BYTES } from '../profile.js';

/** The members of an EC JWK that are fixed-length numbers (RFC 7518 §6.2). */
const NUMBERS = ['x', 'y', 'd'] as const;

/**
 * Restores leading zeros that a runtime dropped from an exported JWK: Bun ≤ 1.3.1 writes 1 `d` in 256 too short. JWKs from a
 * caller do not come here: a short member in one is rejected.
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
