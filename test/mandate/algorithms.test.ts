import { CompactSign, compactVerify, importJWK } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  confirmationOf,
  createLocalMandateKeySet,
  createMandateJwks,
  decodeMandate,
  generateMandateKeys,
  mandateIdOf,
  presentMandate,
  signMandate,
  verifyMandate,
  verifyMandates,
  verifyPqSignature,
} from '../../src/index.js';
import { importSigners, signJws } from '../../src/jws/sign.js';
import { jwkThumbprint } from '../../src/keys/thumbprint.js';
import { DEFAULT_LIMITS } from '../../src/profile.js';
import {
  base64url,
  expectCode,
  forge,
  fromBase64url,
  headerOf,
  KID,
  privateKeys,
  publicKeys,
  sha256,
  signEs256,
  signMlDsa65,
} from '../support.js';

const ARGUMENT = 'ERR_MANDATE_ARGUMENT_INVALID';
const HEADER = 'ERR_MANDATE_HEADER_INVALID';
// jose signs with ML-DSA where WebCrypto does: Node 24.7 and newer.
const native = await importJWK(publicKeys.mldsa65).then(
  () => true,
  () => false,
);
const ALONE = { policy: 'pq-only', algorithms: ['ML-DSA-65'] } as const;
const BOTH = { policy: 'pq-only', algorithms: ['ES256', 'ML-DSA-65'] } as const;
const CLAIMS = { iss: 'https://bank.example', amount: '125.00', payee: 'did:web:shop.example' };

/** What the example of RFC 9964 signs, and the hash of its token. */
const RFC_PAYLOAD = 'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4';
const RFC_TOKEN_SHA256 = 'bb1a49c32f37f5f750e73fcc6fd7cbd8cf683e8b0270b1420c02e2e63e66bc01';

const signed = (options: object = {}) =>
  signMandate(CLAIMS, { mldsa65: privateKeys.mldsa65 }, { algorithm: 'ML-DSA-65', ...options });

/** A token of our own making, on bare primitives: whatever header, and ML-DSA-65 over whatever the input becomes. */
function make(
  header: object,
  message: (input: Buffer) => Uint8Array = (input) => input,
  payload: object = { ...CLAIMS, _sd_alg: 'sha-256' },
): string {
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  return `${input}.${base64url(signMlDsa65(message(Buffer.from(input))))}~`;
}

const rejects = async (mandate: string, code: string, parameter?: string, options: object = ALONE) => {
  const error = await verifyMandate(mandate, publicKeys, options).catch((thrown) => thrown);
  expect(error).toMatchObject({ code, ...(parameter !== undefined && { parameter }) });
};

describe('who has not opted in (R20.1, R20.2)', () => {
  test.each(['pq-optional', 'pq-required', 'pq-only'] as const)('rejects it under %s', async (policy) => {
    await rejects(await signed(), HEADER, 'alg', { policy });
    await rejects(make({ alg: 'ML-DSA-65', kid: KID }), HEADER, 'alg', { policy, algorithms: ['ES256'] });
  });

  test('rejects it in every other verifier', async () => {
    const token = (await signed()).split('~')[0] as string;
    await expectCode(verifyPqSignature(token, publicKeys), HEADER);
    expect(() => mandateIdOf(`${token}~`)).toThrow(expect.objectContaining({ code: HEADER }));
  });
});

describe('the option algorithms (R20.1)', () => {
  test.each([
    ['a string', 'ML-DSA-65', 'algorithms'],
    ['nothing', [], 'algorithms'],
    ['undefined', undefined, 'algorithms'],
    ['none', ['none'], 'algorithms[0]'],
    ['a pq_alg that is no alg', ['ES256', 'ES256+ML-DSA-65'], 'algorithms[1]'],
    ['a hole', Array(1), 'algorithms[0]'],
  ])('must not be %s', async (_, algorithms, parameter) => {
    await rejects(await signed(), ARGUMENT, parameter, { policy: 'pq-only', algorithms });
  });

  test.each(['pq-optional', 'pq-required', undefined])(
    'must not have ML-DSA-65 where ES256 decides (%s)',
    async (policy) => {
      await rejects(await signed(), ARGUMENT, 'algorithms', { ...BOTH, policy });
    },
  );

  test('without ES256 rejects every mandate of the profile', async () => {
    const mandate = await signMandate(CLAIMS, privateKeys);
    await rejects(mandate, HEADER, 'alg');
    expect((await verifyMandate(mandate, publicKeys, BOTH)).signatures.es256).toBe('valid');
  });

  test('changes nothing for a classical mandate', async () => {
    await rejects(forge({ classical: true }), 'ERR_MANDATE_PQ_REQUIRED', undefined, BOTH);
  });
});

