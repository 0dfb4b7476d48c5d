// JWKs that a runtime exports with leading zeros dropped (SPEC.md R8.36).
import { createPrivateKey } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { checkMandateKeys, mandatePublicKeysOf, signMandate } from '../../src/index.js';
import { restoreLeadingZeros } from '../../src/primitives/exported-jwk.js';
import { webCryptoEs256 } from '../../src/primitives/webcrypto.js';
import { base64url, expectCode, fromBase64url, privateKeys, publicKeys } from '../support.js';

/** As Bun 1.3.1 exported it: the "d" has 31 bytes. */
const BUN = {
  crv: 'P-256',
  d: 'kp9KiqwCZQesQq0iuQozsbytswPH9W83J-XYKXWfIA',
  ext: true,
  key_ops: ['sign'],
  kty: 'EC',
  x: 'SSFAzVgxnUDfsSKRXHkrJyZbdqB9cmFHwU7UCK3W-I4',
  y: 'WH3OqvqISuoycBOgb0ciGZK5ywhm9n8VjzHkJt3Ih3Y',
} as const;
const short = (text: string): string => base64url(fromBase64url(text).subarray(1));
const whole = { ...BUN, d: base64url(Buffer.concat([Buffer.alloc(1), fromBase64url(BUN.d)])) };

afterEach(() => vi.restoreAllMocks());

test('R8.36: every number of an EC key gets its leading zeros back, and nothing else changes', () => {
  expect(restoreLeadingZeros(BUN)).toEqual(whole);
  expect(restoreLeadingZeros(whole)).toEqual(whole);
  expect(restoreLeadingZeros({ ...whole, x: short(whole.x), y: '' })).toEqual({
    ...whole,
    x: base64url(Buffer.concat([Buffer.alloc(1), fromBase64url(whole.x).subarray(1)])),
    y: base64url(Buffer.alloc(32)),
  });
  for (const other of [{ ...BUN, crv: 'P-384' }, { ...BUN, kty: 'OKP' }, publicKeys.mldsa65])
    expect(restoreLeadingZeros(other)).toBe(other);
});

test('R8.36: a KeyObject that is exported so signs', async () => {
  const es256 = createPrivateKey({ key: whole, format: 'jwk' });
  vi.spyOn(es256, 'export').mockReturnValue(BUN as never);
  const keys = { ...privateKeys, es256 };
  const { kty, crv, x, y } = whole;
  const mandate = await signMandate({ a: 1 }, keys, { deterministic: true });
  expect(mandate).toBe(
    await signMandate({ a: 1 }, { ...privateKeys, es256: whole as never }, { deterministic: true }),
  );
  await checkMandateKeys(
    { ...privateKeys, es256: whole as never },
    { ...publicKeys, es256: { kty, crv, x, y } },
  );
});

test('R8.36: the public key of a CryptoKey is whole where the runtime drops zeros', async () => {
  const exportKey = crypto.subtle.exportKey.bind(crypto.subtle);
  const dropping = async (_: 'jwk', key: CryptoKey) => {
    const jwk = await exportKey('jwk', key);
    for (const name of ['x', 'y', 'd'] as const) {
      const bytes = fromBase64url(jwk[name] ?? '');
      if (jwk[name] !== undefined)
        jwk[name] = base64url(bytes.subarray(bytes.findIndex((byte) => byte !== 0)));
    }
    return jwk;
  };
  vi.spyOn(crypto.subtle, 'exportKey').mockImplementation(dropping as never);
  const key = await crypto.subtle.importKey('jwk', ZERO_X, { name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
  ]);
  expect((await exportKey('jwk', key)).x).toBe(ZERO_X.x);
  expect((await crypto.subtle.exportKey('jwk', key)).x).toHaveLength(42);
  const { es256 } = await mandatePublicKeysOf({ ...privateKeys, es256: key });
  expect(es256).toMatchObject({ x: ZERO_X.x, y: ZERO_X.y });
  const derived = await webCryptoEs256.derivePublicKey(fromBase64url(ZERO_X.d));
  expect(base64url(derived.subarray(1, 33))).toBe(ZERO_X.x);
});

/** A key whose x begins with a zero: the scalar 379. */
const ZERO_X = {
  kty: 'EC',
  crv: 'P-256',
  d: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXs',
  x: 'AFVDiUrz0A7X10Cr29dclrBod7eH219w7qeLkKjXwAo',
  y: 'u0yFo9jqKe-q-iRAaRLdhNWxTcMr9lbvbGvVil2UP5I',
};

test('a short member that a caller wrote is refused as before', async () => {
  const error = await expectCode(
    signMandate({ a: 1 }, { ...privateKeys, es256: BUN as never }),
    'ERR_MANDATE_KEY_INVALID',
  );
  expect(error.parameter).toBe('es256.d');
});
