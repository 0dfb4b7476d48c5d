import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  createDidWebKeySet,
  createIssuerKeySet,
  createLocalMandateKeySet,
  createRemoteMandateKeySet,
  generateMandateKeys,
  type MandateKeys,
  type RemoteKeySetOptions,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import { type Handler, json, startServer, type TestServer } from '../server.js';
import { disclose, expectCode, forge, publicKeys } from '../support.js';

const old = await generateMandateKeys({ kid: 'bank-2025' });
const current = await generateMandateKeys({ kid: 'bank-2026' });
const both = { keys: [...old.jwks.keys, ...current.jwks.keys] };
const sign = (keys: MandateKeys, payload: object = { iss: 'https://bank.example' }, header = {}) =>
  signMandate(payload, keys.privateKeys, { header });
const byOld = await sign(old);
const byCurrent = await sign(current);

const UNRESOLVED = 'ERR_MANDATE_KEY_UNRESOLVED';
const AMBIGUOUS = 'ERR_MANDATE_KEY_AMBIGUOUS';
const KEY_SET = 'ERR_MANDATE_KEY_SET_INVALID';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
afterEach(() => {
  server.routes = {};
  server.requests.length = 0;
});

describe('createLocalMandateKeySet', () => {
  test('finds the EC and the AKP key that share the kid, old and new', async () => {
    const keySet = createLocalMandateKeySet(both);
    for (const mandate of [byOld, byCurrent]) {
      expect((await verifyMandate(mandate, keySet)).signatures).toMatchObject({
        es256: 'valid',
        mldsa65: 'valid',
      });
    }
    await expectCode(verifyMandate(await sign(await generateMandateKeys()), keySet), UNRESOLVED);
  });

  test('a kid that is unknown is named, and so are those that are known', async () => {
    const message = async (jwks: { keys: readonly object[] }, kid: string | undefined) => {
      const refused = verifyMandate(forge({ header: { kid } }), createLocalMandateKeySet(jwks));
      return (await expectCode(refused, UNRESOLVED)).message;
    };
    const other = { kty: 'RSA', kid: 'rsa', n: 'AQAB', e: 'AQAB' };
    const start = 'the key set has no key for the mandate, whose "kid" is';
    expect(await message({ keys: [...both.keys, other] }, 'bank-2027')).toBe(
      `${start} bank-2027: it has bank-2025, bank-2026`,
    );
    expect(await message({ keys: [other] }, undefined)).toBe(
      `${start} absent: it has no key that could verify a mandate`,
    );
    expect(await message(current.jwks, 'a\nb é')).toBe(`${start} "a\\nb ?": it has bank-2026`);
    const many = Array.from({ length: 7 }, (_, n) => ({ ...current.jwks.keys[0], kid: `k${n}` }));
    expect(await message({ keys: many }, 'x')).toBe(`${start} x: it has k0, k1, k2, k3, k4 and 2 more`);
  });

  test('finds the one pair for a mandate without kid, and refuses to choose between two (R8.19)', async () => {
    const [{ kid: _, ...es256 }, { kid: __, ...mldsa65 }] = [
      current.privateKeys.es256,
      current.privateKeys.mldsa65,
    ];
    const nameless = await signMandate({ a: 1 }, { es256: es256 as never, mldsa65: mldsa65 as never });
    expect(await verifyMandate(nameless, createLocalMandateKeySet(current.jwks))).toBeDefined();
    await expectCode(verifyMandate(nameless, createLocalMandateKeySet(both)), AMBIGUOUS);
  });

  test('refuses two keys of one kind under one kid (R8.19)', async () => {
    const twin = await generateMandateKeys({ kid: 'bank-2026' });
    const keySet = createLocalMandateKeySet({ keys: [...current.jwks.keys, twin.jwks.keys[1]] });
    await expectCode(verifyMandate(byCurrent, keySet), AMBIGUOUS);
  });

  test('honours use, key_ops, alg, kty and crv, and ignores keys of other kinds (R8.19)', async () => {
    const [ec, akp] = current.jwks.keys;
    const others = [
      { kty: 'RSA', kid: 'bank-2026', n: 'x', e: 'AQAB' },
      { kty: 'oct', kid: 'bank-2026', k: 'x' },
    ];
    const unusable: [object, object][] = [
      [{ ...ec, use: 'enc' }, akp],
      [ec, { ...akp, use: 'enc' }],
      [{ ...ec, key_ops: ['sign'] }, akp],
      [ec, { ...akp, key_ops: ['encrypt'] }],
      [{ ...ec, alg: 'ES384' }, akp],
      [ec, { ...akp, alg: 'ML-DSA-87' }],
      [{ ...ec, crv: 'P-384' }, akp],
      [{ ...ec, kty: 'OKP' }, akp],
      [ec, { ...akp, kid: 'bank-2027' }],
    ];
    for (const keys of unusable) {
      await expectCode(
        verifyMandate(byCurrent, createLocalMandateKeySet({ keys: [...keys, ...others] })),
        UNRESOLVED,
      );
    }
    const usable = [
      { ...ec, key_ops: ['verify'], use: undefined },
      { ...akp, key_ops: ['verify'] },
      ...others,
    ];
    expect(
      await verifyMandate(byCurrent, createLocalMandateKeySet({ keys: usable as object[] })),
    ).toBeDefined();
  });

  test('refuses a private key in the set', async () => {
    const keySet = createLocalMandateKeySet({ keys: Object.values(current.privateKeys) });
    await expectCode(verifyMandate(byCurrent, keySet), 'ERR_MANDATE_KEY_INVALID');
  });

  test('with one half missing: the policy decides', async () => {
    const classicalOnly = createLocalMandateKeySet({ keys: [current.jwks.keys[0]] });
    await expectCode(verifyMandate(byCurrent, classicalOnly), UNRESOLVED);
    await expectCode(verifyMandate(byCurrent, classicalOnly, { policy: 'pq-optional' }), UNRESOLVED);
    const pqOnly = createLocalMandateKeySet({ keys: [current.jwks.keys[1]] });
    expect(await verifyMandate(byCurrent, pqOnly, { policy: 'pq-only' })).toMatchObject({
      quantumSafe: true,
    });
  });

  test.each([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
  ])('refuses %s in a key: a set is data', (_, x) => {
    const keys = [{ ...current.jwks.keys[0], x5c: [x] }];
    expect(() => createLocalMandateKeySet({ keys })).toThrow(expect.objectContaining({ code: KEY_SET }));
  });

  test('takes a copy', async () => {
    const jwks = structuredClone(current.jwks) as { keys: object[] };
    const keySet = createLocalMandateKeySet(jwks);
    jwks.keys.length = 0;
    expect(await verifyMandate(byCurrent, keySet)).toBeDefined();
  });

  test.each([
    [undefined],
    [null],
    [[]],
    [{}],
    [{ keys: {} }],
    [{ keys: [null] }],
    [{ keys: ['x'] }],
    [{ keys: [[]] }],
    [{ keys: [() => 1] }],
  ])('refuses %j', (jwks) => {
    expect(() => createLocalMandateKeySet(jwks as never)).toThrow(expect.objectContaining({ code: KEY_SET }));
  });
});

