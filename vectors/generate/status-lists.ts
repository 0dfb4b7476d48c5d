// SPEC.md R9.6 to R9.8: the claim "status_list" of a Status List Token, its statuses, and those that must be rejected.
import { deflate, deflateRaw, gzip } from 'pako';
import { base64url } from './keys.js';

/** A claim, and the expected result of a verifier. */
interface StatusListCase {
  readonly id: string;
  readonly rule: string;
  readonly comment: string;
  readonly statusList: Readonly<Record<string, unknown>>;
  /** The statuses from index 0 on, all of them; absent if the claim must be rejected. */
  readonly statuses?: readonly number[];
  /** Statuses at other indexes of a long list; `null` beyond its end, which must be rejected. */
  readonly at?: Readonly<Record<string, number | null>>;
}

/** The limit that R9.7 recommends. */
export const MAX_INFLATED_BYTES = 2_097_152;

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const claim = (bits: unknown, compressed: Uint8Array): StatusListCase['statusList'] => ({
  bits,
  lst: base64url(compressed),
});
const zeros = (bytes: number): Uint8Array => deflate(new Uint8Array(bytes), { level: 9 });

const accepted: StatusListCase[] = [
  {
    id: 'one-bit',
    rule: 'R9.8',
    comment: 'The least significant bit of the first byte is index 0',
    statusList: claim(1, deflate(Uint8Array.of(0b1011_1001, 0b1010_0011))),
    statuses: [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1],
  },
  {
    id: 'two-bits',
    rule: 'R9.8',
    comment: 'Four statuses to a byte',
    statusList: claim(2, deflate(Uint8Array.of(0b11_00_10_01, 0b00_01_11_10))),
    statuses: [1, 2, 0, 3, 2, 3, 1, 0],
  },
  {
    id: 'four-bits',
    rule: 'R9.8',
    comment: 'Two statuses to a byte',
    statusList: claim(4, deflate(Uint8Array.of(0xf1, 0x0e))),
    statuses: [1, 15, 14, 0],
  },
  {
    id: 'eight-bits',
    rule: 'R9.8',
    comment: 'A status to a byte',
    statusList: claim(8, deflate(Uint8Array.of(0, 255, 2))),
    statuses: [0, 255, 2],
  },
  {
    id: 'empty',
    rule: 'R9.8',
    comment: 'A list without any entry',
    statusList: claim(1, zeros(0)),
    statuses: [],
  },
  {
    id: 'stored',
    rule: 'R9.6',
    comment: 'ZLIB data that is stored and not compressed',
    statusList: claim(1, deflate(Uint8Array.of(0x80), { level: 0 })),
    statuses: [0, 0, 0, 0, 0, 0, 0, 1],
  },
  {
    id: 'as-large-as-may-be',
    rule: 'R9.7',
    comment: 'A list that inflates to the limit, and no further',
    statusList: claim(8, zeros(MAX_INFLATED_BYTES)),
    at: { [MAX_INFLATED_BYTES - 1]: 0, [MAX_INFLATED_BYTES]: null },
  },
];

const valid = deflate(new Uint8Array(16));
const changed = join(valid.subarray(0, -1), Uint8Array.of((valid.at(-1) as number) ^ 1));

const refused: StatusListCase[] = [
  [
    'two-streams',
    'R9.6',
    'Two ZLIB streams, of which the second revokes',
    claim(1, join(valid, deflate(new Uint8Array(16).fill(255)))),
  ],
  ['byte-after', 'R9.6', 'A zero byte after the end of the stream', claim(1, join(valid, new Uint8Array(1)))],
  [
    'checksum-after',
    'R9.6',
    'The checksum once more after the end',
    claim(1, join(valid, valid.subarray(-4))),
  ],
  ['truncated', 'R9.6', 'The last byte of the checksum is missing', claim(1, valid.subarray(0, -1))],
  ['no-checksum', 'R9.6', 'The checksum is missing', claim(1, valid.subarray(0, -4))],
  ['wrong-checksum', 'R9.6', 'The checksum is wrong', claim(1, changed)],
  ['gzip', 'R9.6', 'GZIP in place of ZLIB', claim(1, gzip(new Uint8Array(16)))],
  ['raw', 'R9.6', 'DEFLATE without ZLIB around it', claim(1, deflateRaw(new Uint8Array(16)))],
  ['nothing', 'R9.6', '"lst" is empty', { bits: 1, lst: '' }],
  ['padded', 'R9.6', '"lst" has the padding of base64', { bits: 1, lst: `${base64url(valid)}=` }],
  ['lst-number', 'R9.6', '"lst" is a number', { bits: 1, lst: 7 }],
  ['lst-missing', 'R9.6', 'There is no "lst"', { bits: 1 }],
  [
    'too-large',
    'R9.7',
    'A list that inflates to one byte more than the limit',
    claim(1, zeros(MAX_INFLATED_BYTES + 1)),
  ],
  ['too-large-by-far', 'R9.7', 'A list that inflates to 16 MiB', claim(1, zeros(2 ** 24))],
  ['bits-3', 'R9.8', 'Three bits to a status', claim(3, valid)],
  ['bits-0', 'R9.8', 'No bits to a status', claim(0, valid)],
  ['bits-16', 'R9.8', 'Sixteen bits to a status', claim(16, valid)],
  ['bits-text', 'R9.8', '"bits" is a text', claim('1', valid)],
  ['bits-missing', 'R9.8', 'There is no "bits"', { lst: base64url(valid) }],
].map(([id, rule, comment, statusList]) => ({ id, rule, comment, statusList }) as StatusListCase);

export const statusListCases = (): readonly StatusListCase[] => [...accepted, ...refused];
