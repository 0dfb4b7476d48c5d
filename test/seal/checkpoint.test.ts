import { createHash, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { ml_dsa44, ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test, vi } from 'vitest';
import type { ExternalSigner } from '../../src/index.js';
import {
  auditSealLog,
  cosignCheckpoint,
  createCheckpointSigner,
  createMemoryStore,
  type Ed25519Jwk,
  type MlDsa44Jwk,
  openSealLog,
  verifyCheckpoint,
  verifyConsistency,
  verifySeal,
} from '../../src/seal/index.js';
import { readVerifierKey } from '../../src/seal/keys.js';
import { parseNote } from '../../src/seal/note.js';
import { base64url, expectCode, fromBase64url, mldsa65Keys, privateKeys, publicKeys } from '../support.js';
import {
  es256,
  logOf,
  mldsa65,
  ORIGIN,
  open,
  POLICY,
  record,
  records,
  SEALED_AT,
  SIGNERS,
} from './support.js';

const seed = new Uint8Array(32).fill(9);
const ed25519Jwk: Ed25519Jwk = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: base64url(ed25519.getPublicKey(seed)),
  d: base64url(seed),
};
const mldsa44Jwk: MlDsa44Jwk = {
  kty: 'AKP',
  alg: 'ML-DSA-44',
  pub: base64url(ml_dsa44.keygen(seed).publicKey),
  priv: base64url(seed),
};
const otherKeys = ml_dsa65.keygen(seed);
const W1 = await createCheckpointSigner('witness.example/w1', ed25519Jwk, { witness: true });
const W2 = await createCheckpointSigner('witness.example/w2', mldsa44Jwk);
const W3 = await createCheckpointSigner('witness.example/w3', {
  kty: 'AKP',
  alg: 'ML-DSA-65',
  pub: base64url(otherKeys.publicKey),
  priv: base64url(seed),
});
const currentDate = new Date(SEALED_AT * 1000);
const { log } = await logOf(300);
const checkpoint = log.checkpoint as string;
const text = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);

test('the note of C2SP signed-note is read, and its signature verifies', async () => {
  const key = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const note =
    'This is an example message.\n\n' +
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
  const { algorithm, publicKey, keyId } = await readVerifierKey(key, 'key');
  const [line] = parseNote(note, 'note').signatures;
  expect(line?.name).toBe('example.com/foo');
  expect(line?.keyId).toEqual(keyId);
  const message = Buffer.from('This is an example message.\n');
  expect(await algorithm.verify(publicKey, message, line?.signature as Uint8Array)).toBe(true);
  expect(
    await algorithm.verify(publicKey, Buffer.from('This is another.\n'), line?.signature as Uint8Array),
  ).toBe(false);
});

test('a checkpoint is three lines: origin, size, root (R17.5)', () => {
  expect(text).toMatch(/^archive\.bank\.example\/2026\n300\n[A-Za-z0-9+/]{43}=\n$/);
});

test('the ML-DSA-65 signature is over cosigned_message, and its key id over 0xff and the identifier (R17.6)', () => {
  const [line] = parseNote(checkpoint, 'checkpoint').signatures;
  const signature = line?.signature as Uint8Array;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(SEALED_AT));
  expect(Buffer.from(signature.slice(0, 8))).toEqual(time);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(300n);
  const message = Buffer.concat([
    Buffer.from('subtree/v1\n\0', 'latin1'),
    Buffer.of(ORIGIN.length),
    Buffer.from(ORIGIN),
    time,
    Buffer.of(ORIGIN.length),
    Buffer.from(ORIGIN),
    Buffer.alloc(8),
    size,
    Buffer.from(text.split('\n')[2] as string, 'base64'),
  ]);
  expect(ml_dsa65.verify(signature.slice(8), message, mldsa65Keys.publicKey)).toBe(true);
  const id = createHash('sha256')
    .update(`${ORIGIN}\n`)
    .update(Buffer.of(0xff))
    .update('ap2-pq/ml-dsa-65-cosignature/v1')
    .update(fromBase64url(publicKeys.mldsa65.pub))
    .digest();
  expect(Buffer.from(line?.keyId as Uint8Array)).toEqual(id.subarray(0, 4));
});

test('the ES256 signature is DER over the text, and its key id over the SPKI file: node:crypto verifies it (R17.7)', () => {
  const line = parseNote(checkpoint, 'checkpoint').signatures[1];
  const key = createPublicKey({ key: { ...publicKeys.es256 }, format: 'jwk' });
  expect(nodeVerify('sha256', Buffer.from(text), key, line?.signature as Uint8Array)).toBe(true);
  const id = createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest();
  expect(Buffer.from(line?.keyId as Uint8Array)).toEqual(id.subarray(0, 4));
});

