// The three subpaths over clients that are wrong on purpose. Over the real clients: npm run kms, npm run hsm.
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test } from 'vitest';
import {
  exportMandateKeysToPem,
  exportMandateKeysToRaw,
  generateMandateKeys,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import { openAwsKmsSigners } from '../../src/signers/aws-kms.js';
import { crc32c, openGcpKmsSigners } from '../../src/signers/gcp-kms.js';
import { checkSigners } from '../../src/signers/index.js';
import { openPkcs11Signers } from '../../src/signers/pkcs11.js';
import { expectCode, sha256 } from '../support.js';

const { privateKeys, publicKeys } = await generateMandateKeys();
const raw = exportMandateKeysToRaw(privateKeys);
const publicRaw = exportMandateKeysToRaw(publicKeys);
const pem = await exportMandateKeysToPem(publicKeys);
const spki = (text: string) => new Uint8Array(Buffer.from(text.replace(/-----.*-----|\s/g, ''), 'base64'));
const { secretKey } = ml_dsa65.keygen(raw.mldsa65);
const signDigest = (digest: Uint8Array, format: 'der' | 'compact') =>
  p256.sign(digest, raw.es256, { prehash: false, format });
const never = () => new Promise<never>(() => {});

/** A mandate of both modes, by checked signers. */
async function proves({
  privateKeys: signers,
  publicKeys: found,
}: Awaited<ReturnType<typeof openAwsKmsSigners>>) {
  await checkSigners(signers, found);
  for (const pqAlg of ['ML-DSA-65', 'ES256+ML-DSA-65'] as const) {
    const mandate = await signMandate({ note: 'x'.repeat(5000) }, signers, { pqAlg });
    expect((await verifyMandate(mandate, publicKeys)).quantumSafe).toBe(true);
  }
  expect([found.es256.kid, found.mldsa65.kid]).toEqual(['bank', 'bank']);
}

/** An answer whose members throw: what they say must not be our error, which names the service. */
const unreadable = new Proxy(
  {},
  {
    get: (_, name) => {
      if (name === 'then') return undefined;
      throw new Error('secret');
    },
  },
);

describe('AWS KMS', () => {
  const ids = { es256: 'alias/es256', mldsa65: 'alias/mldsa65' };
  const arn = (id: string) => `arn:aws:kms:x:1:key/${id.replace('alias/', '')}`;
  const proper = {
    getPublicKey: async ({ KeyId }: { KeyId: string }) => ({
      KeyId: arn(KeyId),
      KeySpec: KeyId === ids.es256 ? 'ECC_NIST_P256' : 'ML_DSA_65',
      KeyUsage: 'SIGN_VERIFY',
      PublicKey: spki(KeyId === ids.es256 ? pem.es256 : pem.mldsa65),
    }),
    sign: async ({ KeyId, Message }: { KeyId: string; Message: Uint8Array }) => ({
      KeyId,
      Signature: KeyId.endsWith('es256') ? signDigest(Message, 'der') : ml_dsa65.sign(Message, secretKey),
    }),
  };
  const open = (wrong: object = {}, options: object = { kid: 'bank' }) =>
    openAwsKmsSigners({ ...proper, ...wrong } as never, ids, options);

  test('signs', async () => proves(await open()));

  const answers = (change: object) => ({
    getPublicKey: async (request: { KeyId: string }) => ({
      ...(await proper.getPublicKey(request)),
      ...change,
    }),
  });
  test.each([
    ['a KMSClient', { sign: undefined }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['another spec', answers({ KeySpec: 'ECC_SECG_P256K1' }), 'ERR_MANDATE_KEY_INVALID'],
    ['another usage', answers({ KeyUsage: 'KEY_AGREEMENT' }), 'ERR_MANDATE_KEY_INVALID'],
    ['the key of the other algorithm', answers({ PublicKey: spki(pem.mldsa65) }), 'ERR_MANDATE_KEY_INVALID'],
    ['no DER', answers({ PublicKey: new Uint8Array(91) }), 'ERR_MANDATE_KEY_INVALID'],
    ['no key', answers({ PublicKey: undefined }), 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['no id', answers({ KeyId: undefined }), 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['no spec', answers({ KeySpec: Object.create(null) }), 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['what cannot be read', { getPublicKey: async () => unreadable }, 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['nothing', { getPublicKey: async () => undefined }, 'ERR_MANDATE_KEY_UNRESOLVED'],
    [
      'a service that throws',
      { getPublicKey: () => Promise.reject(new Error('no')) },
      'ERR_MANDATE_KEY_UNRESOLVED',
    ],
  ])('is not opened over %s', async (_, wrong, code) => {
    await expectCode(open(wrong), code);
  });

  test('is not opened by a service that does not answer, and the request is aborted', async () => {
    let signal: AbortSignal | undefined;
    const getPublicKey = (_: unknown, options: { abortSignal: AbortSignal }) => {
      signal = options.abortSignal;
      return never();
    };
    const error = await expectCode(open({ getPublicKey }, { timeout: 20 }), 'ERR_MANDATE_KEY_UNRESOLVED');
    expect(error.message).toBe('AWS KMS did not answer within 20 ms for "es256"');
    expect(signal?.aborted).toBe(true);
  });

  const signed = (change: object) => ({
    sign: async (request: { KeyId: string; Message: Uint8Array }) => ({
      ...(await proper.sign(request)),
      ...change,
    }),
  });
  test.each([
    ['R‖S in place of DER', signed({ Signature: new Uint8Array(64) }), /in DER/],
    ['no signature', signed({ Signature: undefined }), /no bytes/],
    ['a signature by another key', signed({ KeyId: 'arn:other' }), /another key/],
    ['nothing', { sign: async () => undefined }, /another key/],
    ['an answer that cannot be read', { sign: async () => unreadable }, /answered with Error for "es256"/],
    [
      'a service that refuses',
      { sign: () => Promise.reject(Object.assign(new Error(), { name: 'DisabledException' })) },
      /DisabledException/,
    ],
  ])('does not sign with %s', async (_, wrong, message) => {
    const { privateKeys: signers } = await open(wrong);
    const error = await expectCode(
      Promise.resolve(signers.es256(new Uint8Array(1))),
      'ERR_MANDATE_SIGNER_FAILED',
    );
    expect(error.message).toMatch(message);
    await expectCode(signMandate({}, signers, { pqAlg: 'ES256+ML-DSA-65' }), 'ERR_MANDATE_SIGNER_FAILED');
  });

  test.each([{ kid: '' }, { timeout: -1 }, { timeLimit: 5 }])('no option: %j', async (options) => {
    await expectCode(open({}, options), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test.each([undefined, {}, { es256: '', mldsa65: 'x' }, { ...ids, other: 'x' }])(
    'no key ids: %j',
    async (wrong) => {
      await expectCode(openAwsKmsSigners(proper as never, wrong as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    },
  );
});

describe('Cloud KMS', () => {
  const names = { es256: 'versions/es256', mldsa65: 'versions/mldsa65' };
  const sum = (bytes: Uint8Array) => ({ value: String(crc32c(bytes)) });
  interface Request {
    readonly name: string;
    readonly digest?: { readonly sha256: Uint8Array };
    readonly data?: Uint8Array;
  }
  const proper = {
    getPublicKey: async ({ name }: Request): Promise<[Record<string, unknown>]> =>
      name === names.es256
        ? [{ name, algorithm: 'EC_SIGN_P256_SHA256', pem: pem.es256, pemCrc32c: sum(Buffer.from(pem.es256)) }]
        : [
            {
              name,
              algorithm: 56,
              publicKey: { data: publicRaw.mldsa65, crc32cChecksum: sum(publicRaw.mldsa65) },
            },
          ],
    asymmetricSign: async ({ name, digest, data }: Request): Promise<[Record<string, unknown>]> => {
      const signature = digest
        ? signDigest(digest.sha256, 'der')
        : ml_dsa65.sign(data as Uint8Array, secretKey);
      return [
        {
          name,
          signature,
          signatureCrc32c: sum(signature),
          verifiedDigestCrc32c: digest !== undefined,
          verifiedDataCrc32c: data !== undefined,
        },
      ];
    },
  };
  const open = (wrong: object = {}, options: object = { kid: 'bank' }) =>
    openGcpKmsSigners({ ...proper, ...wrong } as never, names, options);

  test('CRC-32C has the check value of the polynomial, and those of RFC 3720 §B.4', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
    expect(crc32c(new Uint8Array())).toBe(0);
  });

  test('signs', async () => proves(await open()));

  test('sends a digest with its checksum, and a fingerprint with its own', async () => {
    const seen: object[] = [];
    const asymmetricSign = (request: Request) => {
      seen.push(request);
      return proper.asymmetricSign(request);
    };
    const { privateKeys: signers } = await open({ asymmetricSign });
    const data = new Uint8Array(Buffer.from('data'));
    const digest = new Uint8Array(sha256(data));
    await signers.es256(data);
    await signers.mldsa65(digest);
    expect(seen).toEqual([
      { name: names.es256, digest: { sha256: digest }, digestCrc32c: { value: crc32c(digest) } },
      { name: names.mldsa65, data: digest, dataCrc32c: { value: crc32c(digest) } },
    ]);
  });

  const answers = (of: keyof typeof names, change: object) => ({
    getPublicKey: async (request: Request) => {
      const [answer] = await proper.getPublicKey(request);
      return [request.name === names[of] ? { ...answer, ...change } : answer];
    },
  });
  test.each([
    ['no client', { asymmetricSign: undefined }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['another algorithm', answers('es256', { algorithm: 'EC_SIGN_P384_SHA384' }), 'ERR_MANDATE_KEY_INVALID'],
    [
      'a key of EXTERNAL_MU',
      answers('mldsa65', { algorithm: 'PQ_SIGN_ML_DSA_65_EXTERNAL_MU' }),
      'ERR_MANDATE_KEY_INVALID',
    ],
    ['another name', answers('es256', { name: 'other' }), 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['a wrong checksum', answers('es256', { pemCrc32c: { value: 1 } }), 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['no checksum', answers('es256', { pemCrc32c: null }), 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['no key', answers('mldsa65', { publicKey: null }), 'ERR_MANDATE_KEY_UNRESOLVED'],
    [
      'a wrong checksum of ML-DSA-65',
      answers('mldsa65', { publicKey: { data: publicRaw.mldsa65, crc32cChecksum: { value: '0' } } }),
      'ERR_MANDATE_KEY_UNRESOLVED',
    ],
    [
      'a short key',
      answers('mldsa65', { publicKey: { data: new Uint8Array(9), crc32cChecksum: sum(new Uint8Array(9)) } }),
      'ERR_MANDATE_KEY_INVALID',
    ],
    ['no PEM', answers('es256', { pem: 'x', pemCrc32c: sum(Buffer.from('x')) }), 'ERR_MANDATE_KEY_INVALID'],
    ['nothing', { getPublicKey: async () => undefined }, 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['what cannot be read', { getPublicKey: async () => [unreadable] }, 'ERR_MANDATE_KEY_UNRESOLVED'],
    [
      'an algorithm that is no text',
      answers('es256', { algorithm: Object.create(null) }),
      'ERR_MANDATE_KEY_UNRESOLVED',
    ],
  ])('is not opened over %s', async (_, wrong, code) => {
    await expectCode(open(wrong), code);
  });

  const signed = (change: object) => ({
    asymmetricSign: async (request: Request) => [{ ...(await proper.asymmetricSign(request))[0], ...change }],
  });
  test.each([
    ['a wrong checksum', signed({ signatureCrc32c: { value: 1 } }), /CRC32C/],
    ['no checksum', signed({ signatureCrc32c: undefined }), /CRC32C/],
    [
      'a request whose checksum was lost',
      signed({ verifiedDigestCrc32c: false, verifiedDataCrc32c: null }),
      /did not/,
    ],
    ['another key', signed({ name: 'other' }), /another key/],
    ['an answer that cannot be read', { asymmetricSign: async () => [unreadable] }, /answered with Error/],
    ['no signature', signed({ signature: null }), /no bytes/],
    [
      'a service that is not there',
      { asymmetricSign: () => Promise.reject({ name: 'Error', code: 14 }) },
      /Error 14/,
    ],
  ])('does not sign with %s', async (_, wrong, message) => {
    const { privateKeys: signers } = await open(wrong);
    for (const signer of Object.values(signers)) {
      const error = await expectCode(
        Promise.resolve(signer(new Uint8Array(32))),
        'ERR_MANDATE_SIGNER_FAILED',
      );
      expect(error.message).toMatch(message);
    }
  });

  test('does not wait for ever', async () => {
    const { privateKeys: signers } = await open({ asymmetricSign: never }, { timeout: 20 });
    await expectCode(Promise.resolve(signers.mldsa65(new Uint8Array(32))), 'ERR_MANDATE_SIGNER_FAILED');
  });
});

describe('PKCS #11', () => {
  const names = { es256: { label: 'es256' }, mldsa65: { label: 'mldsa65', id: Uint8Array.of(7) } };
  const session = new Uint8Array(8);
  const ulong = (value: number) => Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0);
  const P256 = new Uint8Array(Buffer.from('06082a8648ce3d030107', 'hex'));
  const octets = (bytes: Uint8Array) => Uint8Array.of(4, bytes.length, ...bytes);

  /** A token with one pair of each kind. `attributes` are those of a handle: 1 and 2 of ES256, 3 and 4 of ML-DSA-65. */
  function token(change: Record<number, Record<number, Uint8Array>> = {}, wrong: object = {}) {
    const attributes: Record<number, Record<number, Uint8Array>> = {
      1: { 354: Uint8Array.of(0), ...change[1] },
      2: { 384: P256, 385: octets(publicRaw.es256), ...change[2] },
      3: { 354: Uint8Array.of(0), ...change[3] },
      4: { 1565: ulong(2), 17: publicRaw.mldsa65, ...change[4] },
    };
    let found: number[] = [];
    let key = 0;
    let mechanism = 0;
    let busy = false;
    return {
      C_FindObjectsInit: (_: unknown, template: { type: number; value: unknown }[]) => {
        const value = (type: number) => template.find((entry) => entry.type === type)?.value;
        const first = value(0x100) === 0x03 ? 1 : 3;
        expect(value(0x03)).toBe(first === 1 ? 'es256' : 'mldsa65');
        expect(value(0x102)).toEqual(first === 1 ? undefined : Uint8Array.of(7));
        found = [first + (value(0) === 2 ? 1 : 0)];
      },
      C_FindObjects: () => found.map((handle) => Uint8Array.of(handle)),
      C_FindObjectsFinal: () => {
        found = [];
      },
      C_GetAttributeValue: (_: unknown, [handle]: Uint8Array, [{ type }]: [{ type: number }]) => [
        { type, value: attributes[handle as number]?.[type] },
      ],
      C_SignInit: (_: unknown, given: { mechanism: number }, [handle]: Uint8Array) => {
        if (busy) throw Object.assign(new Error('CKR_OPERATION_ACTIVE'), { code: 0x90 });
        busy = true;
        expect(Object.keys(given)).toEqual(['mechanism']);
        mechanism = given.mechanism;
        key = handle as number;
      },
      C_SignAsync: async (_: unknown, data: Uint8Array, out: Uint8Array) => {
        await new Promise((resolve) => setImmediate(resolve));
        busy = false;
        expect([key, mechanism, data.length, out.length]).toEqual(
          key === 1 ? [1, 0x1041, 32, 64] : [3, 0x1d, 32, 3309],
        );
        return key === 1 ? signDigest(data, 'compact') : ml_dsa65.sign(data, secretKey);
      },
      ...wrong,
    };
  }
  const open = (module: object, options: object = { kid: 'bank' }) =>
    openPkcs11Signers(module as never, session, names, options);

  test('signs', async () => proves(await open(token())));

  test('takes a point as it is, and in a BIT STRING', async () => {
    const bits = Uint8Array.of(3, 66, 0, ...publicRaw.es256);
    for (const point of [publicRaw.es256, bits]) await proves(await open(token({ 2: { 385: point } })));
  });

  test('makes one signature at a time', async () => {
    const { privateKeys: signers } = await open(token());
    const data = new Uint8Array(32);
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 ? signers.es256 : signers.mldsa65)(data)),
    );
    expect(new Set(made.map(({ length }) => length))).toEqual(new Set([64, 3309]));
  });

  test('one that fails stops no other', async () => {
    const once = token();
    const { C_SignAsync } = once;
    let failed = false;
    once.C_SignAsync = async (...args) => {
      const made = await C_SignAsync(...args);
      if (failed) return made;
      failed = true;
      throw Object.assign(new Error('CKR_DEVICE_ERROR'), { name: 'Pkcs11Error', code: 48 });
    };
    const { privateKeys: signers } = await open(once);
    const calls = [signers.es256(new Uint8Array(32)), signers.es256(new Uint8Array(32))];
    const [first, second] = await Promise.allSettled(calls);
    expect(first).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'ERR_MANDATE_SIGNER_FAILED',
        message: 'PKCS #11 answered with Pkcs11Error 48 for "es256"',
      },
    });
    expect(second?.status).toBe('fulfilled');
  });

  test('what waited too long for its turn is not signed', async () => {
    let begun = 0;
    let release = () => {};
    const slow = token(
      {},
      {
        C_SignInit: () => {
          begun++;
        },
        C_SignAsync: () =>
          new Promise<Uint8Array>((resolve) => {
            release = () => resolve(new Uint8Array(64));
          }),
      },
    );
    const { privateKeys: signers } = await open(slow, { timeout: 20 });
    const calls = [1, 2].map(() => Promise.resolve(signers.es256(new Uint8Array(32))));
    for (const call of calls) await expectCode(call, 'ERR_MANDATE_SIGNER_FAILED');
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toBe(1);
  });

  const finds = (handles: number[]) => ({
    C_FindObjects: () => handles.map((handle) => Uint8Array.of(handle)),
  });
  test.each([
    ['a key that can be read out', token({ 1: { 354: Uint8Array.of(1) } }), 'ERR_MANDATE_KEY_INVALID'],
    ['another that can', token({ 3: { 354: Uint8Array.of(1) } }), 'ERR_MANDATE_KEY_INVALID'],
    ['another curve', token({ 2: { 384: Uint8Array.of(6, 1, 1) } }), 'ERR_MANDATE_KEY_INVALID'],
    [
      'a compressed point',
      token({ 2: { 385: octets(publicRaw.es256.slice(0, 33)) } }),
      'ERR_MANDATE_KEY_INVALID',
    ],
    ['no point', token({ 2: { 385: new Uint8Array() } }), 'ERR_MANDATE_KEY_INVALID'],
    [
      'a point off the curve',
      token({ 2: { 385: octets(new Uint8Array(65).fill(4)) } }),
      'ERR_MANDATE_KEY_INVALID',
    ],
    ['ML-DSA-87', token({ 4: { 1565: ulong(3) } }), 'ERR_MANDATE_KEY_INVALID'],
    ['a short key', token({ 4: { 17: publicRaw.mldsa65.slice(1) } }), 'ERR_MANDATE_KEY_INVALID'],
    ['no attribute', token({}, { C_GetAttributeValue: () => [] }), 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['no key', token({}, finds([])), 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['two keys', token({}, finds([1, 2])), 'ERR_MANDATE_KEY_AMBIGUOUS'],
    ['no module', {}, 'ERR_MANDATE_ARGUMENT_INVALID'],
    [
      'a token that fails',
      token(
        {},
        {
          C_FindObjectsInit: () => {
            throw new Error('CKR_SESSION_HANDLE_INVALID');
          },
        },
      ),
      'ERR_MANDATE_KEY_UNRESOLVED',
    ],
  ])('is not opened over %s', async (_, module, code) => {
    await expectCode(open(module), code);
  });

  test('a key that can be read out is taken where that is said', async () => {
    await open(token({ 1: { 354: Uint8Array.of(1) } }), { allowExtractable: true });
  });

  test.each([
    undefined,
    { es256: {}, mldsa65: { label: 'x' } },
    { es256: { label: '' }, mldsa65: { label: 'x' } },
    { es256: { id: 'x' }, mldsa65: { label: 'x' } },
  ])('no names: %j', async (wrong) => {
    await expectCode(
      openPkcs11Signers(token() as never, session, wrong as never),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('no session', async () => {
    await expectCode(
      openPkcs11Signers(token() as never, undefined as never, names),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });
});
