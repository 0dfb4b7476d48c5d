// What fetches, and what is fetched: other implementations of fetch, what a runtime knows of it, redirects, time.
import { execFileSync } from 'node:child_process';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import nodeFetch, { Headers as NodeFetchHeaders } from 'node-fetch';
import { Headers as UndiciHeaders, fetch as undiciFetch } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  createRemoteMandateKeySet,
  type FetchFunction,
  type FetchRequest,
  generateMandateKeys,
  type RemoteKeySetOptions,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import { json, startServer, type TestServer } from '../server.js';
import { expectCode } from '../support.js';

const { jwks, privateKeys } = await generateMandateKeys({ kid: 'bank-2026' });
const mandate = await signMandate({ iss: 'https://bank.example' }, privateKeys);
const URL_OF_BANK = 'https://bank.example/jwks.json';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
afterEach(() => {
  vi.unstubAllGlobals();
  server.routes = {};
  server.requests.length = 0;
});

const verifyFrom = (url: string, options?: RemoteKeySetOptions) =>
  verifyMandate(mandate, createRemoteMandateKeySet(url, options));
const answer = (): Response => Response.json(jwks);

/** A `fetch` that answers one after the other, and what it was asked. */
function answering(...answers: (() => unknown)[]): { fetch: FetchFunction; asked: [string, FetchRequest][] } {
  const asked: [string, FetchRequest][] = [];
  const fetch = (async (url: string, request: FetchRequest) => {
    asked.push([url, request]);
    return answers[asked.length - 1]?.();
  }) as FetchFunction;
  return { fetch, asked };
}

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('fetch of others, by shape', () => {
  const others: [string, FetchFunction][] = [
    ['undici', undiciFetch],
    ['node-fetch', nodeFetch],
    ['the runtime', fetch],
  ];

  test.each(others)('%s: fetches, and follows a redirect', async (_, fetch) => {
    server.routes = {
      '/a': (_, response) => response.writeHead(307, { location: '/jwks' }).end('moved'),
      '/jwks': json(jwks),
    };
    expect((await verifyFrom(`${server.url}/a`, { fetch })).quantumSafe).toBe(true);
    expect(server.requests).toEqual(['/a', '/jwks']);
  });

  test.each(others)('%s: the same refusals', async (_, fetch) => {
    let closed = 0;
    server.routes = {
      '/text': json(jwks, 'text/plain'),
      '/empty': (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(),
      '/utf8': (_, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xc3])),
      '/elsewhere': (_, response) => response.writeHead(302, { location: 'http://localhost:1/' }).end(),
      '/silent': (request) => void request.socket.on('close', () => closed++),
      '/broken': (request) => request.socket.destroy(),
      '/endless': (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.on('close', () => closed++);
        const pump = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(4096, 0x20)));
          if (!response.destroyed) response.once('drain', pump);
        };
        pump();
      },
    };
    const cases: [string, string][] = [
      ['/text', 'ERR_MANDATE_FETCH_CONTENT_TYPE'],
      ['/empty', 'ERR_MANDATE_KEY_SET_INVALID'],
      ['/utf8', 'ERR_MANDATE_FETCH_CONTENT_TYPE'],
      ['/none', 'ERR_MANDATE_FETCH_STATUS'],
      ['/elsewhere', 'ERR_MANDATE_FETCH_REDIRECT'],
      ['/broken', 'ERR_MANDATE_FETCH_FAILED'],
      ['/endless', 'ERR_MANDATE_FETCH_TOO_LARGE'],
      ['/silent', 'ERR_MANDATE_FETCH_TIMEOUT'],
    ];
    for (const [path, code] of cases) {
      const timeoutDuration = path === '/silent' ? 200 : 30_000;
      await expectCode(verifyFrom(server.url + path, { fetch, timeoutDuration }), code);
    }
    await vi.waitFor(() => expect(closed).toBe(2));
  });

  const bad: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a text', JSON.stringify(jwks)],
    ['a status that is none', { status: '200', headers: new Headers(), body: null }],
    ['headers without get', { status: 200, headers: { 'content-type': 'application/json' }, body: null }],
    ['a body that is no stream', { status: 200, headers: answer().headers, body: JSON.stringify(jwks) }],
    ['a body of text', { status: 200, headers: answer().headers, body: [JSON.stringify(jwks)] }],
    ['no body', { status: 200, headers: answer().headers }],
  ];
  test.each(bad)('refuses %s in place of a Response', async (_, response) => {
    const { fetch } = answering(() => response);
    const error = await expectCode(verifyFrom(URL_OF_BANK, { fetch }), 'ERR_MANDATE_ARGUMENT_INVALID');
    expect(error.parameter).toBe('fetch');
  });
});

