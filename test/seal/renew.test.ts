import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { generateMandateKeys, signMandate } from '../../src/index.js';
import {
  auditSealLog,
  type CheckpointSigner,
  carrySeals,
  createCheckpointSigner,
  createMemoryStore,
  encodeEntry,
  openSealLog,
  RANGE_UNIT,
  renewSeal,
  type SealedRecord,
  type SealHash,
  type SealLog,
  type SealPolicy,
  type SealRecord,
  sealRange,
  verifyConsistency,
  verifySeal,
} from '../../src/seal/index.js';
import { expectCode, privateKeys } from '../support.js';
import { logOf, ORIGIN, POLICY, record, records, SEALED_AT } from './support.js';

const YEAR = 31_536_000;
const LATER = 'archive.bank.example/2035';
const laterKeys = await generateMandateKeys();
const laterSigner = await createCheckpointSigner(LATER, laterKeys.privateKeys.mldsa65);
/** Ten years after the first log, and the reader a year after that. */
const RENEWED_AT = SEALED_AT + 10 * YEAR;
const currentDate = new Date((SEALED_AT + 11 * YEAR) * 1000);
const earlier: SealPolicy = { ...POLICY, currentDate };
const later: SealPolicy = { origin: LATER, keys: [laterSigner.verifierKey], currentDate };
const laterOf = (hash: SealHash): SealPolicy => ({ ...later, hash });
const openLater = (hash?: SealHash, at = RENEWED_AT, store = createMemoryStore()): Promise<SealLog> =>
  openSealLog(store, { origin: LATER, signers: [laterSigner], hash, now: () => at * 1000 });
vi.setSystemTime(currentDate);
const until = (seconds: number): { trustedUntil: Date } => ({ trustedUntil: new Date(seconds * 1000) });