describe('a mandate signed with ML-DSA-65 alone', () => {
  test('is an ordinary JWS of RFC 9964, and reports no ES256 signature (R20.4, R20.6)', async () => {
    const mandate = await signed({ disclosureFrame: { _sd: ['payee'] } });
    expect(headerOf(mandate)).toEqual({ _sd_alg: 'sha-256', alg: 'ML-DSA-65', kid: KID });
    expect(mandate.split('~')[0]?.split('.')[2]).toHaveLength(4412);

    const result = await verifyMandate(mandate, { mldsa65: publicKeys.mldsa65 }, ALONE);
    expect(result.payload).toEqual(CLAIMS);
    expect(result.quantumSafe).toBe(true);
    expect(result.signatures).toEqual({ es256: 'absent', hybridEs256: 'absent', mldsa65: 'valid' });
    expect(result.keys).toEqual({
      es256: undefined,
      mldsa65: { kid: KID, thumbprint: jwkThumbprint(publicKeys.mldsa65) },
    });
    const signature = fromBase64url(mandate.split('~')[0]?.split('.')[2] as string);
    expect(result.mandateId).toBe(base64url(sha256(signature)));
    expect(mandateIdOf(mandate, { algorithms: ['ML-DSA-65'] })).toBe(result.mandateId);
    expect(decodeMandate(mandate).lengths).toMatchObject({ pqSig: 0, signature: 4412 });
  });

  test('verifies as others make it: over the signing input, in any JSON form of the header', async () => {
    const { signatures } = await verifyMandate(make({ kid: KID, alg: 'ML-DSA-65' }), publicKeys, BOTH);
    expect(signatures.mldsa65).toBe('valid');
  });

  test('is found in a key set, and one by one in bulk', async () => {
    const { privateKeys: own, publicKeys: published } = await generateMandateKeys({ kid: 'k' });
    const mandate = await signMandate(CLAIMS, { mldsa65: own.mldsa65 }, { algorithm: 'ML-DSA-65' });
    const keySet = createLocalMandateKeySet(createMandateJwks([published]));
    const outcomes = [];
    for await (const outcome of verifyMandates([mandate, `${mandate}x`], keySet, ALONE))
      outcomes.push(outcome.verified);
    expect(outcomes).toEqual([true, false]);
  });

  test('is presented with a key binding JWT of the profile (R20.7)', async () => {
    const holder = await generateMandateKeys();
    const mandate = await signMandate(
      { ...CLAIMS, ...confirmationOf(holder.publicKeys) },
      { mldsa65: privateKeys.mldsa65 },
      { algorithm: 'ML-DSA-65', disclosureFrame: { _sd: ['payee'] } },
    );
    const binding = { privateKeys: holder.privateKeys, audience: 'https://shop.example', nonce: 'n' };
    const presented = await presentMandate(mandate, { disclose: { payee: true }, keyBinding: binding });
    const keyBinding = { audience: 'https://shop.example', nonce: 'n' };
    const result = await verifyMandate(presented, publicKeys, { ...ALONE, keyBinding });
    expect(result.quantumSafe).toBe(true);
    expect(result.keyBinding?.quantumSafe).toBe(true);
  });
});

