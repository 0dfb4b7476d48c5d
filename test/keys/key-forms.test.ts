// Keys in and out: JWK, PEM, DER, raw bytes, environment variables.
import * as nodeCrypto from 'node:crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { inspect } from 'node:util';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  checkMandateKeys,
  createLocalMandateKeySet,
  exportMandateKeysToPem,
  exportMandateKeysToRaw,
  generateMandateKeys,
  importMandatePrivateKeys,
  importMandatePublicKeys,
  jwkThumbprint,
  mandatePrivateKeysFromEnv,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import {
  base64url,
  expectCode,
  fromBase64url,
  KID,
  mldsa65Keys,
  privateKeys,
  publicKeys,
  signMlDsa65,
} from '../support.js';
import { derElement, mlDsa65Pkcs8, mlDsa65Spki, pemOf } from './files.js';

const INVALID = 'ERR_MANDATE_KEY_INVALID';
const kid = { kid: KID };
const seed = fromBase64url(privateKeys.mldsa65.priv);
const scalar = fromBase64url(privateKeys.es256.d);
const pub = fromBase64url(publicKeys.mldsa65.pub);
const expanded = Buffer.from(mldsa65Keys.secretKey);
const point = Buffer.from(p256.getPublicKey(scalar, false));
const es256Key = createPrivateKey({ key: { ...privateKeys.es256 }, format: 'jwk' });

const forms = {
  seed: mlDsa65Pkcs8(derElement(0x80, seed)),
  expanded: mlDsa65Pkcs8(derElement(4, expanded)),
  both: mlDsa65Pkcs8(derElement(0x30, derElement(4, seed), derElement(4, expanded))),
};
const mldsaSpki = mlDsa65Spki(pub);

