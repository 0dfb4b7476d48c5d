import { decode, encode as joseEncode } from 'jose/base64url';
import type { MandateErrorCode } from '../errors.js';
import { MandateError } from '../errors.js';
import { base64urlLength } from '../profile.js';

/** Unpadded base64url (RFC 4648 §5) of bytes, or of the UTF-8 form of a string. */
export const encodeBase64url: (input: Uint8Array | string) => string = joseEncode;

// The characters whose spare bits are zero, where the last group holds one byte (4 spare bits) or two (2 spare bits).
const LAST_OF_ONE_BYTE = 'AQgw';
const LAST_OF_TWO_BYTES = 'AEIMQUYcgkosw048';

/**
 * Strict base64url: no padding, no `+` or `/`, no white space, no impossible length, and no set spare bits
 * (RFC 4648 §3.5), so that every byte sequence has exactly one text. Decoders of the platforms are more lenient.
 */
export function isStrictBase64url(text: string): boolean {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return false;
  const last = text.slice(-1);
  switch (text.length % 4) {
    case 1:
      return false;
    case 2:
      return LAST_OF_ONE_BYTE.includes(last);
    case 3:
      return LAST_OF_TWO_BYTES.includes(last);
    default:
      return true;
  }
}

/** Decodes strict base64url, or throws with the given code, naming `parameter`. */
export function decodeBase64url(text: string, parameter: string, code: MandateErrorCode): Uint8Array {
  if (!isStrictBase64url(text)) {
    throw new MandateError(
      code,
      parameter,
      `"${parameter}" must be unpadded base64url (RFC 4648 §5) without spare bits`,
    );
  }
  return decode(text);
}

/**
 * Decodes strict base64url of exactly `bytes` bytes. The length is checked in characters, before anything is
 * decoded; strict base64url of that many characters has exactly that many bytes.
 */
export function decodeBase64urlOfLength(
  text: string,
  bytes: number,
  parameter: string,
  code: MandateErrorCode,
): Uint8Array {
  const expected = base64urlLength(bytes);
  if (text.length !== expected) {
    throw new MandateError(
      code,
      parameter,
      `"${parameter}" must be ${expected} base64url characters (${bytes} bytes), got ${text.length}`,
    );
  }
  return decodeBase64url(text, parameter, code);
}