describe('what must be rejected', () => {
  test.each(['pq_alg', 'pq_sig'])('%s beside it (R20.5)', async (parameter) => {
    await rejects(make({ alg: 'ML-DSA-65', kid: KID, [parameter]: 'ML-DSA-65' }), HEADER, parameter);
  });

  test('a signature over the fingerprint: the two constructions are never exchanged (R20.4)', async () => {
    const mandate = make({ alg: 'ML-DSA-65', kid: KID }, sha256);
    await rejects(mandate, 'ERR_MANDATE_ML_DSA_65_INVALID');
  });

  test('a mandate of the profile whose alg is changed, or whose signature is moved (R20.4)', async () => {
    const { pq_sig: pqSig, ...header } = headerOf(await signMandate(CLAIMS, privateKeys)) as {
      pq_sig: string;
    };
    const payload = base64url(JSON.stringify({ ...CLAIMS, _sd_alg: 'sha-256' }));
    const moved = `${base64url(JSON.stringify({ ...header, alg: 'ML-DSA-65', pq_alg: undefined }))}.${payload}.${pqSig}~`;
    await rejects(moved, 'ERR_MANDATE_ML_DSA_65_INVALID');
  });

  test('an ES256 signature under this alg, and this signature under ES256 (R20.3)', async () => {
    const [header, payload, signature] = (await signed()).slice(0, -1).split('.') as [string, string, string];
    const es256 = base64url(signEs256(`${header}.${payload}`));
    await rejects(`${header}.${payload}.${es256}~`, 'ERR_MANDATE_MALFORMED', 'signature');
    const classical = base64url(JSON.stringify({ alg: 'ES256', kid: KID }));
    await rejects(`${classical}.${payload}.${signature}~`, 'ERR_MANDATE_MALFORMED', 'signature', BOTH);
  });

  test.each(['ML-DSA-44', 'ML-DSA-87', 'ml-dsa-65', 'ML-DSA-65-ES256', 'none', undefined])(
    'alg %s (R20.2)',
    async (alg) => {
      await rejects(make({ alg, kid: KID }), HEADER, 'alg', BOTH);
    },
  );

  test('crit, the key of another, and no key', async () => {
    await rejects(make({ alg: 'ML-DSA-65', kid: KID, crit: ['exp'] }), HEADER, 'crit');
    const other = await generateMandateKeys({ kid: KID });
    const mandate = await signed();
    await expectCode(verifyMandate(mandate, other.publicKeys, ALONE), 'ERR_MANDATE_ML_DSA_65_INVALID');
    await expectCode(
      verifyMandate(mandate, { es256: publicKeys.es256 }, ALONE),
      'ERR_MANDATE_KEY_UNRESOLVED',
    );
  });

  test('one bit', async () => {
    const [header, payload, signature] = (await signed()).slice(0, -1).split('.') as [string, string, string];
    const bytes = fromBase64url(signature);
    bytes[1000] = (bytes[1000] as number) ^ 1;
    await rejects(`${header}.${payload}.${base64url(bytes)}~`, 'ERR_MANDATE_ML_DSA_65_INVALID');
  });
});

describe('signing with ML-DSA-65 alone (R20.8)', () => {
  test('takes no pqAlg, and no other algorithm', async () => {
    await expectCode(signed({ pqAlg: 'ML-DSA-65' }), ARGUMENT);
    await expectCode(signed({ algorithm: 'ML-DSA-44' }), ARGUMENT);
    await expectCode(signed({ header: { alg: 'ES256' } }), HEADER);
    await expectCode(
      signMandate(CLAIMS, { es256: privateKeys.es256 } as never, { algorithm: 'ML-DSA-65' }),
      'ERR_MANDATE_KEY_INVALID',
    );
  });

  test('gives an external signer the signing input itself', async () => {
    let given: Uint8Array | undefined;
    const mldsa65 = (data: Uint8Array) => {
      given = data;
      return signMlDsa65(data);
    };
    const mandate = await signMandate(CLAIMS, { mldsa65 }, { algorithm: 'ML-DSA-65', header: { kid: KID } });
    expect(Buffer.from(given as Uint8Array).toString()).toBe(mandate.slice(0, mandate.lastIndexOf('.')));
    expect((await verifyMandate(mandate, publicKeys, ALONE)).quantumSafe).toBe(true);
  });
});

describe('against what others published and made', () => {
  // The JOSE example for ML-DSA-65 of RFC 9964, in the working group's repository: the key whose seed is 32 zero bytes, the
  // deterministic variant. Only the hash of the token is kept here.
  test('signs the example of RFC 9964 byte for byte', async () => {
    const { importMandatePrivateKeys, mandatePublicKeysOf } = await import('../../src/index.js');
    const imported = await importMandatePrivateKeys({
      es256: privateKeys.es256,
      mldsa65: new Uint8Array(32),
    });
    const { mldsa65 } = await mandatePublicKeysOf(imported);
    const kid = 'Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM';
    expect(jwkThumbprint(mldsa65 as typeof publicKeys.mldsa65)).toBe(kid);
    const signers = await importSigners(imported, undefined, true, DEFAULT_LIMITS, 'ML-DSA-65');
    const text = `{"alg":"ML-DSA-65","kid":"${kid}"}`;
    const token = await signJws(text, RFC_PAYLOAD, signers, 'ML-DSA-65');
    expect(sha256(token).toString('hex')).toBe(RFC_TOKEN_SHA256);
  });

  test.runIf(native)('stock jose verifies ours, and ours verifies what stock jose signs', async () => {
    const mandate = await signed();
    const jwt = mandate.slice(0, -1);
    const { payload } = await compactVerify(jwt, await importJWK(publicKeys.mldsa65));
    expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject(CLAIMS);

    const made = await new CompactSign(Buffer.from(JSON.stringify(CLAIMS)))
      .setProtectedHeader({ alg: 'ML-DSA-65', kid: KID })
      .sign(await importJWK(privateKeys.mldsa65));
    const result = await verifyMandate(`${made}~`, publicKeys, ALONE);
    expect(result.signatures).toEqual({ es256: 'absent', hybridEs256: 'absent', mldsa65: 'valid' });
  });
});
