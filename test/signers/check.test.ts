// Signers that are wrong on purpose, made of @noble and of node:crypto.
import { sign as nodeSign } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { sha3_512 } from '@noble/hashes/sha3.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test } from 'vitest';
import { exportMandateKeysToRaw, generateMandateKeys, signMandate } from '../../src/index.js';
import { checkSigners, es256FromDer } from '../../src/signers/index.js';
import { expectCode, sha256 } from '../support.js';

const { privateKeys, publicKeys } = await generateMandateKeys();
const raw = exportMandateKeysToRaw(privateKeys);
const { secretKey } = ml_dsa65.keygen(raw.mldsa65);
const other = await generateMandateKeys();
const otherRaw = exportMandateKeysToRaw(other.privateKeys);

const es256 = (data: Uint8Array, scalar = raw.es256): Uint8Array => p256.sign(data, scalar);
const mldsa65 = (data: Uint8Array): Uint8Array => ml_dsa65.sign(data, secretKey);
const toDer = (signature: Uint8Array): Uint8Array =>
  p256.Signature.fromBytes(signature, 'compact').toBytes('der');

type Wrong = (data: Uint8Array) => unknown;
const check = (wrong: { es256?: Wrong; mldsa65?: Wrong }, options?: object) =>
  checkSigners({ es256, mldsa65, ...wrong } as never, publicKeys, options);

