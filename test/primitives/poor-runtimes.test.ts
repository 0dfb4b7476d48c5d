// Runtimes that lack something, or have a stub of it. The library is loaded anew in each. (SPEC.md §5.7)
import { webcrypto } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeEs256Pkcs8 } from '../../src/encoding/pem.js';
import { expectCode, forge, fromBase64url, privateKeys, publicKeys, signEs256 } from '../support.js';

type Library = typeof import('../../src/index.js');

const load = (): Promise<Library> => import('../../src/index.js');

/** Loads the library while a global is something else, and for as long as the test takes. */
async function loadWith(globals: Record<string, unknown>): Promise<Library> {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  return load();
}

/** A runtime that has none of Node's modules. */
const withoutNode = (): unknown => vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);

async function signsAndVerifies(library: Library): Promise<void> {
  const keys = await library.generateMandateKeys();
  const mandate = await library.signMandate({ a: 'é' }, keys.privateKeys, {
    disclosureFrame: { _sd: ['a'] },
  });
  const { quantumSafe, payload } = await library.verifyMandate(mandate, keys.publicKeys);
  expect([quantumSafe, payload.a]).toEqual([true, 'é']);
  await library.verifyMandate(forge(), publicKeys);
}

beforeEach(() => void vi.resetModules());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock('@sd-jwt/core');
  vi.doUnmock('../../src/primitives/noble-ml-dsa-65.js');
});

describe('a stub of process.getBuiltinModule: importing never throws, and the next back end computes (R5.33)', () => {
  test.each<[string, () => unknown]>([
    [
      'that throws, as in Next.js at the edge',
      () => {
        throw new Error('A Node.js API is used (process.getBuiltinModule)');
      },
    ],
    ['that has no such module', () => undefined],
    ['that returns null', () => null],
    ['that returns an empty module', () => ({})],
    ['that returns a module whose hash is none', () => ({ hash: 'sha256' })],
    ['that returns a module whose hash is wrong', () => ({ hash: () => new Uint8Array(32) })],
  ])('%s', async (_, stub) => {
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(stub as never);
    const library = await load();
    expect((await library.getBackEnds()).es256).toBe('webcrypto');
    await signsAndVerifies(library);
  });

  test('a process whose member may not be read', async () => {
    const stub = new Proxy(process, {
      get: (target, name, receiver) => {
        if (name === 'getBuiltinModule') throw new Error('not supported');
        return Reflect.get(target, name, receiver);
      },
    });
    const library = await loadWith({ process: stub });
    expect((await library.getBackEnds()).es256).toBe('webcrypto');
  });
});

describe('a Buffer that is not Node’s is tried once, and left alone', () => {
  test.each<[string, (...args: unknown[]) => unknown]>([
    [
      'that does not know base64url, as the npm polyfill',
      (...args) => {
        if (args[1] === 'base64url') throw new TypeError('Unknown encoding: base64url');
        return new Uint8Array();
      },
    ],
    ['that decodes to nothing', () => new Uint8Array()],
    ['that decodes to other bytes', () => Uint8Array.of(1, 2)],
    [
      'that decodes, and does not encode',
      () => Object.assign(Uint8Array.of(0xfb, 0xff), { toString: () => '-/8' }),
    ],
    ['that returns undefined', () => undefined],
  ])('%s', async (_, from) => {
    const calls = vi.fn(from);
    const { Buffer } = globalThis;
    vi.stubGlobal('Buffer', { from: calls });
    const { decodeBase64url, encodeBase64url } = await import('../../src/encoding/base64url.js');
    vi.stubGlobal('Buffer', Buffer);
    const tried = calls.mock.calls.length;
    expect(tried).toBeGreaterThan(0);
    expect(encodeBase64url('é?>')).toBe('w6k_Pg');
    expect(encodeBase64url(Uint8Array.of(0xfb, 0xff))).toBe('-_8');
    expect(decodeBase64url('-_8', 'x', 'ERR_MANDATE_MALFORMED')).toEqual(Uint8Array.of(0xfb, 0xff));
    await signsAndVerifies(await load());
    expect(calls.mock.calls.length).toBe(tried);
  });

  test('none at all', async () => {
    const { Buffer } = globalThis;
    vi.stubGlobal('Buffer', undefined);
    const { encodeBase64url } = await import('../../src/encoding/base64url.js');
    vi.stubGlobal('Buffer', Buffer);
    expect(encodeBase64url('é?>')).toBe('w6k_Pg');
  });
});

