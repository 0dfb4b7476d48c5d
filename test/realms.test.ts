// Values of another realm, as an iframe, Jest or jsdom make them: their `instanceof` is false here. (SPEC.md R5.31)
import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createPaymentReceipt } from '../src/ap2/index.js';
import { copyMap, isDate, isError, isUint8Array } from '../src/brand.js';
import {
  createIssuerKeySet,
  createLocalMandateKeySet,
  importMandatePrivateKeys,
  importMandatePublicKeys,
  signMandate,
  verifyMandate,
} from '../src/index.js';
import { describeType } from '../src/options.js';
import { expectCode, forge, fromBase64url, privateKeys, publicKeys, signEs256 } from './support.js';

/** The value of an expression in a realm of its own, in which `given` is what is passed in. */
const foreign = <T>(expression: string, given?: unknown): T => runInNewContext(expression, { given }) as T;

const foreignBytes = (bytes: Iterable<number>): Uint8Array => foreign('Uint8Array.from(given)', [...bytes]);

describe('what another realm made is recognised by its brand', () => {
  test('and not by instanceof, which does not hold', () => {
    expect(foreignBytes([1]) instanceof Uint8Array).toBe(false);
    expect(foreign('new Date()') instanceof Date).toBe(false);
    expect(foreign('new Map()') instanceof Map).toBe(false);
  });

  test('a Uint8Array, and Node’s Buffer; nothing that has its name', () => {
    expect(isUint8Array(foreignBytes([1]))).toBe(true);
    expect(isUint8Array(Buffer.alloc(1))).toBe(true);
    for (const other of [
      new Uint16Array(1),
      new ArrayBuffer(1),
      [1],
      { [Symbol.toStringTag]: 'Uint8Array' },
      null,
    ])
      expect(isUint8Array(other)).toBe(false);
  });

  test('a Date, valid or not; nothing that inherits from one', () => {
    expect(isDate(foreign('new Date()'))).toBe(true);
    expect(isDate(foreign('new Date(NaN)'))).toBe(true);
    for (const other of [Object.create(Date.prototype), '2026-01-01', 0, null, undefined])
      expect(isDate(other)).toBe(false);
  });

  test('a Map, by what it holds, whatever methods stand on it', () => {
    expect(copyMap(foreign("new Map([['a', 1]])"))).toEqual(new Map([['a', 1]]));
    const overridden = Object.assign(new Map([['a', 1]]), { forEach: () => {}, get: () => 2 });
    expect(copyMap(overridden)?.get('a')).toBe(1);
    for (const other of [new Set(), {}, null, Object.create(Map.prototype)])
      expect(copyMap(other)).toBeUndefined();
  });

  test('an error, with its message', () => {
    expect(isError(foreign("new TypeError('x')"))).toBe(true);
    expect(isError(new DOMException('x'))).toBe(true);
    for (const other of [{ message: 'x' }, 'x', null]) expect(isError(other)).toBe(false);
  });

  test('a Promise, in a message', () => {
    expect(describeType(foreign('Promise.resolve()'))).toContain('await it');
  });

  test('no file of src/ asks instanceof for a type of the language, or calls what not every runtime has', () => {
    const source = new URL('../src/', import.meta.url);
    const files = (readdirSync(source, { recursive: true }) as string[]).filter((file) =>
      file.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(50);
    /** Only errors that this library or jose makes. */
    const allowed =
      /instanceof (?:Mandate\w*Error|CliError|Advised|Ledger\w*Error|JOSEError|JWT(?:ClaimValidationFailed|Expired)|DerError)\b/g;
    for (const file of files) {
      const code = readFileSync(new URL(file, source), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(code.replace(allowed, ''), file).not.toMatch(/\binstanceof\b/);
      // encoding/well-formed.ts, copyData of encoding/json.ts and randomBytes of runtime.ts do on every runtime.
      if (!['encoding/well-formed.ts', 'runtime.ts'].includes(file.replaceAll('\\', '/')))
        expect(code, file).not.toMatch(/\.isWellFormed\(|\bstructuredClone\(|\.getRandomValues\(/);
    }
  });
});

describe('a mandate with what another realm made', () => {
  test('options, payload, frame and keys', async () => {
    const given = { keys: privateKeys, public: publicKeys };
    const clone = (path: string) => foreign(`JSON.parse(JSON.stringify(given.${path}))`, given);
    const mandate = await signMandate(
      foreign<object>("({ a: 1, list: [1, 2], when: new Date('2026-01-01T00:00:00Z') })"),
      clone('keys') as typeof privateKeys,
      foreign("({ disclosureFrame: { _sd: ['a'] } })"),
    );
    const { payload } = await verifyMandate(
      mandate,
      clone('public') as typeof publicKeys,
      foreign("({ requiredClaims: ['a'] })"),
    );
    expect(payload).toMatchObject({ a: 1, list: [1, 2], when: '2026-01-01T00:00:00.000Z' });
  });

  test('an invalid Date is refused, and never signed as null', async () => {
    for (const date of [new Date(Number.NaN), foreign('new Date(NaN)')]) {
      const error = await expectCode(signMandate({ when: date }, privateKeys), 'ERR_MANDATE_PAYLOAD_INVALID');
      expect(error.parameter).toBe('payload.when');
    }
  });

  test('bytes, a Map and a Symbol where JSON belongs are refused', async () => {
    for (const expression of ['new Uint8Array(2)', "new Map([['a', 1]])", 'Symbol()'])
      await expectCode(
        signMandate({ member: foreign(expression) }, privateKeys),
        'ERR_MANDATE_PAYLOAD_INVALID',
      );
  });

  test('currentDate', async () => {
    const at = foreign<Date>("new Date('2026-01-01T00:00:00Z')");
    const mandate = await signMandate({}, privateKeys, { expiresIn: 60, currentDate: at });
    const { payload } = await verifyMandate(mandate, publicKeys, { currentDate: at });
    expect(payload.exp).toBe(at.getTime() / 1000 + 60);
    const invalid = foreign<Date>('new Date(NaN)');
    await expectCode(signMandate({}, privateKeys, { currentDate: invalid }), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(
      verifyMandate(mandate, publicKeys, { currentDate: invalid }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('what a signer returns', async () => {
    const es256 = (data: Uint8Array) => foreignBytes(signEs256(data));
    const mandate = await signMandate({}, { ...privateKeys, es256 });
    await verifyMandate(mandate, publicKeys);
    const short = () => foreignBytes([1, 2]);
    const error = await expectCode(
      signMandate({}, { ...privateKeys, es256: short }),
      'ERR_MANDATE_SIGNER_FAILED',
    );
    expect(error.message).toContain('got 2');
  });

  test('keys as bytes', async () => {
    const raw = {
      es256: foreignBytes(fromBase64url(privateKeys.es256.d)),
      mldsa65: foreignBytes(fromBase64url(privateKeys.mldsa65.priv)),
    };
    const imported = await importMandatePrivateKeys(raw);
    expect(imported.es256.x).toBe(publicKeys.es256.x);
    const mldsa65 = foreignBytes(fromBase64url(publicKeys.mldsa65.pub));
    const { mldsa65: jwk } = await importMandatePublicKeys({ es256: publicKeys.es256, mldsa65 });
    expect(jwk.pub).toBe(publicKeys.mldsa65.pub);
  });

  test('a Map of issuers is read, and not taken for an empty object', async () => {
    const issuers = foreign<Map<string, typeof publicKeys>>("new Map([['a', given]])", publicKeys);
    const mandate = forge({ payload: { iss: 'a' } });
    await verifyMandate(mandate, createIssuerKeySet(issuers));
    await expectCode(
      verifyMandate(forge({ payload: { iss: 'b' } }), createIssuerKeySet(issuers)),
      'ERR_MANDATE_ISSUER_UNTRUSTED',
    );
  });

  test('a JWK Set, copied', async () => {
    const jwks = foreign<{ keys: object[] }>(
      'JSON.parse(given)',
      JSON.stringify({ keys: Object.values(publicKeys) }),
    );
    const keys = createLocalMandateKeySet(jwks);
    jwks.keys.length = 0;
    await verifyMandate(forge(), keys);
  });

  test('the date of a receipt', () => {
    const receipt = (date: Date) =>
      createPaymentReceipt({ iss: 'a', reference: 'A'.repeat(43), status: 'success' } as never, date);
    expect(() => receipt(foreign('new Date(NaN)'))).toThrow(/valid Date/);
  });
});