describe('createRemoteMandateKeySet', () => {
  const verifyFrom = (path: string, options?: RemoteKeySetOptions, mandate = byCurrent) =>
    verifyMandate(mandate, createRemoteMandateKeySet(`${server.url}${path}`, options));

  test('fetches once, and keeps what it has', async () => {
    server.routes['/jwks'] = json(both, 'application/jwk-set+json; charset=utf-8');
    const keySet = createRemoteMandateKeySet(new URL('/jwks', server.url));
    expect([keySet.fresh, keySet.coolingDown, keySet.reloading]).toEqual([false, false, false]);
    await Promise.all([byCurrent, byOld, byCurrent].map((mandate) => verifyMandate(mandate, keySet)));
    await verifyMandate(byOld, keySet);
    expect(server.requests).toEqual(['/jwks']);
    expect([keySet.fresh, keySet.coolingDown]).toEqual([true, true]);
    await keySet.reload();
    expect(server.requests).toHaveLength(2);
  });

  test('fetches once more for an unknown kid, outside of the cool-down only (R8.17)', async () => {
    let published: object = old.jwks;
    server.routes['/jwks'] = (request, response) => json(published)(request, response);
    const patient = createRemoteMandateKeySet(`${server.url}/jwks`);
    const eager = createRemoteMandateKeySet(`${server.url}/jwks`, { cooldownDuration: 0 });
    for (const keySet of [patient, eager]) await verifyMandate(byOld, keySet);
    published = both; // the rotation
    await expectCode(verifyMandate(byCurrent, patient), UNRESOLVED);
    expect(server.requests).toHaveLength(2);
    expect(await verifyMandate(byCurrent, eager)).toBeDefined();
    expect(server.requests).toHaveLength(3);
    expect(await verifyMandate(byOld, eager)).toBeDefined();
    await expectCode(verifyMandate(await sign(await generateMandateKeys()), eager), UNRESOLVED);
    expect(server.requests).toHaveLength(4);
  });

  test('fetches again when the cache is too old', async () => {
    server.routes['/jwks'] = json(both);
    const start = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(start);
    const keySet = createRemoteMandateKeySet(`${server.url}/jwks`, { cacheMaxAge: 60_000 });
    await verifyMandate(byOld, keySet);
    clock.mockReturnValue(start + 59_000);
    await verifyMandate(byOld, keySet);
    expect(server.requests).toHaveLength(1);
    clock.mockReturnValue(start + 61_000);
    await verifyMandate(byOld, keySet);
    expect(server.requests).toHaveLength(2);
  });

  test('half a pair, or two of a kind, are asked for again outside of the cool-down (R8.27)', async () => {
    const [es256, mldsa65] = current.jwks.keys;
    const twin = (await generateMandateKeys({ kid: 'bank-2026' })).jwks.keys[1];
    let published: object[] = [];
    let status = 200;
    server.routes['/jwks'] = (request, response) =>
      status === 200 ? json({ keys: published })(request, response) : response.writeHead(status).end();
    const start = Date.now();
    const clock = vi.spyOn(Date, 'now');
    for (const [first, code] of [
      [[es256], UNRESOLVED],
      [[mldsa65], UNRESOLVED],
      [[es256, mldsa65, twin], AMBIGUOUS],
    ] as const) {
      clock.mockReturnValue(start);
      server.requests.length = 0;
      published = [...first];
      const keySet = createRemoteMandateKeySet(`${server.url}/jwks`);
      await expectCode(verifyMandate(byCurrent, keySet), code);
      published = [es256, mldsa65]; // what was missing is published, what was too much is withdrawn
      await expectCode(verifyMandate(byCurrent, keySet), code);
      expect(server.requests).toHaveLength(1);
      clock.mockReturnValue(start + 30_000);
      expect(await verifyMandate(byCurrent, keySet)).toBeDefined();
      expect(server.requests).toHaveLength(2);
      expect(await verifyMandate(byCurrent, keySet)).toBeDefined();
      expect(server.requests).toHaveLength(2);
    }
    // A half that is enough, and fresh, does not depend on whether the rest can be had.
    clock.mockReturnValue(start);
    published = [mldsa65];
    const keySet = createRemoteMandateKeySet(`${server.url}/jwks`);
    const pqOnly = { policy: 'pq-only' } as const;
    expect(await verifyMandate(byCurrent, keySet, pqOnly)).toBeDefined();
    clock.mockReturnValue(start + 30_000);
    status = 500;
    expect(await verifyMandate(byCurrent, keySet, pqOnly)).toBeDefined();
    expect(server.requests).toHaveLength(4);
    // What the second document says counts, and not the first.
    clock.mockReturnValue(start + 60_000);
    status = 200;
    published = [];
    await expectCode(verifyMandate(byCurrent, keySet, pqOnly), UNRESOLVED);
  });

  test('a classical-only mandate needs no AKP key, and asks for none', async () => {
    server.routes['/jwks'] = json({ keys: [publicKeys.es256] });
    const keySet = createRemoteMandateKeySet(`${server.url}/jwks`, { cooldownDuration: 0 });
    for (let i = 0; i < 3; i++)
      await verifyMandate(forge({ classical: true }), keySet, { policy: 'pq-optional' });
    expect(server.requests).toHaveLength(1);
  });

  test('does not fall back on old keys when the fetch fails (R8.18)', async () => {
    let handler: Handler = json(both);
    server.routes['/jwks'] = (request, response) => handler(request, response);
    const start = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(start);
    const keySet = createRemoteMandateKeySet(`${server.url}/jwks`, { cacheMaxAge: 0 });
    await verifyMandate(byOld, keySet);
    handler = (_, response) => response.writeHead(500).end();
    await expectCode(verifyMandate(byOld, keySet), 'ERR_MANDATE_FETCH_STATUS');
    const asked = server.requests.length;
    for (let i = 0; i < 5; i++) await expectCode(verifyMandate(byOld, keySet), 'ERR_MANDATE_FETCH_STATUS');
    expect(server.requests).toHaveLength(asked); // one a second while it fails
    handler = json(both);
    clock.mockReturnValue(start + 1001);
    expect(await verifyMandate(byOld, keySet)).toBeDefined();
  });

  const big = { keys: [...both.keys, { kty: 'oct', k: 'x'.repeat(16_384) }] };
  const failures: [string, Handler, string][] = [
    ['a status of 404', (_, r) => r.writeHead(404).end(), 'ERR_MANDATE_FETCH_STATUS'],
    ['a status of 204', (_, r) => r.writeHead(204).end(), 'ERR_MANDATE_FETCH_STATUS'],
    [
      'a status of 206',
      (_, r) => r.writeHead(206, { 'content-type': 'application/json' }).end(JSON.stringify(both)),
      'ERR_MANDATE_FETCH_STATUS',
    ],
    ['HTML', json(both, 'text/html'), 'ERR_MANDATE_FETCH_CONTENT_TYPE'],
    [
      'no content type',
      (_, r) => r.writeHead(200).end(JSON.stringify(both)),
      'ERR_MANDATE_FETCH_CONTENT_TYPE',
    ],
    [
      'a content type that only begins well',
      json(both, 'application/json5'),
      'ERR_MANDATE_FETCH_CONTENT_TYPE',
    ],
    [
      'invalid UTF-8',
      (_, r) => r.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xff, 0x22])),
      'ERR_MANDATE_FETCH_CONTENT_TYPE',
    ],
    ['more than 16 KiB', json(big), 'ERR_MANDATE_FETCH_TOO_LARGE'],
    [
      'JSON that is cut off',
      (_, r) => r.writeHead(200, { 'content-type': 'application/json' }).end('{"keys":['),
      KEY_SET,
    ],
    ['JSON that is no key set', json([both]), KEY_SET],
    ['a null', json(null), KEY_SET],
    ['an empty body', (_, r) => r.writeHead(200, { 'content-type': 'application/json' }).end(), KEY_SET],
    ['an empty key set', json({ keys: [] }), UNRESOLVED],
    [
      'a connection that drops before an answer',
      (request) => request.socket.destroy(),
      'ERR_MANDATE_FETCH_FAILED',
    ],
    [
      'a connection that drops in the middle of the body',
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
        response.write('{"keys":[', () => setTimeout(() => request.socket.destroy(), 20));
      },
      'ERR_MANDATE_FETCH_FAILED',
    ],
    ['an answer that never comes', () => {}, 'ERR_MANDATE_FETCH_TIMEOUT'],
    [
      'a body that never ends, drop by drop',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
      'ERR_MANDATE_FETCH_TIMEOUT',
    ],
    [
      'a redirect to another origin',
      (_, r) => r.writeHead(302, { location: 'http://localhost:1/jwks' }).end(),
      'ERR_MANDATE_FETCH_REDIRECT',
    ],
    [
      'a redirect to another scheme',
      (_, r) => r.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'ERR_MANDATE_FETCH_REDIRECT',
    ],
    ['a redirect without a location', (_, r) => r.writeHead(302).end(), 'ERR_MANDATE_FETCH_REDIRECT'],
    [
      'a redirect to nonsense',
      (_, r) => r.writeHead(302, { location: 'http://[' }).end(),
      'ERR_MANDATE_FETCH_REDIRECT',
    ],
    [
      'a redirect to itself',
      (_, r) => r.writeHead(302, { location: '/bad' }).end(),
      'ERR_MANDATE_FETCH_REDIRECT',
    ],
  ];
  test.each(failures)('refuses %s (R8.17)', async (_, handler, code) => {
    server.routes['/bad'] = handler;
    const timeoutDuration = code === 'ERR_MANDATE_FETCH_TIMEOUT' ? 300 : 30_000;
    await expectCode(verifyFrom('/bad', { timeoutDuration }), code);
  });

  test('stops reading an endless body at the limit, and lets go of the connection (R8.17)', async () => {
    let sent = 0;
    let closed = false;
    server.routes['/endless'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('close', () => {
        closed = true;
      });
      const chunk = Buffer.alloc(4096, 0x20);
      const pump = () => {
        while (!closed && response.write(chunk)) sent += chunk.length;
        if (!closed) response.once('drain', pump);
      };
      pump();
    };
    await expectCode(verifyFrom('/endless'), 'ERR_MANDATE_FETCH_TOO_LARGE');
    await vi.waitFor(() => expect(closed).toBe(true));
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test('follows redirects within the origin, a few (R8.17)', async () => {
    const to =
      (location: string): Handler =>
      (_, response) =>
        response.writeHead(307, { location }).end();
    server.routes = {
      '/a': to('/b'),
      '/b': to('c'),
      '/c': to(`${server.url}/jwks`),
      '/jwks': json(both),
      '/z': to('/a'),
    };
    expect(await verifyFrom('/a')).toBeDefined();
    await expectCode(verifyFrom('/z'), 'ERR_MANDATE_FETCH_REDIRECT');
  });

  test('takes other limits, headers and another fetch', async () => {
    server.routes['/big'] = json(big);
    expect(await verifyFrom('/big', { maxResponseBytes: 65_536 })).toBeDefined();
    server.routes['/secret'] = (request, response) =>
      request.headers.authorization === 'x' ? json(both)(request, response) : response.writeHead(401).end();
    expect(await verifyFrom('/secret', { headers: { authorization: 'x' } })).toBeDefined();
    const seen: string[] = [];
    const custom = (url: string | URL | Request) => {
      seen.push(String(url));
      return Promise.resolve(Response.json(both));
    };
    await verifyMandate(
      byOld,
      createRemoteMandateKeySet('https://bank.example/jwks', { fetch: custom as typeof fetch }),
    );
    expect(seen).toEqual(['https://bank.example/jwks']);
  });

  test('refuses what it may not fetch, at once', () => {
    const bad = [
      'http://bank.example/jwks',
      'ftp://127.0.0.1/',
      'file:///etc/passwd',
      'https://u:p@bank.example/',
      'http://127.0.0.1.example.com/',
      'http://localhost.example.com/',
      'jwks',
      '',
      undefined,
      null,
      {},
    ];
    for (const url of bad) {
      expect(() => createRemoteMandateKeySet(url as never), String(url)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_FETCH_URL' }),
      );
    }
    for (const url of [
      'http://localhost:1/',
      'http://127.0.0.1/',
      'http://127.1.2.3/',
      'http://[::1]/',
      'https://bank.example/',
    ]) {
      expect(createRemoteMandateKeySet(url)).toBeTypeOf('function');
    }
    const options: object[] = [
      { timeoutDuration: 0 },
      { timeoutDuration: '5s' },
      { timeoutDuration: 2 ** 31 },
      { headers: { authorization: 'Bearer SECRET\n x' } },
      { maxResponseBytes: -1 },
      { cooldownDuration: -1 },
      { cacheMaxAge: Number.NaN },
      { headers: 'x' },
      { fetch: 'x' },
      { timeout: 5 },
    ];
    for (const option of options) {
      expect(() => createRemoteMandateKeySet('https://bank.example/', option as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
    }
  });

  test('an unchanged jose verifies our mandates by the JWK Set we publish, though it may not know AKP', async () => {
    server.routes['/.well-known/jwks.json'] = json(both);
    const remote = createRemoteJWKSet(new URL('/.well-known/jwks.json', server.url));
    const local = createLocalJWKSet(both as never);
    for (const mandate of [byOld, byCurrent]) {
      const [jws = ''] = mandate.split('~');
      for (const keySet of [remote, local]) {
        const { protectedHeader } = await jwtVerify(jws, keySet, { issuer: 'https://bank.example' });
        expect(protectedHeader.alg).toBe('ES256');
      }
    }
  });
});

describe('createDidWebKeySet (R8.21)', () => {
  const didOf = () => `did:web:127.0.0.1%3A${server.port}`;
  const document = (did: string, changes: object = {}) => ({
    id: did,
    verificationMethod: current.jwks.keys.map((publicKeyJwk, i) => ({
      id: `${did}#key-${i}`,
      type: 'JsonWebKey2020',
      controller: did,
      publicKeyJwk,
    })),
    assertionMethod: [`${did}#key-0`, '#key-1'],
    ...changes,
  });
  const signAs = (did: string) => sign(current, { iss: did });

  test('finds the pair among the verification methods', async () => {
    const did = didOf();
    server.routes['/.well-known/did.json'] = json(document(did), 'application/did+json');
    expect((await verifyMandate(await signAs(did), createDidWebKeySet(did))).quantumSafe).toBe(true);
    expect(server.requests).toEqual(['/.well-known/did.json']);
    const agent = `${did}:agents:7`;
    server.routes['/agents/7/did.json'] = json(document(agent));
    expect((await verifyMandate(await signAs(agent), createDidWebKeySet(agent))).quantumSafe).toBe(true);
  });

  test('embedded methods count, and references by DID URL or fragment as kid', async () => {
    const did = didOf();
    const { verificationMethod } = document(did);
    server.routes['/.well-known/did.json'] = json(
      document(did, { verificationMethod: [], assertionMethod: verificationMethod }),
    );
    expect(await verifyMandate(await signAs(did), createDidWebKeySet(did))).toBeDefined();
    const nameless = verificationMethod.map((method) => {
      const { kid: _, ...publicKeyJwk } = method.publicKeyJwk;
      return { ...method, publicKeyJwk };
    });
    server.routes['/.well-known/did.json'] = json(document(did, { verificationMethod: nameless }));
    for (const kid of ['key-1', `${did}#key-1`]) {
      const mandate = await signMandate({ iss: did }, withoutKid(current), { header: { kid } });
      const options = { policy: 'pq-only' } as const;
      expect(await verifyMandate(mandate, createDidWebKeySet(did), options)).toMatchObject({
        quantumSafe: true,
      });
    }
  });

  const withoutKid = ({ privateKeys: { es256, mldsa65 } }: MandateKeys) => {
    const { kid: _, ...ec } = es256;
    const { kid: __, ...akp } = mldsa65;
    return { es256: ec as never, mldsa65: akp as never };
  };

  test('a fragment does not rename a key that has a kid of its own', async () => {
    const did = didOf();
    server.routes['/.well-known/did.json'] = json(document(did));
    const mandate = await signMandate({ iss: did }, withoutKid(current), { header: { kid: 'key-1' } });
    await expectCode(verifyMandate(mandate, createDidWebKeySet(did), { policy: 'pq-only' }), UNRESOLVED);
  });

  test('an issuer that hides in a disclosure is refused, since the keys were chosen without it (R8.22)', async () => {
    const did = didOf();
    server.routes['/.well-known/did.json'] = json(document(did));
    const hidden = disclose('s1', 'iss', 'did:web:victim.example');
    const payload = { _sd: [hidden.digest], _sd_alg: 'sha-256' };
    const mandate = forge({ payload, disclosures: [hidden.encoded] });
    await expectCode(
      verifyMandate(mandate, () => publicKeys),
      'ERR_MANDATE_ISSUER_UNTRUSTED',
    );
    expect((await verifyMandate(mandate, publicKeys)).payload.iss).toBe('did:web:victim.example');
  });

  test('a mandate of another issuer is refused, whatever signed it', async () => {
    const did = didOf();
    server.routes['/.well-known/did.json'] = json(document(did));
    const other = await sign(current, { iss: 'did:web:other.example' });
    await expectCode(verifyMandate(other, createDidWebKeySet(did)), 'ERR_MANDATE_ISSUER_UNTRUSTED');
  });

  test('methods that are not for assertions, of another controller, or without a JWK do not count', async () => {
    const did = didOf();
    const { verificationMethod } = document(did);
    const changes: object[] = [
      { assertionMethod: [] },
      { assertionMethod: [`${did}#key-0`] },
      { assertionMethod: ['did:web:other.example#key-0', 'did:web:other.example#key-1'] },
      {
        verificationMethod: verificationMethod.map((method) => ({
          ...method,
          controller: 'did:web:other.example',
        })),
      },
      { verificationMethod: verificationMethod.map(({ publicKeyJwk: _, ...method }) => method) },
      { verificationMethod: [null, 7, 'x'] },
      { verificationMethod: 'x' },
      { assertionMethod: [null, 7, {}] },
    ];
    for (const change of changes) {
      server.routes['/.well-known/did.json'] = json(document(did, change));
      await expectCode(verifyMandate(await signAs(did), createDidWebKeySet(did)), UNRESOLVED);
    }
  });

  test('refuses a document of another DID, or none', async () => {
    const did = didOf();
    for (const bad of [
      document('did:web:other.example'),
      { ...document(did), assertionMethod: undefined },
      null,
      [],
      7,
      'x',
    ]) {
      server.routes['/.well-known/did.json'] = json(bad);
      await expectCode(verifyMandate(await signAs(did), createDidWebKeySet(did)), KEY_SET);
    }
    server.routes['/.well-known/did.json'] = json(document(did), 'text/plain');
    await expectCode(
      verifyMandate(await signAs(did), createDidWebKeySet(did)),
      'ERR_MANDATE_FETCH_CONTENT_TYPE',
    );
    server.routes = {};
    await expectCode(verifyMandate(await signAs(did), createDidWebKeySet(did)), 'ERR_MANDATE_FETCH_STATUS');
  });

  test('goes to https for everything but loopback', async () => {
    const seen: string[] = [];
    const fetch = ((url: string) => {
      seen.push(url);
      return Promise.resolve(new Response(null, { status: 404 }));
    }) as never;
    for (const did of [
      'did:web:bank.example',
      'did:web:bank.example%3A8443:a:b',
      'did:web:localhost%3A1:x',
    ]) {
      await verifyMandate(byCurrent, createDidWebKeySet(did, { fetch })).catch(() => {});
    }
    expect(seen).toEqual([
      'https://bank.example/.well-known/did.json',
      'https://bank.example:8443/a/b/did.json',
      'http://localhost:1/x/did.json',
    ]);
  });

  test.each([
    'did:key:z6Mk',
    'did:web:',
    'did:web:a/b',
    'did:web:a#b',
    'did:web:a?b',
    'did:web:a%2Fb',
    'did:web:a%40b',
    'did:web:a:..:b',
    'did:web:a:.',
    'did:web:a:%2e%2e:b',
    'did:web:a:.%2E',
    'did:web:a:x%2fy',
    'did:web:a:x%5Cy',
    'did:web:a::b',
    'did:web:user%3Apass%40a',
    'did:web:a%3A80%3A90',
    'https://a',
    '',
    7,
    null,
  ])('refuses %j for a did:web', (did) => {
    expect(() => createDidWebKeySet(did as never)).toThrow(
      expect.objectContaining({ code: 'ERR_MANDATE_FETCH_URL' }),
    );
  });
});

describe('createIssuerKeySet (R8.20)', async () => {
  const a = await generateMandateKeys({ kid: 'shared' });
  const b = await generateMandateKeys({ kid: 'shared' });
  const issuers = {
    'https://a.example': a.publicKeys,
    'https://b.example': createLocalMandateKeySet(b.jwks),
  };

  test.each([
    ['an object', createIssuerKeySet(issuers)],
    ['a Map', createIssuerKeySet(new Map(Object.entries(issuers)))],
    ['a function', createIssuerKeySet(async (issuer) => new Map(Object.entries(issuers)).get(issuer))],
  ])('%s: a key of one issuer never verifies a mandate of another', async (_, keySet) => {
    expect(await verifyMandate(await sign(a, { iss: 'https://a.example' }), keySet)).toBeDefined();
    expect(await verifyMandate(await sign(b, { iss: 'https://b.example' }), keySet)).toBeDefined();
    await expectCode(
      verifyMandate(await sign(a, { iss: 'https://b.example' }), keySet),
      'ERR_MANDATE_ES256_INVALID',
    );
    await expectCode(
      verifyMandate(await sign(b, { iss: 'https://a.example' }), keySet),
      'ERR_MANDATE_ES256_INVALID',
    );
  });

  test('an issuer that is missing, unknown, or named like a method of Object is not trusted', async () => {
    const keySet = createIssuerKeySet(issuers);
    for (const payload of [
      {},
      { iss: 'https://c.example' },
      { iss: 'toString' },
      { iss: '__proto__' },
      { iss: '' },
    ]) {
      await expectCode(verifyMandate(await sign(a, payload), keySet), 'ERR_MANDATE_ISSUER_UNTRUSTED');
    }
  });

  test('takes a copy, and refuses what is no map', async () => {
    const map = new Map<string, never>();
    const keySet = createIssuerKeySet(map);
    map.set('https://a.example', a.publicKeys as never);
    await expectCode(
      verifyMandate(await sign(a, { iss: 'https://a.example' }), keySet),
      'ERR_MANDATE_ISSUER_UNTRUSTED',
    );
    for (const bad of [undefined, null, 7, 'x']) {
      expect(() => createIssuerKeySet(bad as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
    }
  });
});