describe('a page that came by plain http', () => {
  test('has no crypto.subtle, and portable code computes', async () => {
    withoutNode();
    const getRandomValues = webcrypto.getRandomValues.bind(webcrypto);
    const library = await loadWith({ crypto: { getRandomValues } });
    expect(await library.getBackEnds()).toEqual({ es256: 'noble', mldsa65: 'noble' });
    await signsAndVerifies(library);
  });

  test('a CryptoKey cannot come from there, and what passes for one is refused with a code', async () => {
    withoutNode();
    const library = await loadWith({ crypto: {} });
    const es256 = {
      [Symbol.toStringTag]: 'CryptoKey',
      type: 'public',
      usages: ['verify'],
      algorithm: { name: 'ECDSA', namedCurve: 'P-256' },
    };
    await expectCode(
      library.verifyMandate(forge(), { ...publicKeys, es256: es256 as never }),
      'ERR_MANDATE_VERIFIER_FAILED',
    );
  });
});

describe('a WebCrypto that exports no private key which came without its public half, as Firefox', () => {
  const { subtle } = webcrypto;
  beforeEach(() => {
    withoutNode();
    const withoutPublicHalf = new WeakSet<object>();
    // A private key of RFC 5915 without [1] publicKey is the shorter.
    const importKey = async (format: 'pkcs8', data: Uint8Array, ...rest: [never, never, never]) => {
      const key = await subtle.importKey(format, data, ...rest);
      if (format === 'pkcs8' && data.length < 100) withoutPublicHalf.add(key);
      return key;
    };
    const exportKey = async (format: 'jwk', key: never) => {
      if (withoutPublicHalf.has(key)) throw new DOMException('', 'OperationError');
      return subtle.exportKey(format, key);
    };
    const bound = (name: 'sign' | 'verify' | 'generateKey' | 'digest') => subtle[name].bind(subtle);
    vi.stubGlobal('crypto', {
      getRandomValues: webcrypto.getRandomValues.bind(webcrypto),
      subtle: {
        ...{ importKey, exportKey, sign: bound('sign'), verify: bound('verify') },
        generateKey: bound('generateKey'),
      },
    });
  });

  test('computes ES256 natively: keys are made, sign and verify without portable ES256', async () => {
    const portable = vi.fn();
    vi.doMock('../../src/primitives/noble-es256.js', async (original) => {
      portable();
      return original();
    });
    const library = await load();
    expect((await library.getBackEnds()).es256).toBe('webcrypto');
    await signsAndVerifies(library);
    expect(portable).not.toHaveBeenCalled();
    // A public key is derived by portable code, where one has to be.
    const { es256 } = await library.importMandatePrivateKeys({
      es256: fromBase64url(privateKeys.es256.d),
      mldsa65: privateKeys.mldsa65,
    });
    expect([es256.x, es256.y]).toEqual([publicKeys.es256.x, publicKeys.es256.y]);
    expect(portable).toHaveBeenCalledOnce();
    vi.doUnmock('../../src/primitives/noble-es256.js');
  });

  test('still tells halves that do not belong together, by a signature', async () => {
    const library = await load();
    // A runtime that takes the public half of a PKCS #8 file for granted: it is left out here, where Node would look at it.
    const { importKey } = crypto.subtle;
    const scalarAt = 36;
    crypto.subtle.importKey = ((format: string, data: Uint8Array, ...rest: unknown[]) => {
      const bytes = format === 'pkcs8' ? writeEs256Pkcs8(data.slice(scalarAt, scalarAt + 32)) : data;
      return Reflect.apply(importKey, crypto.subtle, [format, bytes, ...rest]);
    }) as never;
    const other = (await library.generateMandateKeys()).privateKeys.es256;
    for (const changes of [{ d: other.d }, { x: other.x, y: other.y }]) {
      const error = await expectCode(
        library.signMandate({}, { ...privateKeys, es256: { ...privateKeys.es256, ...changes } }),
        'ERR_MANDATE_KEY_INVALID',
      );
      expect(error.parameter).toBe('es256.d');
    }
    await library.signMandate({}, privateKeys);
  });
});

