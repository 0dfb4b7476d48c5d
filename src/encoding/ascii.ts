import { nodeBuffer } from './node-buffer.js';

const utf8 = new TextEncoder();

/** The bytes of an ASCII text, such as a signing input. */
export function asciiBytes(text: string): Uint8Array {
  if (nodeBuffer === undefined) return utf8.encode(text);
  const { buffer, byteOffset, length } = nodeBuffer.from(text, 'latin1');
  return new Uint8Array(buffer, byteOffset, length);
}

/** Bytes as they are, or the bytes of an ASCII text. */
export const bytesOf = (data: Uint8Array | string): Uint8Array =>
  typeof data === 'string' ? asciiBytes(data) : data;

const borrowed = new Uint8Array(65_536);

/**
 * Like {@link asciiBytes}, in memory that the next call overwrites: for a computation that ends before it returns. Allocating a
 * few kilobytes takes ten times as long as filling them.
 */
export function borrowAsciiBytes(text: string): Uint8Array {
  const { read, written } = utf8.encodeInto(text, borrowed);
  return read === text.length ? borrowed.subarray(0, written) : asciiBytes(text);
}
