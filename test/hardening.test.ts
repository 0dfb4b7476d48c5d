// What a caller does by mistake, and what others do to a caller: inherited options, promises that nobody awaited, objects
// that change meanwhile, a polluted Object.prototype, impostors of runtime objects. None of it may lower a demand.
import { createHash, randomBytes } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import { importJWK, jwtVerify } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import {
  addPqSignature,
  confirmationOf,
  decodeMandate,
  generateMandateKeys,
  type MandatePublicKeys,
  signMandate,
  type VerifyMandateOptions,
  verifyMandate,
  verifyPqSignature,
  withPqSignatures,
} from '../src/index.js';
import {
  base64url,
  discloseText,
  expectCode,
  forge,
  fromBase64url,
  KID,
  privateKeys,
  publicKeys,
  signEs256,
} from './support.js';

const ARGUMENT = 'ERR_MANDATE_ARGUMENT_INVALID';
const INVALID_KEY = 'ERR_MANDATE_KEY_INVALID';
const FRAME = 'ERR_MANDATE_DISCLOSURE_FRAME_INVALID';
const throwing = (name: string) =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw new Error('no');
    },
  });

describe('a bag of options is a plain object, or an error', () => {
  class Bag {
    get issuer() {
      return 'x';
    }
  }
  const bags: [string, unknown][] = [
    ['a Promise', Promise.resolve({ issuer: 'x' })],
    ['a Map', new Map([['issuer', 'x']])],
    ['an object that inherits', Object.create({ issuer: 'x' })],
    ['a class instance', new Bag()],
    ['a boxed string', new String('xy')],
    ['an array', []],
    ['a Date', new Date()],
    ['an object with a symbol', { [Symbol('issuer')]: 'x' }],
    [
      'an object with null behind it that holds members',
      Object.create(Object.assign(Object.create(null), { issuer: 'x' })),
    ],
    ['an object that throws', throwing('issuer')],
  ];
  test.each(bags)('%s is refused wherever options go', async (_, bag) => {
    const options = bag as object;
    await expectCode(verifyMandate(forge(), publicKeys, options), ARGUMENT);
    await expectCode(verifyMandate(forge(), publicKeys, { limits: options }), ARGUMENT);
    await expectCode(verifyPqSignature(forge(), publicKeys, options), ARGUMENT);
    await expectCode(signMandate({ secret: 1 }, privateKeys, options), ARGUMENT);
    await expectCode(signMandate({ secret: 1 }, privateKeys, { header: options as never }), ARGUMENT);
    await expectCode(addPqSignature({}, { a: 1 }, privateKeys, options), ARGUMENT);
    await expectCode(signMandate({ a: 1 }, options as never), ARGUMENT);
    await expectCode(verifyMandate(forge(), options as MandatePublicKeys), ARGUMENT);
    await expectCode(generateMandateKeys(options), ARGUMENT);
    for (const call of [
      () => decodeMandate(forge(), options),
      () => withPqSignatures(SDJwtInstance, options),
      () => withPqSignatures(SDJwtInstance, {}, options),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: ARGUMENT }));
    }
  });

  test.each(bags.filter(([name]) => name !== 'a Date'))(
    '%s is refused for a disclosure frame',
    async (_, bag) => {
      for (const disclosureFrame of [bag, { o: bag }]) {
        const options = { disclosureFrame: disclosureFrame as never };
        await expectCode(signMandate({ issuer: 'x', o: { a: 1 } }, privateKeys, options), FRAME);
      }
    },
  );

  test('an object without prototype, or of another realm, is one', async () => {
    const options: VerifyMandateOptions = Object.assign(Object.create(null), {
      issuer: 'https://bank.example',
    });
    expect(await verifyMandate(forge(), publicKeys, options)).toBeDefined();
    const { runInNewContext } = await import('node:vm');
    const foreign = runInNewContext("({ issuer: 'https://other.example' })");
    await expectCode(verifyMandate(forge(), publicKeys, foreign), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
  });
});