test('a checkpoint is verified with every key of the log (R17.9)', async () => {
  const { size, signatures, cosignatures } = await verifyCheckpoint(checkpoint, POLICY);
  expect(size).toBe(300);
  expect(signatures.map(({ algorithm, time }) => [algorithm, time])).toEqual([
    ['ML-DSA-65', SEALED_AT],
    ['ES256', undefined],
  ]);
  expect(cosignatures).toEqual([]);
});

test('an Ed25519 key signs as the log, in the type that every tool reads (0x01)', async () => {
  const signer = await createCheckpointSigner(ORIGIN, ed25519Jwk);
  const log = await open(createMemoryStore(), [mldsa65, signer]);
  await log.appendAll(records(3));
  const note = await log.commit();
  const [text] = note.split('\n\n');
  const line = parseNote(note, 'note').signatures[1];
  expect(
    ed25519.verify(line?.signature as Uint8Array, Buffer.from(`${text}\n`), ed25519.getPublicKey(seed)),
  ).toBe(true);
  const keys = [mldsa65.verifierKey, signer.verifierKey];
  expect((await verifyCheckpoint(note, { ...POLICY, keys })).signatures[1]?.algorithm).toBe('Ed25519');
});

describe('witnesses (C2SP tlog-cosignature)', async () => {
  let cosigned = checkpoint;
  for (const witness of [W1, W2, W3]) cosigned = await cosignCheckpoint(cosigned, witness, { currentDate });
  const witnesses = [W1, W2, W3].map(({ verifierKey }) => verifierKey);

  test('of the three types cosign, and are counted (R17.10)', async () => {
    const { cosignatures } = await verifyCheckpoint(cosigned, { ...POLICY, witnesses });
    expect(cosignatures.map(({ algorithm }) => algorithm)).toEqual([
      'Ed25519 cosignature',
      'ML-DSA-44 cosignature',
      'ML-DSA-65',
    ]);
  });

  test('an Ed25519 cosignature is over two lines and the text', () => {
    const line = parseNote(cosigned, 'note').signatures[2];
    const message = Buffer.from(`cosignature/v1\ntime ${SEALED_AT}\n${text}`);
    const key = ed25519.getPublicKey(seed);
    expect(ed25519.verify((line as { signature: Uint8Array }).signature.slice(8), message, key)).toBe(true);
  });

  test('are demanded: all of them, or a quorum', async () => {
    const one = await cosignCheckpoint(checkpoint, W1, { currentDate });
    await expectCode(verifyCheckpoint(one, { ...POLICY, witnesses }), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
    await verifyCheckpoint(one, { ...POLICY, witnesses, quorum: 1 });
    await expectCode(
      verifyCheckpoint(one, { ...POLICY, witnesses, quorum: 2 }),
      'ERR_SEAL_CHECKPOINT_UNTRUSTED',
    );
    for (const quorum of [-1, 4, 1.5]) {
      await expectCode(
        verifyCheckpoint(one, { ...POLICY, witnesses, quorum }),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
    }
  });

  test('an invalid signature of a known witness is a refusal, whatever the quorum (signed-note)', async () => {
    const other = (await logOf(299)).log.checkpoint as string;
    const foreign = (await cosignCheckpoint(other, W1, { currentDate })).split('\n').at(-2);
    await expectCode(
      verifyCheckpoint(`${checkpoint}${foreign}\n`, { ...POLICY, witnesses, quorum: 0 }),
      'ERR_SEAL_CHECKPOINT_UNTRUSTED',
    );
  });

  test('signatures of keys that nobody knows are ignored (signed-note)', async () => {
    await verifyCheckpoint(cosigned, POLICY);
  });

  test.each([2, 3, 6, 7])(
    'with a point whose first byte is %i are no keys: one would count twice (R17.10)',
    async (first) => {
      const es256Key = SIGNERS[1]?.verifierKey as string;
      const [, , ...rest] = es256Key.split('+');
      const bytes = Buffer.from(rest.join('+'), 'base64');
      const file = bytes.subarray(1);
      file[file.length - 65] = first;
      const id = createHash('sha256').update(file).digest().subarray(0, 4);
      const twin = `${ORIGIN}+${id.toString('hex')}+${bytes.toString('base64')}`;
      await expectCode(
        verifyCheckpoint(checkpoint, { ...POLICY, keys: [...POLICY.keys, twin] }),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
    },
  );

  test('a key counts once, under whatever names and in whatever types (R17.10)', async () => {
    const again = await createCheckpointSigner('witness.example/w5', privateKeys.mldsa65);
    const ed25519Log = await createCheckpointSigner(ORIGIN, ed25519Jwk);
    const twins = [
      ['a witness twice', [mldsa65], [W1, await createCheckpointSigner('w4', ed25519Jwk, { witness: true })]],
      ['an ML-DSA-44 witness twice', [mldsa65], [W2, await createCheckpointSigner('w4', mldsa44Jwk)]],
      ['the key of the log as a witness', [mldsa65], [again]],
      ['the key of the log as a witness, in another type', [mldsa65, ed25519Log], [W1]],
      ['a key of the log twice', [mldsa65, again], []],
    ] as const;
    for (const [what, keys, witnesses] of twins) {
      const policy = {
        ...POLICY,
        keys: keys.map(({ verifierKey }) => verifierKey),
        witnesses: witnesses.map(({ verifierKey }) => verifierKey),
      };
      await expect(verifyCheckpoint(checkpoint, policy), what).rejects.toMatchObject({
        code: 'ERR_MANDATE_ARGUMENT_INVALID',
      });
    }
  });

  test('a log key is no witness, and an ES256 key cannot be one', async () => {
    await expectCode(
      verifyCheckpoint(cosigned, { ...POLICY, witnesses: [mldsa65.verifierKey] }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    await expectCode(
      verifyCheckpoint(cosigned, { ...POLICY, witnesses: [es256.verifierKey] }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    await expectCode(
      createCheckpointSigner('w', privateKeys.es256, { witness: true }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });
});

describe('a checkpoint is refused (R17.9)', () => {
  const untrusted = async (note: string, policy = POLICY): Promise<unknown> =>
    expectCode(verifyCheckpoint(note, policy), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');

  test('of another log', () => untrusted(checkpoint, { ...POLICY, origin: 'archive.bank.example/2025' }));

  test('without one of the signatures', async () => {
    const lines = checkpoint.split('\n');
    await untrusted(lines.filter((_, i) => i !== 4).join('\n'));
    await untrusted(lines.filter((_, i) => i !== 5).join('\n'));
  });

  test('with a signature that stands there twice', async () => {
    const line = checkpoint.split('\n')[4];
    await untrusted(`${checkpoint}${line}\n`);
  });

  test('of a time that is still to come', () =>
    untrusted(checkpoint, { ...POLICY, currentDate: new Date((SEALED_AT - 301) * 1000) }));

  test('with extension lines, which ML-DSA does not sign (R17.5)', async () => {
    const [head, rest] = checkpoint.split('\n\n');
    await expectCode(
      verifyCheckpoint(`${head}\nextension\n\n${rest}`, POLICY),
      'ERR_SEAL_CHECKPOINT_MALFORMED',
    );
  });

  test.each([
    ['a number', 1],
    ['an empty text', ''],
    ['no signatures', text],
    ['a carriage return', checkpoint.replace('\n', '\r\n')],
    ['no last line end', checkpoint.slice(0, -1)],
    ['a size with a zero before it', checkpoint.replace('\n300\n', '\n0300\n')],
    ['a size beyond 2^53 − 1', checkpoint.replace('\n300\n', '\n9007199254740993\n')],
    ['another dash', checkpoint.replace('— ', '- ')],
    ['base64 without its padding', checkpoint.replace(/=\n\n/, '\n\n')],
    ['a lone surrogate', checkpoint.replace('a', '\ud800')],
    ['more than 64 signatures', checkpoint + `${checkpoint.split('\n')[5]}\n`.repeat(63)],
  ])('%s', async (_, note) => {
    await expectCode(verifyCheckpoint(note as string, POLICY), 'ERR_SEAL_CHECKPOINT_MALFORMED');
  });
});

test('a checkpoint or a proof that an editor has changed says so', async () => {
  const { log } = await logOf(3);
  const [checkpoint, proof] = [log.checkpoint as string, await log.prove(1)];
  for (const [text, reason] of [
    [`${checkpoint}\n`, 'no additional line end after its last line'],
    [checkpoint.replaceAll('\n', '\r\n'), 'LF only'],
    [checkpoint.slice(0, -1), 'each end with a line end'],
  ] as const) {
    const error = await expectCode(verifyCheckpoint(text, POLICY), 'ERR_SEAL_CHECKPOINT_MALFORMED');
    expect(error.message).toContain(reason);
  }
  const error = await expectCode(
    verifySeal(record(1), `${proof}\n`, POLICY),
    'ERR_SEAL_CHECKPOINT_MALFORMED',
  );
  expect(error.message).toContain('no additional line end after its last line');
});

describe('a policy is refused', () => {
  test.each([
    ['without keys', { keys: [] }],
    ['without a post-quantum key', { keys: [es256.verifierKey] }],
    ['with a key twice', { keys: [mldsa65.verifierKey, mldsa65.verifierKey] }],
    ['with a key of another id', { keys: [mldsa65.verifierKey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')] }],
    ['with a key of an unknown type', { keys: ['x+00000000+AwAA'] }],
    ['with no origin', { origin: '' }],
    ['with a misspelt member', { witnes: [] }],
  ])('%s', async (_, change) => {
    await expectCode(verifyCheckpoint(checkpoint, { ...POLICY, ...change }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('but one that allows it may do without ML-DSA-65', async () => {
    const policy = { ...POLICY, keys: [es256.verifierKey], allowClassical: true };
    expect((await verifyCheckpoint(checkpoint, policy)).signatures).toHaveLength(1);
  });
});

describe('a later checkpoint', async () => {
  const store = createMemoryStore();
  const log = await open(store);
  await log.appendAll(records(70));
  const earlier = await log.commit();
  await log.appendAll(records(400, 70));
  const later = await log.commit();
  const proof = await log.proveConsistency(70);

  test('only adds to an earlier one', async () => {
    const verified = await verifyConsistency(earlier, later, proof, POLICY);
    expect([verified.earlier.size, verified.later.size]).toEqual([70, 470]);
    await verifyConsistency(earlier, earlier, await log.proveConsistency(470), POLICY);
  });

  test('of another history is refused', async () => {
    const other = await open(createMemoryStore());
    await other.appendAll(records(70, 1));
    const forked = await other.commit();
    await expectCode(verifyConsistency(forked, later, proof, POLICY), 'ERR_SEAL_PROOF_INVALID');
    await expectCode(verifyConsistency(later, earlier, proof, POLICY), 'ERR_SEAL_PROOF_INVALID');
    await expectCode(verifyConsistency(earlier, later, [], POLICY), 'ERR_SEAL_PROOF_INVALID');
    await expectCode(
      verifyConsistency(earlier, later, ['x'] as never, POLICY),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });
});

describe('a signer', () => {
  test('may be a function beside a public key, which gets the message itself', async () => {
    const external = await createCheckpointSigner(ORIGIN, publicKeys.mldsa65, {
      sign: (message) => ml_dsa65.sign(message, mldsa65Keys.secretKey),
    });
    expect(external.verifierKey).toBe(mldsa65.verifierKey);
    const log = await open(createMemoryStore(), [external]);
    await log.appendAll(records(1));
    await verifyCheckpoint(await log.commit(), { ...POLICY, keys: [mldsa65.verifierKey] });
  });

  test.each([
    ['that throws', () => Promise.reject(new Error('offline'))],
    ['that returns something else', () => new Uint8Array(64)],
    ['that signs with another key', (message: Uint8Array) => ml_dsa65.sign(message, otherKeys.secretKey)],
    ['that signs something else', () => ml_dsa65.sign(new Uint8Array(3), mldsa65Keys.secretKey)],
  ])('%s changes nothing, and the entries wait for the next commit (R17.9, R17.11)', async (_, failing) => {
    const works: ExternalSigner = (message) => ml_dsa65.sign(message, mldsa65Keys.secretKey);
    let sign = works;
    const signer = await createCheckpointSigner(ORIGIN, publicKeys.mldsa65, {
      sign: (message) => sign(message),
    });
    const store = createMemoryStore();
    const log = await open(store, [signer]);
    const policy = { ...POLICY, keys: [signer.verifierKey] };
    for (const [first, count] of [
      [0, 3],
      [3, 400],
    ] as const) {
      const [checkpoint, next] = [await store.get('checkpoint'), await store.get('checkpoint.next')];
      await log.appendAll(records(count, first));
      sign = failing;
      await expectCode(log.commit(), 'ERR_MANDATE_SIGNER_FAILED');
      await expectCode(log.commit(), 'ERR_MANDATE_SIGNER_FAILED');
      if (first > 0) await expectCode(log.resign([signer]), 'ERR_MANDATE_ARGUMENT_INVALID');
      expect([await store.get('checkpoint'), await store.get('checkpoint.next')]).toEqual([checkpoint, next]);
      sign = works;
      expect((await verifyCheckpoint(await log.commit(), policy)).size).toBe(first + count);
      sign = failing;
      await expectCode(log.resign([signer]), 'ERR_MANDATE_SIGNER_FAILED');
      sign = works;
      await log.resign([signer]);
    }
    expect((await auditSealLog(store, policy)).size).toBe(403);
    await expectCode(log.resign([signer, signer]), 'ERR_MANDATE_ARGUMENT_INVALID');
    await log.close();
    expect((await open(store, [signer])).size).toBe(403);
  });

  test('of a witness with another key makes no cosignature', async () => {
    const witness = await createCheckpointSigner('witness.example/w3', publicKeys.mldsa65, {
      sign: (message) => ml_dsa65.sign(message, otherKeys.secretKey),
    });
    await expectCode(cosignCheckpoint(checkpoint, witness), 'ERR_MANDATE_SIGNER_FAILED');
  });

  test('whose clock is far ahead does not sign; a time ahead that was signed is replaced (R17.9, R17.13)', async () => {
    const { log, store } = await logOf(3);
    await log.close();
    const before = new Map(store.entries);
    let time = Date.now() + 301_000;
    const options = { origin: ORIGIN, signers: SIGNERS, now: () => time };
    const ahead = await openSealLog(store, options);
    await ahead.append(record(3));
    await expectCode(ahead.commit(), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(ahead.resign(SIGNERS), 'ERR_MANDATE_ARGUMENT_INVALID');
    for (const name of ['checkpoint', 'checkpoint.next'])
      expect(store.entries.get(name)).toEqual(before.get(name));
    time = -1;
    await expectCode(ahead.commit(), 'ERR_MANDATE_ARGUMENT_INVALID');
    // The clock of the machine is wrong as well: nothing here can tell.
    const wrong = Date.UTC(2036, 0);
    vi.setSystemTime(wrong);
    time = wrong;
    await ahead.commit();
    await ahead.close();
    vi.useRealTimers();
    time = SEALED_AT * 1000;
    const right = await openSealLog(store, options);
    await expectCode(verifyCheckpoint(right.checkpoint as string, POLICY), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
    await verifyCheckpoint(await right.resign(SIGNERS), POLICY);
    expect((await auditSealLog(store, POLICY)).size).toBe(4);
  });

  test.each([
    ['a name with a space', 'a b', privateKeys.mldsa65, {}, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['a name with a plus', 'a+b', privateKeys.mldsa65, {}, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['no name', '', privateKeys.mldsa65, {}, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['a public key', 'a', publicKeys.mldsa65, {}, 'ERR_MANDATE_KEY_INVALID'],
    ['an RSA key', 'a', { kty: 'RSA' }, {}, 'ERR_MANDATE_KEY_INVALID'],
    ['no key', 'a', undefined, {}, 'ERR_MANDATE_KEY_INVALID'],
    [
      'halves of two keys',
      'a',
      { ...ed25519Jwk, d: base64url(new Uint8Array(32)) },
      {},
      'ERR_MANDATE_KEY_INVALID',
    ],
    [
      'halves of two keys',
      'a',
      { ...mldsa44Jwk, priv: base64url(new Uint8Array(32)) },
      {},
      'ERR_MANDATE_KEY_INVALID',
    ],
    ['a misspelt option', 'a', ed25519Jwk, { witnes: true }, 'ERR_MANDATE_ARGUMENT_INVALID'],
  ])('with %s is refused', async (_, name, key, options, code) => {
    await expectCode(createCheckpointSigner(name as string, key as never, options as never), code);
  });
});

test('every single-byte change of a checkpoint is refused', async () => {
  expect(SIGNERS).toHaveLength(2);
  const bytes = Buffer.from(checkpoint);
  // All of the text and the beginnings and ends of the signatures; `npm run seal` changes every byte.
  const places = [...bytes.keys()].filter((at) => at < 120 || at % 97 === 0 || at > bytes.length - 120);
  for (const at of places) {
    for (const flip of [1, 0x20, 0x80]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ flip;
      const note = changed.toString('utf8');
      const outcome = await verifyCheckpoint(note, POLICY).then(
        () => 'accepted',
        (error) => error.code,
      );
      expect(outcome, `byte ${at} changed by ${flip}`).toMatch(/^ERR_SEAL_/);
    }
  }
});
