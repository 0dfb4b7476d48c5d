import { createHash } from 'node:crypto';
import { sha3_256 as portableSha3 } from '@noble/hashes/sha3.js';
import { expect, test } from 'vitest';
import { sha3 } from '../../src/primitives/sha3.js';
import { sha256, sha256Base64url } from '../../src/primitives/sha256.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('SHA3-256 of nothing is that of FIPS 202', () => {
  const expected = 'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a';
  for (const hash of [sha3, portableSha3]) expect(hex(hash(new Uint8Array(0)))).toBe(expected);
});

test('both hashes are those of OpenSSL, for every length up to two blocks, and every byte', () => {
  for (let length = 0; length <= 280; length++) {
    const data = Uint8Array.from({ length }, (_, n) => n * 7 + length);
    expect(hex(sha256(data))).toBe(createHash('sha256').update(data).digest('hex'));
    expect(sha256Base64url(data)).toBe(createHash('sha256').update(data).digest('base64url'));
    const expected = createHash('sha3-256').update(data).digest('hex');
    for (const hash of [sha3, portableSha3]) expect(hex(hash(data))).toBe(expected);
  }
});

test('a digest is bytes of its own', () => {
  const [one, other] = [sha256(Uint8Array.of(1)), sha256(Uint8Array.of(1))];
  one.fill(0);
  expect(hex(other)).toMatch(/^4bf5122f/);
  expect(other.buffer.byteLength).toBe(32);
});
