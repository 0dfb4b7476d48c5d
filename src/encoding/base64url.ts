import { decode as portableDecode, encode as portableEncode } from 'jose/base64url';
import { fail, type MandateErrorCode } from '../errors.js';
import { nodeBuffer } from './node-buffer.js';

/** Encodes bytes, or the UTF-8 form of a string, as unpadded base64url (RFC 4648 §5). */
export function encodeBase64url(input: Uint8Array | string): string {
  if (nodeBuffer === undefined) return portableEncode(input);
  const bytes =
    typeof input === 'string'
      ? nodeBuffer.from(input, 'utf8')
      : nodeBuffer.from(input.buffer, input.byteOffset, input.length);
  return bytes.toString('base64url');
}

/**
 * Decodes strict base64url; returns `undefined` for anything else. The platforms' decoders are lenient. Strict means the one
 * text that encodes these bytes: no padding, no `+` or `/`, no white space, no impossible length, no spare bits set (RFC 4648
 * §3.5).
 */
function decodeStrictly(text: string): Uint8Array | undefined {
  if (nodeBuffer === undefined) return decodePortably(text);
  const bytes = nodeBuffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) return undefined;
  // Not Node's own type: its slice() does not copy.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function decodePortably(text: string): Uint8Array | undefined {
  try {
    const bytes = portableDecode(text);
    return portableEncode(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Reused memory for bytes that are read at once. Allocating and collecting a few kilobytes takes longer than decoding them. */
const borrowed = nodeBuffer?.from(new ArrayBuffer(65_536), 0, 65_536);

/** Like {@link decodeStrictly}, into memory that the next call overwrites. */
function borrowStrictly(text: string): Uint8Array | undefined {
  if (borrowed === undefined || base64urlBytes(text) > borrowed.length) return decodeStrictly(text);
  const length = borrowed.write(text, 0, 'base64url');
  return borrowed.toString('base64url', 0, length) === text ? borrowed.subarray(0, length) : undefined;
}

const base64urlBytes = (text: string): number => Math.floor((text.length * 3) / 4);

export const isStrictBase64url = (text: string): boolean => borrowStrictly(text) !== undefined;

/** Whether a value is strict base64url of exactly `bytes` bytes. */
export const isBase64urlOfLength = (value: unknown, bytes: number): value is string =>
  typeof value === 'string' && value.length === base64urlLength(bytes) && isStrictBase64url(value);

/** Decodes strict base64url, or throws an error with the given code that names `parameter`. */
export const decodeBase64url = (text: string, parameter: string, code: MandateErrorCode): Uint8Array =>
  decodeStrictly(text) ?? refuse(parameter, code);

/** Like {@link decodeBase64url}, into memory that the next call overwrites: for a parser that keeps no bytes. */
export const borrowBase64url = (text: string, parameter: string, code: MandateErrorCode): Uint8Array =>
  borrowStrictly(text) ?? refuse(parameter, code);

const refuse = (parameter: string, code: MandateErrorCode): never =>
  fail(code, parameter, `"${parameter}" must be unpadded base64url (RFC 4648 §5) without spare bits`);

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
