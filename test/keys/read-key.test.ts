// Forms of keys are told apart by structure (SPEC.md R8.31), and no import keeps the caller's memory (R8.33).
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test } from 'vitest';
import {
  exportMandateKeysToRaw,
  importMandatePrivateKeys,
  importMandatePublicKeys,
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
} from '../support.js';
import { derElement, mlDsa65Pkcs8, mlDsa65Spki, pemOf } from './files.js';

const kid = { kid: KID };
const seed = fromBase64url(privateKeys.mldsa65.priv);
const scalar = fromBase64url(privateKeys.es256.d);
const pub = fromBase64url(publicKeys.mldsa65.pub);
const point = Buffer.from(p256.getPublicKey(scalar, false));
const expanded = Buffer.from(mldsa65Keys.secretKey);
const es256Key = createPrivateKey({ key: privateKeys.es256, format: 'jwk' });
const es256Pkcs8 = es256Key.export({ format: 'der', type: 'pkcs8' });

describe('R8.31: a raw key that begins as another form does', () => {
  /** The first byte of JSON, of DER, of PEM, of white space, and of a byte order mark. */
  const BEGINNINGS = ['{', '{"', '{}', '0', '-', '-----BEGIN ', ' ', '\ufeff'];

  test.each(BEGINNINGS)('%j, private', async (beginning) => {
    const key = Buffer.alloc(32, 0x5a);
    Buffer.from(beginning).copy(key);
    const pair = ml_dsa65.keygen(key);
    const expected = {
      d: base64url(key),
      priv: base64url(key),
      pub: base64url(pair.publicKey),
      x: base64url(p256.getPublicKey(key, false).subarray(1, 33)),
    };
    for (const form of [key, key.toString('base64'), base64url(key)]) {
      if (beginning.startsWith('-----BEGIN ')) break;
      const { es256, mldsa65 } = await importMandatePrivateKeys({ es256: form, mldsa65: form });
      expect({ ...es256, ...mldsa65 }).toMatchObject(expected);
      const variables = { es256: 'A', mldsa65: 'B' };
      if (typeof form === 'string')
        expect(await mandatePrivateKeysFromEnv({ A: form, B: form }, variables)).toEqual({ es256, mldsa65 });
    }
  });

  test.each(BEGINNINGS)('%j, public', async (beginning) => {
    // Any 1952 bytes are an ML-DSA-65 public key.
    const key = Buffer.alloc(1952, 0xa5);
    Buffer.from(beginning).copy(key);
    for (const form of [key, key.toString('base64'), base64url(key)]) {
      if (beginning.startsWith('-----BEGIN ')) break;
      const { mldsa65 } = await importMandatePublicKeys({ es256: publicKeys.es256, mldsa65: form });
      expect(mldsa65.pub).toBe(base64url(key));
    }
  });

  test('JSON of the length of a raw key is JSON', async () => {
    for (const length of [1952, 4032]) {
      const text = JSON.stringify({ ...publicKeys.es256, note: '' });
      const padded = text.replace('"note":""', `"note":"${'x'.repeat(length - text.length)}"`);
      expect(padded).toHaveLength(length);
      for (const es256 of [Buffer.from(padded), Buffer.from(padded).toString('base64')]) {
        const { es256: jwk } = await importMandatePublicKeys({ es256, mldsa65: pub }, kid);
        expect(jwk).toMatchObject(publicKeys.es256);
      }
    }
  });

  test('JSON as bytes is read, and truncated JSON is called so', async () => {
    const text = JSON.stringify(privateKeys.es256);
    for (const es256 of [Buffer.from(text), Buffer.from(` ${text}\n`)])
      expect((await importMandatePrivateKeys({ es256, mldsa65: seed }, kid)).es256).toEqual(
        privateKeys.es256,
      );
    const half = Buffer.from(text.slice(0, -20));
    for (const es256 of [half, half.toString('base64')]) {
      const error = await expectCode(
        importMandatePrivateKeys({ es256, mldsa65: seed }),
        'ERR_MANDATE_KEY_INVALID',
      );
      expect(error.message).toMatch(/complete JSON.*truncated/);
    }
  });
});

