import { deflateSync } from 'node:zlib';
import { createHeaderAndPayload, StatusList } from '@sd-jwt/jwt-status-list';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  addPqSignature,
  createRevocationList,
  createTokenStatusListCheck,
  formatVerdict,
  generateMandateKeys,
  type JsonObject,
  jwkThumbprint,
  type MandatePublicKeys,
  type MandateVerdict,
  type RevocationCheck,
  signMandate,
  type TokenStatusListOptions,
  type VerifyMandateOptions,
  verifyMandate,
} from '../../src/index.js';
import { type Handler, startServer, type TestServer } from '../server.js';
import {
  base64url,
  expectCode,
  forge,
  headerOf,
  jcs,
  KID,
  privateKeys,
  publicKeys,
  signEs256,
} from '../support.js';

const REVOKED = 'ERR_MANDATE_REVOKED';
const UNKNOWN = 'ERR_MANDATE_REVOCATION_UNKNOWN';
const STATUS = 'ERR_MANDATE_STATUS_INVALID';
const mandate = await signMandate({ iss: 'a', exp: 4_000_000_000 }, privateKeys);
const verified = await verifyMandate(mandate, publicKeys);
const verify = (options: VerifyMandateOptions, token = mandate) => verifyMandate(token, publicKeys, options);

/** What the check itself threw stands behind the refusal. */
async function expectCause(promise: Promise<unknown>, code: string): Promise<void> {
  const { cause } = await expectCode(promise, UNKNOWN);
  expect(cause).toMatchObject({ code });
}