describe('a log of SHA3-256', () => {
  const sha3 = (...parts: readonly Uint8Array[]): Buffer =>
    createHash('sha3-256').update(Buffer.concat(parts)).digest();
  const mth3 = (d: readonly Uint8Array[]): Buffer => {
    if (d.length === 1) return sha3(Buffer.of(0), d[0] as Uint8Array);
    const k = 2 ** Math.ceil(Math.log2(d.length) - 1);
    return sha3(Buffer.of(1), mth3(d.slice(0, k)), mth3(d.slice(k)));
  };

  test('has the entries and the root that OpenSSL computes (R17.17)', async () => {
    const store = createMemoryStore();
    const log = await openLater('SHA3-256', RENEWED_AT, store);
    await log.appendAll(records(600));
    const checkpoint = await log.commit();
    const entries = Array.from({ length: 600 }, (_, n) => {
      const { token } = record(n) as { token: string };
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(token.length));
      return Buffer.concat([
        Buffer.from('ap2-pq/leaf/v2\n\0'),
        Buffer.of(1),
        length,
        sha3(Buffer.from(token)),
      ]);
    });
    expect(Buffer.from(encodeEntry(record(7), 'SHA3-256'))).toEqual(entries[7]);
    expect(checkpoint.split('\n')[2]).toBe(mth3(entries).toString('base64'));
    const { seals } = await verifySeal(record(599), await log.prove(599), laterOf('SHA3-256'));
    expect(seals[0].hash).toBe('SHA3-256');
    await auditSealLog(store, laterOf('SHA3-256'));
    await expectCode(auditSealLog(store, later), 'ERR_SEAL_LOG_CORRUPT');
    await expectCode(verifySeal(record(599), await log.prove(599), later), 'ERR_SEAL_PROOF_INVALID');
  });

  test('is opened again, grows, and takes ranges; with another hash it is not opened (R17.22)', async () => {
    const store = createMemoryStore();
    const range = await sealRange(store, 0, records(RANGE_UNIT), { hash: 'SHA3-256' });
    const log = await openLater('SHA3-256', RENEWED_AT, store);
    await log.appendRange(range);
    const first = await log.commit();
    await log.close();
    await expectCode(openLater('SHA-256', RENEWED_AT, store), 'ERR_SEAL_LOG_CORRUPT');
    const again = await openLater('SHA3-256', RENEWED_AT, store);
    await again.append(record(RANGE_UNIT));
    const second = await again.commit();
    const hashes = await again.proveConsistency(RANGE_UNIT);
    await verifyConsistency(first, second, hashes, laterOf('SHA3-256'));
    await expectCode(verifyConsistency(first, second, hashes, later), 'ERR_SEAL_PROOF_INVALID');
  });

  test.each(['SHA-512', 'sha3-256', '', 3, null])('other hashes are refused: %s', async (hash) => {
    await expectCode(openLater(hash as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    const policy = { ...later, hash: hash as never };
    await expectCode(verifySeal(record(0), 'proof', policy), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('a seal is renewed before its signature ages (R17.16)', async () => {
  const { log: old } = await logOf(20);
  const log = await openLater();
  const index = await renewSeal(old.checkpoint as string, earlier, log);
  await log.commit();
  const proofs = [await old.prove(7), await log.prove(index)];
  /** Who verifies believes the old log for nine years only, or for eleven. */
  const believed = (years: number, more: object = {}) => [
    { ...earlier, ...until(SEALED_AT + years * YEAR), ...more },
    later,
  ];

  test('and holds after the day on which the old keys may be broken', async () => {
    const { seals, quantumSafe } = await verifySeal(record(7), proofs, believed(10.5));
    expect(seals.map(({ origin, sealedAt }) => [origin, sealedAt])).toEqual([
      [ORIGIN, SEALED_AT],
      [LATER, RENEWED_AT],
    ]);
    expect(quantumSafe).toBe(true);
    await expectCode(verifySeal(record(8), proofs, believed(10.5)), 'ERR_SEAL_PROOF_INVALID');
  });

  test('which it does not without a renewal, or with one that came too late (R17.21)', async () => {
    const [alone = ''] = proofs;
    await verifySeal(record(7), alone, believed(11.5));
    await expectCode(verifySeal(record(7), alone, believed(10.5)), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
    await expectCode(verifySeal(record(7), proofs, believed(9)), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
  });

  test('a forger who has broken the old keys, and dates back, is refused', async () => {
    const forged = record(99);
    const signer = await createCheckpointSigner(ORIGIN, privateKeys.mldsa65);
    const es256 = await createCheckpointSigner(ORIGIN, privateKeys.es256);
    const fake = await openSealLog(createMemoryStore(), {
      origin: ORIGIN,
      signers: [signer, es256],
      now: () => SEALED_AT * 1000,
    });
    await fake.append(forged);
    const checkpoint = await fake.commit();
    const mine = await openLater(undefined, SEALED_AT + 10.9 * YEAR);
    const at = await mine.append({ kind: 'checkpoint', checkpoint });
    await mine.commit();
    const forgery = [await fake.prove(0), await mine.prove(at)];
    await expectCode(verifySeal(forged, forgery, believed(10.5)), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
    // Whoever says nothing of an end believes the old keys for good.
    await verifySeal(forged, forgery, [earlier, later]);
  });

  test('by its operator, while the checkpoint is trusted, and in another log', async () => {
    const checkpoint = old.checkpoint as string;
    const tired = { ...earlier, ...until(SEALED_AT + YEAR) };
    await expectCode(renewSeal(checkpoint, tired, log), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
    await expectCode(
      renewSeal(checkpoint.replace('\n20\n', '\n21\n'), earlier, log),
      'ERR_SEAL_CHECKPOINT_UNTRUSTED',
    );
    await expectCode(renewSeal(checkpoint, earlier, old), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(renewSeal(checkpoint, earlier, {} as SealLog), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('an archive is carried over before its hash ages (R17.17)', async () => {
  const keys = await generateMandateKeys();
  const mandate = await signMandate(
    { iss: 'https://bank.example', amount: '1', to: 'shop' },
    keys.privateKeys,
    {
      disclosureFrame: { _sd: ['amount', 'to'] },
    },
  );
  const [jwt = '', amount = '', to = ''] = mandate.split('~');
  const { log: old } = await logOf(20);
  const all: SealRecord[] = [
    { kind: 'mandate', token: mandate },
    { kind: 'chain', token: `${jwt}~${amount}~~${jwt}~${to}~` },
    { kind: 'receipt', token: jwt },
    { kind: 'other', bytes: Buffer.from('a task result') },
  ];
  await old.appendAll(all);
  await old.commit();
  async function* archive(changed = all): AsyncGenerator<SealedRecord> {
    for (const [n, each] of changed.entries()) yield { record: each, proof: await old.prove(20 + n) };
  }
  const log = await openLater('SHA3-256');
  const documents: string[] = [];
  for await (const { index, document } of carrySeals(archive(), earlier, log)) documents[index] = document;
  await log.commit();
  const policies = [{ ...earlier, ...until(SEALED_AT + 10.5 * YEAR) }, laterOf('SHA3-256')];
  const proofs = async (n: number) => [documents[n] as string, await log.prove(n)];

  test('each record, of every kind, and holds when nobody trusts the old hash any more', async () => {
    for (const [n, each] of all.entries()) {
      const { seals } = await verifySeal(each, await proofs(n), policies);
      expect(seals.map(({ hash, sealedAt }) => [hash, sealedAt])).toEqual([
        ['SHA-256', SEALED_AT],
        ['SHA3-256', RENEWED_AT],
      ]);
      await expectCode(
        verifySeal(each, await proofs((n + 1) % all.length), policies),
        'ERR_SEAL_PROOF_INVALID',
      );
    }
  });

  test('with every disclosure, by the new hash: one that was not there is refused (R17.20)', async () => {
    const of = (token: string): SealRecord => ({ kind: 'mandate', token });
    for (const token of [`${jwt}~`, `${jwt}~${amount}~`, `${jwt}~${to}~`, `${jwt}~${to}~${amount}~`])
      await verifySeal(of(token), await proofs(0), policies);
    const other = Buffer.from('["2jxQbnFRk67gdVaJkRKPjw","amount","99999"]').toString('base64url');
    // By the old proof alone it passes: that one leaves disclosures to their SHA-256 digests in the mandate.
    await verifySeal(of(`${jwt}~${other}~`), await old.prove(20), earlier);
    await expectCode(verifySeal(of(`${jwt}~${other}~`), await proofs(0), policies), 'ERR_SEAL_PROOF_INVALID');
  });

  test('and no changed document, proof or order passes (R17.19, R17.20)', async () => {
    const [document = '', proof = ''] = await proofs(0);
    const value = JSON.parse(document);
    const changed = (change: object): string => {
      const members = { ...value, ...change } as Record<string, unknown>;
      return JSON.stringify(Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))));
    };
    expect(changed({})).toBe(document);
    for (const [attempt, code] of [
      [[document], 'ERR_SEAL_PROOF_MALFORMED'],
      [[proof], 'ERR_SEAL_PROOF_INVALID'],
      [[proof, document], 'ERR_SEAL_PROOF_MALFORMED'],
      [[document, document, proof], 'ERR_SEAL_PROOF_MALFORMED'],
      [[`${document}\n`, proof], 'ERR_SEAL_PROOF_MALFORMED'],
      [[changed({ more: 1 }), proof], 'ERR_SEAL_PROOF_MALFORMED'],
      [[changed({ hash: 'SHA-512' }), proof], 'ERR_SEAL_PROOF_MALFORMED'],
      [[changed({ proofs: [] }), proof], 'ERR_SEAL_PROOF_MALFORMED'],
      [[changed({ digest: `${'A'.repeat(42)}B` }), proof], 'ERR_SEAL_PROOF_MALFORMED'],
      [[changed({ disclosures: [] }), proof], 'ERR_SEAL_PROOF_INVALID'],
      [
        [changed({ disclosures: [...value.disclosures, 'A'.repeat(43)].sort() }), proof],
        'ERR_SEAL_PROOF_INVALID',
      ],
      [[changed({ hash: 'SHA-256' }), proof], 'ERR_SEAL_PROOF_INVALID'],
      [[changed({ proofs: [await old.prove(21)] }), proof], 'ERR_SEAL_PROOF_INVALID'],
    ] as const) {
      await expectCode(verifySeal(all[0] as SealRecord, attempt, policies), code);
    }
  });

  test('not into a log of the old hash, and not what does not verify', async () => {
    const attempt = async (changed: SealRecord[], policy: SealPolicy, into: SealLog): Promise<void> => {
      for await (const _ of carrySeals(archive(changed), policy, into));
    };
    await expectCode(attempt(all, earlier, await openLater()), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(attempt([record(3)], earlier, await openLater('SHA3-256')), 'ERR_SEAL_PROOF_INVALID');
    const tired = { ...earlier, ...until(SEALED_AT + YEAR) };
    await expectCode(attempt(all, tired, await openLater('SHA3-256')), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
    // A document in a log whose hash is not the one that it speaks of shows nothing.
    const wrong = await openLater();
    await wrong.append({ kind: 'renewal', document: documents[0] as string });
    await wrong.commit();
    const policies = [earlier, later];
    await expectCode(
      verifySeal(all[0] as SealRecord, [documents[0] as string, await wrong.prove(0)], policies),
      'ERR_SEAL_PROOF_INVALID',
    );
  });

  test('and is renewed by signature afterwards, like any seal', async () => {
    const thirdKeys = await generateMandateKeys();
    const origin = 'archive.bank.example/2036';
    const signer = await createCheckpointSigner(origin, thirdKeys.privateKeys.mldsa65);
    const third = await openSealLog(createMemoryStore(), {
      origin,
      signers: [signer],
      hash: 'SHA3-256',
      now: () => (RENEWED_AT + 100) * 1000,
    });
    const index = await renewSeal(log.checkpoint as string, laterOf('SHA3-256'), third);
    await third.commit();
    const { seals } = await verifySeal(
      all[0] as SealRecord,
      [...(await proofs(0)), await third.prove(index)],
      [
        ...policies.slice(0, 1),
        { ...laterOf('SHA3-256'), ...until(RENEWED_AT + 200) },
        { origin, keys: [signer.verifierKey], hash: 'SHA3-256', currentDate },
      ],
    );
    expect(seals).toHaveLength(3);
  });

  test.each([
    ['no document', '{}'],
    ['another text', 'c2sp.org/tlog-proof@v1'],
    ['a number', 3],
  ])('a record that is %s is refused (R17.3)', async (_, document) => {
    const renewal = { kind: 'renewal', document } as SealRecord;
    await expectCode((async () => encodeEntry(renewal))(), 'ERR_SEAL_RECORD_INVALID');
  });
});

test('the time of a seal is that of its ML-DSA signature, whatever a classical one says (R17.23)', async () => {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as never;
  // The log signs with a classical key that says a time, and names it first.
  const classical = await createCheckpointSigner(LATER, jwk, { witness: true });
  const logAt = async (at: number, signers: CheckpointSigner[]): Promise<SealLog> => {
    const options = { origin: LATER, signers, allowClassical: true, now: () => at * 1000 };
    const log = await openSealLog(createMemoryStore(), options);
    await log.append(record(99));
    await log.commit();
    return log;
  };
  const today = await logAt(RENEWED_AT, [classical, laterSigner]);
  // With the classical key broken, a forger has it sign the same tree, at a time long ago.
  const backdated = await logAt(SEALED_AT, [classical]);
  const checkpoint = today.checkpoint as string;
  const [text, lines = ''] = checkpoint.split('\n\n') as [string, string];
  const [, forgedLine] = (backdated.checkpoint as string).split('\n\n') as [string, string];
  const forged = `${text}\n\n${forgedLine}${lines.slice(lines.indexOf('\n') + 1)}`;
  const proof = (await today.prove(0)).replace(checkpoint, forged);
  const policy = { origin: LATER, keys: [classical.verifierKey, laterSigner.verifierKey], currentDate };
  const { seals } = await verifySeal(record(99), proof, policy);
  expect(seals[0].signatures[0]?.time).toBe(SEALED_AT);
  expect(seals[0].sealedAt).toBe(RENEWED_AT);
});