describe('fetch of the runtime is looked up when it is called', () => {
  test('vi.stubGlobal after the set was made', async () => {
    const keySet = createRemoteMandateKeySet(URL_OF_BANK, { cacheMaxAge: 0 });
    const { fetch, asked } = answering(answer);
    vi.stubGlobal('fetch', fetch);
    expect(await verifyMandate(mandate, keySet)).toBeDefined();
    expect(asked.map(([url]) => url)).toEqual([URL_OF_BANK]);
  });

  test('MSW, started after the set was made', async () => {
    const keySet = createRemoteMandateKeySet(URL_OF_BANK);
    const msw = setupServer(http.get(URL_OF_BANK, () => HttpResponse.json(jwks)));
    msw.listen({ onUnhandledRequest: 'error' });
    try {
      expect(await verifyMandate(mandate, keySet)).toBeDefined();
    } finally {
      msw.close();
    }
  });

  test('a runtime without any is told so', async () => {
    vi.stubGlobal('fetch', undefined);
    const error = await expectCode(verifyFrom(URL_OF_BANK), 'ERR_MANDATE_ARGUMENT_INVALID');
    expect(error.parameter).toBe('fetch');
  });
});

describe('headers of the request', () => {
  const forms: [string, RemoteKeySetOptions['headers']][] = [
    ['an object', { Authorization: 'Bearer x' }],
    ['pairs', [['Authorization', 'Bearer x']]],
    ['Headers', new Headers({ authorization: 'Bearer x' })],
    ['Headers of undici', new UndiciHeaders({ authorization: 'Bearer x' })],
    ['Headers of node-fetch', new NodeFetchHeaders({ authorization: 'Bearer x' })],
    ['a Map', new Map([['Authorization', 'Bearer x']])],
  ];
  test.each(forms)('%s', async (_, headers) => {
    const { fetch, asked } = answering(answer);
    await verifyFrom(URL_OF_BANK, { fetch, headers });
    expect(asked[0]?.[1].headers).toEqual({
      accept: 'application/json, application/jwk-set+json',
      authorization: 'Bearer x',
    });
  });

  test('are copied; and one replaces ours of the same name', async () => {
    const headers = new Headers({ Accept: 'application/jwk-set+json' });
    const { fetch, asked } = answering(answer);
    const keySet = createRemoteMandateKeySet(URL_OF_BANK, { fetch, headers });
    headers.set('x-late', '1');
    await verifyMandate(mandate, keySet);
    expect(asked[0]?.[1].headers).toEqual({ accept: 'application/jwk-set+json' });
  });

  test.each([[null], [7], [[['a']]], [{ 'a b': 'c' }]])('refuses %j, and does not quote it', (headers) => {
    const error = thrownBy(() => createRemoteMandateKeySet(URL_OF_BANK, { headers: headers as never }));
    expect(error).toMatchObject({ code: 'ERR_MANDATE_ARGUMENT_INVALID', parameter: 'headers' });
    expect(error.cause).toBeUndefined();
  });
});

describe('no cache between the issuer and the verifier (R8.25)', () => {
  test('asks for no-store and omits credentials where the runtime knows these', async () => {
    const { fetch, asked } = answering(answer);
    await verifyFrom(URL_OF_BANK, { fetch });
    expect(asked[0]?.[1]).toMatchObject({ cache: 'no-store', credentials: 'omit', redirect: 'manual' });
  });

  test('leaves out what the runtime throws for, as workerd does', async () => {
    class RequestOfWorkerd extends Request {
      constructor(url: string, options: RequestInit) {
        if ('cache' in options)
          throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
        super(url, options);
      }
    }
    vi.stubGlobal('Request', RequestOfWorkerd);
    const { fetch, asked } = answering(answer);
    await verifyFrom(URL_OF_BANK, { fetch });
    expect(asked[0]?.[1]).not.toHaveProperty('cache');
    expect(asked[0]?.[1]).toHaveProperty('credentials');
  });

  test('a runtime without Request is asked for both', async () => {
    vi.stubGlobal('Request', undefined);
    const { fetch, asked } = answering(answer);
    await verifyFrom(URL_OF_BANK, { fetch });
    expect(asked[0]?.[1]).toMatchObject({ cache: 'no-store', credentials: 'omit' });
  });
});