describe('what changes while a promise is pending changes nothing', () => {
  test('options, keys and a disclosure frame', async () => {
    const options = { issuer: ['https://other.example'], policy: 'pq-required' as string };
    const pending = verifyMandate(forge(), publicKeys, options as never);
    options.issuer[0] = 'https://bank.example';
    options.policy = 'pq-optional';
    await expectCode(pending, 'ERR_JWT_CLAIM_VALIDATION_FAILED');

    const frame = { _sd: ['secret'] as 'secret'[] };
    const signing = signMandate({ secret: 'S' }, privateKeys, { disclosureFrame: frame });
    frame._sd.length = 0;
    expect(decodeMandate(await signing).payload).not.toHaveProperty('secret');

    const keys = { ...publicKeys };
    const resolving = verifyMandate(forge({ es256: () => new Uint8Array(64) }), keys);
    keys.es256 = (() => true) as never;
    await expectCode(resolving, 'ERR_MANDATE_ES256_INVALID');
  });
});

describe('claims that decide validity cannot be hidden by a detour', () => {
  const payload = {
    exp: 4_000_000_000,
    aud: ['a', 'b'],
    cnf: { jwk: { kty: 'EC' } },
    status: { status_list: { idx: 1, uri: 'https://a.example' } },
  };
  test.each<[string, unknown]>([
    ['a nested array', { _sd: [['exp']] }],
    ['a boxed string', { _sd: [new String('exp')] }],
    ['an object that turns into text', { _sd: [{ toString: () => 'exp' }] }],
    ['a number for a name', { _sd: [0] }],
    ['what is in status', { status: { _sd: ['status_list'] } }],
    ['what is deeper in status', { status: { status_list: { _sd: ['idx', 'uri'] } } }],
    ['what is in cnf', { cnf: { _sd: ['jwk'] } }],
    ['what is in aud', { aud: { _sd: [0, 1] } }],
  ])('%s', async (_, disclosureFrame) => {
    await expectCode(signMandate(payload, privateKeys, { disclosureFrame: disclosureFrame as never }), FRAME);
  });

  test('a frame whose getter answers differently the second time', async () => {
    let reads = 0;
    const disclosureFrame = {
      get _sd() {
        return reads++ === 0 ? ['a'] : ['exp'];
      },
    };
    const mandate = await signMandate({ a: 1, exp: 4_000_000_000 }, privateKeys, {
      disclosureFrame: disclosureFrame as never,
    });
    expect(decodeMandate(mandate).payload.exp).toBe(4_000_000_000);
  });
});

describe('an impostor is no key', async () => {
  const evil = await generateMandateKeys({ kid: KID });
  const forged = signMandate({ a: 1 }, evil.privateKeys);

  test('a JWK dressed up as a KeyObject or CryptoKey is read as the JWK it is', async () => {
    const jwk = {
      ...publicKeys.mldsa65,
      asymmetricKeyType: 'ml-dsa-65',
      type: 'public',
      export: 1,
      format: 'jwk',
      key: evil.publicKeys.mldsa65,
    };
    for (const tag of [{}, { [Symbol.toStringTag]: 'KeyObject' }, { [Symbol.toStringTag]: 'CryptoKey' }]) {
      const keys = { mldsa65: { ...jwk, ...tag } as never };
      await expectCode(
        verifyMandate(await forged, keys, { policy: 'pq-only' }),
        'ERR_MANDATE_ML_DSA_65_INVALID',
      );
    }
  });

  test('what only claims to be an object of the runtime is refused', async () => {
    const impostors: object[] = [
      { [Symbol.toStringTag]: 'CryptoKey' },
      { [Symbol.toStringTag]: 'CryptoKey', algorithm: {}, usages: ['verify'] },
      { [Symbol.toStringTag]: 'KeyObject' },
      {
        [Symbol.toStringTag]: 'KeyObject',
        asymmetricKeyType: 'ec',
        type: 'public',
        export: () => {
          throw new Error('no');
        },
      },
      throwing('kty'),
      Object.assign(throwing('x'), { kty: 'EC' }),
      new Proxy(
        {},
        {
          has: () => {
            throw new Error('no');
          },
        },
      ),
    ];
    for (const key of impostors) {
      const outcome = await verifyMandate(forge(), { ...publicKeys, es256: key as never }).catch(
        (error) => error.code,
      );
      expect(outcome).toBe(INVALID_KEY);
    }
  });

  test('a kid that cannot stand in a header is refused', async () => {
    await expectCode(generateMandateKeys({ kid: '\ud800' }), ARGUMENT);
    const keys = { ...privateKeys, es256: { ...privateKeys.es256, kid: '\ud800' } };
    const outcome = await signMandate({ a: 1 }, keys).catch((error) => error.code);
    expect(outcome).toMatch(/^ERR_MANDATE_/);
    const both = {
      es256: { ...privateKeys.es256, kid: '\ud800' },
      mldsa65: { ...privateKeys.mldsa65, kid: '\ud800' },
    };
    expect(await signMandate({ a: 1 }, both).catch((error) => error.code)).toMatch(/^ERR_MANDATE_/);
  });

  test('repeated key_ops are refused (RFC 7517 §4.3)', async () => {
    const es256 = { ...publicKeys.es256, key_ops: ['verify', 'verify'] };
    await expectCode(verifyMandate(forge(), { ...publicKeys, es256 }), INVALID_KEY);
  });

  test('a kid that others wrote cannot fill a log or break its lines', async () => {
    const error = await expectCode(
      verifyMandate(forge({ header: { kid: `\u009b\u202e\n${'x'.repeat(9000)}` } }), publicKeys),
      'ERR_MANDATE_KEY_UNRESOLVED',
    );
    expect(error.message).toMatch(/^[ -~]{1,600}$/);
  });
});