describe('isRevoked', () => {
  test('is told what is verified, last of all (R6.1, R6.56)', async () => {
    const seen: unknown[] = [];
    const isRevoked: RevocationCheck = ({ signal, ...subject }) => {
      seen.push(subject, signal.aborted);
      return false;
    };
    await verify({ isRevoked });
    const { mandateId, identity, payload, protectedHeader } = verified;
    expect(seen).toEqual([{ mandateId, identity, payload, protectedHeader }, false]);
    seen.length = 0;
    await expectCode(verify({ isRevoked, issuer: 'b' }), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
    await expectCode(
      verify({ isRevoked }, forge({ mldsa65: () => new Uint8Array(3309) })),
      'ERR_MANDATE_ML_DSA_65_INVALID',
    );
    expect(seen).toEqual([]);
  });

  test('cannot change the result', async () => {
    const isRevoked: RevocationCheck = ({ payload }) => {
      payload.iss = 'evil';
      return false;
    };
    expect((await verify({ isRevoked })).payload.iss).toBe('a');
  });

  test('true refuses; anything but true and false is no answer (R6.56, R6.57)', async () => {
    await expectCode(verify({ isRevoked: async () => true }), REVOKED);
    for (const answer of [undefined, null, 0, 'false', {}]) {
      await expectCode(verify({ isRevoked: () => answer as never }), UNKNOWN);
    }
  });

  test('fails closed: an exception, a rejection, no answer in time (R6.57)', async () => {
    const cause = new Error('store is down');
    for (const isRevoked of [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ]) {
      const failed = await expectCode(verify({ isRevoked }), UNKNOWN);
      expect(failed.cause).toBe(cause);
      expect(failed.message).not.toContain('in time');
    }
    let aborted = false;
    const never: RevocationCheck = ({ signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
      });
    const error = await expectCode(verify({ isRevoked: never, revocationTimeout: 50 }), UNKNOWN);
    expect(error.message).toContain('in time');
    expect(aborted).toBe(true);
  });

  test('leaves no timer and no unhandled rejection behind', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    await verify({ isRevoked: () => false, revocationTimeout: 30 });
    await new Promise((resolve) => setTimeout(resolve, 80));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('refuses options that are none', async () => {
    const bad: object[] = [
      { isRevoked: undefined },
      { isRevoked: true },
      { revocationTimeout: 0 },
      { revocationTimeout: '5s' },
      { revocationTimeout: 2 ** 31 },
      { onVerified: undefined },
      { onVerified: 'log' },
      { minRetentionYears: undefined },
      { minRetentionYears: 0 },
      { minRetentionYears: 1.5 },
      { minRetentionYears: 1001 },
      { minRetentionYears: '7' },
    ];
    for (const options of bad) {
      const error = await expectCode(verify(options), 'ERR_MANDATE_ARGUMENT_INVALID');
      expect(error.parameter).toBe(Object.keys(options)[0]);
    }
  });
});

describe('createRevocationList', () => {
  test('ids alone never expire: the file of the command line', () => {
    const [one, other] = ['A'.repeat(43), `${'A'.repeat(42)}E`];
    const list = createRevocationList([one, [other, 5_000_000_000]]);
    expect(list.toJSON()).toEqual([
      [one, null],
      [other, 5_000_000_000],
    ]);
    expect(() => createRevocationList(['id'])).toThrow('"mandateId" must be 43 base64url characters');
  });

  test('without the payload: the error names revokeById', () => {
    const list = createRevocationList();
    const mandateId = 'A'.repeat(43);
    expect(() => list.revoke({ mandateId } as never)).toThrow('or use revokeById');
    list.revokeById(mandateId);
    expect(list.size).toBe(1);
  });

  test('refuses a revoked mandate under every one of its forms, and no other (R9.1, R9.2)', async () => {
    const list = createRevocationList();
    expect(await verify({ isRevoked: list.isRevoked })).toBeDefined();
    list.revoke(verified);
    await expectCode(verify({ isRevoked: list.isRevoked }), REVOKED);
    const other = await signMandate({ iss: 'a', exp: 4_000_000_000 }, privateKeys);
    expect(await verify({ isRevoked: list.isRevoked }, other)).toBeDefined();
    expect(list.size).toBe(1);
  });

  test('forgets an entry once the mandate has expired by itself, and not before (R9.4)', () => {
    let now = 1_000_000;
    const list = createRevocationList([], { now: () => now * 1000, grace: 60 });
    const ids = ['a', 'b', 'c', 'd'].map((name) => base64url(Buffer.alloc(32, name)));
    const [a, b, c, d] = ids as [string, string, string, string];
    list.revoke({ mandateId: a, payload: { exp: now + 100 } });
    list.revoke({
      mandateId: b,
      payload: { exp: now + 100, valid_until: new Date((now + 500) * 1000).toISOString() },
    });
    list.revoke({ mandateId: c, payload: {} });
    list.revokeById(d, now + 100);
    list.revokeById(d, now + 50); // does not shorten the first
    const left = () => list.toJSON().map(([id]) => id);
    now += 159;
    expect(left()).toEqual(ids);
    now += 1;
    expect(left()).toEqual([b, c]);
    now += 400;
    expect(left()).toEqual([c]);
    now += 1_000_000_000;
    expect(list.size).toBe(1);
  });

  test('is serialized and read again', async () => {
    const list = createRevocationList();
    list.revoke(verified);
    list.revokeById(base64url(Buffer.alloc(32)));
    const again = createRevocationList(JSON.parse(JSON.stringify(list)));
    expect(again.toJSON()).toEqual([
      [verified.mandateId, 4_000_000_000],
      [base64url(Buffer.alloc(32)), null],
    ]);
    await expectCode(verify({ isRevoked: again.isRevoked }), REVOKED);
  });

  test('names a classical-only mandate by its identity (R9.1)', async () => {
    const list = createRevocationList();
    const classical = forge({ classical: true });
    const options = { policy: 'pq-optional', isRevoked: list.isRevoked } as const;
    const result = await verify(options, classical);
    expect(result.mandateId).toBeUndefined();
    list.revoke(result);
    await expectCode(verify(options, classical), 'ERR_MANDATE_REVOKED');
    expect(list.toJSON()).toEqual([[result.identity, null]]);
    await verify(options, mandate);
  });

  test('has no answer about what has no name', () => {
    const { isRevoked } = createRevocationList();
    expect(() => isRevoked({ mandateId: undefined } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
    );
  });

  test('keeps for good a mandate whose end its holder can withhold (R9.4)', () => {
    const list = createRevocationList();
    list.revoke({ ...verified, disclosures: [{ name: 'exp' }] });
    expect(list.toJSON()).toEqual([[verified.mandateId, null]]);
  });

  test('keeps everything for the archive, with a grace without end', () => {
    const list = createRevocationList([], { grace: Number.POSITIVE_INFINITY });
    list.revokeById('A'.repeat(43), 1);
    expect(list.size).toBe(1);
  });

  test('refuses what is no entry', () => {
    for (const call of [
      () => createRevocationList(5 as never),
      () => createRevocationList([null] as never),
      () => createRevocationList(undefined),
      () => createRevocationList(undefined, {}),
      () => createRevocationList([['A'.repeat(43)]] as never),
      () => createRevocationList([], null as never),
      () => createRevocationList([], { now: 5 } as never),
      () => createRevocationList([], { grase: 1 } as never),
      () => createRevocationList().revoke(undefined as never),
      () => createRevocationList().revoke({ mandateId: 'A'.repeat(43) } as never),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }));
    }

    const list = createRevocationList();
    for (const id of ['', 'x', 'A'.repeat(42), `${'A'.repeat(42)}B`, 7, undefined]) {
      expect(() => list.revokeById(id as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
    }
    expect(() => list.revokeById('A'.repeat(43), Number.NaN)).toThrow();
    expect(() => createRevocationList([['x', 1]])).toThrow();
    expect(() => createRevocationList([], { grace: -1 })).toThrow();
  });
});

describe('createTokenStatusListCheck (draft-ietf-oauth-status-list)', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());
  afterEach(() => {
    server.routes = {};
    server.requests.length = 0;
  });

  const makeCheck = (options: TokenStatusListOptions = {}, keys: MandatePublicKeys = publicKeys) =>
    createTokenStatusListCheck(keys, { allowedOrigins: [server.url], ...options });
  const uri = () => `${server.url}/statuslists/1`;
  const statuses = (bits: 1 | 2 | 4 | 8 = 1) => {
    const list = new StatusList(Array(64).fill(0), bits);
    list.setStatus(7, 1);
    if (bits > 1) list.setStatus(8, 2);
    return list;
  };
  const now = () => Math.floor(Date.now() / 1000);

  /** A Status List Token, made by the maintained library, signed with both keys. */
  async function token(changes: object = {}, header: object = {}, list = statuses()): Promise<string> {
    const made = createHeaderAndPayload(
      list,
      { sub: uri(), iat: now(), exp: now() + 60, ttl: 60 } as never,
      { alg: 'ES256' } as never,
    );
    const signed = await addPqSignature(
      { ...made.header, kid: KID, ...header },
      { ...made.payload, ...changes },
      privateKeys,
    );
    const input = `${base64url(JSON.stringify(signed.protectedHeader))}.${base64url(JSON.stringify(signed.payload))}`;
    return `${input}.${base64url(signEs256(input))}`;
  }
  const serve = (body: string | Promise<string>, type = 'application/statuslist+jwt'): void => {
    server.routes['/statuslists/1'] = async (_, response) =>
      void response.writeHead(200, { 'content-type': type }).end(await body);
  };
  const withStatus = (idx: unknown, at: unknown = uri()) =>
    signMandate({ iss: 'a', status: { status_list: { idx, uri: at } } }, privateKeys);
  const check = async (idx: unknown, options?: TokenStatusListOptions) =>
    verify({ isRevoked: makeCheck(options) }, await withStatus(idx));

  test('lets VALID through and refuses every other status, at 1, 2, 4 and 8 bits (R9.5)', async () => {
    for (const bits of [1, 2, 4, 8] as const) {
      serve(token({}, {}, statuses(bits)));
      expect(await check(6)).toBeDefined();
      await expectCode(check(7), REVOKED);
      if (bits > 1) await expectCode(check(8), REVOKED);
    }
  });

  test('fetches a list once for its ttl', async () => {
    serve(token());
    const isRevoked = makeCheck();
    for (const idx of [1, 2, 3]) await verify({ isRevoked }, await withStatus(idx));
    expect(server.requests).toHaveLength(1);
    const impatient = makeCheck({ cacheMaxAge: 0 });
    for (const idx of [1, 2]) await verify({ isRevoked: impatient }, await withStatus(idx));
    expect(server.requests).toHaveLength(3);
  });

  test('refuses a mandate without a status, unless told otherwise', async () => {
    await expectCause(verify({ isRevoked: makeCheck() }), STATUS);
    expect(await verify({ isRevoked: makeCheck({ allowMissing: true }) })).toBeDefined();
  });

  test('in a chain: the root’s, that of the mandate in a token, and hops without one (R9.18)', async () => {
    serve(token());
    const ask = async (hop: number, claims: object, mandate: object, options?: TokenStatusListOptions) => {
      const { signal } = new AbortController();
      const names = { mandateId: undefined, identity: 'x', protectedHeader: { alg: 'ES256' } } as const;
      const subject = {
        ...names,
        hop,
        payload: claims as JsonObject,
        mandate: mandate as JsonObject,
        signal,
      };
      return makeCheck(options)(subject);
    };
    const at = (idx: number) => ({ status: { status_list: { idx, uri: uri() } } });
    for (const options of [{}, { allowMissing: true }]) {
      expect(await ask(0, at(6), {}, options)).toBe(false);
      expect(await ask(0, at(7), {}, options)).toBe(true);
      expect(await ask(0, {}, at(7), options)).toBe(true);
      expect(await ask(0, at(6), at(7), options)).toBe(true);
      expect(await ask(0, at(6), at(5), options)).toBe(false);
      expect(await ask(1, at(7), {}, options)).toBe(true);
      expect(await ask(1, {}, at(7), options)).toBe(true);
      expect(await ask(1, {}, {}, options)).toBe(false);
    }
    await expect(ask(0, {}, {})).rejects.toMatchObject({ code: STATUS });
    expect(await ask(0, {}, {}, { allowMissing: true })).toBe(false);
    await expect(ask(1, {}, { status: 'valid' })).rejects.toMatchObject({ code: STATUS });
  });

  test.each([[-1], [1.5], ['1'], [null], [64], [2 ** 53]])('refuses the index %j', async (idx) => {
    serve(token());
    await expectCause(check(idx), STATUS);
    await expectCause(check(idx, { allowMissing: true }), STATUS);
  });

  test('verifies the token like any other (R9.5)', async () => {
    const cases: [string, string | Promise<string>][] = [
      ['ERR_JWT_CLAIM_VALIDATION_FAILED', token({ sub: 'https://other.example/statuslists/1' })],
      ['ERR_JWT_CLAIM_VALIDATION_FAILED', token({ sub: undefined })],
      ['ERR_JWT_CLAIM_VALIDATION_FAILED', token({ iat: undefined })],
      ['ERR_JWT_CLAIM_VALIDATION_FAILED', token({ iat: now() + 100 })],
      ['ERR_JWT_CLAIM_VALIDATION_FAILED', token({}, { typ: 'JWT' })],
      ['ERR_JWT_CLAIM_VALIDATION_FAILED', token({ status_list: undefined })],
      ['ERR_JWT_EXPIRED', token({ exp: now() - 1 })],
      [STATUS, token({ status_list: { bits: 3, lst: 'AAAA' } })],
      [STATUS, token({ status_list: { bits: 1, lst: 'AAAA' } })],
      [STATUS, token({ status_list: { bits: 1, lst: 'A===' } })],
      [STATUS, token({ status_list: { bits: 1, lst: 7 } })],
      [STATUS, token({ status_list: 'x' })],
      ['ERR_MANDATE_MALFORMED', 'x.y.z'],
      ['ERR_MANDATE_PQ_REQUIRED', classicalToken()],
    ];
    for (const [code, body] of cases) {
      serve(body);
      await expectCause(check(1), code);
    }
    serve(token());
    const stranger = (await generateMandateKeys({ kid: KID })).publicKeys;
    const isRevoked = makeCheck({}, stranger);
    await expectCause(verify({ isRevoked }, await withStatus(1)), 'ERR_MANDATE_ES256_INVALID');
    await expectCause(
      verify({ isRevoked: makeCheck({}, { ...publicKeys, mldsa65: stranger.mldsa65 }) }, await withStatus(1)),
      'ERR_MANDATE_ML_DSA_65_INVALID',
    );
  });

  const classicalToken = () => {
    const made = createHeaderAndPayload(
      statuses(),
      { sub: uri(), iat: now() } as never,
      { alg: 'ES256' } as never,
    );
    const input = `${base64url(jcs(made.header))}.${base64url(jcs(made.payload))}`;
    return `${input}.${base64url(signEs256(input))}`;
  };

  test('takes a classical Status List Token under pq-optional only', async () => {
    serve(classicalToken());
    expect(await check(1, { policy: 'pq-optional' })).toBeDefined();
    await expectCode(check(7, { policy: 'pq-optional' }), REVOKED);
  });

  const deflated = (bytes: Uint8Array): string => base64url(deflateSync(bytes));

  test('refuses a list that inflates beyond the limit, which is an option (R9.7)', async () => {
    const bomb = deflated(new Uint8Array(2_097_153));
    expect(bomb.length).toBeLessThan(4000);
    serve(token({ status_list: { bits: 1, lst: bomb } }));
    await expectCause(check(1), STATUS);
    expect(await check(1, { maxInflatedBytes: 2_097_153 })).toBeDefined();
    serve(token({ status_list: { bits: 8, lst: deflated(new Uint8Array(2 ** 20)) } }));
    expect(await check(2 ** 20 - 1)).toBeDefined();
    await expectCause(check(1, { maxInflatedBytes: 2 ** 20 - 1 }), STATUS);
  });

  test('refuses two streams, and bytes after the one (R9.6)', async () => {
    const valid = deflateSync(new Uint8Array(16));
    const revoked = deflateSync(new Uint8Array(16).fill(255));
    for (const rest of [revoked, Buffer.alloc(1), deflateSync(new Uint8Array(2 ** 24))]) {
      serve(token({ status_list: { bits: 1, lst: base64url(Buffer.concat([valid, rest])) } }));
      await expectCause(check(1), STATUS);
      await expectCause(check(200), STATUS);
    }
  });

  test('takes a list of ten million, of which one in a hundred is revoked (R9.11)', async () => {
    const bytes = new Uint8Array(1_250_000);
    for (let n = 0; n < 100_000; n++) {
      const idx = Number((BigInt(n) * 7_919_077n) % 10_000_000n);
      bytes[idx >> 3] = (bytes[idx >> 3] as number) | (1 << (idx & 7));
    }
    serve(token({ status_list: { bits: 1, lst: base64url(deflateSync(bytes, { level: 9 })) } }));
    await expectCode(check(7_919_077), REVOKED);
    expect(await check(1)).toBeDefined();
    await expectCause(check(10_000_000), STATUS);
  });

  test.each([[0], [-1], ['60'], [null], [true]])('refuses a ttl of %j (R9.9)', async (ttl) => {
    serve(token({ ttl }));
    await expectCause(check(1), STATUS);
  });

  test('fetches under the limits of the key sets', async () => {
    const cases: [Handler | undefined, string][] = [
      [undefined, 'ERR_MANDATE_FETCH_STATUS'],
      [
        (_, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('x'),
        'ERR_MANDATE_FETCH_CONTENT_TYPE',
      ],
      [(_, r) => r.writeHead(302, { location: 'http://localhost:1/' }).end(), 'ERR_MANDATE_FETCH_REDIRECT'],
      [
        (_, r) => r.writeHead(200, { 'content-type': 'application/statuslist+jwt' }).end('x'.repeat(262_145)),
        'ERR_MANDATE_FETCH_TOO_LARGE',
      ],
      [() => {}, 'ERR_MANDATE_FETCH_TIMEOUT'],
    ];
    for (const [handler, code] of cases) {
      server.routes = handler ? { '/statuslists/1': handler } : {};
      const timeoutDuration = code === 'ERR_MANDATE_FETCH_TIMEOUT' ? 200 : 30_000;
      await expectCause(check(1, { timeoutDuration }), code);
    }
    for (const at of ['http://bank.example/1', 'file:///etc/passwd', 'x']) {
      const isRevoked = makeCheck();
      await expectCause(verify({ isRevoked }, await withStatus(1, at)), 'ERR_MANDATE_FETCH_URL');
    }
  });

  test('refuses options that are none', () => {
    const bad: object[] = [
      { policy: 'x' },
      { policy: null },
      { ttl: 5 },
      { timeoutDuration: 0 },
      { timeoutDuration: 2 ** 31 },
      { cacheMaxAge: 'x' },
      { allowMissing: 'no' },
      { clockTolerance: {} },
      { allowedOrigins: 'https://a.example' },
      { allowedOrigins: undefined },
      { allowedOrigins: ['https://a.example/lists'] },
      { allowedOrigins: ['https://a.example/?a'] },
      { allowedOrigins: ['https://a.example/#a'] },
      { headers: { authorization: 'x' } },
      { maxInflatedBytes: 0 },
      { maxInflatedBytes: '1' },
      { maxInflatedBytes: Number.POSITIVE_INFINITY },
      { statusIssuers: 'a' },
      { statusIssuers: [''] },
      { statusIssuers: [undefined] },
      { statusIssuers: null },
    ];
    for (const options of bad) {
      expect(() => createTokenStatusListCheck(publicKeys, options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
    }
  });

  test('does not keep a list beyond its exp (R9.5)', async () => {
    const start = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(start);
    serve(token({ exp: now() + 100, ttl: undefined }));
    const isRevoked = makeCheck();
    await verify({ isRevoked }, await withStatus(1));
    clock.mockReturnValue(start + 98_000);
    await verify({ isRevoked }, await withStatus(1));
    expect(server.requests).toHaveLength(1);
    clock.mockReturnValue(start + 101_000);
    await verify({ isRevoked }, await withStatus(1)).catch(() => {});
    expect(server.requests).toHaveLength(2);
  });

  test('a clock that was set back keeps no list for longer (R8.26)', async () => {
    const start = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(start);
    const body = (list: StatusList) => token({ iat: now() - 172_800, exp: now() + 172_800 }, {}, list);
    serve(body(new StatusList(Array(64).fill(0), 1)));
    const isRevoked = makeCheck();
    expect(await verify({ isRevoked }, await withStatus(7))).toBeDefined();
    serve(body(statuses()));
    clock.mockReturnValue(start - 86_400_000);
    await expectCode(verify({ isRevoked }, await withStatus(7)), REVOKED);
  });

  test('keeps the lists that were asked for last', async () => {
    const isRevoked = makeCheck();
    const ask = async (n: number) => {
      const at = `${server.url}/statuslists/${n}`;
      server.routes[`/statuslists/${n}`] = async (_, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/statuslist+jwt' })
          .end(await token({ sub: at }));
      await verify({ isRevoked }, await withStatus(1, at));
    };
    for (let n = 0; n < 16; n++) await ask(n);
    await ask(0);
    await ask(16);
    expect(server.requests).toHaveLength(17);
    await ask(0);
    expect(server.requests).toHaveLength(17);
    await ask(1);
    expect(server.requests).toHaveLength(18);
  });

  test('asks once for what many wait for', async () => {
    serve(token());
    const isRevoked = makeCheck();
    const mandates = await Promise.all([1, 2, 3, 4].map((idx) => withStatus(idx)));
    await Promise.all(mandates.map((mandate) => verify({ isRevoked }, mandate)));
    expect(server.requests).toHaveLength(1);
  });

  test("a Status List Token of one issuer says nothing of another's mandates", async () => {
    serve(token({ iss: 'b' }));
    await expectCause(check(1), STATUS);
    serve(token({ iss: 'a' }));
    expect(await check(1)).toBeDefined();
  });

  test('a status issuer that the caller allows may speak of them (R9.10)', async () => {
    serve(token({ iss: 'https://status.example' }));
    await expectCause(check(1, { statusIssuers: [] }), STATUS);
    await expectCause(check(1, { statusIssuers: ['https://status.example/'] }), STATUS);
    const options = { statusIssuers: ['b', 'https://status.example'] };
    expect(await check(1, options)).toBeDefined();
    await expectCode(check(7, options), REVOKED);
    serve(token({ iss: 'a' }));
    expect(await check(1, options)).toBeDefined();
  });

  test.each([['x'], [null], [[]], [{}], [{ status_list: 'x' }], [{ status_list: null }]])(
    'a status of %j is malformed, not missing',
    async (status) => {
      const options = { isRevoked: makeCheck({ allowMissing: true }) };
      await expectCause(verify(options, await signMandate({ status }, privateKeys)), STATUS);
    },
  );

  test('goes nowhere but to https, or where the caller allows (R9.12)', async () => {
    serve(token());
    const unlimited = createTokenStatusListCheck(publicKeys);
    await expectCause(verify({ isRevoked: unlimited }, await withStatus(1)), 'ERR_MANDATE_FETCH_URL');
    const elsewhere = makeCheck({ allowedOrigins: ['https://status.example'] });
    await expectCause(verify({ isRevoked: elsewhere }, await withStatus(1)), 'ERR_MANDATE_FETCH_URL');
    expect(server.requests).toEqual([]);
  });
});

describe('lifetime at issuance', () => {
  const currentDate = new Date(1_800_000_000_500);
  const issue = async (payload: object, options: object) =>
    (
      await verifyMandate(await signMandate(payload, privateKeys, { currentDate, ...options }), publicKeys, {
        currentDate,
      })
    ).payload;

  test.each([
    ['15m', 900],
    ['7d', 604_800],
    [3600, 3600],
    ['1 hour', 3600],
  ])('expiresIn %j sets iat and exp', async (expiresIn, seconds) => {
    expect(await issue({ a: 1 }, { expiresIn })).toEqual({
      a: 1,
      iat: 1_800_000_000,
      exp: 1_800_000_000 + seconds,
    });
  });

  test('keeps an iat that is there, and overwrites nothing', async () => {
    expect(await issue({ iat: 1_700_000_000 }, { expiresIn: 60 })).toEqual({
      iat: 1_700_000_000,
      exp: 1_800_000_060,
    });
    const sign = (payload: object, options: object) => signMandate(payload, privateKeys, options);
    expect(
      await expectCode(sign({ exp: 1 }, { expiresIn: 60 }), 'ERR_MANDATE_PAYLOAD_INVALID'),
    ).toMatchObject({ parameter: 'payload.exp' });
    await expectCode(sign({ jti: 'a' }, { jti: true }), 'ERR_MANDATE_PAYLOAD_INVALID');
    expect(await issue({ jti: 'a' }, { jti: false })).toEqual({ jti: 'a' });
  });

  test("jti is random, or the caller's", async () => {
    const [one, two] = [await issue({}, { jti: true }), await issue({}, { jti: true })];
    expect(one.jti).toMatch(/^[\w-]{22}$/);
    expect(one.jti).not.toBe(two.jti);
    expect(await issue({}, { jti: 'order-7' })).toEqual({ jti: 'order-7' });
  });

  test('without currentDate, now; without any of it, nothing is added', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { payload } = await verifyMandate(
      await signMandate({}, privateKeys, { expiresIn: '1m' }),
      publicKeys,
    );
    expect(payload.iat).toBeGreaterThanOrEqual(before);
    expect(payload.iat).toBeLessThanOrEqual(Date.now() / 1000);
    expect((payload.exp as number) - (payload.iat as number)).toBe(60);
    expect((await verifyMandate(await signMandate({ a: 1 }, privateKeys), publicKeys)).payload).toEqual({
      a: 1,
    });
  });

  test('refuses options that are none', async () => {
    for (const options of [
      { expiresIn: -1 },
      { expiresIn: 'soon' },
      { expiresIn: null },
      { jti: '' },
      { jti: 7 },
      { currentDate: 7 },
    ]) {
      await expectCode(signMandate({}, privateKeys, options as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });
});

describe('minRetentionYears', () => {
  const RETENTION = 'ERR_MANDATE_RETENTION';
  const retention = (retention_until: unknown, claims: object = { issued_at: '2026-05-01T00:00:00Z' }) => ({
    ...claims,
    retention_metadata: { policy: 'HKMA-Cap615-7yr', retention_until },
  });
  const demand = async (payload: object, minRetentionYears = 7) =>
    verify({ minRetentionYears }, await signMandate(payload, privateKeys));

  test('compares calendar years with issued_at, else iat, else valid_from', async () => {
    expect(await demand(retention('2033-05-01T00:00:00Z'))).toBeDefined();
    await expectCode(demand(retention('2033-04-30T23:59:59Z')), RETENTION);
    await expectCode(demand(retention('2033-05-01T00:00:00Z'), 1000), RETENTION);
    expect(await demand(retention('2031-05-01T00:00:00Z'), 5)).toBeDefined();
    const iat = Date.UTC(2024, 1, 29) / 1000;
    expect(await demand(retention('2031-03-01T00:00:00Z', { iat }))).toBeDefined();
    await expectCode(demand(retention('2031-02-28T00:00:00Z', { iat })), RETENTION);
    expect(
      await demand(retention('2033-05-01T00:00:00Z', { valid_from: '2026-05-01T00:00:00Z' })),
    ).toBeDefined();
    await expectCode(
      demand(retention('2033-05-01T00:00:00Z', { valid_from: '2026-05-01T00:00:01Z' })),
      RETENTION,
    );
  });

  test('refuses metadata that is missing or malformed, and a mandate of unknown age', async () => {
    const bad: object[] = [
      { issued_at: '2026-05-01T00:00:00Z' },
      { issued_at: '2026-05-01T00:00:00Z', retention_metadata: null },
      { issued_at: '2026-05-01T00:00:00Z', retention_metadata: 'seven years' },
      { issued_at: '2026-05-01T00:00:00Z', retention_metadata: ['2033-05-01T00:00:00Z'] },
      { issued_at: '2026-05-01T00:00:00Z', retention_metadata: { retention_until: '2033-05-01T00:00:00Z' } },
      retention('2033-05-01'),
      retention(2033),
      retention(undefined),
      retention(['2033-05-01T00:00:00Z']),
      retention('2033-05-01T00:00:00Z', { issued_at: ['2026-05-01T00:00:00Z'] }),
      retention('2033-05-01T00:00:00Z', {}),
      retention('2033-05-01T00:00:00Z', { issued_at: '2026', iat: 1_700_000_000 }),
      retention('2033-05-01T00:00:00Z', { issued_at: 7 }),
      retention('2033-05-01T00:00:00Z', { iat: -1e13 }),
    ];
    for (const payload of bad) await expectCode(demand(payload), RETENTION);
    const undated = await expectCode(
      demand(retention('2033-05-01T00:00:00Z', { issued_at: '2026' })),
      RETENTION,
    );
    expect(undated.parameter).toBe('issued_at');
    const ageless = await expectCode(demand(retention('2033-05-01T00:00:00Z', {})), RETENTION);
    expect(ageless.parameter).toBe('issued_at');
  });

  test('counts what is disclosed, and nothing that is withheld', async () => {
    const payload = retention('2033-05-01T00:00:00Z');
    const token = await signMandate(payload, privateKeys, {
      disclosureFrame: { _sd: ['retention_metadata'] },
    });
    expect(await verify({ minRetentionYears: 7 }, token)).toBeDefined();
    await expectCode(verify({ minRetentionYears: 7 }, `${token.split('~')[0]}~`), RETENTION);
  });
});

describe('the verdict', () => {
  const thumbprints = { es256: jwkThumbprint(publicKeys.es256), mldsa65: jwkThumbprint(publicKeys.mldsa65) };

  test('names the keys, and fits on a line without token, claim or secret (R13.1)', async () => {
    const result = await verify(
      {},
      await signMandate({ iss: 'a', amount: 'secret-125' }, privateKeys, { pqAlg: 'ES256+ML-DSA-65' }),
    );
    expect(result.keys).toEqual({
      es256: { kid: KID, thumbprint: thumbprints.es256 },
      mldsa65: { kid: KID, thumbprint: thumbprints.mldsa65 },
    });
    expect(formatVerdict(result)).toBe(
      `quantum-safe; pq-required; ES256 valid (kid ${KID}, thumbprint ${thumbprints.es256}); ` +
        `ML-DSA-65 valid (kid ${KID}, thumbprint ${thumbprints.mldsa65}); hybrid ES256 valid; mandate ${result.mandateId}`,
    );
  });

  test('names only keys whose signature is valid; a key without JWK has no thumbprint', async () => {
    const broken = forge({ es256: () => new Uint8Array(64) });
    const { keys } = await verify({ policy: 'pq-only' }, broken);
    expect(keys).toEqual({ es256: undefined, mldsa65: { kid: KID, thumbprint: thumbprints.mldsa65 } });
    const external = await verifyMandate(mandate, { es256: () => true, mldsa65: () => true });
    expect(external.keys).toEqual({
      es256: { kid: KID, thumbprint: undefined },
      mldsa65: { kid: KID, thumbprint: undefined },
    });
    expect(formatVerdict(external)).toContain('thumbprint unknown');
    const noKid = await verifyMandate(forge({ header: { kid: undefined } }), {
      es256: () => true,
      mldsa65: () => true,
    });
    expect(formatVerdict(noKid)).toContain('(kid none, thumbprint unknown)');
  });

  test('onVerified counts classical-only mandates under pq-optional', async () => {
    const seen: MandateVerdict[] = [];
    const options: VerifyMandateOptions = {
      policy: 'pq-optional',
      onVerified: (verdict) => void seen.push(verdict),
    };
    for (const token of [mandate, forge({ classical: true }), forge()]) await verify(options, token);
    await verify(options, forge({ mldsa65: () => new Uint8Array(3309) })).catch(() => {});
    expect(seen.map(({ quantumSafe }) => quantumSafe)).toEqual([true, false, true]);
    expect(formatVerdict(seen[1] as MandateVerdict)).toBe(
      `NOT quantum-safe; pq-optional; ES256 valid (kid ${KID}, thumbprint ${thumbprints.es256}); ML-DSA-65 absent; no mandateId`,
    );
    for (const verdict of seen)
      expect(Object.keys(verdict).sort()).toEqual([
        'identity',
        'keys',
        'mandateId',
        'policy',
        'quantumSafe',
        'signatures',
      ]);
  });

  test('a hook that throws, or rejects, refuses the mandate (R6.59)', async () => {
    const rejecting = async () => {
      throw new Error('logger down');
    };
    await expectCode(verify({ onVerified: rejecting }), 'ERR_MANDATE_HOOK_FAILED');
    const cause = new Error('disk full');
    const error = await expectCode(
      verify({
        onVerified: () => {
          throw cause;
        },
      }),
      'ERR_MANDATE_HOOK_FAILED',
    );
    expect(error.cause).toBe(cause);
    expect(error.message).toBe('the function "onVerified" failed');
  });

  test('of what is none is refused', () => {
    const { signatures, keys } = {
      signatures: { es256: 'valid', hybridEs256: 'absent', mldsa65: 'valid' },
      keys: { es256: undefined, mldsa65: undefined },
    };
    for (const verdict of [undefined, null, 'x', {}, { signatures }, { keys }, { signatures, keys: 'x' }]) {
      expect(() => formatVerdict(verdict as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
    }
  });

  test('a kid cannot break the line', async () => {
    const kid = 'a\nquantum-safe; pq-only; "\u2028é';
    const noKid = ({ kid: _, ...key }: { kid?: string }) => key as never;
    const keys = { es256: noKid(publicKeys.es256), mldsa65: noKid(publicKeys.mldsa65) };
    const result = await verifyMandate(forge({ header: { kid } }), keys);
    expect(headerOf(forge({ header: { kid } })).kid).toBe(kid);
    expect(formatVerdict(result)).toMatch(/^[ -~]*$/);
    expect(formatVerdict(result)).toContain('kid "a\\nquantum-safe; pq-only; \\"');
  });
});
