import { importJWK, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  createCheckoutReceipt,
  createPaymentReceipt,
  signReceipt,
  type VerifyReceiptOptions,
  verifyOpenMandateChain,
  verifyReceipt,
} from '../../src/ap2/index.js';
import { generateMandateKeys, type JsonObject, type Policy, verifyMandate } from '../../src/index.js';
import {
  base64url,
  expectCode,
  type Forgery,
  forge,
  headerOf,
  privateKeys,
  publicKeys,
  sha256,
} from '../support.js';

const NOW = 1_780_000_000;
const currentDate = new Date(NOW * 1000);
const reference = { sd_hash: base64url(sha256('leaf~')), issuer_jwt_hash: base64url(sha256('leaf')) };
const issuer = 'https://merchant.example';

const payment = createPaymentReceipt({
  status: 'Success',
  iss: issuer,
  reference: reference.sd_hash,
  iat: NOW,
  payment_id: 'p-1',
  psp_confirmation_id: 'psp-1',
  network_confirmation_id: 'net-1',
});
const checkout = createCheckoutReceipt({
  status: 'Error',
  iss: issuer,
  reference: reference.issuer_jwt_hash,
  iat: NOW,
  error: 'unresolved_constraint',
  error_description: 'no history',
});
const verify = (receipt: string, options: Partial<VerifyReceiptOptions> = {}) =>
  verifyReceipt(receipt, publicKeys, { reference, kind: 'payment', issuer, currentDate, ...options });

/** A receipt with valid signatures over whatever it is told. */
const forged = (changes: object = {}, forgery: Forgery = {}) => {
  const payload: Record<string, unknown> = { ...payment, ...changes };
  for (const [name, value] of Object.entries(changes)) if (value === undefined) delete payload[name];
  return forge({ payload: payload as JsonObject, header: { typ: 'ap2-receipt+jwt' }, ...forgery }).slice(
    0,
    -1,
  );
};

