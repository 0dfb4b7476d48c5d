import { decode as portableDecode, encode as portableEncode } from 'jose/base64url';
import { fail, type MandateErrorCode } from '../errors.js';

/** The part of Node's Buffer that this library uses. It is several times faster than the portable code. */
interface NodeBuffer {
  from(
    text: string,
    encoding: 'utf8' | 'base64url',
  ): Uint8Array & { toString(encoding: 'base64url'): string };
  from(
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ): Uint8Array & { toString(encoding: 'base64url'): string };
}

/** Tried once, like a back end: the Buffer polyfills of bundlers do not support base64url. */
const Buffer = findBuffer();

function findBuffer(): NodeBuffer | undefined {
  try {
    const { Buffer: found } = globalThis as { Buffer?: NodeBuffer };
    const bytes = found?.from('-_8', 'base64url');
    const works =
      bytes?.length === 2 &&
      bytes[0] === 0xfb &&
      found?.from(bytes.buffer, bytes.byteOffset, 2).toString('base64url') === '-_8' &&
      found.from('é', 'utf8').toString('base64url') === 'w6k';
    return works ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Encodes bytes, or the UTF-8 form of a string, as unpadded base64url (RFC 4648 §5). */
export function encodeBase64url(input: Uint8Array | string): string {
  if (Buffer === undefined) return portableEncode(input);
  const bytes =
    typeof input === 'string'
      ? Buffer.from(input, 'utf8')
      : Buffer.from(input.buffer, input.byteOffset, input.length);
  return bytes.toString('base64url');
}

function decode(text: string): Uint8Array | undefined {
  if (Buffer !== undefined) {
    const { buffer, byteOffset, length } = Buffer.from(text, 'base64url');
    // Not the Buffer itself: its slice() does not copy.
    return new Uint8Array(buffer, byteOffset, length);
  }
  try {
    return portableDecode(text);
  } catch {
    return undefined;
  }
}

/**
 * Decodes strict base64url; returns `undefined` for anything else. The platforms' decoders are lenient. Strict means the one
 * text that encodes these bytes: no padding, no `+` or `/`, no white space, no impossible length, no spare bits set (RFC 4648
 * §3.5).
 */
function decodeStrictly(text: string): Uint8Array | undefined {
  const bytes = decode(text);
  return bytes !== undefined && encodeBase64url(bytes) === text ? bytes : undefined;
}

export const isStrictBase64url = (text: string): boolean => decodeStrictly(text) !== undefined;

/** Decodes strict base64url, or throws an error with the given code that names `parameter`. */
export function decodeBase64url(text: string, parameter: string, code: MandateErrorCode): Uint8Array {
  return (
    decodeStrictly(text) ??
    fail(code, parameter, `"${parameter}" must be unpadded base64url (RFC 4648 §5) without spare bits`)
  );
}

/**
 * Decodes strict base64url of exactly `bytes` bytes. The length is checked in characters before anything is decoded; strict
 * base64url with that many characters always decodes to that many bytes.
 */
export function decodeBase64urlOfLength(
  text: string,
  bytes: number,
  parameter: string,
  code: MandateErrorCode,
): Uint8Array {
  const expected = base64urlLength(bytes);
  if (text.length !== expected) {
    const message = `"${parameter}" must be ${expected} base64url characters (${bytes} bytes), got ${text.length}`;
    fail(code, parameter, message);
  }
  return decodeBase64url(text, parameter, code);
}

/** The length in characters of unpadded base64url (RFC 4648 §5) for a number of bytes. */
export const base64urlLength = (bytes: number): number => Math.ceil((bytes * 4) / 3);
