import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inflate } from '../../src/encoding/inflate.js';

const text = Buffer.from('a status list'.repeat(9));
const stream = deflateSync(text);
const changed = (at: number): Buffer => {
  const copy = Buffer.from(stream);
  copy[copy.length + at] = (copy[copy.length + at] as number) ^ 1;
  return copy;
};

describe('one ZLIB stream is inflated once, with a limit (R9.6, R9.7)', () => {
  test('what zlib of Node deflates, at every level and size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 9 }),
        async (part, times, level) => {
          const bytes = new Uint8Array(Buffer.concat(Array(times).fill(part)));
          const found = await inflate(deflateSync(bytes, { level }), bytes.length);
          expect('bytes' in found && Buffer.compare(found.bytes, bytes)).toBe(0);
          if (bytes.length > 0) {
            const refused = await inflate(deflateSync(bytes, { level }), bytes.length - 1);
            expect(refused).toEqual({ fault: 'too large' });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the limit is inclusive, beyond the size of a chunk too', async () => {
    for (const size of [0, 1, 65_535, 65_536, 65_537, 131_072, 2_097_152]) {
      const compressed = deflateSync(new Uint8Array(size));
      expect(await inflate(compressed, size)).toEqual({ bytes: new Uint8Array(size) });
      expect(await inflate(deflateSync(new Uint8Array(size + 1)), size)).toEqual({ fault: 'too large' });
    }
  });

  const wrong: [string, Uint8Array, string][] = [
    ['nothing', new Uint8Array(0), 'malformed'],
    ['two streams', Buffer.concat([stream, stream]), 'bytes left over'],
    ['a zero byte after it', Buffer.concat([stream, Buffer.alloc(1)]), 'bytes left over'],
    ['the checksum once more after it', Buffer.concat([stream, stream.subarray(-4)]), 'bytes left over'],
    [
      'an empty stream, then a bomb',
      Buffer.concat([deflateSync(''), deflateSync(Buffer.alloc(2 ** 24))]),
      'bytes left over',
    ],
    ['one whose last byte is missing', stream.subarray(0, -1), 'malformed'],
    ['one without its checksum', stream.subarray(0, -4), 'malformed'],
    ['one with a wrong checksum', changed(-1), 'malformed'],
    [
      'one that says of no block that it is the last',
      deflateSync(text, { finishFlush: constants.Z_SYNC_FLUSH }),
      'malformed',
    ],
    ['one with a preset dictionary', deflateSync(text, { dictionary: Buffer.from('status') }), 'malformed'],
    ['a wrong header', Buffer.concat([Buffer.from([0x79]), stream.subarray(1)]), 'malformed'],
    ['gzip', gzipSync(text), 'malformed'],
    ['DEFLATE without ZLIB', deflateRawSync(text), 'malformed'],
  ];
  test.each(wrong)('refuses %s', async (_, compressed, fault) => {
    expect(await inflate(compressed, 100_000)).toEqual({ fault });
  });

  test('no bytes make it throw, and none inflate beyond the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, hasHeader) => {
        const found = await inflate(
          hasHeader ? Buffer.concat([Buffer.from([0x78, 0x9c]), bytes]) : bytes,
          64,
        );
        if ('bytes' in found) expect(found.bytes.length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 500 },
    );
  });
});
