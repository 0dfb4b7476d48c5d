// SPEC.md §10.9: the merchant's JWT of a checkout.
import { compactVerify, importJWK, type JWK, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { signCheckoutJwt, verifyCheckoutJwt, verifyReceipt } from '../../../src/ap2/index.js';
import { generateMandateKeys, verifyMandate } from '../../../src/index.js';
import { expectCode, headerOf, withSegments } from '../../support.js';
import { shop } from '../fixtures.js';
import {
  cart,
  checkoutJwt,
  currentDate,
  hashOf,
  merchant,
  merchants,
  NOW,
  otherMerchant,
  sign,
} from './purchase.fixtures.js';

const INVALID = 'ERR_MANDATE_CHECKOUT_INVALID';
const verify = (jwt: string, options: object = {}) =>
  verifyCheckoutJwt(jwt, merchants, { currentDate, ...options });
const payloadOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

/** What a merchant's stock JWT library signs: ES256 alone. */
const stock = async (payload: object, header: object = { typ: 'ap2-checkout+jwt' }, keys = merchant) =>
  new SignJWT({ ...payload })
    .setProtectedHeader({ alg: 'ES256', ...header })
    .sign(await importJWK(keys.privateKeys.es256 as JWK, 'ES256'));
const jti = 'q1W2e3R4t5Y6u7I8o9P0aS';
const ofAp2 = { ...cart, iss: shop.id, iat: NOW, exp: NOW + 900, jti };
const classical = { policy: 'pq-optional' };

describe('signing', () => {
  test('makes a JWT that verifies, quantum-safe, by the merchant whom it names', async () => {
    const verified = await verify(checkoutJwt);
    expect(verified).toMatchObject({ quantumSafe: true, merchant: shop, missing: [], policy: 'pq-required' });
    expect(verified.checkoutHash).toBe(hashOf(checkoutJwt));
    expect(verified.checkout).toMatchObject({ ...cart, iss: shop.id, iat: NOW, exp: NOW + 900 });
    expect(headerOf(checkoutJwt)).toMatchObject({ typ: 'ap2-checkout+jwt', pq_alg: 'ML-DSA-65' });
  });

  test('is ES256 for a stock library (jose)', async () => {
    const key = await importJWK(merchant.publicKeys.es256 as JWK, 'ES256');
    expect((await compactVerify(checkoutJwt, key)).protectedHeader.typ).toBe('ap2-checkout+jwt');
  });

  test('R10.72: gives every checkout a random jti of 128 bits, so that equal checkouts have different hashes', async () => {
    const [one, other] = [await sign(), await sign()];
    expect(payloadOf(one).jti).toMatch(/^[\w-]{22}$/);
    expect(payloadOf(one).jti).not.toBe(payloadOf(other).jti);
  });

  test('with pqAlg none is AP2’s form', async () => {
    const jwt = await signCheckoutJwt(
      cart as never,
      { es256: merchant.privateKeys.es256 },
      { pqAlg: 'none', header: { typ: 'JWT' }, expiresIn: 900, currentDate },
    );
    await expectCode(verify(jwt), 'ERR_MANDATE_HEADER_INVALID');
    const verified = await verify(jwt, { ...classical, allowMissing: ['typ'] });
    expect(verified).toMatchObject({ quantumSafe: false, missing: ['typ'] });
  });

  test.each([
    ['no merchant', { merchant: undefined }, INVALID],
    ['a merchant with an empty id', { merchant: { ...shop, id: '' } }, INVALID],
    ['the iss of another', { iss: 'merchant_2' }, INVALID],
    ['a jti that is too short', { jti: 'abc' }, INVALID],
    ['two totals', { totals: [...cart.totals, ...cart.totals] }, INVALID],
    ['no total', { totals: [] }, INVALID],
    ['a checkout that is over', { status: 'completed' }, INVALID],
    ['a checkout whose time is over', { expires_at: '2026-01-01T00:00:00Z' }, INVALID],
    ['an iat in milliseconds', { iat: NOW * 1000 }, 'ERR_MANDATE_PAYLOAD_INVALID'],
    ['an exp beside expiresIn', { exp: NOW + 60 }, 'ERR_MANDATE_PAYLOAD_INVALID'],
    ['a currency that is none', { currency: 'dollar' }, 'ERR_MANDATE_SCHEMA'],
  ])('%s is not signed (R10.77)', async (_, change, code) => {
    await expectCode(sign({ ...cart, ...change }), code);
  });

  test('without an end it is not signed; an "expires_at" is one (R10.77)', async () => {
    await expectCode(signCheckoutJwt(cart as never, merchant.privateKeys, { currentDate }), INVALID);
    const ends = { ...cart, expires_at: '2030-01-01T00:00:00Z' };
    await verify(await signCheckoutJwt(ends as never, merchant.privateKeys, { currentDate }));
  });
});

describe('verifying', () => {
  test('R10.71: another merchant’s signature is refused, whichever iss it writes', async () => {
    await expectCode(verify(await sign(cart, otherMerchant)), 'ERR_MANDATE_ES256_INVALID');
    const named = await stock({ ...ofAp2, iss: 'merchant_2' }, undefined, otherMerchant);
    await expectCode(verify(named, classical), 'ERR_MANDATE_ES256_INVALID');
    await expectCode(verify(await stock({ ...ofAp2, iss: 'merchant_2' }), classical), INVALID);
  });

  test('R10.71: an iss other than the merchant’s id is accepted where the caller names it', async () => {
    const named = await stock({ ...ofAp2, iss: 'https://shop.example' });
    await verify(named, { ...classical, issuer: 'https://shop.example' });
    await expectCode(
      verify(named, { ...classical, issuer: 'https://other.example' }),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    );
  });

  test('R10.71: a checkout without an iss is the merchant’s own', async () => {
    const { iss: _, ...rest } = ofAp2;
    expect((await verify(await stock(rest), classical)).merchant).toEqual(shop);
  });

  test('R10.71: keys that are no function are of one merchant, who is named', async () => {
    await expectCode(
      verifyCheckoutJwt(checkoutJwt, merchant.publicKeys, { currentDate }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    await verifyCheckoutJwt(checkoutJwt, merchant.publicKeys, { currentDate, merchant: shop.id });
    const other = await sign({ ...cart, merchant: { ...shop, id: 'merchant_2' } });
    const forOne = { currentDate, merchant: shop.id };
    await expectCode(verifyCheckoutJwt(other, merchant.publicKeys, forOne), INVALID);
  });

  test('a merchant that nobody knows is refused', async () => {
    const unknown = await sign({ ...cart, merchant: { ...shop, id: 'merchant_9' } });
    await expectCode(verify(unknown), 'ERR_MANDATE_KEY_UNRESOLVED');
  });

  test('R10.74: a signature that was stripped, and one that was never there, are refused by default', async () => {
    const stripped = withSegments(checkoutJwt, ({ header }) => {
      const { pq_sig: _, ...rest } = JSON.parse(Buffer.from(header, 'base64url').toString());
      return { header: Buffer.from(JSON.stringify(rest)).toString('base64url') };
    });
    await expectCode(verify(stripped, classical), 'ERR_MANDATE_PQ_SIG_MISSING');
    await expectCode(verify(await stock(ofAp2)), 'ERR_MANDATE_PQ_REQUIRED');
    expect((await verify(await stock(ofAp2), classical)).quantumSafe).toBe(false);
  });

  test('R10.74: an ML-DSA-65 key of another is refused', async () => {
    const { publicKeys: others } = await generateMandateKeys();
    const mixed = () => ({ es256: merchant.publicKeys.es256, mldsa65: others.mldsa65 });
    const { kid: _, ...mldsa65 } = others.mldsa65;
    const unnamed = () => ({ ...mixed(), mldsa65 });
    await expectCode(
      verifyCheckoutJwt(checkoutJwt, unnamed, { currentDate }),
      'ERR_MANDATE_ML_DSA_65_INVALID',
    );
  });

  test.each([
    ['a text of 21 base64url characters', 'q1W2e3R4t5Y6u7I8o9P0a', false],
    ['22 base64url characters', jti, true],
    ['31 hexadecimal digits', '0123456789abcdef0123456789abcde', false],
    ['32 hexadecimal digits', '0123456789abcdef0123456789abcdef', true],
    ['a UUID', '6fa459ea-ee8a-4ca4-894e-db77e160355e', true],
    ['38 decimal digits', '12345678901234567890123456789012345678', false],
    ['39 decimal digits', '123456789012345678901234567890123456789', true],
    ['one character many times', 'A'.repeat(60), false],
    ['a counter', `${'0'.repeat(40)}1`, false],
  ])('R10.72: jti: %s', async (_, value, isEnough) => {
    for (const name of ['jti', 'nonce']) {
      const { jti: __, ...rest } = ofAp2;
      const verified = verify(await stock({ ...rest, [name]: value }), classical);
      if (isEnough) expect((await verified).missing).toEqual([]);
      else await expectCode(verified, INVALID);
    }
  });

  test('R10.73, R10.76: what is missing is refused, unless it is named; the result says it', async () => {
    const { jti: _, iat: __, exp: ___, ...bare } = ofAp2;
    for (const name of ['jti', 'iat', 'exp'] as const) {
      const allowed = (['jti', 'iat', 'exp'] as const).filter((each) => each !== name);
      await expectCode(verify(await stock(bare), { ...classical, allowMissing: allowed }), INVALID);
    }
    const all = await verify(await stock(bare, { typ: 'JWT' }), {
      ...classical,
      allowMissing: ['typ', 'jti', 'iat', 'exp'],
    });
    expect(all.missing).toEqual(['typ', 'jti', 'iat', 'exp']);
  });

  test('R10.73: times hold', async () => {
    const at = (seconds: number) => ({ currentDate: new Date((NOW + seconds) * 1000) });
    await expectCode(verify(checkoutJwt, at(900)), 'ERR_JWT_EXPIRED');
    await expectCode(verify(checkoutJwt, at(-60)), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
    await expectCode(verify(checkoutJwt, { ...at(60), maxTokenAge: 30 }), 'ERR_JWT_EXPIRED');
  });

  test('R10.70: a token of another kind is none, and a checkout is no other token', async () => {
    for (const typ of ['ap2-receipt+jwt', 'kb+jwt', 'at+jwt', 'dc+sd-jwt']) {
      const other = await stock(ofAp2, { typ });
      await expectCode(verify(other, { ...classical, allowMissing: ['typ'] }), 'ERR_MANDATE_HEADER_INVALID');
    }
    await expectCode(
      verifyMandate(`${checkoutJwt}~`, merchant.publicKeys, { currentDate }),
      'ERR_MANDATE_HEADER_INVALID',
    );
    const receipt = { reference: 'x', kind: 'payment', anyIssuer: true, allowJwtType: true } as const;
    await expectCode(
      verifyReceipt(checkoutJwt, merchant.publicKeys, { ...receipt, currentDate }),
      'ERR_MANDATE_HEADER_INVALID',
    );
  });

  test('R10.75: its identity is the same for the twin of its signature', async () => {
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const twin = withSegments(checkoutJwt, ({ signature }) => {
      const bytes = Buffer.from(signature, 'base64url');
      const s = n - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
      const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex');
      return { signature: Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url') };
    });
    const [one, other] = [await verify(checkoutJwt), await verify(twin)];
    expect(other.checkoutHash).not.toBe(one.checkoutHash);
    expect(other.identity).toBe(one.identity);
  });

  test.each([
    ['allowMissing', { allowMissing: ['iss'] }],
    ['allowMissing', { allowMissing: 'typ' }],
    ['merchant', { merchant: undefined }],
    ['merchnt', { merchnt: 'x' }],
    ['policy', { policy: 'none' }],
  ])('a wrong option %s is an error that names it', async (parameter, wrong) => {
    const error = await expectCode(verify(checkoutJwt, wrong), 'ERR_MANDATE_ARGUMENT_INVALID');
    expect(error.parameter).toBe(parameter);
  });

  test.each([
    ['no JWT', 'x', 'ERR_MANDATE_MALFORMED'],
    ['an SD-JWT', `${checkoutJwt}~`, 'ERR_MANDATE_MALFORMED'],
    ['too long', 'a'.repeat(300_000), 'ERR_MANDATE_TOO_LARGE'],
    ['no string', undefined as never, 'ERR_MANDATE_ARGUMENT_INVALID'],
  ])('%s is refused', async (_, text, code) => {
    await expectCode(verify(text), code);
  });

  test('a payload that is no checkout is refused', async () => {
    await expectCode(verify(await stock({ ...ofAp2, line_items: 'none' }), classical), 'ERR_MANDATE_SCHEMA');
  });
});
