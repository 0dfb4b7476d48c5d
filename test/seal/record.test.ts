import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeEntry, type SealRecord } from '../../src/seal/index.js';
import { expectCode } from '../support.js';
import { token } from './support.js';

const [a, b] = [token(1), token(2)];

/** R17.1, as it is written. */
function entryOf(kind: number, sealed: string | Uint8Array): string {
  const bytes = Buffer.from(sealed as string);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes.length));
  return Buffer.concat([
    Buffer.from('ap2-pq/leaf/v1\n\0', 'latin1'),
    Buffer.of(kind),
    length,
    createHash('sha256').update(bytes).digest(),
  ]).toString('hex');
}

const CASES: readonly [name: string, record: SealRecord, kind: number, sealed: string | Uint8Array][] = [
  ['a mandate', { kind: 'mandate', token: `${a}~` }, 1, `${a}~`],
  ['a mandate with disclosures', { kind: 'mandate', token: `${a}~AA~BB~` }, 1, `${a}~`],
  ['a mandate with key binding', { kind: 'mandate', token: `${a}~AA~${b}` }, 1, `${a}~${b}`],
  ['a chain', { kind: 'chain', token: `${a}~AA~BB~~${b}~CC~` }, 2, `${a}~~${b}~`],
  ['a chain without disclosures', { kind: 'chain', token: `${a}~~${b}~` }, 2, `${a}~~${b}~`],
  ['a chain of one token', { kind: 'chain', token: `${a}~AA~` }, 2, `${a}~`],
  ['a receipt', { kind: 'receipt', token: a }, 3, a],
  ['a Status List Token', { kind: 'revocation', token: a }, 4, a],
  ['a checkpoint', { kind: 'checkpoint', checkpoint: 'é\n\n— x AA==\n' }, 5, 'é\n\n— x AA==\n'],
  ['other bytes', { kind: 'other', bytes: Uint8Array.of(0, 255) }, 255, Uint8Array.of(0, 255)],
];

test.each(CASES)('the entry of %s (R17.1, R17.2)', (_, record, kind, sealed) => {
  const entry = encodeEntry(record);
  expect(entry).toHaveLength(57);
  expect(Buffer.from(entry).toString('hex')).toBe(entryOf(kind, sealed));
});

const BAD: readonly [name: string, record: unknown, code: string][] = [
  ['no SD-JWT', { kind: 'mandate', token: a }, 'ERR_SEAL_RECORD_INVALID'],
  ['an empty disclosure', { kind: 'mandate', token: `${a}~~AA~` }, 'ERR_SEAL_RECORD_INVALID'],
  ['a line end', { kind: 'mandate', token: `${a}~\n` }, 'ERR_SEAL_RECORD_INVALID'],
  ['a JWT of two segments', { kind: 'mandate', token: 'a.b~' }, 'ERR_SEAL_RECORD_INVALID'],
  ['a disclosure that is no base64url', { kind: 'mandate', token: `${a}~A=~` }, 'ERR_SEAL_RECORD_INVALID'],
  ['a key binding JWT that is none', { kind: 'mandate', token: `${a}~AA` }, 'ERR_SEAL_RECORD_INVALID'],
  ['a chain without its last tilde', { kind: 'chain', token: `${a}~~${b}` }, 'ERR_SEAL_RECORD_INVALID'],
  ['a chain that ends with its separator', { kind: 'chain', token: `${a}~~` }, 'ERR_SEAL_RECORD_INVALID'],
  ['a receipt with a tilde', { kind: 'receipt', token: `${a}~` }, 'ERR_SEAL_RECORD_INVALID'],
  ['no token', { kind: 'receipt' }, 'ERR_SEAL_RECORD_INVALID'],
  ['an empty checkpoint', { kind: 'checkpoint', checkpoint: '' }, 'ERR_SEAL_RECORD_INVALID'],
  ['a lone surrogate', { kind: 'checkpoint', checkpoint: '\ud800' }, 'ERR_SEAL_RECORD_INVALID'],
  ['no bytes', { kind: 'other', bytes: new Uint8Array(0) }, 'ERR_SEAL_RECORD_INVALID'],
  ['text for bytes', { kind: 'other', bytes: 'x' }, 'ERR_SEAL_RECORD_INVALID'],
  ['an unknown kind', { kind: 'invoice', token: a }, 'ERR_MANDATE_ARGUMENT_INVALID'],
  ['a member too many', { kind: 'receipt', token: a, note: 1 }, 'ERR_MANDATE_ARGUMENT_INVALID'],
  ['a string', 'x', 'ERR_MANDATE_ARGUMENT_INVALID'],
];

test.each(BAD)('refuses a record: %s (R17.3)', async (_, record, code) => {
  await expectCode((async () => encodeEntry(record as SealRecord))(), code);
});