describe('a polluted Object.prototype changes nothing', () => {
  const pollute = (members: object) => Object.assign(Object.prototype, members);
  afterEach(() => {
    for (const name of Object.keys(Object.prototype))
      delete (Object.prototype as Record<string, unknown>)[name];
  });

  const valid = forge();
  const bound = (payload: object) =>
    forge({ payload, keyBindingJwt: () => forge({ header: { typ: 'kb+jwt' } }).slice(0, -1) });
  test.each<[string, object, () => Promise<unknown>, string]>([
    [
      'alg',
      { alg: 'ES256' },
      () => verifyMandate(forge({ header: { alg: undefined } }), publicKeys),
      'ERR_MANDATE_HEADER_INVALID',
    ],
    [
      '_sd_alg',
      { _sd_alg: 'sha-256' },
      () => verifyMandate(forge({ header: { _sd_alg: 'sha-256' }, payload: {} }), publicKeys),
      'ERR_MANDATE_HEADER_INVALID',
    ],
    [
      'a key',
      { mldsa65: publicKeys.mldsa65 },
      () => verifyMandate(valid, { es256: publicKeys.es256 }),
      'ERR_MANDATE_KEY_UNRESOLVED',
    ],
    [
      'a resolved key',
      { mldsa65: publicKeys.mldsa65 },
      () => verifyMandate(valid, () => ({ es256: publicKeys.es256 })),
      'ERR_MANDATE_KEY_UNRESOLVED',
    ],
    [
      'policy',
      { policy: 'pq-optional' },
      () => verifyMandate(forge({ classical: true }), publicKeys),
      'ERR_MANDATE_PQ_REQUIRED',
    ],
    [
      'clockTolerance',
      { clockTolerance: 1e9 },
      () => verifyMandate(forge({ payload: { exp: 1 } }), publicKeys),
      'ERR_JWT_EXPIRED',
    ],
    [
      'iss',
      { iss: 'a' },
      () => verifyMandate(forge({ payload: {} }), publicKeys, { issuer: 'a' }),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    ],
    [
      "a holder's key",
      { jwk: publicKeys.es256 },
      () => verifyMandate(bound({ cnf: {} }), publicKeys, { keyBinding: { audience: 'a', nonce: 'n' } }),
      'ERR_MANDATE_CONFIRMATION_INVALID',
    ],
    [
      "a holder's confirmation",
      { cnf: { jwk: publicKeys.es256 } },
      () => verifyMandate(bound({}), publicKeys, { keyBinding: { audience: 'a', nonce: 'n' } }),
      'ERR_MANDATE_CONFIRMATION_INVALID',
    ],
    [
      'retention_metadata',
      { policy: 'p', retention_until: '2099-01-01T00:00:00Z', iat: 1 },
      () =>
        verifyMandate(forge({ payload: { retention_metadata: {} } }), publicKeys, { minRetentionYears: 1 }),
      'ERR_MANDATE_RETENTION',
    ],
    [
      'pub',
      { pub: publicKeys.mldsa65.pub },
      () => verifyMandate(forge(), { ...publicKeys, mldsa65: { kty: 'AKP', alg: 'ML-DSA-65' } as never }),
      INVALID_KEY,
    ],
  ])('%s', async (_, members, run, code) => {
    await run().then(
      () => expect.unreachable(),
      (error) => expect(error.code).toBe(code),
    );
    pollute(members);
    const outcome = await run().then(
      () => 'accepted',
      (error) => error.code,
    );
    expect(outcome).toBe(code);
  });
});