describe('private keys', () => {
  const es256Forms: [string, string | Uint8Array | object][] = [
    ['a JWK', privateKeys.es256],
    ['JSON text', JSON.stringify(privateKeys.es256)],
    ['base64 of JSON text', Buffer.from(JSON.stringify(privateKeys.es256)).toString('base64')],
    ['PEM of Node', es256Key.export({ format: 'pem', type: 'pkcs8' }) as string],
    [
      'PEM with CRLF and spaces around',
      ` ${(es256Key.export({ format: 'pem', type: 'pkcs8' }) as string).replace(/\n/g, '\r\n')} `,
    ],
    [
      'PEM with its line ends written out',
      (es256Key.export({ format: 'pem', type: 'pkcs8' }) as string).replaceAll('\n', '\\n'),
    ],
    ['base64 of PEM', Buffer.from(es256Key.export({ format: 'pem', type: 'pkcs8' })).toString('base64')],
    ['PEM as bytes', Buffer.from(es256Key.export({ format: 'pem', type: 'pkcs8' }))],
    ['DER of Node', es256Key.export({ format: 'der', type: 'pkcs8' })],
    ['base64 of DER', es256Key.export({ format: 'der', type: 'pkcs8' }).toString('base64')],
    ['raw bytes', scalar],
    ['base64url of raw bytes', base64url(scalar)],
    ['base64 of raw bytes', `${scalar.toString('base64')}\n`],
  ];
  test.each(es256Forms)('es256 as %s', async (_, es256) => {
    const keys = await importMandatePrivateKeys({ es256, mldsa65: seed }, kid);
    expect(keys).toEqual(privateKeys);
  });

  const mldsa65Forms: [string, string | Uint8Array | object][] = [
    ['a JWK', privateKeys.mldsa65],
    ['JSON text', JSON.stringify(privateKeys.mldsa65)],
    ['PEM of the seed (RFC 9881)', pemOf('PRIVATE KEY', forms.seed)],
    ['PEM of seed and expanded key', pemOf('PRIVATE KEY', forms.both)],
    ['DER of the seed', forms.seed],
    ['DER of both', forms.both],
    ['base64 of DER', forms.seed.toString('base64')],
    ['raw bytes', seed],
    ['base64 of raw bytes', seed.toString('base64')],
  ];
  test.each(mldsa65Forms)('mldsa65 as %s', async (_, mldsa65) => {
    expect(await importMandatePrivateKeys({ es256: scalar, mldsa65 }, kid)).toEqual(privateKeys);
  });

  test.each([
    ['raw', expanded],
    ['DER', forms.expanded],
    ['PEM', pemOf('PRIVATE KEY', forms.expanded)],
  ])('an expanded ML-DSA-65 key alone (%s) has no seed, and signs all the same', async (_, mldsa65) => {
    const keys = await importMandatePrivateKeys({ es256: scalar, mldsa65 }, kid);
    expect(keys.mldsa65).toBeTypeOf('function');
    const { quantumSafe } = await verifyMandate(await signMandate({ a: 1 }, keys), publicKeys);
    expect(quantumSafe).toBe(true);
  });

  const wrong: [string, 'es256' | 'mldsa65', unknown, RegExp][] = [
    ['a missing key', 'es256', undefined, /missing/],
    ['an empty key', 'mldsa65', '', /missing/],
    ['a number', 'es256', 7, /JWK, PEM/],
    ['the public half, raw', 'mldsa65', pub, /holds the ML-DSA-65 public key/],
    ['the public half, PEM', 'mldsa65', pemOf('PUBLIC KEY', mldsaSpki), /holds the ML-DSA-65 public key/],
    ['the public point', 'es256', point, /holds the P-256 public key/],
    [
      'the public PEM',
      'es256',
      createPublicKey(es256Key).export({ format: 'pem', type: 'spki' }),
      /holds the P-256 public/,
    ],
    ['a public JWK', 'es256', publicKeys.es256, /public key cannot sign/],
    ['the other key, PEM', 'es256', pemOf('PRIVATE KEY', forms.seed), /holds the ML-DSA-65 private/],
    ['the other key, JWK', 'mldsa65', privateKeys.es256, /AKP/],
    ['a truncated seed', 'mldsa65', seed.subarray(1), /31 bytes/],
    ['a truncated scalar', 'es256', base64url(scalar.subarray(2)), /30 bytes/],
    ['truncated PEM', 'mldsa65', pemOf('PRIVATE KEY', forms.seed).slice(0, 60), /truncated/],
    ['truncated DER', 'mldsa65', forms.both.subarray(0, 4000), /truncated/],
    ['DER with a byte more', 'mldsa65', Buffer.concat([forms.seed, Buffer.from([0])]), /DER/],
    ['DER with a seed of 31 bytes', 'mldsa65', mlDsa65Pkcs8(derElement(0x80, seed.subarray(1))), /32 bytes/],
    ['DER with a short expanded key', 'mldsa65', mlDsa65Pkcs8(derElement(4, expanded.subarray(1))), /4032/],
    [
      'DER with a length in long form',
      'mldsa65',
      Buffer.concat([Buffer.from([0x30, 0x81, forms.seed.length - 2]), forms.seed.subarray(2)]),
      /DER/,
    ],
    ['truncated JSON', 'es256', JSON.stringify(privateKeys.es256).slice(0, -9), /truncated/],
    ['JSON that is no JWK', 'es256', '{"keys":[]}', /must be a JWK/],
    ['a null in JSON', 'es256', 'null', /3 bytes/],
    ['text', 'es256', 'my secret key!', /none of them/],
    [
      'an encrypted PEM',
      'es256',
      es256Key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
      /openssl pkcs8/,
    ],
    ['a SEC1 PEM', 'es256', es256Key.export({ format: 'pem', type: 'sec1' }), /openssl pkcs8/],
    [
      'two PEM blocks',
      'es256',
      `${es256Key.export({ format: 'pem', type: 'pkcs8' })}${es256Key.export({ format: 'pem', type: 'pkcs8' })}`,
      /one complete/,
    ],
    [
      'a P-384 key',
      'es256',
      nodeCrypto
        .generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
        .privateKey.export({ format: 'pem', type: 'pkcs8' }),
      /P-256 or ML-DSA-65/,
    ],
    [
      'an RSA key',
      'es256',
      nodeCrypto
        .generateKeyPairSync('rsa', { modulusLength: 2048 })
        .privateKey.export({ format: 'der', type: 'pkcs8' }),
      /P-256 or ML-DSA-65/,
    ],
    ['an expanded key of zeros', 'mldsa65', Buffer.alloc(4032), /this one is damaged/],
    ['an expanded key of ones', 'mldsa65', Buffer.alloc(4032, 255), /this one is damaged/],
    [
      'base64 of JSON that is not UTF-8',
      'es256',
      Buffer.from([0x7b, 0xff, 0x7d]).toString('base64'),
      /UTF-8/,
    ],
    ['a scalar of zero', 'es256', Buffer.alloc(32), /scalar/],
    ['a scalar beyond the order', 'es256', Buffer.alloc(32, 255), /scalar/],
    [
      'halves that do not match, JWK',
      'mldsa65',
      { ...privateKeys.mldsa65, priv: base64url(Buffer.alloc(32)) },
      /private key of the public key/,
    ],
    [
      'halves that do not match, DER',
      'mldsa65',
      mlDsa65Pkcs8(derElement(0x30, derElement(4, Buffer.alloc(32)), derElement(4, expanded))),
      /expands to/,
    ],
    ['a JWK of another kid', 'es256', { ...privateKeys.es256, kid: 'x' }, /kid/],
  ];
  test.each(wrong)('%s is refused, saying why', async (_, name, input, message) => {
    const keys = { es256: scalar, mldsa65: seed, [name]: input };
    const error = await expectCode(importMandatePrivateKeys(keys as never, kid), INVALID);
    expect(error.message).toMatch(message);
    expect(error.parameter).toMatch(new RegExp(`^${name}`));
    const shown = inspect(error, { depth: 9, showHidden: true });
    for (const secret of [base64url(scalar), base64url(seed), scalar.toString('hex'), seed.toString('hex')]) {
      expect(shown).not.toContain(secret.slice(0, 16));
    }
  });

  test('a P-256 PKCS #8 whose public key is another is refused', async () => {
    const other = await generateMandateKeys();
    const otherPoint = Buffer.concat([
      Buffer.from([4]),
      fromBase64url(other.publicKeys.es256.x),
      fromBase64url(other.publicKeys.es256.y),
    ]);
    const der = es256Key.export({ format: 'der', type: 'pkcs8' });
    const mixed = Buffer.concat([der.subarray(0, der.length - 65), otherPoint]);
    const error = await expectCode(importMandatePrivateKeys({ es256: mixed, mldsa65: seed }), INVALID);
    expect(error.message).toContain('the public key that belongs to it');
  });

  test('refuses what is no pair or option', async () => {
    for (const options of [{ kid: '' }, { kid: 1 }, { kids: 'a' }]) {
      await expectCode(
        importMandatePrivateKeys({ es256: scalar, mldsa65: seed }, options as never),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
    }
    await expectCode(importMandatePrivateKeys(null as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(importMandatePrivateKeys({} as never), INVALID);
  });
});

describe('public keys', () => {
  const compressed = p256.getPublicKey(scalar, true);
  test.each<[string, string | Uint8Array | object, string | Uint8Array | object]>([
    ['JWKs', publicKeys.es256, publicKeys.mldsa65],
    ['JSON text', JSON.stringify(publicKeys.es256), JSON.stringify(publicKeys.mldsa65)],
    [
      'PEM',
      createPublicKey(es256Key).export({ format: 'pem', type: 'spki' }) as string,
      pemOf('PUBLIC KEY', mldsaSpki),
    ],
    ['DER', createPublicKey(es256Key).export({ format: 'der', type: 'spki' }), mldsaSpki],
    ['raw bytes', point, pub],
    ['a compressed point', compressed, pub],
    ['base64url', base64url(point), base64url(pub)],
  ])('as %s', async (_, es256, mldsa65) => {
    expect(await importMandatePublicKeys({ es256, mldsa65 }, kid)).toEqual(publicKeys);
  });

  test.each<[string, object]>([
    ['a private JWK', { es256: privateKeys.es256 }],
    ['a private JWK for ML-DSA-65', { mldsa65: privateKeys.mldsa65 }],
    ['a seed', { mldsa65: seed }],
    ['a scalar', { es256: scalar }],
    ['an expanded key', { mldsa65: expanded }],
    ['a private PEM', { mldsa65: pemOf('PRIVATE KEY', forms.seed) }],
    ['a private DER', { es256: es256Key.export({ format: 'der', type: 'pkcs8' }) }],
    ['a point off the curve', { es256: Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]) }],
    [
      'DER with a short key',
      {
        mldsa65: mlDsa65Spki(pub.subarray(1)),
      },
    ],
    ['DER with unused bits', { mldsa65: mlDsa65Spki(pub, 1) }],
    [
      'an ML-DSA-44 OID',
      {
        mldsa65: derElement(
          0x30,
          Buffer.from('300b0609608648016503040311', 'hex'),
          derElement(3, Buffer.from([0]), pub),
        ),
      },
    ],
  ])('%s is refused', async (_, keys) => {
    await expectCode(importMandatePublicKeys({ ...publicKeys, ...keys }), INVALID);
  });
});

describe('keys out', () => {
  test('as PEM and raw, and in again', async () => {
    const out = await exportMandateKeysToPem(privateKeys);
    expect(await importMandatePrivateKeys(out, kid)).toEqual(privateKeys);
    expect(out.es256).toBe(es256Key.export({ format: 'pem', type: 'pkcs8' }));
    expect(out.mldsa65).toBe(pemOf('PRIVATE KEY', forms.seed));
    const published = await exportMandateKeysToPem(publicKeys);
    expect(await importMandatePublicKeys(published, kid)).toEqual(publicKeys);
    expect(published.es256).toBe(createPublicKey(es256Key).export({ format: 'pem', type: 'spki' }));
    expect(published.mldsa65.replace(/\n/g, '')).toBe(pemOf('PUBLIC KEY', mldsaSpki).replace(/\n/g, ''));
    expect(exportMandateKeysToRaw(privateKeys)).toEqual({
      es256: new Uint8Array(scalar),
      mldsa65: new Uint8Array(seed),
    });
    expect(exportMandateKeysToRaw(publicKeys)).toEqual({
      es256: new Uint8Array(point),
      mldsa65: new Uint8Array(pub),
    });
  });

  test('of broken keys is refused', async () => {
    const toRaw = async (keys: never) => exportMandateKeysToRaw(keys);
    const withEs256 = (member: object) => ({ ...publicKeys, es256: { ...publicKeys.es256, ...member } });
    for (const keys of [
      { ...publicKeys, mldsa65: 'SECRETSEED' },
      { ...publicKeys, es256: undefined },
      { ...publicKeys, mldsa65: { ...publicKeys.mldsa65, pub: 1 } },
      withEs256({ x: 'AA' }),
      withEs256({ kty: 'OKP' }),
      withEs256({ crv: 'secp256k1' }),
      {},
    ]) {
      for (const write of [exportMandateKeysToPem, toRaw]) {
        const error = await expectCode(write(keys as never), INVALID);
        expect(error.message).not.toContain('SECRET');
      }
    }
    for (const options of [{ mldsa65: 'both' }, { form: 'seed' }, 'expanded', null]) {
      await expectCode(exportMandateKeysToPem(privateKeys, options as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });

  const opensslHasMlDsa = (() => {
    try {
      return (
        createPrivateKey({ key: forms.seed, format: 'der', type: 'pkcs8' }).asymmetricKeyType !== undefined
      );
    } catch {
      return false;
    }
  })();

  test.skipIf(!opensslHasMlDsa)(
    'Node itself reads our ML-DSA-65 PEM, and we read what Node writes',
    async () => {
      const { mldsa65 } = await exportMandateKeysToPem(privateKeys);
      const key = createPrivateKey(mldsa65);
      expect(key.asymmetricKeyType).toBe('ml-dsa-65');
      expect(
        createPublicKey((await exportMandateKeysToPem(publicKeys)).mldsa65).export({ format: 'jwk' }),
      ).toMatchObject({ pub: publicKeys.mldsa65.pub });
      const written = key.export({ format: 'pem', type: 'pkcs8' }) as string;
      expect((await importMandatePrivateKeys({ es256: scalar, mldsa65: written }, kid)).mldsa65).toEqual(
        privateKeys.mldsa65,
      );
    },
  );
});

describe('environment variables', () => {
  const both = JSON.stringify(privateKeys);

  test('one for both keys, as JSON or base64 of it', async () => {
    for (const KEYS of [
      both,
      ` ${both}\n`,
      JSON.stringify({ kid: KID, privateKeys }),
      Buffer.from(both).toString('base64'),
      base64url(both),
    ]) {
      expect(await mandatePrivateKeysFromEnv({ KEYS }, 'KEYS')).toEqual(privateKeys);
    }
  });

  test('one for each, in any form, with a kid', async () => {
    const environment = { A: scalar.toString('base64'), B: pemOf('PRIVATE KEY', forms.seed), C: KID };
    expect(await mandatePrivateKeysFromEnv(environment, { es256: 'A', mldsa65: 'B', kid: 'C' })).toEqual(
      privateKeys,
    );
  });

  test.each<[string, Record<string, string | undefined>, RegExp]>([
    ['missing', {}, /"KEYS".*missing/],
    ['empty', { KEYS: '' }, /"KEYS".*missing/],
    ['truncated', { KEYS: both.slice(0, -40) }, /"KEYS".*truncated/],
    ['truncated base64', { KEYS: Buffer.from(both).toString('base64').slice(0, 400) }, /"KEYS".*truncated/],
    ['not an object', { KEYS: 'bnVsbA==' }, /"KEYS".*JSON object/],
    ['without one key', { KEYS: JSON.stringify({ es256: privateKeys.es256 }) }, /KEYS\.mldsa65.*missing/],
    ['with the public halves', { KEYS: JSON.stringify(publicKeys) }, /KEYS\.es256.*cannot sign/],
  ])('one for both that is %s names the variable', async (_, environment, message) => {
    const error = await expectCode(mandatePrivateKeysFromEnv(environment, 'KEYS'), INVALID);
    expect(error.message).toMatch(message);
    expect(inspect(error, { depth: 9 })).not.toContain(privateKeys.es256.d.slice(0, 16));
  });

  test('the value in place of the name is not shown', async () => {
    const secrets = [both, pemOf('PRIVATE KEY', forms.seed), privateKeys];
    for (const secret of secrets) {
      for (const variables of [
        secret,
        { es256: secret, mldsa65: 'B' },
        { es256: 'A', mldsa65: 'B', kid: secret },
      ]) {
        const error = await expectCode(
          mandatePrivateKeysFromEnv({}, variables as never),
          'ERR_MANDATE_ARGUMENT_INVALID',
        );
        const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
        for (const part of [
          privateKeys.es256.d,
          privateKeys.mldsa65.priv,
          forms.seed.toString('base64').slice(30, 60),
        ]) {
          expect(shown).not.toContain(part);
        }
      }
    }
    const pasted = await expectCode(
      signMandate({}, privateKeys, { [both]: 1 } as never),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    expect(inspect(pasted)).not.toContain(privateKeys.es256.d);
  });

  test('keeps a kid beyond ASCII, and takes nothing from a prototype', async () => {
    const named = (await generateMandateKeys({ kid: 'schlüssel' })).privateKeys;
    const KEYS = Buffer.from(JSON.stringify(named)).toString('base64');
    expect(await mandatePrivateKeysFromEnv({ KEYS }, 'KEYS')).toEqual(named);
    await expectCode(mandatePrivateKeysFromEnv({}, '__proto__'), INVALID);
    for (const [environment, variables] of [
      [undefined, 'KEYS'],
      [{}, undefined],
      [{}, { es256: 'A' }],
      [{}, { es256: 'A', mldsa65: 'B', kids: 'C' }],
    ]) {
      await expectCode(
        mandatePrivateKeysFromEnv(environment as never, variables as never),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
    }
  });

  test('one for each that is missing or wrong names the variable', async () => {
    const variables = { es256: 'A', mldsa65: 'B', kid: 'C' };
    const good = { A: base64url(scalar), B: base64url(seed), C: KID };
    for (const name of ['A', 'B', 'C'] as const) {
      const error = await expectCode(
        mandatePrivateKeysFromEnv({ ...good, [name]: undefined }, variables),
        INVALID,
      );
      expect(error.message).toContain(`"${name}"`);
    }
    const wrongHalf = await expectCode(
      mandatePrivateKeysFromEnv({ ...good, B: base64url(pub) }, variables),
      INVALID,
    );
    expect(wrongHalf.message).toContain(
      '"B" must be the ML-DSA-65 private key; it holds the ML-DSA-65 public key',
    );
  });
});

describe('thumbprints (R8.7, RFC 7638)', () => {
  test('are those that jose computes, the same for both halves', async () => {
    for (const name of ['es256', 'mldsa65'] as const) {
      const expected = await calculateJwkThumbprint({ ...publicKeys[name] });
      expect(jwkThumbprint(publicKeys[name])).toBe(expected);
      expect(jwkThumbprint(privateKeys[name])).toBe(expected);
    }
  });

  test('of what is no such key are refused', () => {
    for (const jwk of [
      undefined,
      null,
      { ...publicKeys.es256, x: '\ud800' },
      { kty: 'RSA' },
      { kty: 'EC', crv: 'P-256', x: 'a' },
      { kty: 'toString' },
      {},
    ]) {
      expect(() => jwkThumbprint(jwk as never)).toThrow(expect.objectContaining({ code: INVALID }));
    }
  });
});

describe('checkMandateKeys', () => {
  /** An AWS KMS in miniature: its limits on messages, its DER, its algorithms. */
  const kms = {
    sign(request: { Message: Uint8Array; MessageType: 'RAW' | 'DIGEST'; SigningAlgorithm: string }): {
      Signature: Uint8Array;
    } {
      if (request.MessageType === 'RAW' && request.Message.length > 4096)
        throw new Error('ValidationException: message too long');
      switch (`${request.SigningAlgorithm} ${request.MessageType}`) {
        case 'ECDSA_SHA_256 DIGEST':
          if (request.Message.length !== 32)
            throw new Error('ValidationException: digest of 32 bytes expected');
          return {
            Signature: p256.sign(request.Message, scalar, { prehash: false, lowS: false, format: 'der' }),
          };
        case 'ML_DSA_SHAKE_256 RAW':
          return { Signature: ml_dsa65.sign(request.Message, mldsa65Keys.secretKey) };
        default:
          throw new Error('ValidationException');
      }
    },
  };
  const fromKms = {
    es256: async (data: Uint8Array) => {
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data as BufferSource));
      const { Signature } = kms.sign({
        Message: digest,
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
      return p256.Signature.fromBytes(Signature, 'der').toBytes('compact');
    },
    mldsa65: async (data: Uint8Array) =>
      kms.sign({ Message: data, MessageType: 'RAW', SigningAlgorithm: 'ML_DSA_SHAKE_256' }).Signature,
  };

  test('passes for a pair, wherever the private halves live', async () => {
    await checkMandateKeys(privateKeys, publicKeys);
    await checkMandateKeys(fromKms, publicKeys);
    const keySet = createLocalMandateKeySet({ keys: [publicKeys.es256, publicKeys.mldsa65] });
    await checkMandateKeys(privateKeys, keySet);
    for (const pqAlg of ['ML-DSA-65', 'ES256+ML-DSA-65'] as const) {
      const mandate = await signMandate({ a: 1 }, fromKms, { pqAlg, header: { kid: KID } });
      expect((await verifyMandate(mandate, publicKeys)).quantumSafe).toBe(true);
    }
  });

  test("finds out which half is another's, and a signer that signs something else", async () => {
    const other = await generateMandateKeys({ kid: KID });
    const check = (signers: object, published: object = {}) =>
      checkMandateKeys({ ...fromKms, ...signers }, { ...publicKeys, ...published });
    await expectCode(check({}, { es256: other.publicKeys.es256 }), 'ERR_MANDATE_ES256_INVALID');
    await expectCode(check({}, { mldsa65: other.publicKeys.mldsa65 }), 'ERR_MANDATE_ML_DSA_65_INVALID');
    const doubleHash = (data: Uint8Array) =>
      signMlDsa65(nodeCrypto.createHash('sha256').update(data).digest());
    await expectCode(check({ mldsa65: doubleHash }), 'ERR_MANDATE_ML_DSA_65_INVALID');
    const der = (data: Uint8Array) => p256.sign(data, scalar, { format: 'der' });
    const error = await expectCode(check({ es256: der }), 'ERR_MANDATE_SIGNER_FAILED');
    expect(error.message).toContain('DER?');
    const raw = async (data: Uint8Array) =>
      kms.sign({ Message: data, MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' }).Signature;
    await expectCode(check({ es256: raw }), 'ERR_MANDATE_SIGNER_FAILED');
  });

  test('the mandate it signs is refused by everyone as expired', async () => {
    const signed: Uint8Array[] = [];
    const listening = {
      ...fromKms,
      es256: (data: Uint8Array) => {
        signed.push(data);
        return fromKms.es256(data);
      },
    };
    await checkMandateKeys(listening, publicKeys);
    expect(signed).toHaveLength(1);
    const input = Buffer.from(signed[0] as Uint8Array).toString();
    const payload = JSON.parse(fromBase64url(input.split('.')[1] as string).toString());
    expect(payload).toEqual({ _sd_alg: 'sha-256', exp: 0 });
    const mandate = `${input}.${base64url(await fromKms.es256(signed[0] as Uint8Array))}~`;
    await expectCode(verifyMandate(mandate, publicKeys), 'ERR_JWT_EXPIRED');
  });
});