describe('every URL is checked before it is fetched, that of a redirect too (R8.23)', () => {
  const redirectTo = (location: string) => () => new Response(null, { status: 302, headers: { location } });

  test.each([
    'blob:https://bank.example/0b1f',
    'blob:http://bank.example/0b1f',
    'filesystem:https://bank.example/temporary/x',
    'data:application/json,{}',
    'javascript:1',
    'file:///etc/passwd',
    'http://bank.example/jwks.json',
    'https://bank.example:444/',
    'https://bank.example./',
    'https://other.example/',
    '//other.example/',
    '\\\\other.example\\',
    'https://u@bank.example/',
    'https://:p@bank.example/',
    '//u:p@bank.example/',
    'https://',
  ])('a redirect to %s is never fetched', async (location) => {
    const { fetch, asked } = answering(redirectTo(location), answer);
    await expectCode(verifyFrom(URL_OF_BANK, { fetch }), 'ERR_MANDATE_FETCH_REDIRECT');
    expect(asked).toHaveLength(1);
  });

  test.each(['/other', '?x=1', '', 'https://BANK.example:443/other', '//bank.example/other'])(
    'a redirect to %j stays within the origin',
    async (location) => {
      const { fetch, asked } = answering(redirectTo(location), answer);
      expect(await verifyFrom(URL_OF_BANK, { fetch })).toBeDefined();
      expect(new URL(asked[1]?.[0] as string).origin).toBe('https://bank.example');
    },
  );

  test('an error says nothing of credentials in a URL', () => {
    const error = thrownBy(() => createRemoteMandateKeySet('https://u:SECRET@['));
    expect(error).toMatchObject({ code: 'ERR_MANDATE_FETCH_URL', message: '"url" must be a URL' });
    expect(error.cause).toBeUndefined();
  });
});

describe('one time limit for everything (R8.24)', () => {
  test('holds where fetch ignores the signal, or its body does, which is then let go of', async () => {
    const cancelled = vi.fn();
    const body = new ReadableStream({ cancel: cancelled });
    const silent: (() => unknown)[] = [
      () => new Promise(() => {}),
      () => new Response(body, { headers: { 'content-type': 'application/json' } }),
    ];
    for (const answer of silent) {
      const { fetch, asked } = answering(answer);
      await expectCode(verifyFrom(URL_OF_BANK, { fetch, timeoutDuration: 50 }), 'ERR_MANDATE_FETCH_TIMEOUT');
      expect(asked[0]?.[1].signal.aborted).toBe(true);
    }
    expect(cancelled).toHaveBeenCalledOnce();
  });

  test('an AbortError of the fetch itself is a failure, not lateness', async () => {
    const fetch = () => Promise.reject(new DOMException('its own', 'AbortError'));
    await expectCode(verifyFrom(URL_OF_BANK, { fetch }), 'ERR_MANDATE_FETCH_FAILED');
  });

  test('a process with nothing else to do lives until the verdict, and no longer', () => {
    const program = `
      import { createRemoteMandateKeySet, verifyMandate } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
      const fetch = () => new Promise(() => {});
      const keySet = createRemoteMandateKeySet('https://bank.example/', { fetch, timeoutDuration: 50 });
      const isRevoked = () => new Promise(() => {});
      const mandate = ${JSON.stringify(mandate)};
      await verifyMandate(mandate, keySet).catch(({ code }) => console.log(code));
      const keys = ${JSON.stringify({ es256: jwks.keys[0], mldsa65: jwks.keys[1] })};
      await verifyMandate(mandate, keys, { isRevoked, revocationTimeout: 50 }).catch(({ code }) => console.log(code));
      await verifyMandate(mandate, keys, { isRevoked: async () => false, revocationTimeout: 2 ** 30 });
      console.log('accepted');
    `;
    // The last of the limits is twelve days: a timer that is left would outlive the test.
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    expect(printed).toBe('ERR_MANDATE_FETCH_TIMEOUT\nERR_MANDATE_REVOCATION_UNKNOWN\naccepted\n');
  });
});