const DER = { es256: es256Pkcs8, mldsa65: mlDsa65Pkcs8(derElement(0x80, seed)) };
const PRIVATE_BYTES: [string, { es256: Buffer; mldsa65: Buffer }][] = [
  ['raw', { es256: scalar, mldsa65: seed }],
  ['an expanded key', { es256: scalar, mldsa65: expanded }],
  ['DER', DER],
  ['DER of an expanded key', { ...DER, mldsa65: mlDsa65Pkcs8(derElement(4, expanded)) }],
  ['DER of a bare expanded key', { ...DER, mldsa65: mlDsa65Pkcs8(expanded) }],
  ['DER of an oqskeypair', { ...DER, mldsa65: mlDsa65Pkcs8(derElement(4, expanded, pub)) }],
  [
    'DER of both',
    { ...DER, mldsa65: mlDsa65Pkcs8(derElement(0x30, derElement(4, seed), derElement(4, expanded))) },
  ],
  [
    'PEM',
    {
      es256: Buffer.from(pemOf('PRIVATE KEY', es256Pkcs8)),
      mldsa65: Buffer.from(pemOf('PRIVATE KEY', mlDsa65Pkcs8(derElement(4, expanded)))),
    },
  ],
  [
    'JSON',
    {
      es256: Buffer.from(JSON.stringify(privateKeys.es256)),
      mldsa65: Buffer.from(JSON.stringify(privateKeys.mldsa65)),
    },
  ],
];
const spki = createPublicKey(es256Key).export({ format: 'der', type: 'spki' });
const PUBLIC_BYTES: [string, { es256: Buffer; mldsa65: Buffer }][] = [
  ['raw', { es256: point, mldsa65: pub }],
  ['DER', { es256: spki, mldsa65: mlDsa65Spki(pub) }],
  [
    'PEM',
    {
      es256: Buffer.from(pemOf('PUBLIC KEY', spki)),
      mldsa65: Buffer.from(pemOf('PUBLIC KEY', mlDsa65Spki(pub))),
    },
  ],
];

/** What a caller may hold bytes in. Each makes a copy of its own, which the test wipes. */
const CONTAINERS: [string, (bytes: Uint8Array) => { input: object; wipe: () => void }][] = [
  ['a Buffer', (bytes) => wipeable(Buffer.from(bytes))],
  ['a Uint8Array', (bytes) => wipeable(Uint8Array.from(bytes))],
  [
    'a part of a larger buffer',
    (bytes) => wipeable(Buffer.concat([Buffer.alloc(7), bytes, Buffer.alloc(7)]).subarray(7, -7)),
  ],
  ['a DataView', (bytes) => ofBuffer(bytes, (buffer) => new DataView(buffer))],
  ['an ArrayBuffer', (bytes) => ofBuffer(bytes, (buffer) => buffer)],
  [
    'shared memory',
    (bytes) => {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      return wipeable(shared);
    },
  ],
  [
    'a Uint8Array of another realm',
    (bytes) => wipeable(runInNewContext('Uint8Array.from(bytes)', { bytes: [...bytes] })),
  ],
];
const wipeable = (input: Uint8Array) => ({ input, wipe: () => void input.fill(0) });
function ofBuffer(bytes: Uint8Array, view: (buffer: ArrayBuffer) => object) {
  const { buffer } = Uint8Array.from(bytes);
  return { input: view(buffer), wipe: () => void new Uint8Array(buffer).fill(0) };
}

describe.each(CONTAINERS)('R8.33: what was imported from %s is not changed by wiping it', (_, hold) => {
  test.each(PRIVATE_BYTES)('private keys, %s', async (_, files) => {
    const [es256, mldsa65] = [hold(files.es256), hold(files.mldsa65)];
    const keys = await importMandatePrivateKeys({ es256: es256.input, mldsa65: mldsa65.input }, kid);
    es256.wipe();
    mldsa65.wipe();
    const mandate = await signMandate({ a: 1 }, keys, { header: kid });
    expect((await verifyMandate(mandate, publicKeys)).quantumSafe).toBe(true);
  });

  test.each(PUBLIC_BYTES)('public keys, %s', async (_, files) => {
    const [es256, mldsa65] = [hold(files.es256), hold(files.mldsa65)];
    const keys = await importMandatePublicKeys({ es256: es256.input, mldsa65: mldsa65.input }, kid);
    es256.wipe();
    mldsa65.wipe();
    expect(keys).toEqual(publicKeys);
  });
});

test('R8.33: an import of a JWK shares nothing with it, its arrays included', async () => {
  const es256 = { ...structuredClone(privateKeys.es256), key_ops: ['sign'], x5c: ['AAAA'] };
  const keys = await importMandatePrivateKeys({ es256, mldsa65: seed }, kid);
  es256.key_ops.push('verify');
  es256.x5c.length = 0;
  es256.d = 'x';
  expect(keys.es256).toEqual({ ...privateKeys.es256, key_ops: ['sign'], x5c: ['AAAA'] });
});

test('R8.33: raw keys that are exported are memory of their own, not a piece of a pool of the runtime', () => {
  for (const keys of [privateKeys, publicKeys]) {
    for (const bytes of Object.values(exportMandateKeysToRaw(keys)))
      expect(bytes.buffer.byteLength).toBe(bytes.length);
  }
});