test('a claim that only a polluted Object.prototype has is not there', async () => {
  let issuer: unknown = 'not asked';
  const resolver = (_: object, iss: unknown) => {
    issuer = iss;
    return publicKeys;
  };
  const [empty, disclosed] = [forge({ payload: {} }), discloseText('["s1","a",1]')];
  const mandate = forge({ payload: { _sd: [disclosed.digest] }, disclosures: [disclosed.encoded] });
  const polluted = {
    exp: 1,
    nbf: 4e9,
    iss: 'x',
    aud: {},
    valid_until: 'x',
    a: 2,
    crit: ['x'],
    b64: false,
    x5c: 7,
    pq_sig: 'x',
    kid: 1,
  };
  Object.assign(Object.prototype, polluted);
  const outcomes = await Promise.all(
    [empty, mandate].map((token) =>
      verifyMandate(token, publicKeys).then(
        () => 'accepted',
        (error) => error,
      ),
    ),
  );
  await verifyMandate(empty, resolver).catch(() => {});
  for (const name of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[name];
  expect(issuer).toBeUndefined();
  expect(outcomes).toEqual(['accepted', 'accepted']);
});

describe('signing is bounded', () => {
  test('an object that is shared, not copied, does not grow exponentially', async () => {
    let shared: object = { v: 1 };
    for (let i = 0; i < 28; i++) shared = { x: shared, y: shared };
    await expectCode(signMandate({ shared }, privateKeys), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(signMandate({ a: 1 }, privateKeys, { header: { shared } }), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(addPqSignature({}, { shared }, privateKeys), 'ERR_MANDATE_TOO_LARGE');
  });

  test('disclosures and decoys are counted before they are made', async () => {
    const list = Array.from({ length: 2000 }, (_, i) => i);
    const disclosureFrame = { list: { _sd: list } };
    await expectCode(signMandate({ list }, privateKeys, { disclosureFrame }), 'ERR_MANDATE_TOO_LARGE');
    const objects = Array.from({ length: 3 }, () => ({ a: 1 }));
    const decoys = { objects: Object.fromEntries(objects.map((_, i) => [i, { _sd_decoy: 400 }])) };
    await expectCode(signMandate({ objects }, privateKeys, { disclosureFrame: decoys }), FRAME);
  });

  test('addPqSignature holds the limit on the whole', async () => {
    await expectCode(addPqSignature({}, { big: 'x'.repeat(250_000) }, privateKeys), 'ERR_MANDATE_TOO_LARGE');
    expect(
      await addPqSignature({}, { big: 'x'.repeat(250_000) }, privateKeys, {
        limits: { maxMandateLength: 400_000 },
      }),
    ).toBeDefined();
  });

  test('maxDepth has a limit of its own, which no stack reaches', async () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(
      await verifyMandate(forge({ payloadText: nested(511) }), publicKeys, { limits: { maxDepth: 512 } }),
    ).toBeDefined();
    const error = await expectCode(
      verifyMandate(forge(), publicKeys, { limits: { maxDepth: 513 } }),
      ARGUMENT,
    );
    expect(error.parameter).toBe('limits.maxDepth');
  });
});

describe('nothing private is published (R5.23)', () => {
  const { es256, mldsa65 } = privateKeys;
  test('as a header, in it, or as the key of a holder', async () => {
    for (const header of [
      { jwk: { ...es256 } },
      { ...mldsa65, alg: 'ES256' },
      { jwk: { kty: 'oct', k: 'x' } },
    ]) {
      await expectCode(signMandate({ a: 1 }, privateKeys, { header }), 'ERR_MANDATE_HEADER_INVALID');
    }
    for (const jwk of [es256, mldsa65]) {
      await expectCode(signMandate({ cnf: { jwk } }, privateKeys), 'ERR_MANDATE_PAYLOAD_INVALID');
    }
    const header = { jwk: { ...publicKeys.es256 } };
    expect(await signMandate({ cnf: { jwk: publicKeys.es256 } }, privateKeys, { header })).toBeDefined();
  });
});

describe("errors of the caller's own functions and dates", () => {
  test('a salt generator that throws', async () => {
    const cause = new Error('no entropy');
    const options = {
      disclosureFrame: { _sd: ['a' as const] },
      saltGenerator: () => {
        throw cause;
      },
    };
    expect(await expectCode(signMandate({ a: 1 }, privateKeys, options), ARGUMENT)).toMatchObject({ cause });
  });

  test('something with the prototype of a Date', async () => {
    const currentDate = Object.create(Date.prototype);
    await expectCode(verifyMandate(forge(), publicKeys, { currentDate }), ARGUMENT);
    await expectCode(signMandate({}, privateKeys, { expiresIn: 5, currentDate }), ARGUMENT);
    await expectCode(signMandate({ at: currentDate }, privateKeys), 'ERR_MANDATE_PAYLOAD_INVALID');
  });

  test('a fraction of a second is cut off, not rounded', async () => {
    const payload = { valid_until: '2026-05-01T00:00:00.99999999999999999999Z' };
    const currentDate = new Date('2026-05-01T00:00:00.999Z');
    await expectCode(verifyMandate(forge({ payload }), publicKeys, { currentDate }), 'ERR_JWT_EXPIRED');
  });
});

describe('withPqSignatures and the base class look at the same', () => {
  const config = {
    signer: (data: string) => base64url(signEs256(data)),
    signAlg: 'ES256',
    verifier: async (data: string, signature: string) => {
      const key = await importJWK({ ...publicKeys.es256 }, 'ES256');
      return jwtVerify(`${data}.${signature}`, key).then(
        () => true,
        () => false,
      );
    },
    hasher: (data: string | ArrayBuffer) => createHash('sha256').update(String(data)).digest(),
    saltGenerator: (length: number) => randomBytes(length).toString('base64url'),
    kbSigner: (data: string) => base64url(signEs256(data)),
    kbSignAlg: 'ES256',
    kbVerifier: () => true,
  };
  const PqSDJwt = withPqSignatures(
    SDJwtInstance,
    { mldsa65PrivateKey: privateKeys.mldsa65, mldsa65PublicKey: publicKeys.mldsa65 },
    { keyBinding: { audience: 'b' } },
  );
  const good = signMandate({ iss: 'a', amount: '1.00', ...confirmationOf(publicKeys) }, privateKeys);

  test('options that a verifier kept verify nothing else', async () => {
    const kept: object[] = [];
    const verifier = (data: string, signature: string, options: unknown) => {
      kept.push(options as object);
      return config.verifier(data, signature);
    };
    const sdjwt = new PqSDJwt({ ...config, verifier: verifier as never });
    await sdjwt.verify(await good, { currentDate: 1_800_000_000 });
    expect(kept.length).toBeGreaterThanOrEqual(2);
    const evil = forge({ classical: true, payload: { iss: 'evil' } });
    for (const options of kept.flatMap((object) => [object, { ...object }])) {
      await expectCode(sdjwt.validate(evil, options as never), 'ERR_MANDATE_PQ_REQUIRED');
    }
    // Not even while the first one is still being verified.
    let inner: Promise<unknown> = Promise.resolve();
    const during = (data: string, signature: string, options: unknown) => {
      inner = reentrant.validate(evil, options as never).then(
        () => 'accepted',
        (error) => error.code,
      );
      return config.verifier(data, signature);
    };
    let depth = 0;
    const reentrant = new PqSDJwt({
      ...config,
      verifier: ((d: string, s: string, o: unknown) =>
        depth++ < 3 ? during(d, s, o) : config.verifier(d, s)) as never,
    });
    await reentrant.verify(await good, { currentDate: 1_800_000_000 });
    expect(await inner).toBe('ERR_MANDATE_PQ_REQUIRED');
  });

  test('a nonce that only one of the two would see', async () => {
    const sdjwt = new PqSDJwt(config);
    const badKb = `${base64url('{"alg":"ES256","typ":"kb+jwt"}')}.${base64url('{"iat":1,"aud":"b","nonce":"m","sd_hash":"x"}')}.${'A'.repeat(86)}`;
    const bound = `${await good}${badKb}`;
    const inherited = Object.create({ keyBindingNonce: 'n' });
    const getter = new (class {
      get keyBindingNonce() {
        return 'n';
      }
    })();
    for (const options of [inherited, getter]) await expectCode(sdjwt.verify(bound, options), ARGUMENT);
    const options: { keyBindingNonce?: string } = { keyBindingNonce: 'n' };
    const pending = sdjwt.verify(bound, options);
    delete options.keyBindingNonce;
    await expectCode(pending, 'ERR_MANDATE_PQ_REQUIRED');
  });

  test('a key binding JWT that the base class does not look at closely', async () => {
    const sdjwt = new PqSDJwt(config);
    const header = '{"alg":"ES256","typ":"kb+jwt"}';
    const payload = '{"iat":1,"aud":"b","nonce":"n","sd_hash":"x"}';
    const kb = (h: string, p: string) => `${base64url(h)}.${base64url(p)}.${'A'.repeat(86)}`;
    const cases: [string, string][] = [
      [kb('{"alg":"HS256","typ":"kb+jwt"}', payload), 'ERR_MANDATE_HEADER_INVALID'],
      [kb('{"alg":"ES256","crit":["x"],"typ":"kb+jwt"}', payload), 'ERR_MANDATE_HEADER_INVALID'],
      [kb('{"alg":"none","alg":"ES256","typ":"kb+jwt"}', payload), 'ERR_MANDATE_MALFORMED'],
      [kb('{"alg":"ES256","typ":"JWT"}', payload), 'ERR_MANDATE_KEY_BINDING_INVALID'],
      [kb(header, payload), 'ERR_MANDATE_PQ_REQUIRED'],
    ];
    for (const [keyBindingJwt, code] of cases) {
      await expectCode(sdjwt.verify(`${await good}${keyBindingJwt}`, { keyBindingNonce: 'n' }), code);
    }
  });

  test('the payload is the strict one: __proto__ is data, an empty name is a name', async () => {
    const sdjwt = new PqSDJwt(config);
    const proto = await signMandate(
      JSON.parse('{"cart":{"id":1,"__proto__":{"approved":true}}}'),
      privateKeys,
    );
    const { cart } = (await sdjwt.verify(proto)).payload as { cart: { approved?: boolean } };
    expect(cart.approved).toBeUndefined();
    expect(Object.keys(cart)).toEqual(['__proto__', 'id']);
    const empty = discloseText('["s1","",7]');
    const mandate = forge({
      payload: { _sd: [empty.digest], _sd_alg: 'sha-256' },
      disclosures: [empty.encoded],
    });
    expect((await sdjwt.verify(mandate)).payload).toEqual({ '': 7 });
    expect((await sdjwt.validate(mandate)).payload).toEqual({ '': 7 });
  });

  test('times of another type are refused, not coerced', async () => {
    const sdjwt = new PqSDJwt(config);
    for (const value of ['1700000000', [1_700_000_000], 10n, Symbol('x'), {}, Number.NaN]) {
      for (const name of ['currentDate', 'skewSeconds']) {
        await expectCode(sdjwt.verify(await good, { [name]: value } as never), ARGUMENT);
      }
    }
  });

  test('a resolver and a key at once are refused', () => {
    const keys = { mldsa65PublicKey: publicKeys.mldsa65, keyResolver: () => publicKeys };
    expect(() => withPqSignatures(SDJwtInstance, keys)).toThrow(expect.objectContaining({ code: ARGUMENT }));
    expect(() => withPqSignatures(SDJwtInstance, undefined as never)).not.toThrow();
    expect(fromBase64url('')).toHaveLength(0);
  });
});