describe('younger functions of the language', () => {
  test('are done without: isWellFormed, structuredClone', async () => {
    const { isWellFormed } = String.prototype;
    try {
      Reflect.deleteProperty(String.prototype, 'isWellFormed');
      const library = await loadWith({ structuredClone: undefined });
      await signsAndVerifies(library);
      await library.verifyMandate(forge(), () => publicKeys, {
        isRevoked: () => false,
        onVerified: () => {},
      });
      await library.verifyMandate(
        forge(),
        library.createLocalMandateKeySet({ keys: Object.values(publicKeys) }),
      );
      for (const lone of ['\ud83d', '\ude00', 'a\ude00\ud83d', '\ud83d\ud83d\ude00'])
        await expectCode(library.signMandate({ lone }, privateKeys), 'ERR_MANDATE_PAYLOAD_INVALID');
      await library.signMandate({ pair: '\u{1f600}' }, privateKeys);
    } finally {
      String.prototype.isWellFormed = isWellFormed;
    }
  });

  test('of ECMAScript 2022 are named where they are missing, at the first call (R5.34)', async () => {
    const { hasOwn } = Object;
    const mandate = forge();
    const library = await load();
    let error: unknown;
    try {
      Reflect.deleteProperty(Object, 'hasOwn');
      error = await library.verifyMandate(mandate, publicKeys).catch((thrown) => thrown);
    } finally {
      Object.hasOwn = hasOwn;
    }
    expect(error).toMatchObject({ code: 'ERR_MANDATE_RUNTIME_UNSUPPORTED', parameter: 'Object.hasOwn' });
    // Nothing is kept of it.
    await library.verifyMandate(forge(), publicKeys);
  });

  test.each<[string, unknown]>([
    ['no crypto', undefined],
    ['no getRandomValues', {}],
    [
      'a getRandomValues that throws',
      {
        getRandomValues: () => {
          throw new Error('no entropy');
        },
      },
    ],
  ])('random numbers: %s', async (_, crypto) => {
    withoutNode();
    const library = await loadWith({ crypto });
    // Signed elsewhere: @noble/curves blinds a scalar once it has seen random numbers.
    const signers = { es256: signEs256, mldsa65: () => new Uint8Array(3309) };
    for (const attempt of [
      () => library.generateMandateKeys(),
      () => library.signMandate({ a: 1 }, signers, { disclosureFrame: { _sd: ['a'] } }),
      () => library.signMandate({}, signers, { jti: true }),
    ]) {
      const error = await expectCode(attempt(), 'ERR_MANDATE_RUNTIME_UNSUPPORTED');
      expect(error.parameter).toBe('crypto.getRandomValues');
    }
    // Verifying needs none.
    await library.verifyMandate(forge(), publicKeys);
  });
});

describe('a module that could not be loaded (R5.30)', () => {
  test('is a MandateError, and the next call tries again', async () => {
    withoutNode();
    vi.doMock('../../src/primitives/noble-ml-dsa-65.js', () => {
      throw new Error('network');
    });
    const library = await load();
    // Not every runtime that has no node:crypto needs it.
    const attempt = async (): Promise<unknown> => {
      await library.forceBackEnd({ mldsa65: 'noble' });
      return library.verifyMandate(forge(), publicKeys);
    };
    for (let i = 0; i < 2; i++) {
      const error = await expectCode(attempt(), 'ERR_MANDATE_LOAD_FAILED');
      expect(error.cause).toBeDefined();
    }
    vi.doUnmock('../../src/primitives/noble-ml-dsa-65.js');
    await attempt();
  });

  test('also where it packs disclosures', async () => {
    vi.doMock('@sd-jwt/core', () => {
      throw new Error('network');
    });
    const library = await load();
    const attempt = () => library.signMandate({ a: 1 }, privateKeys, { disclosureFrame: { _sd: ['a'] } });
    await expectCode(attempt(), 'ERR_MANDATE_LOAD_FAILED');
    vi.doUnmock('@sd-jwt/core');
    await attempt();
  });

  test('is not blamed on a key', async () => {
    vi.doMock('../../src/primitives/noble-es256.js', () => {
      throw new Error('network');
    });
    const library = await load();
    const point = fromBase64url(publicKeys.es256.x);
    const compressed = Uint8Array.from([
      2 + ((fromBase64url(publicKeys.es256.y)[31] as number) & 1),
      ...point,
    ]);
    const attempt = () => library.importMandatePublicKeys({ es256: compressed, mldsa65: publicKeys.mldsa65 });
    await expectCode(attempt(), 'ERR_MANDATE_LOAD_FAILED');
    vi.doUnmock('../../src/primitives/noble-es256.js');
    expect((await attempt()).es256.y).toBe(publicKeys.es256.y);
  });
});

describe('what one request began and never ended holds up no other (Cloudflare Workers)', () => {
  test('neither the trial of a back end nor the import of a key', async () => {
    withoutNode();
    const { subtle } = webcrypto;
    const lost = vi.spyOn(subtle, 'importKey').mockReturnValue(new Promise(() => {}) as never);
    const library = await load();
    void library.getBackEnds();
    void library.verifyMandate(forge(), publicKeys);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lost).toHaveBeenCalled();
    lost.mockRestore();
    expect((await library.getBackEnds()).es256).toBe('webcrypto');
    const stuck = vi.spyOn(subtle, 'importKey').mockReturnValue(new Promise(() => {}) as never);
    const keys = structuredClone(publicKeys);
    void library.verifyMandate(forge(), keys);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stuck).toHaveBeenCalled();
    stuck.mockRestore();
    await library.verifyMandate(forge(), keys);
  });
});