describe('R5.36: a signer is checked', () => {
  test('one that signs what it must passes, in every form of a key', async () => {
    await check({});
    await checkSigners(privateKeys, publicKeys);
  });

  test('with R‖S by node:crypto, of any S', async () => {
    const key = { key: privateKeys.es256 as never, format: 'jwk', dsaEncoding: 'ieee-p1363' } as const;
    for (let i = 0; i < 8; i++) await check({ es256: (data) => nodeSign('sha256', data, key) });
  });

  test('it is given a text that is no token, longer than a KMS takes raw, and the hash of it', async () => {
    const seen: Uint8Array[] = [];
    const spy =
      (signer: (data: Uint8Array) => Uint8Array): Wrong =>
      (data) => {
        seen.push(data.slice());
        return signer(data);
      };
    await check({ es256: spy(es256), mldsa65: spy(mldsa65) });
    const [text, fingerprint] = seen as [Uint8Array, Uint8Array];
    expect(text.length).toBeGreaterThan(4096);
    expect(Buffer.from(text).toString()).not.toMatch(/[.~]/);
    expect(Buffer.from(fingerprint)).toEqual(sha256(text));
  });

  const wrong: [string, string, RegExp, { es256?: Wrong; mldsa65?: Wrong }][] = [
    ['DER', 'ERR_SIGNER_DER', /es256FromDer/, { es256: (data) => toDer(es256(data)) }],
    ['ES256 hashed twice', 'ERR_SIGNER_HASHED_TWICE', /twice/, { es256: (data) => es256(sha256(data)) }],
    [
      'ES256 hashed twice, in DER',
      'ERR_SIGNER_HASHED_TWICE',
      /twice/,
      { es256: (data) => toDer(es256(sha256(data))) },
    ],
    [
      'another P-256 key',
      'ERR_SIGNER_MISMATCH',
      /not the private key of the public one/,
      { es256: (data) => es256(data, otherRaw.es256) },
    ],
    [
      'nothing signed',
      'ERR_SIGNER_MISMATCH',
      /not the private key of the public one/,
      { es256: () => new Uint8Array(64) },
    ],
    [
      'DER cut short',
      'ERR_MANDATE_SIGNER_FAILED',
      /64 bytes/,
      { es256: (data) => toDer(es256(data)).slice(0, 60) },
    ],
    ['no bytes', 'ERR_MANDATE_SIGNER_FAILED', /Uint8Array/, { es256: () => 'signature' }],
    [
      'one that throws',
      'ERR_MANDATE_SIGNER_FAILED',
      /threw TypeError/,
      {
        es256: () => {
          throw new TypeError('no');
        },
      },
    ],
    [
      'ML-DSA-65 hashed again',
      'ERR_SIGNER_HASHED_TWICE',
      /again/,
      { mldsa65: (data) => mldsa65(sha256(data)) },
    ],
    ['by SHA-512', 'ERR_SIGNER_HASHED_TWICE', /again/, { mldsa65: (data) => mldsa65(sha512(data)) }],
    ['HashML-DSA', 'ERR_SIGNER_PREHASH', /HashML-DSA/, { mldsa65: (data) => prehashSha256(sha256(data)) }],
    [
      'HashML-DSA with SHA-512',
      'ERR_SIGNER_PREHASH',
      /HashML-DSA/,
      { mldsa65: (data) => prehash(sha512, data) },
    ],
    ['with SHA3-512', 'ERR_SIGNER_PREHASH', /HashML-DSA/, { mldsa65: (data) => prehash(sha3_512, data) }],
    [
      'HashML-DSA that takes the fingerprint for the digest',
      'ERR_SIGNER_PREHASH',
      /HashML-DSA/,
      { mldsa65: (data) => prehashSha256(data) },
    ],
    [
      'HashML-DSA under a context',
      'ERR_SIGNER_PREHASH',
      /HashML-DSA/,
      {
        mldsa65: (data) => prehashSha256(sha256(data), 'AP2'),
      },
    ],
    [
      'Algorithm 7 over the bare fingerprint',
      'ERR_SIGNER_PREHASH',
      /prefix/,
      { mldsa65: (data) => ml_dsa65.internal.sign(data, secretKey) },
    ],
    [
      'a context that is in use',
      'ERR_SIGNER_CONTEXT',
      /context/,
      { mldsa65: (data) => ml_dsa65.sign(data, secretKey, { context: Buffer.from('ML-DSA-65') }) },
    ],
    [
      'another ML-DSA-65 key',
      'ERR_SIGNER_MISMATCH',
      /not the private key of the public one/,
      { mldsa65: (data) => ml_dsa65.sign(data, ml_dsa65.keygen(otherRaw.mldsa65).secretKey) },
    ],
    [
      'a byte missing',
      'ERR_MANDATE_SIGNER_FAILED',
      /3309 bytes, got 3308/,
      { mldsa65: (data) => mldsa65(data).slice(1) },
    ],
  ];
  test.each(wrong)('%s is refused: %s', async (_, code, message, signers) => {
    const error = await expectCode(check(signers), code);
    expect(error.message).toMatch(message);
    expect(error.parameter).toBe(Object.keys(signers)[0]);
  });

  test('a context of the caller’s own is found where it is named, and is a mismatch where it is not', async () => {
    const context = Buffer.from('our own');
    const signers = { mldsa65: (data: Uint8Array) => ml_dsa65.sign(data, secretKey, { context }) };
    await expectCode(check(signers), 'ERR_SIGNER_MISMATCH');
    for (const contexts of [['our own'], ['x', new Uint8Array(context)]])
      await expectCode(check(signers, { contexts }), 'ERR_SIGNER_CONTEXT');
  });

  test('one that does not answer is refused', async () => {
    const error = await expectCode(
      check({ mldsa65: () => new Promise(() => {}) }, { timeout: 20 }),
      'ERR_MANDATE_SIGNER_FAILED',
    );
    expect(error.message).toContain('no answer within 20 ms');
  });

  test.each([
    { timeout: 0 },
    { contexts: 'AP2' },
    { contexts: [1] },
    { contexts: ['x'.repeat(256)] },
    { context: [] },
  ])('an option that is none: %j', async (options) => {
    await expectCode(check({}, options), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('public keys are JWKs, and never private ones', async () => {
    for (const key of [privateKeys.es256, () => true, undefined])
      await expectCode(
        checkSigners(privateKeys, { ...publicKeys, es256: key } as never),
        'ERR_MANDATE_KEY_INVALID',
      );
  });
});

describe('R5.35: DER is converted strictly', () => {
  const signature = es256(Buffer.from('data'));
  const proper = toDer(signature);

  test('what @noble and node:crypto write', async () => {
    expect(es256FromDer(proper)).toEqual(signature);
    const key = { key: privateKeys.es256 as never, format: 'jwk' } as const;
    for (let i = 0; i < 64; i++) {
      const data = Buffer.from(String(i));
      const made = es256FromDer(nodeSign('sha256', data, key));
      expect(p256.verify(made, data, p256.getPublicKey(raw.es256), { lowS: false })).toBe(true);
    }
  });

  const integer = (hex: string) => `02${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`;
  const sequence = (...parts: string[]) => {
    const content = parts.join('');
    return `30${(content.length / 2).toString(16).padStart(2, '0')}${content}`;
  };
  const n = '00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
  test.each([
    ['zero R', sequence(integer('00'), integer('01'))],
    ['zero S', sequence(integer('01'), integer('00'))],
    ['R = n', sequence(integer(n), integer('01'))],
    ['S = n', sequence(integer('01'), integer(n))],
    ['a negative R', sequence(integer('ff'), integer('01'))],
    ['a needless zero', sequence(integer('0001'), integer('01'))],
    ['33 bytes', sequence(integer(`01${'00'.repeat(32)}`), integer('01'))],
    ['three integers', sequence(integer('01'), integer('01'), integer('01'))],
    ['one integer', sequence(integer('01'))],
    ['an empty integer', sequence(integer(''), integer('01'))],
    ['a long form of a length', '30810602010102010100'],
    ['a byte after it', `${sequence(integer('01'), integer('01'))}00`],
    ['indefinite length', '30800201010201010000'],
    ['nothing', ''],
    ['R‖S', Buffer.from(signature).toString('hex')],
  ])('%s is refused', (_, hex) => {
    expect(() => es256FromDer(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'ERR_MANDATE_SIGNER_FAILED', parameter: 'es256' }),
    );
  });

  test('1 and 1 is no fault of form', () => {
    expect(es256FromDer(Buffer.from(sequence(integer('01'), integer('01')), 'hex'))).toHaveLength(64);
  });

  test('what is no bytes is refused', () => {
    for (const value of [undefined, null, 'x', {}, new ArrayBuffer(70)])
      expect(() => es256FromDer(value as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_SIGNER_FAILED' }),
      );
  });

  test('with it, a signer that returns DER signs a mandate', async () => {
    const signers = { es256: (data: Uint8Array) => es256FromDer(toDer(es256(data))), mldsa65 };
    await check(signers);
    expect(await signMandate({}, signers)).toMatch(/~$/);
  });
});

function prehash(hash: Parameters<typeof ml_dsa65.prehash>[0], data: Uint8Array): Uint8Array {
  return ml_dsa65.prehash(hash).sign(data, secretKey);
}

/** HashML-DSA with SHA-256 (FIPS 204 Algorithm 4), which @noble/post-quantum refuses for ML-DSA-65 as too weak. */
function prehashSha256(digest: Uint8Array, context = ''): Uint8Array {
  const oid = Buffer.from('0609608648016503040201', 'hex');
  const formatted = [Uint8Array.of(1, context.length), Buffer.from(context), oid, digest];
  return ml_dsa65.internal.sign(new Uint8Array(Buffer.concat(formatted)), secretKey);
}
