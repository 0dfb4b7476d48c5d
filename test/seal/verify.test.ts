import { expect, test } from 'vitest';
import { verifySeal } from '../../src/seal/index.js';
import { formatProof, parseProof } from '../../src/seal/proof.js';
import { expectCode } from '../support.js';
import { logOf, POLICY, record, token } from './support.js';

const { log } = await logOf(300);
const proof = await log.prove(123);

test('a proof is a file as C2SP tlog-proof says, and is read back', () => {
  const [header, index, ...rest] = proof.split('\n');
  expect([header, index]).toEqual(['c2sp.org/tlog-proof@v1', 'index 123']);
  expect(rest.indexOf('')).toBe(9);
  expect(proof.endsWith(log.checkpoint as string)).toBe(true);
  expect(formatProof(parseProof(proof, 'proof'))).toBe(proof);
});

test('a log of one entry has a proof without hashes', async () => {
  const { log } = await logOf(1);
  const { seals } = await verifySeal(record(0), await log.prove(0), POLICY);
  expect(seals[0].size).toBe(1);
});

test('a mandate is sealed with all its presentations', async () => {
  const { seals } = await verifySeal({ kind: 'mandate', token: `${token(123)}~QQ~Qg~` }, proof, POLICY);
  expect(seals[0].index).toBe(123);
});

test('another record, or another kind of record, is refused (R17.15)', async () => {
  await expectCode(verifySeal(record(124), proof, POLICY), 'ERR_SEAL_PROOF_INVALID');
  await expectCode(
    verifySeal({ kind: 'mandate', token: `${token(123)}~${token(1)}` }, proof, POLICY),
    'ERR_SEAL_PROOF_INVALID',
  );
  await expectCode(
    verifySeal({ kind: 'chain', token: `${token(123)}~` }, proof, POLICY),
    'ERR_SEAL_PROOF_INVALID',
  );
  await expectCode(
    verifySeal({ kind: 'other', bytes: Buffer.from(`${token(123)}~`) }, proof, POLICY),
    'ERR_SEAL_PROOF_INVALID',
  );
});

test.each([
  ['a number', 1],
  ['an empty text', ''],
  ['another version', proof.replace('@v1', '@v2')],
  ['extra data, which nothing authenticates', proof.replace('index', 'extra QQ==\nindex')],
  ['an index with a zero before it', proof.replace('index 123', 'index 0123')],
  ['no index', proof.replace('index 123\n', '')],
  [
    'a hash of 31 bytes',
    proof.replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${Buffer.alloc(31).toString('base64')}\n`),
  ],
  ['base64url', proof.replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${'_'.repeat(43)}=\n`)],
  [
    'more hashes than any tree has',
    proof.replace('index 123\n', `index 123\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(54)}`),
  ],
])('a proof that is malformed is refused: %s (R17.14)', async (_, text) => {
  await expectCode(verifySeal(record(123), text as never, POLICY), 'ERR_SEAL_PROOF_MALFORMED');
});

test('every single-byte change of the proof part is refused', async () => {
  const bytes = Buffer.from(proof);
  const end = proof.indexOf('\n\n') + 2;
  for (let at = 0; at < end; at++) {
    for (const flip of [1, 0x20, 0x80]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ flip;
      const outcome = await verifySeal(record(123), changed.toString('utf8'), POLICY).then(
        () => 'accepted',
        (error) => error.code,
      );
      expect(outcome, `byte ${at} changed by ${flip}`).toMatch(/^ERR_SEAL_/);
    }
  }
});
