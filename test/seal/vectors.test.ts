import { describe, expect, test } from 'vitest';
import { encodeEntry, type SealRecord, verifyCheckpoint, verifySeal } from '../../src/seal/index.js';
import { merkleOf } from '../../src/seal/merkle.js';
import { expectCode, readJson } from '../support.js';
import { mth } from './support.js';

interface Written {
  kind: SealRecord['kind'];
  token?: string;
  bytes?: string;
}
const merkle = merkleOf('SHA-256');
const vectors = readJson('../vectors/seal.json');
const toRecord = ({ kind, token, bytes = '' }: Written): SealRecord =>
  (kind === 'other' ? { kind, bytes: Buffer.from(bytes, 'hex') } : { kind, token }) as SealRecord;
const policy = {
  origin: vectors.origin,
  keys: Object.values<string>(vectors.verifierKeys.log),
  currentDate: new Date(vectors.sealedAt * 1000),
};

describe('vectors/seal.json', () => {
  test.each<{ id: string; record: Written; entry: string; leafHash: string }>(vectors.entries)(
    'entry $id',
    ({ record, entry, leafHash: hash }) => {
      const encoded = encodeEntry(toRecord(record));
      expect(Buffer.from(encoded).toString('hex')).toBe(entry);
      expect(Buffer.from(merkle.leafHash(encoded)).toString('hex')).toBe(hash);
    },
  );

  test.each<{
    size: number;
    root: string;
    inclusion: { index: number; hashes: string[] }[];
    consistency: { from: number; hashes: string[] }[];
  }>(vectors.trees)('tree of $size', ({ size, root: rootText, inclusion, consistency }) => {
    const entries = Array.from({ length: size }, (_, n) =>
      encodeEntry({ kind: 'other', bytes: Buffer.from(String(n)) }),
    );
    const root = mth(entries);
    expect(root.toString('base64')).toBe(rootText);
    const decode = (hashes: string[]) => hashes.map((hash) => Buffer.from(hash, 'base64'));
    for (const { index, hashes } of inclusion) {
      expect(
        merkle.isIncluded(merkle.leafHash(entries[index] as Uint8Array), index, size, decode(hashes), root),
      ).toBe(true);
    }
    for (const { from, hashes } of consistency) {
      expect(merkle.isConsistent(from, mth(entries.slice(0, from)), size, root, decode(hashes))).toBe(true);
    }
  });

  test('the checkpoint, and its cosignatures', async () => {
    expect((await verifyCheckpoint(vectors.checkpoint, policy)).size).toBe(vectors.entries.length);
    const witnesses = Object.values<string>(vectors.verifierKeys.witnesses);
    const { cosignatures } = await verifyCheckpoint(vectors.cosigned, { ...policy, witnesses });
    expect(cosignatures).toHaveLength(3);
  });

  test.each<{ id: string; record: Written; index: number; proof: string }>(vectors.proofs)(
    'proof $id',
    async ({ record, index, proof }) => {
      expect((await verifySeal(toRecord(record), proof, policy)).seals[0].index).toBe(index);
    },
  );

  test.each<{ id: string; checkpoint?: string; proof?: string }>(vectors.refused)(
    'refuses $id',
    async ({ checkpoint, proof }) => {
      if (checkpoint !== undefined)
        await expectCode(verifyCheckpoint(checkpoint, policy), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
      else
        await expectCode(
          verifySeal(toRecord(vectors.proofs[0].record), proof as string, policy),
          'ERR_SEAL_PROOF_INVALID',
        );
    },
  );
});
