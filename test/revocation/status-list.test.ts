import { deflateSync } from 'node:zlib';
import { StatusList } from '@sd-jwt/jwt-status-list';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStatusList, statusAt } from '../../src/revocation/status-list.js';
import { base64url } from '../support.js';

type Bits = 1 | 2 | 4 | 8;
const SIZE = 2 ** 20;
const LIMIT = 2_097_152;

/** What the draft's test vectors say of their lists of 2^20 entries; every other entry is 0. The last is our own. */
const FACTS: Record<Bits, readonly (readonly [index: number, status: number])[]> = {
  1: [0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345].map((i) => [i, 1]),
  2: [
    [0, 1],
    [1993, 2],
    [25460, 1],
    [159495, 3],
    [495669, 1],
    [554353, 1],
    [645645, 2],
    [723232, 1],
    [854545, 1],
    [934534, 2],
    [1000345, 3],
  ],
  4: [
    [0, 1],
    [1993, 2],
    [35460, 3],
    [459495, 4],
    [595669, 5],
    [754353, 6],
    [845645, 7],
    [923232, 8],
    [924445, 9],
    [934534, 10],
    [1004534, 11],
    [1000345, 12],
    [1030203, 13],
    [1030204, 14],
    [1030205, 15],
  ],
  8: Array.from({ length: 256 }, (_, status) => [(status * 999_983) % SIZE, status]),
};

/** Packs statuses one by one, by the draft's words and not by our code. */
function pack(bits: Bits, size: number, facts: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((size * bits) / 8));
  for (const [index, status] of facts) {
    for (let bit = 0; bit < bits; bit++) {
      const at = index * bits + bit;
      if ((status >> bit) & 1) bytes[at >> 3] = (bytes[at >> 3] as number) | (1 << (at & 7));
    }
  }
  return bytes;
}

const read = (bits: unknown, bytes: Uint8Array, limit = LIMIT) =>
  readStatusList({ bits, lst: base64url(deflateSync(bytes)) }, limit);

describe('a status list is read from its own bits (R9.8)', () => {
  test.each([1, 2, 4, 8] as const)('the list of the draft with 2^20 entries of %i bits', async (bits) => {
    const list = await read(bits, pack(bits, SIZE, FACTS[bits]));
    const expected = new Map(FACTS[bits]);
    for (const [index, status] of expected) expect(statusAt(list, index)).toBe(status);
    const others = Array.from({ length: SIZE }, (_, index) => index).filter((index) => !expected.has(index));
    expect(others.every((index) => statusAt(list, index) === 0)).toBe(true);
    expect(statusAt(list, SIZE)).toBeUndefined();
  });

  test('a list of ten million, of which one in a hundred is revoked', async () => {
    const size = 10_000_000;
    const list = await read(
      1,
      pack(
        1,
        size,
        Array.from({ length: size / 100 }, (_, i) => [i * 100 + (i % 97), 1]),
      ),
    );
    expect(statusAt(list, 0)).toBe(1);
    expect(statusAt(list, 1)).toBe(0);
    expect(statusAt(list, 9_999_900 + (99_999 % 97))).toBe(1);
    expect(statusAt(list, size)).toBeUndefined();
  });

  test('as the library of the Open Wallet Foundation reads it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Bits>(1, 2, 4, 8),
        fc.array(fc.nat(255), { minLength: 1, maxLength: 200 }),
        async (bits, values) => {
          // It takes whole bytes only.
          const perByte = 8 / bits;
          const statuses = values.map((value) => value % 2 ** bits);
          while (statuses.length % perByte !== 0) statuses.push(0);
          const lst = new StatusList(statuses, bits).compressStatusList();
          const list = await readStatusList({ bits, lst }, LIMIT);
          expect(statuses.map((_, index) => statusAt(list, index))).toEqual(statuses);
          expect(statusAt(list, statuses.length)).toBeUndefined();
        },
      ),
      { numRuns: 100 },
    );
  });

  test.each([
    [undefined],
    [null],
    ['x'],
    [[]],
    [{}],
    [{ bits: 1 }],
    [{ bits: 3, lst: '' }],
    [{ bits: '1', lst: '' }],
    [{ bits: 1, lst: 7 }],
    [{ bits: 1, lst: '' }],
    [{ bits: 1, lst: 'A===' }],
  ])('refuses %j', async (statusList) => {
    await expect(readStatusList(statusList, LIMIT)).rejects.toMatchObject({
      code: 'ERR_MANDATE_STATUS_INVALID',
    });
  });

  test('refuses a list beyond the limit, and says which option it is', async () => {
    await expect(read(8, new Uint8Array(101), 100)).rejects.toMatchObject({
      code: 'ERR_MANDATE_STATUS_INVALID',
      message: '"status_list.lst" inflates to more than "maxInflatedBytes", 100',
    });
    expect(statusAt(await read(8, new Uint8Array(100), 100), 99)).toBe(0);
  });
});
