import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { calculateJwkThumbprint, createLocalJWKSet, importJWK } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  createIssuerKeySet,
  decodeMandate,
  generateMandateKeys,
  importMandatePrivateKeys,
  importMandatePublicKeys,
  type MandatePrivateKeys,
  type MandatePublicKeys,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import {
  expectCode,
  forge,
  fromBase64url,
  headerOf,
  KID,
  privateKeys,
  publicKeys,
  signEs256,
  signMlDsa65,
} from '../support.js';

const INVALID = 'ERR_MANDATE_KEY_INVALID';
const ARGUMENT = 'ERR_MANDATE_ARGUMENT_INVALID';
const UNRESOLVED = 'ERR_MANDATE_KEY_UNRESOLVED';
const { es256, mldsa65 } = publicKeys;
const verify = (keys: object) => verifyMandate(forge(), keys as MandatePublicKeys);
const sign = (keys: object, options = {}) => signMandate({ a: 1 }, keys as MandatePrivateKeys, options);

describe('generateMandateKeys', async () => {
  const keys = await generateMandateKeys();

  test('makes an EC and an AKP pair under one kid, the thumbprint of the ML-DSA-65 key (R8.1)', async () => {
    expect(keys.kid).toBe(await calculateJwkThumbprint({ ...keys.publicKeys.mldsa65 }));
    for (const jwk of [
      ...Object.values(keys.privateKeys),
      ...Object.values(keys.publicKeys),
      ...keys.jwks.keys,
    ]) {
      expect(jwk.kid).toBe(keys.kid);
    }
    expect(keys.privateKeys.es256).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256' });
    expect(keys.privateKeys.mldsa65).toMatchObject({ kty: 'AKP', alg: 'ML-DSA-65' });
    expect(fromBase64url(keys.privateKeys.mldsa65.priv)).toHaveLength(32);
    expect(keys.privateKeys.mldsa65.priv).toHaveLength(43);
    expect(fromBase64url(keys.publicKeys.mldsa65.pub)).toHaveLength(1952);
    expect(keys.publicKeys.mldsa65.pub).toHaveLength(2603);
  });

  test('publishes no private half', () => {
    const published = JSON.stringify([keys.jwks, keys.publicKeys]);
    expect(published).not.toContain(keys.privateKeys.es256.d);
    expect(published).not.toContain(keys.privateKeys.mldsa65.priv);
    expect(keys.jwks.keys).toEqual([keys.publicKeys.es256, keys.publicKeys.mldsa65]);
  });

  test('makes new keys every time, under the kid it is given', async () => {
    const one = await generateMandateKeys({ kid: 'a' });
    const two = await generateMandateKeys({ kid: 'a' });
    expect(one.kid).toBe('a');
    expect(one.privateKeys.es256.d).not.toBe(two.privateKeys.es256.d);
    expect(one.privateKeys.mldsa65.priv).not.toBe(two.privateKeys.mldsa65.priv);
  });

  test('refuses a kid that is none', async () => {
    for (const options of [{ kid: '' }, { kid: 1 }, { kidd: 'a' }, 'a', null]) {
      await expectCode(generateMandateKeys(options as object), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });

  test('makes keys that node:crypto and jose take', async () => {
    expect(createPrivateKey({ key: { ...keys.privateKeys.es256 }, format: 'jwk' }).asymmetricKeyType).toBe(
      'ec',
    );
    expect(await importJWK({ ...keys.publicKeys.es256 })).toBeDefined();
    const keySet = createLocalJWKSet(keys.jwks as never);
    expect((await keySet({ alg: 'ES256', kid: keys.kid })).algorithm).toMatchObject({ name: 'ECDSA' });
    expect(ml_dsa65.keygen(fromBase64url(keys.privateKeys.mldsa65.priv)).publicKey).toEqual(
      new Uint8Array(fromBase64url(keys.publicKeys.mldsa65.pub)),
    );
  });

  test('signs and verifies', async () => {
    const { protectedHeader } = await verifyMandate(await sign(keys.privateKeys), keys.publicKeys);
    expect(protectedHeader.kid).toBe(keys.kid);
  });
});

describe('forms of keys', () => {
  const importKey = (jwk: object, usage: KeyUsage) =>
    crypto.subtle.importKey('jwk', jwk as JsonWebKey, { name: 'ECDSA', namedCurve: 'P-256' }, false, [usage]);

  test('CryptoKey, KeyObject, JWK and function for ES256 (R5.19)', async () => {
    const forms: [unknown, unknown][] = [
      [privateKeys.es256, es256],
      [
        createPrivateKey({ key: { ...privateKeys.es256 }, format: 'jwk' }),
        createPublicKey({ key: { ...es256 }, format: 'jwk' }),
      ],
      [await importKey(bare(privateKeys.es256), 'sign'), await importKey(bare(es256), 'verify')],
      [(data: Uint8Array) => signEs256(data), async () => true],
    ];
    for (const [privateKey] of forms) {
      for (const pqAlg of ['ML-DSA-65', 'ES256+ML-DSA-65'] as const) {
        const mandate = await sign({ es256: privateKey, mldsa65: privateKeys.mldsa65 }, { pqAlg });
        for (const [, publicKey] of forms) {
          const { signatures } = await verifyMandate(mandate, { es256: publicKey as never, mldsa65 });
          expect(signatures).toMatchObject({ es256: 'valid', mldsa65: 'valid' });
        }
      }
    }
  });

  const bare = ({ kty, crv, x, y, d }: Record<string, unknown>) => ({
    kty,
    crv,
    x,
    y,
    ...(d !== undefined && { d }),
  });

  test('JWK and function for ML-DSA-65; the function gets the 32-byte fingerprint (R5.20)', async () => {
    const received: Uint8Array[] = [];
    const signer = (data: Uint8Array) => {
      received.push(data);
      return signMlDsa65(data);
    };
    const mandate = await sign({ es256: privateKeys.es256, mldsa65: signer });
    expect(received.map((data) => data.length)).toEqual([32]);
    const verifier = (data: Uint8Array, signature: Uint8Array) =>
      ml_dsa65.verify(signature, data, fromBase64url(mldsa65.pub));
    expect((await verifyMandate(mandate, { es256, mldsa65: verifier })).quantumSafe).toBe(true);
  });

  test('an external verifier passes with true and nothing else, and its failure is a failure', async () => {
    for (const answer of [false, undefined, 1, 'true', {}, null]) {
      await expectCode(verify({ es256, mldsa65: () => answer }), 'ERR_MANDATE_ML_DSA_65_INVALID');
      await expectCode(verify({ es256: async () => answer, mldsa65 }), 'ERR_MANDATE_ES256_INVALID');
    }
  });

  test('an external verifier that fails is a refusal, and not taken for a forgery', async () => {
    const cause = new Error('down');
    const failing = () => {
      throw cause;
    };
    const error = await expectCode(verify({ es256, mldsa65: failing }), 'ERR_MANDATE_VERIFIER_FAILED');
    expect(error).toMatchObject({ cause, parameter: 'mldsa65' });
    const rejecting = () => Promise.reject(cause);
    expect(
      await expectCode(verify({ es256: rejecting, mldsa65 }), 'ERR_MANDATE_VERIFIER_FAILED'),
    ).toMatchObject({
      cause,
      parameter: 'es256',
    });
    const pqOnly = await verifyMandate(forge(), { es256: failing, mldsa65 }, { policy: 'pq-only' });
    expect(pqOnly.signatures).toMatchObject({ es256: 'not-checked', mldsa65: 'valid' });
    const hybrid = forge({ pqAlg: 'ES256+ML-DSA-65' });
    await expectCode(
      verifyMandate(hybrid, { es256: failing, mldsa65 }, { policy: 'pq-only' }),
      'ERR_MANDATE_VERIFIER_FAILED',
    );
  });

  test('an external verifier cannot change what is reported', async () => {
    const hostile = (data: Uint8Array, signature: Uint8Array) => {
      data.fill(0);
      signature.fill(0);
      return true;
    };
    const mandate = forge({ pqAlg: 'ES256+ML-DSA-65' });
    const { mandateId } = await verifyMandate(mandate, publicKeys);
    expect((await verifyMandate(mandate, { es256: hostile, mldsa65: hostile })).mandateId).toBe(mandateId);
    expect((await verifyMandate(mandate, { es256: hostile, mldsa65 })).quantumSafe).toBe(true);
  });

  test('an external signer that throws, or returns no signature, is refused (R5.21)', async () => {
    const cause = new Error('access denied');
    const failing = () => Promise.reject(cause);
    const es = await expectCode(sign({ ...privateKeys, es256: failing }), 'ERR_MANDATE_SIGNER_FAILED');
    expect(es).toMatchObject({ parameter: 'es256', cause });
    const answers = [
      undefined,
      null,
      '',
      'AAAA',
      new Uint8Array(0),
      new Uint8Array(63),
      new Uint8Array(65),
      new ArrayBuffer(64),
      Array(64).fill(0),
    ];
    for (const answer of answers) {
      await expectCode(sign({ ...privateKeys, es256: () => answer }), 'ERR_MANDATE_SIGNER_FAILED');
      const ml = await expectCode(
        sign({ ...privateKeys, mldsa65: () => answer }),
        'ERR_MANDATE_SIGNER_FAILED',
      );
      expect(ml.parameter).toBe('mldsa65');
    }
    await expectCode(
      sign({ ...privateKeys, mldsa65: () => new Uint8Array(4032) }),
      'ERR_MANDATE_SIGNER_FAILED',
    );
  });

  test('a signer cannot change what is signed by writing into its argument', async () => {
    const hostile = (data: Uint8Array) => {
      const signature = signEs256(data);
      data.fill(0);
      return signature;
    };
    const mandate = await sign({ ...privateKeys, es256: hostile }, { pqAlg: 'ES256+ML-DSA-65' });
    expect((await verifyMandate(mandate, publicKeys)).quantumSafe).toBe(true);
  });

  test('deterministic signing needs the key material', async () => {
    expect(await sign(privateKeys, { deterministic: true })).toBe(
      await sign(privateKeys, { deterministic: true }),
    );
    const keyObject = createPrivateKey({ key: { ...privateKeys.es256 }, format: 'jwk' });
    expect(await sign({ ...privateKeys, es256: keyObject }, { deterministic: true })).toBe(
      await sign(privateKeys, { deterministic: true }),
    );
    const cryptoKey = await importKey(bare(privateKeys.es256), 'sign');
    for (const keys of [
      { ...privateKeys, es256: cryptoKey },
      { ...privateKeys, es256: signEs256 },
      { ...privateKeys, mldsa65: signMlDsa65 },
    ]) {
      await expectCode(sign(keys, { deterministic: true }), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });

  test('signing is hedged by default (R5.17)', async () => {
    const [one, two] = [await sign(privateKeys), await sign(privateKeys)];
    expect(headerOf(one).pq_sig).not.toBe(headerOf(two).pq_sig);
    // The same header this time: what differs is the nonce of ECDSA.
    const steady = { ...privateKeys, mldsa65: signMlDsa65 };
    expect(await sign(steady)).not.toBe(await sign(steady));
  });
});

test('honours use and key_ops that allow it', async () => {
  const allowed = { use: 'sig', key_ops: ['verify'] };
  expect(
    await verify({ es256: { ...es256, ...allowed }, mldsa65: { ...mldsa65, ...allowed } }),
  ).toBeDefined();
  const signing = { use: 'sig', key_ops: ['sign'] };
  const keys = {
    es256: { ...privateKeys.es256, ...signing },
    mldsa65: { ...privateKeys.mldsa65, ...signing },
  };
  expect(await sign(keys)).toBeTypeOf('string');
});

describe('refuses a key (R6.23)', () => {
  const flip = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);
  const badEs256: [string, object][] = [
    ['of another kty', { ...es256, kty: 'OKP' }],
    ['on another curve', { ...es256, crv: 'P-384' }],
    ['for another alg', { ...es256, alg: 'ES384' }],
    ['for encryption', { ...es256, use: 'enc' }],
    ['whose key_ops lack verify', { ...es256, key_ops: ['sign'] }],
    ['whose key_ops is no array', { ...es256, key_ops: 'verify' }],
    ['whose kid is no string', { ...es256, kid: 1 }],
    ['that is private', privateKeys.es256],
    ['without x', { ...es256, x: undefined }],
    ['with a number for x', { ...es256, x: 1 }],
    ['with a short x', { ...es256, x: es256.x.slice(0, -1) }],
    ['with a long x', { ...es256, x: `${es256.x}AA` }],
    ['with padding in y', { ...es256, y: `${es256.y}=` }],
    [
      'with spare bits in y',
      { ...es256, y: `${es256.y.slice(0, -1)}${String.fromCharCode(es256.y.charCodeAt(42) + 1)}` },
    ],
    ['off the curve', { ...es256, x: flip(es256.x) }],
    ['at zero', { ...es256, x: 'A'.repeat(43), y: 'A'.repeat(43) }],
  ];
  test.each(badEs256)('es256 %s', async (_, key) => {
    const error = await expectCode(verify({ es256: key, mldsa65 }), INVALID);
    expect(error.parameter).toMatch(/^es256/);
  });

  const badMlDsa65: [string, object][] = [
    ['of another kty', { ...mldsa65, kty: 'EC' }],
    ['of another parameter set', { ...mldsa65, alg: 'ML-DSA-44' }],
    ['without alg', { ...mldsa65, alg: undefined }],
    ['for encryption', { ...mldsa65, use: 'enc' }],
    ['whose key_ops lack verify', { ...mldsa65, key_ops: ['sign'] }],
    ['that is private', privateKeys.mldsa65],
    ['without pub', { ...mldsa65, pub: undefined }],
    ['with a byte too few', { ...mldsa65, pub: mldsa65.pub.slice(0, -1) }],
    ['with a byte too many', { ...mldsa65, pub: `${mldsa65.pub}A` }],
    ['with padding', { ...mldsa65, pub: `${mldsa65.pub.slice(0, -1)}=` }],
    [
      'with spare bits',
      {
        ...mldsa65,
        pub: `${mldsa65.pub.slice(0, -1)}${String.fromCharCode(mldsa65.pub.charCodeAt(2602) + 1)}`,
      },
    ],
  ];
  test.each(badMlDsa65)('mldsa65 %s', async (_, key) => {
    const error = await expectCode(verify({ es256, mldsa65: key }), INVALID);
    expect(error.parameter).toMatch(/^mldsa65/);
  });

  test('that is something else altogether', async () => {
    for (const key of [null, 1, 'key', new Uint8Array(1952), {}, []]) {
      expect(await expectCode(verify({ es256: key, mldsa65 }), INVALID)).toMatchObject({
        parameter: 'es256',
      });
      await expectCode(verify({ es256, mldsa65: key }), INVALID);
      await expectCode(sign({ es256: key, mldsa65: privateKeys.mldsa65 }), INVALID);
      await expectCode(sign({ es256: privateKeys.es256, mldsa65: key }), INVALID);
    }
  });

  test('that stands in the place of the other', async () => {
    await expectCode(verify({ es256: mldsa65, mldsa65: es256 }), INVALID);
    await expectCode(sign({ es256: privateKeys.mldsa65, mldsa65: privateKeys.es256 }), INVALID);
  });

  test('KeyObjects and CryptoKeys of the wrong type or use', async () => {
    const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const ed = generateKeyPairSync('ed25519');
    await expectCode(verify({ es256: p256.privateKey, mldsa65 }), INVALID);
    await expectCode(verify({ es256: ed.publicKey, mldsa65 }), INVALID);
    await expectCode(verify({ es256, mldsa65: p256.publicKey }), INVALID);
    // A key of Ed25519 names no curve, as one of ML-DSA-65.
    const [edPublic, edPrivate] = [
      verify({ es256, mldsa65: ed.publicKey }),
      sign({ ...privateKeys, mldsa65: ed.privateKey }),
    ];
    for (const wrong of [edPublic, edPrivate])
      expect((await expectCode(wrong, INVALID)).message).toContain('KeyObject of type ml-dsa-65');
    await expectCode(sign({ ...privateKeys, es256: p256.publicKey }), INVALID);
    await expectCode(sign({ ...privateKeys, mldsa65: p256.privateKey }), INVALID);
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
    const ecdh = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, [
      'deriveBits',
    ]);
    const p384 = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, [
      'sign',
      'verify',
    ]);
    const rsa = await crypto.subtle.generateKey(
      { name: 'RSA-PSS', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
      false,
      ['sign', 'verify'],
    );
    const dh = generateKeyPairSync('dh' as never, { group: 'modp14' } as never) as unknown as typeof p256;
    await expectCode(verify({ es256: dh.publicKey, mldsa65 }), INVALID);
    await expectCode(sign({ ...privateKeys, es256: dh.privateKey }), INVALID);
    for (const key of [pair.privateKey, ecdh.publicKey, p384.publicKey, rsa.publicKey]) {
      await expectCode(verify({ es256: key, mldsa65 }), INVALID);
      await expectCode(verify({ es256, mldsa65: key }), INVALID);
    }
    await expectCode(sign({ ...privateKeys, es256: pair.publicKey }), INVALID);
    const publicJwk = { kty: 'EC', crv: 'P-256', x: es256.x, y: es256.y };
    const useless = await crypto.subtle.importKey('jwk', publicJwk, algorithm, true, []);
    await expectCode(verify({ es256: useless, mldsa65 }), INVALID);
  });

  test('what is no key at all, or a JWK of another kty, is called what it is', async () => {
    for (const [key, type] of [
      ['x', 'got string'],
      [null, 'got null'],
      [7, 'got number'],
    ]) {
      expect((await expectCode(verify({ es256: key, mldsa65 }), INVALID)).message).toContain(type);
    }
    for (const name of ['es256', 'mldsa65'] as const) {
      const kty = { kty: 'OKP' };
      const [shown, own] = [publicKeys[name], privateKeys[name]];
      const outcomes = [verify({ ...publicKeys, [name]: { ...shown, ...kty } })];
      outcomes.push(sign({ ...privateKeys, [name]: { ...own, ...kty } }) as never);
      for (const outcome of outcomes)
        expect((await expectCode(outcome, INVALID)).parameter).toBe(`${name}.kty`);
    }
  });

  test('a function has no kid', async () => {
    const named = Object.assign((data: Uint8Array) => signEs256(data), { kid: 'x' });
    expect(headerOf(await sign({ ...privateKeys, es256: named })).kid).toBe(KID);
  });

  test('for signing: public, mismatched halves, or not for signing (R8.6)', async () => {
    const other = (await generateMandateKeys({ kid: KID })).privateKeys;
    const bad: object[] = [
      { ...privateKeys, es256 },
      { ...privateKeys, mldsa65 },
      { ...privateKeys, es256: { ...privateKeys.es256, d: other.es256.d } },
      { ...privateKeys, mldsa65: { ...privateKeys.mldsa65, priv: other.mldsa65.priv } },
      { ...privateKeys, es256: { ...privateKeys.es256, d: 'A'.repeat(43) } },
      { ...privateKeys, es256: { ...privateKeys.es256, d: '_'.repeat(42).concat('8') } },
      { ...privateKeys, es256: { ...privateKeys.es256, key_ops: ['verify'] } },
      { ...privateKeys, mldsa65: { ...privateKeys.mldsa65, key_ops: ['verify'] } },
      { ...privateKeys, mldsa65: { ...privateKeys.mldsa65, priv: `${privateKeys.mldsa65.priv}AAAA` } },
    ];
    for (const keys of bad) {
      await expectCode(sign(keys), INVALID);
      await expectCode(sign(keys, { deterministic: true }), INVALID);
    }
    for (const keys of [
      undefined,
      null,
      'keys',
      [],
      { ...privateKeys, kid: 'a' },
      await generateMandateKeys(),
    ]) {
      await expectCode(sign(keys as unknown as object), ARGUMENT);
    }
    await expectCode(sign({}), INVALID);
  });

  test('never shows a private half in the error', async () => {
    const broken = { ...privateKeys.es256, d: privateKeys.es256.d.slice(0, -1) };
    const brokenMl = { ...privateKeys.mldsa65, priv: `${privateKeys.mldsa65.priv.slice(0, -1)}=` };
    for (const keys of [
      { ...privateKeys, es256: broken },
      { ...privateKeys, mldsa65: brokenMl },
      { es256: privateKeys.mldsa65, mldsa65: privateKeys.es256 },
    ]) {
      const error = await expectCode(sign(keys), INVALID);
      const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
      expect(shown).not.toContain(privateKeys.es256.d.slice(0, 20));
      expect(shown).not.toContain(privateKeys.mldsa65.priv.slice(0, 20));
    }
  });
});

describe('resolving keys (SPEC.md §6 step 4)', () => {
  test('the resolver sees the header and the issuer, and a copy of the header only (R8.13)', async () => {
    const mandate = forge({ header: { typ: 'x+sd-jwt' } });
    const seen: unknown[] = [];
    const result = await verifyMandate(mandate, async (header, issuer) => {
      seen.push(structuredClone(header), issuer);
      for (const name of Object.keys(header)) delete header[name];
      return publicKeys;
    });
    expect(seen).toEqual([result.protectedHeader, 'https://bank.example']);
    expect(result.protectedHeader.typ).toBe('x+sd-jwt');
  });

  test('the issuer is undefined where it is not a string in the clear', async () => {
    for (const payload of [{}, { iss: 1 }, JSON.parse('{"__proto__":{"iss":"x"}}')]) {
      let seen: unknown = 'unset';
      const resolver = (_: object, issuer: unknown) => {
        seen = issuer;
        return publicKeys;
      };
      await verifyMandate(forge({ payload: { ...payload, _sd_alg: 'sha-256' } }), resolver).catch(() => {});
      expect(seen).toBeUndefined();
    }
  });

  test('both keys are read at one moment: a caller who changes the JWKs meanwhile mixes no two pairs', async () => {
    const [a, b] = [await generateMandateKeys({ kid: 'k' }), await generateMandateKeys({ kid: 'k' })];
    const mixed = await signMandate({}, { es256: a.privateKeys.es256, mldsa65: b.privateKeys.mldsa65 });
    const outcomes = new Set<string>();
    for (const pass of [(keys: object) => keys, (keys: object) => async () => keys]) {
      for (let turns = 0; turns < 40; turns++) {
        const keys = structuredClone(a.publicKeys);
        const verifying = verifyMandate(mixed, pass(keys) as never).then(
          () => 'accepted',
          ({ code }: { code: string }) => code,
        );
        for (let turn = 0; turn < turns; turn++) await undefined;
        Object.assign(keys.es256, b.publicKeys.es256);
        Object.assign(keys.mldsa65, b.publicKeys.mldsa65);
        outcomes.add(await verifying);
      }
    }
    expect([...outcomes].sort()).toEqual(['ERR_MANDATE_ES256_INVALID', 'ERR_MANDATE_ML_DSA_65_INVALID']);
  });

  test('an error of this library from a resolver comes through as it is', async () => {
    const resolver = () => decodeMandate('') as never;
    await expectCode(verifyMandate(forge(), resolver), 'ERR_MANDATE_MALFORMED');
  });

  test('what cannot be resolved is refused, under every policy that needs it (R6.21, R8.16)', async () => {
    const cause = new Error('offline');
    const nothing: (() => unknown)[] = [
      () => undefined,
      () => null,
      () => 'keys',
      () => ({}),
      () => ({ es256 }),
      () => ({ mldsa65 }),
      () => ({ es256, mldsa65: undefined }),
      () => ({
        get es256() {
          throw cause;
        },
        mldsa65,
      }),
    ];
    for (const resolver of nothing) await expectCode(verifyMandate(forge(), resolver as never), UNRESOLVED);
    for (const fail of [
      () => {
        throw cause;
      },
      () => Promise.reject(cause),
    ]) {
      const error = await expectCode(verifyMandate(forge(), fail as never), UNRESOLVED);
      expect(error.cause).toBe(cause);
    }
    for (const keys of [{}, { es256 }]) {
      await expectCode(verifyMandate(forge(), keys as never), UNRESOLVED);
      await expectCode(verifyMandate(forge(), keys as never, { policy: 'pq-optional' }), UNRESOLVED);
    }
    for (const keys of [
      undefined,
      null,
      1,
      'key',
      [es256],
      await generateMandateKeys(),
      { es256, mlDsa65: mldsa65 },
    ]) {
      await expectCode(verifyMandate(forge(), keys as never), ARGUMENT);
    }
    await expectCode(verifyMandate(forge(), { es256 }, { policy: 'pq-only' }), UNRESOLVED);
    await expectCode(
      verifyMandate(forge({ classical: true }), { mldsa65 }, { policy: 'pq-optional' }),
      UNRESOLVED,
    );
    expect(
      await verifyMandate(forge({ classical: true }), { es256 }, { policy: 'pq-optional' }),
    ).toBeDefined();
  });

  test('a JWK Set, or all keys at once, in place of the pair: the error says what to do', async () => {
    const keys = await generateMandateKeys();
    expect((await expectCode(verifyMandate(forge(), keys.jwks as never), ARGUMENT)).message).toContain(
      'createLocalMandateKeySet',
    );
    expect((await expectCode(verifyMandate(forge(), keys as never), ARGUMENT)).message).toContain(
      'pass the "publicKeys"',
    );
    expect((await expectCode(sign(keys), ARGUMENT)).message).toContain('pass the "privateKeys"');
    expect((await expectCode(sign(keys.jwks), ARGUMENT)).message).toContain('this is a JWK Set');
    expect((await expectCode(sign(keys.privateKeys.es256), ARGUMENT)).message).toContain('this is one JWK');
    for (const [wrong, ofPublic, ofPrivate] of [
      [keys.jwks, 'use createLocalMandateKeySet', 'this is a JWK Set, which has public keys'],
      [keys, 'pass the "publicKeys"', 'pass the "privateKeys"'],
      [keys.privateKeys.es256, 'this is one JWK', 'this is one JWK'],
    ] as const) {
      const [readPublic, readPrivate] = [importMandatePublicKeys, importMandatePrivateKeys];
      expect((await expectCode(readPublic(wrong as never), ARGUMENT)).message).toContain(ofPublic);
      expect((await expectCode(readPrivate(wrong as never), ARGUMENT)).message).toContain(ofPrivate);
    }
    for (const [wrong, message] of [
      [keys.jwks, 'use createLocalMandateKeySet'],
      [keys, 'pass the "publicKeys"'],
      [keys.publicKeys.es256, 'this is one JWK'],
    ] as const) {
      const resolver = async () => wrong as never;
      expect((await expectCode(verifyMandate(forge(), resolver), UNRESOLVED)).message).toContain(message);
      const bySet = createIssuerKeySet({ 'https://bank.example': wrong as never });
      expect((await expectCode(verifyMandate(forge(), bySet), UNRESOLVED)).message).toContain(message);
    }
  });

  test('a key of another kid than the header names is not used', async () => {
    for (const keys of [
      { es256: { ...es256, kid: 'x' }, mldsa65 },
      { es256, mldsa65: { ...mldsa65, kid: 'x' } },
    ]) {
      await expectCode(verify(keys), UNRESOLVED);
    }
    const { kid: _, ...noKid } = mldsa65;
    expect(await verify({ es256, mldsa65: noKid })).toBeDefined();
    const unnamed = forge({ header: { kid: undefined } });
    expect(await verifyMandate(unnamed, publicKeys)).toBeDefined();
    // Without a kid in the header the pair must still be one.
    await expectCode(verifyMandate(unnamed, { es256: { ...es256, kid: 'x' }, mldsa65 }), UNRESOLVED);
  });
});