describe('a receipt', () => {
  test.each([
    ['payment', payment],
    ['checkout', checkout],
  ] as const)('of a %s is signed with both algorithms and verifies', async (kind, receipt) => {
    const { status } = receipt;
    const verified = await verify(await signReceipt(receipt, privateKeys), { kind, status });
    expect(verified).toMatchObject({ receipt, kind, policy: 'pq-required', quantumSafe: true });
    expect(verified.identity).toHaveLength(43);
    expect(verified.mandateId).toHaveLength(43);
  });

  test('is an ordinary JWT to stock jose', async () => {
    const token = await signReceipt(payment, privateKeys, { pqAlg: 'ES256+ML-DSA-65' });
    const { payload, protectedHeader } = await jwtVerify(token, await importJWK({ ...publicKeys.es256 }), {
      issuer,
    });
    expect(payload).toEqual(payment);
    expect(protectedHeader).toMatchObject({
      alg: 'ES256',
      typ: 'ap2-receipt+jwt',
      pq_alg: 'ES256+ML-DSA-65',
    });
    expect((await verify(token)).signatures.hybridEs256).toBe('valid');
  });

  test('may be classical-only, as AP2 v0.2 has it, under pq-optional', async () => {
    const token = await signReceipt(payment, { es256: privateKeys.es256 }, { pqAlg: 'none' });
    expect(headerOf(token)).not.toHaveProperty('pq_alg');
    expect((await verify(token, { policy: 'pq-optional' })).quantumSafe).toBe(false);
    for (const policy of ['pq-required', 'pq-only'] as Policy[]) {
      await expectCode(verify(token, { policy }), 'ERR_MANDATE_PQ_REQUIRED');
    }
  });

  test('is for one mandate, in either form of the hash, or in the one that is asked for', async () => {
    const token = await signReceipt(payment, privateKeys);
    expect(await verify(token, { reference: reference.sd_hash })).toBeDefined();
    for (const other of [reference.issuer_jwt_hash, { sd_hash: 'a', issuer_jwt_hash: 'b' }]) {
      await expectCode(verify(token, { reference: other }), 'ERR_MANDATE_RECEIPT_REFERENCE');
    }
  });

  test('has a typ of its own, or AP2’s JWT where that is allowed (R10.44)', async () => {
    const as = (typ: string) => signReceipt(payment, privateKeys, { header: { typ } });
    expect(await verify(await as('application/ap2-receipt+jwt'))).toBeDefined();
    for (const allowJwtType of [false, true]) {
      for (const typ of ['kb+jwt', 'kb+sd-jwt', 'statuslist+jwt']) {
        await expectCode(verify(await as(typ), { allowJwtType }), 'ERR_MANDATE_HEADER_INVALID');
      }
    }
    await expectCode(verify(await as('JWT')), 'ERR_MANDATE_HEADER_INVALID');
    expect(await verify(await as('JWT'), { allowJwtType: true })).toBeDefined();
    const untyped = forged({}, { header: { typ: undefined } });
    await expectCode(verify(untyped), 'ERR_MANDATE_HEADER_INVALID');
    expect(await verify(untyped, { allowJwtType: true })).toBeDefined();
    const token = `${await signReceipt(payment, privateKeys)}~`;
    await expectCode(verifyMandate(token, publicKeys, { currentDate }), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(verifyOpenMandateChain(token, publicKeys, { currentDate }), 'ERR_MANDATE_CHAIN_INVALID');
  });

  test('of a checkout is not one of a payment (R10.45)', async () => {
    const token = await signReceipt(checkout, privateKeys);
    await expectCode(verify(token, { status: 'any' }), 'ERR_MANDATE_RECEIPT_KIND');
    const both = { ...reference, kind: 'payment', iat: NOW } as const;
    await expectCode(verify(token, { reference: both, status: 'any' }), 'ERR_MANDATE_RECEIPT_KIND');
    await expectCode(verify(token, { reference: both, kind: 'checkout' }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('of a refusal is refused, unless it is asked for (R10.46)', async () => {
    const token = await signReceipt(checkout, privateKeys);
    await expectCode(verify(token, { kind: 'checkout' }), 'ERR_MANDATE_RECEIPT_STATUS');
    expect((await verify(token, { kind: 'checkout', status: 'any' })).receipt.status).toBe('Error');
    await expectCode(
      verify(await signReceipt(payment, privateKeys), { status: 'Error' }),
      'ERR_MANDATE_RECEIPT_STATUS',
    );
  });

  test('is not older than the mandate that it is for (R10.47)', async () => {
    const token = await signReceipt(payment, privateKeys);
    const closedAt = (iat: number | undefined) =>
      ({ reference: { ...reference, kind: 'payment', iat } }) as const;
    expect(await verify(token, closedAt(NOW))).toBeDefined();
    expect(await verify(token, closedAt(undefined))).toBeDefined();
    const code = 'ERR_JWT_CLAIM_VALIDATION_FAILED';
    expect(await verify(token, closedAt(NOW + 30))).toBeDefined();
    await expectCode(verify(token, closedAt(NOW + 31)), code);
    await expectCode(verify(token, { ...closedAt(NOW + 1), clockTolerance: 0 }), code);
    const later = new Date((NOW + 61) * 1000);
    await expectCode(verify(token, { maxTokenAge: 60, currentDate: later }), 'ERR_JWT_EXPIRED');
  });

  test('names its issuer, or the caller says that any will do (R10.48)', async () => {
    const token = await signReceipt(payment, privateKeys);
    const { issuer: _, ...rest } = { reference, kind: 'payment', issuer, currentDate } as const;
    expect(await verifyReceipt(token, publicKeys, { ...rest, anyIssuer: true })).toBeDefined();
    for (const options of [rest, { ...rest, anyIssuer: false }, { ...rest, issuer, anyIssuer: true }]) {
      await expectCode(verifyReceipt(token, publicKeys, options as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
    await expectCode(verify(token, { issuer: 'https://b.example' }), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
  });

  test('signs deterministically for test vectors', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => signReceipt(payment, privateKeys, { deterministic: true })),
    );
    expect(one).toBe(two);
  });

  test.each<[string, string, string]>([
    ['another issuer', forged({ iss: 'x' }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['no issuer', forged({ iss: undefined }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['no iat', forged({ iat: undefined }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['an iat in the future', forged({ iat: NOW + 31 }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['an exp that has passed', forged({ exp: NOW }), 'ERR_JWT_EXPIRED'],
    ['an unknown status', forged({ status: 'success' }), 'ERR_MANDATE_SCHEMA'],
    ['no reference', forged({ reference: undefined }), 'ERR_MANDATE_SCHEMA'],
    ['members of a failure in a success', forged({ error: 'x' }), 'ERR_MANDATE_SCHEMA'],
    [
      'a forged ES256 signature',
      forged({}, { es256: () => new Uint8Array(64) }),
      'ERR_MANDATE_ES256_INVALID',
    ],
    [
      'a forged ML-DSA-65 signature',
      forged({}, { mldsa65: () => new Uint8Array(3309) }),
      'ERR_MANDATE_ML_DSA_65_INVALID',
    ],
    [
      'a header that is not canonical',
      forged({}, { headerText: (text) => ` ${text}` }),
      'ERR_MANDATE_HEADER_NOT_CANONICAL',
    ],
    ['a tilde', `${forged()}~`, 'ERR_MANDATE_MALFORMED'],
    ['two segments', forged().split('.').slice(0, 2).join('.'), 'ERR_MANDATE_MALFORMED'],
  ])('with %s is refused', async (_, token, code) => {
    await expectCode(verify(token, { issuer }), code);
  });

  test('of another key is refused', async () => {
    const stranger = await generateMandateKeys({ kid: publicKeys.es256.kid });
    await expectCode(verify(await signReceipt(payment, stranger.privateKeys)), 'ERR_MANDATE_ES256_INVALID');
  });

  test('refuses arguments that are none', async () => {
    const ARGUMENT = 'ERR_MANDATE_ARGUMENT_INVALID';
    const token = await signReceipt(payment, privateKeys);
    for (const options of [
      { kind: undefined },
      { kind: 'x' },
      { status: 'x' },
      { allowJwtType: 'yes' },
      { anyIssuer: 'yes' },
      { reference: { ...reference, kind: 'payment', iat: 'x' } },
      { reference: undefined },
      { reference: '' },
      { reference: {} },
      { reference: { sd_hash: 'x' } },
      { reference: { sd_hash: '', issuer_jwt_hash: '' } },
      { policy: 'x' },
      { refrence: 'x' },
    ]) {
      await expectCode(verify(token, options as never), ARGUMENT);
    }
    await expectCode(verifyReceipt(token, publicKeys, undefined as never), ARGUMENT);
    await expectCode(verify(7 as never), ARGUMENT);
    await expectCode(verify('x'.repeat(300_000)), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(signReceipt({ ...payment, status: 'x' } as never, privateKeys), 'ERR_MANDATE_SCHEMA');
    await expectCode(
      signReceipt(payment, privateKeys, { pqAlg: 'x' as never }),
      'ERR_MANDATE_PQ_ALG_UNKNOWN',
    );
    await expectCode(signReceipt(payment, privateKeys, { alg: 'x' } as never), ARGUMENT);
    await expectCode(signReceipt(payment, { es256: privateKeys.es256 }), 'ERR_MANDATE_KEY_INVALID');
    await expectCode(signReceipt(undefined as never, privateKeys), 'ERR_MANDATE_SCHEMA');
  });
});
