// Memory that is used again: what comes out of it must be what fresh memory would hold.
import { describe, expect, test } from 'vitest';
import { asciiBytes, borrowAsciiBytes, bytesOf } from '../../src/encoding/ascii.js';
import { borrowBase64url, decodeBase64url, isStrictBase64url } from '../../src/encoding/base64url.js';

/** Around the size of the memory, 64 KiB, and across it. */
const LENGTHS = [0, 1, 2, 3, 4, 63, 64, 65, 4095, 4096, 49_152, 65_535, 65_536, 65_537, 87_382, 200_000];

const textOf = (length: number) =>
  Array.from({ length }, (_, i) => String.fromCharCode(33 + (i % 90))).join('');

describe('signing inputs as bytes', () => {
  test.each(LENGTHS)('%d characters', (length) => {
    const text = textOf(length);
    const expected = new TextEncoder().encode(text);
    expect(Buffer.from(borrowAsciiBytes(text)).equals(expected)).toBe(true);
    expect(Buffer.from(asciiBytes(text)).equals(expected)).toBe(true);
    expect(Buffer.from(bytesOf(text)).equals(expected)).toBe(true);
  });

  test('asciiBytes are the caller’s own, a shorter text leaves nothing of a longer one', () => {
    const kept = asciiBytes('kept');
    borrowAsciiBytes('x'.repeat(1000));
    const short = borrowAsciiBytes('short');
    expect(new TextDecoder().decode(short)).toBe('short');
    expect(new TextDecoder().decode(kept)).toBe('kept');
    expect(bytesOf(kept)).toBe(kept);
    // A Buffer's slice() would be no copy.
    expect(Object.getPrototypeOf(kept)).toBe(Uint8Array.prototype);
  });
});

describe('base64url', () => {
  const decoders = { decodeBase64url, borrowBase64url };

  test.each(LENGTHS)('%d bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) % 256);
    const text = Buffer.from(bytes).toString('base64url');
    for (const decode of Object.values(decoders))
      expect(Buffer.from(decode(text, 'segment', 'ERR_MANDATE_MALFORMED')).equals(bytes)).toBe(true);
    expect(isStrictBase64url(text)).toBe(true);
  });

  test('decodeBase64url is the caller’s own', () => {
    const kept = decodeBase64url('AQID', 'segment', 'ERR_MANDATE_MALFORMED');
    borrowBase64url('____', 'segment', 'ERR_MANDATE_MALFORMED');
    decodeBase64url('____', 'segment', 'ERR_MANDATE_MALFORMED');
    expect([...kept]).toEqual([1, 2, 3]);
  });

  const LENIENT = ['A', 'AA==', 'AB', 'AAB', 'A+A', 'A/AA', 'AA A', 'AAA\n', 'AAAA=', 'ÀAAA', '​AAAA'];
  test.each([...LENIENT, ...LENIENT.map((text) => 'A'.repeat(90_000) + text)])('refuses %j', (text) => {
    for (const decode of Object.values(decoders)) {
      expect(() => decode(text, 'segment', 'ERR_MANDATE_MALFORMED')).toThrow(
        /"segment" must be unpadded base64url/,
      );
    }
    expect(isStrictBase64url(text)).toBe(false);
  });
});
