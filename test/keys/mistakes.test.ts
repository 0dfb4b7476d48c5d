// Ordinary mistakes with keys end in a MandateError, never in a TypeError, and show no key (SPEC.md R8.10, R8.38).
import { createPrivateKey } from 'node:crypto';
import { inspect } from 'node:util';
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
  MandateError,
  mandatePrivateKeysFromEnv,
  mandatePublicKeysOf,
} from '../../src/index.js';
import { privateKeys, publicKeys } from '../support.js';

const { es256, mldsa65 } = privateKeys;
const generated = { kid: es256.kid, privateKeys, publicKeys, jwks: { keys: Object.values(publicKeys) } };
const cryptoPair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
]);

/** What stands where a pair of keys belongs. */
const WRONG_PAIRS: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['a text', 'secret'],
  ['JSON of the pair', JSON.stringify(privateKeys)],
  ['a function', () => privateKeys],
  ['a symbol', Symbol('keys')],
  ['a list', [es256, mldsa65]],
  ['a promise that was not awaited', Promise.resolve(privateKeys)],
  ['a Map', new Map(Object.entries(privateKeys))],
  ['all that was generated', generated],
  ['one JWK', es256],
  ['a JWK Set', generated.jwks],
  ['a CryptoKeyPair', cryptoPair],
  ['an empty object', {}],
  ['half a pair', { es256 }],
  ['names in capitals', { ES256: es256, 'ML-DSA-65': mldsa65 }],
  ['the keys in each other’s place', { es256: mldsa65, mldsa65: es256 }],
  [
    'a proxy that throws',
    new Proxy(
      {},
      {
        get: () => {
          throw new TypeError('no');
        },
        ownKeys: () => {
          throw new TypeError('no');
        },
      },
    ),
  ],
];

/** What stands where one key belongs. */
const WRONG_KEYS: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['an empty text', ''],
  ['a number', 1],
  ['a big integer', 1n],
  ['true', true],
  ['a symbol', Symbol('key')],
  ['an empty object', {}],
  ['an empty list', []],
  ['no bytes', new Uint8Array()],
  ['numbers', new Float64Array(4)],
  ['a promise', Promise.resolve(es256)],
  ['a date', new Date(0)],
  ['a CryptoKeyPair', cryptoPair],
  ['a JWK of numbers', { kty: 'EC', crv: 'P-256', x: 1, y: 2, d: 3 }],
  ['a JWK with nulls', { ...es256, x: null }],
  ['a JWK with an odd kid', { ...es256, kid: 5 }],
  ['a JWK with odd key_ops', { ...es256, key_ops: 'sign' }],
  ['an RSA JWK', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
  ['JSON null', 'null'],
  ['JSON of a list', '[]'],
  ['an odd PEM', '-----BEGIN PRIVATE KEY-----'],
  ['a URL', new URL('https://issuer.example/jwks.json')],
  ['memory that was handed to a worker', detached()],
  ['what calls itself a Uint8Array', { [Symbol.toStringTag]: 'Uint8Array' }],
  ['what calls itself an ArrayBuffer', { [Symbol.toStringTag]: 'ArrayBuffer' }],
];

function detached(): ArrayBuffer {
  const { buffer } = new Uint8Array(32);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const FUNCTIONS: Record<string, (keys: never) => unknown> = {
  importMandatePrivateKeys,
  importMandatePublicKeys,
  exportMandateKeysToPem,
  exportMandateKeysToRaw,
  mandatePublicKeysOf,
  'checkMandateKeys, private': (keys) => checkMandateKeys(keys, publicKeys),
  'checkMandateKeys, public': (keys) => checkMandateKeys(privateKeys, keys),
};

async function expectMandateError(call: () => unknown): Promise<void> {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(MandateError);
  const shown = inspect(error, { depth: 9, showHidden: true });
  for (const secret of [es256.d, mldsa65.priv]) expect(shown).not.toContain(secret.slice(0, 16));
}

describe.each(Object.entries(FUNCTIONS))('R8.38: %s', (_, call) => {
  test.each(WRONG_PAIRS)('given %s', (_, keys) => expectMandateError(() => call(keys as never)));

  test.each(WRONG_KEYS)('given a pair with %s in place of one key', async (_, key) => {
    const halves =
      call === FUNCTIONS.importMandatePublicKeys || call === FUNCTIONS['checkMandateKeys, public'];
    const pair = halves ? publicKeys : privateKeys;
    for (const name of ['es256', 'mldsa65'])
      await expectMandateError(() => call({ ...pair, [name]: key } as never));
  });
});

test('R8.38: an import of a JWK that holds itself', async () => {
  const jwk: Record<string, unknown> = { ...es256 };
  jwk.self = jwk;
  await expectMandateError(() => importMandatePrivateKeys({ es256: jwk, mldsa65 }));
});

test('R8.38: an import of what needs none says so', async () => {
  const signer = () => new Uint8Array();
  for (const es256 of [
    cryptoPair.privateKey,
    createPrivateKey({ key: privateKeys.es256, format: 'jwk' }),
    signer,
  ]) {
    const error = await importMandatePrivateKeys({ es256, mldsa65 }).catch((thrown) => thrown);
    expect(error.message).toContain('pass it to the library directly, without an import');
  }
  const error = await importMandatePrivateKeys({ es256: new Date(0), mldsa65 }).catch((thrown) => thrown);
  expect(error.message).toBe('"es256" must be a JWK, PEM, base64 or bytes, got an instance of Date');
});

/** A thumbprint is taken of the required members alone. */
const OF_OTHER_MEMBERS = ['a JWK with an odd kid', 'a JWK with odd key_ops'];
test.each(WRONG_KEYS.filter(([name]) => !OF_OTHER_MEMBERS.includes(name)))(
  'R8.38: jwkThumbprint given %s',
  (_, key) => expectMandateError(() => jwkThumbprint(key as never)),
);

test.each(['kid', 1, null, { kid: '' }, { kid: 7 }, { kid: '\ud800' }, { KID: 'a' }, new Map()])(
  'R8.38: options that are none: %j',
  async (options) => {
    for (const call of [
      () => generateMandateKeys(options as never),
      () => importMandatePrivateKeys(privateKeys, options as never),
      () => importMandatePublicKeys(publicKeys, options as never),
      () => mandatePublicKeysOf(privateKeys, options as never),
      () => exportMandateKeysToPem(privateKeys, options as never),
    ])
      await expectMandateError(call);
  },
);

test.each(WRONG_PAIRS)('R8.38: mandatePrivateKeysFromEnv given %s', async (_, value) => {
  await expectMandateError(() => mandatePrivateKeysFromEnv(value as never, 'KEYS'));
  await expectMandateError(() => mandatePrivateKeysFromEnv({}, value as never));
  if (typeof value !== 'string')
    await expectMandateError(() => mandatePrivateKeysFromEnv({ KEYS: value as never }, 'KEYS'));
});

/** A key set may hold any keys: one that lacks ours is refused when they are asked for. */
const KEY_SETS = ['a JWK Set'];
test.each(WRONG_PAIRS.filter(([name]) => !KEY_SETS.includes(name)))(
  'R8.38: createLocalMandateKeySet given %s',
  (_, value) =>
    expectMandateError(() => checkMandateKeys(privateKeys, createLocalMandateKeySet(value as never))),
);
