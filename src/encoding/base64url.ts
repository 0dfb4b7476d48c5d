import { decode as portableDecode, encode as portableEncode } from 'jose/base64url';
import { fail, type MandateErrorCode } from '../errors.js';

/** What this library uses of Node's Buffer, which is several times as fast as what runs everywhere. */
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

/** Tried once, like a back end: what bundlers put in the place of Node's Buffer does not know base64url. */
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

/** Unpadded base64url (RFC 4648 §5) of bytes, or of the UTF-8 form of a string. */
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
    // Not the Buffer itself: its slice() would be no copy.
    return new Uint8Array(buffer, byteOffset, length);
  }
  try {
    return portableDecode(text);
  } catch {
    return undefined;
  }
}

/**
 * The bytes of strict base64url, or `undefined`. Decoders of the platforms are lenient; strict is the one text that these
 * bytes are encoded as: no padding, no `+` or `/`, no white space, no impossible length, no set spare bits (RFC 4648 §3.5).
 */
function decodeStrictly(text: string): Uint8Array | undefined {
  const bytes = decode(text);
  return bytes !== undefined && encodeBase64url(bytes) === text ? bytes : undefined;
}

export const isStrictBase64url = (text: string): boolean => decodeStrictly(text) !== undefined;

/** Decodes strict base64url, or throws with the given code, naming `parameter`. */
export function decodeBase64url(text: string, parameter: string, code: MandateErrorCode): Uint8Array {
  return (
    decodeStrictly(text) ??
    fail(code, parameter, `"${parameter}" must be unpadded base64url (RFC 4648 §5) without spare bits`)
  );
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
    const message = `"${parameter}" must be ${expected} base64url characters (${bytes} bytes), got ${text.length}`;
    fail(code, parameter, message);
  }
  return decodeBase64url(text, parameter, code);
}

/** Characters of unpadded base64url for so many bytes (RFC 4648 §5). */
export const base64urlLength = (bytes: number): number => Math.ceil((bytes * 4) / 3);
