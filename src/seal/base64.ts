import { decodeBase64url, encodeBase64url, isStrictBase64url } from '../encoding/base64url.js';

// Strict standard base64 with padding (RFC 4648 §4), as in C2SP's formats: every byte string has exactly one text.

export function encodeBase64(bytes: Uint8Array): string {
  const text = encodeBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** The bytes; `undefined` if the text is not strict base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const unpadded = text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');
  if (!isStrictBase64url(unpadded)) return undefined;
  const bytes = decodeBase64url(unpadded, 'base64', 'ERR_MANDATE_MALFORMED');
  return encodeBase64(bytes) === text ? bytes : undefined;
}
