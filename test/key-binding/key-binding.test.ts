import { createHash, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import { describe, expect, test, vi } from 'vitest';
import {
  confirmationOf,
  decodeMandate,
  formatVerdict,
  generateMandateKeys,
  type JsonObject,
  jwkThumbprint,
  type KeyBindingDemands,
  type MandateKeys,
  type Policy,
  presentMandate,
  signMandate,
  type VerifyMandateOptions,
  verifyMandate,
} from '../../src/index.js';
import {
  base64url,
  decoy,
  expectCode,
  type Forgery,
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

const NOW = 1_780_000_000;
const currentDate = new Date(NOW * 1000);
const audience = 'https://merchant.example';
const nonce = 'n-0S6_WzA2Mj';
const MISSING = 'ERR_MANDATE_KEY_BINDING_MISSING';
const UNEXPECTED = 'ERR_MANDATE_KEY_BINDING_UNEXPECTED';
const INVALID = 'ERR_MANDATE_KEY_BINDING_INVALID';
const CONFIRMATION = 'ERR_MANDATE_CONFIRMATION_INVALID';
const PQ_REQUIRED = 'ERR_MANDATE_PQ_REQUIRED';

const wallet = await generateMandateKeys();
const claims = {
  iss: 'https://bank.example',
  amount: '125.00',
  shops: ['a', 'b'],
  ...confirmationOf(wallet.publicKeys),
};
const mandate = await signMandate(claims, privateKeys, {
  disclosureFrame: { _sd: ['amount'], shops: { _sd: [0, 1] } },
});
const keyBinding = { privateKeys: wallet.privateKeys, audience, nonce, currentDate };

const verify = (
  presented: string,
  demands: Partial<KeyBindingDemands> = {},
  options: VerifyMandateOptions = {},
) =>
  verifyMandate(presented, publicKeys, {
    currentDate,
    keyBinding: { audience, nonce, ...demands },
    ...options,
  });

// The forge signs with the test keys: mandates bound to these, with whatever key binding JWT a test asks for.
const ownConfirmation = confirmationOf(publicKeys);
const own = (confirmation: object = ownConfirmation) =>
  forge({ payload: { iss: 'a', ...confirmation, _sd_alg: 'sha-256' } as JsonObject });
function bind(token: string, changes: object = {}, forgery: Forgery = {}): string {
  const payload: Record<string, unknown> = {
    iat: NOW,
    aud: audience,
    nonce,
    sd_hash: base64url(sha256(token)),
    ...changes,
  };
  for (const [name, value] of Object.entries(changes)) if (value === undefined) delete payload[name];
  return token + forge({ payload, header: { typ: 'kb+jwt' }, ...forgery }).slice(0, -1);
}

describe('presentMandate', () => {
  test('binds a presentation to its holder, verifier and moment, with both signatures', async () => {
    const presented = await presentMandate(mandate, { keyBinding });
    const result = await verify(presented);
    expect(result.payload).toEqual(claims);
    expect(result.keyBinding).toMatchObject({
      quantumSafe: true,
      signatures: { es256: 'valid', mldsa65: 'valid', hybridEs256: 'absent' },
      keys: { mldsa65: { thumbprint: jwkThumbprint(wallet.publicKeys.mldsa65) } },
    });
    expect(result.keyBinding?.mandateId).not.toBe(result.mandateId);
    expect(formatVerdict(result)).toContain('key binding quantum-safe');
  });

  test('makes what RFC 9901 §4.3 describes', async () => {
    const presented = await presentMandate(mandate, { keyBinding });
    const at = presented.lastIndexOf('~') + 1;
    const jwt = presented.slice(at);
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    expect(headerOf(jwt)).toMatchObject({
      alg: 'ES256',
      typ: 'kb+jwt',
      kid: wallet.kid,
      pq_alg: 'ML-DSA-65',
    });
    expect(JSON.parse(fromBase64url(payload).toString('utf8'))).toEqual({
      iat: NOW,
      aud: audience,
      nonce,
      sd_hash: base64url(sha256(presented.slice(0, at))),
    });
    const key = createPublicKey({ key: { ...wallet.publicKeys.es256 }, format: 'jwk' });
    expect(
      nodeVerify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        { key, dsaEncoding: 'ieee-p1363' },
        fromBase64url(signature),
      ),
    ).toBe(true);
  });

  test('discloses what it is told, and everything by default', async () => {
    expect((await verifyMandate(await presentMandate(mandate), publicKeys)).payload).toEqual(claims);
    const shown = await presentMandate(mandate, { disclose: { shops: { 1: true } }, keyBinding });
    const { payload } = await verify(shown);
    expect(payload).toEqual({ iss: claims.iss, shops: ['b'], ...confirmationOf(wallet.publicKeys) });
    const nothing = await presentMandate(mandate, { disclose: {}, keyBinding });
    expect((await verify(nothing)).disclosures).toEqual([]);
  });

  test('signs in the hybrid mode too', async () => {
    const presented = await presentMandate(mandate, {
      keyBinding: { ...keyBinding, pqAlg: 'ES256+ML-DSA-65' },
    });
    expect((await verify(presented)).keyBinding?.signatures.hybridEs256).toBe('valid');
  });

  test('signs classically where the mandate names no post-quantum key', async () => {
    const { es256 } = wallet.publicKeys;
    const classical = await signMandate({ a: 1, ...confirmationOf({ es256 }) }, privateKeys);
    const presented = await presentMandate(classical, {
      keyBinding: { ...keyBinding, privateKeys: { es256: wallet.privateKeys.es256 } },
    });
    const result = await verify(presented, {}, { policy: 'pq-optional' });
    expect([result.quantumSafe, result.signatures.mldsa65, result.keyBinding?.quantumSafe]).toEqual([
      false,
      'valid',
      false,
    ]);
    expect(formatVerdict(result)).toContain('key binding NOT quantum-safe');
    for (const policy of ['pq-required', 'pq-only'] as const)
      await expectCode(verify(presented, {}, { policy }), PQ_REQUIRED);
  });

  test('an external signer with another key is found where the mandate has the key itself', async () => {
    const keys = { es256: wallet.privateKeys.es256, mldsa65: signMlDsa65 };
    const binding = { ...keyBinding, privateKeys: keys };
    const { parameter } = await expectCode(presentMandate(mandate, { keyBinding: binding }), CONFIRMATION);
    expect(parameter).toBe('privateKeys');
  });

  test('a malformed cnf is the fault of the mandate, not of the keys', async () => {
    const malformed = await signMandate({ cnf: { jwk: { kty: 'OKP' } } }, privateKeys);
    const { parameter } = await expectCode(presentMandate(malformed, { keyBinding }), CONFIRMATION);
    expect(parameter).toBe('payload.cnf.jwk');
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'a mandate that is bound already',
      async () => presentMandate(await presentMandate(mandate, { keyBinding })),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'a mandate that names no key',
      async () => presentMandate(await signMandate({}, privateKeys), { keyBinding }),
      CONFIRMATION,
    ],
    [
      'a claim that is not there',
      () => presentMandate(mandate, { disclose: { amout: true } }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'an option that does not exist',
      () => presentMandate(mandate, { disclosed: {} } as never),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'an empty nonce',
      () => presentMandate(mandate, { keyBinding: { ...keyBinding, nonce: '' } }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'no audience',
      () => presentMandate(mandate, { keyBinding: { ...keyBinding, audience: undefined as never } }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'no ML-DSA-65 key',
      () =>
        presentMandate(mandate, {
          keyBinding: { ...keyBinding, privateKeys: { es256: wallet.privateKeys.es256 } },
        }),
      'ERR_MANDATE_KEY_INVALID',
    ],
    ['what is no mandate', () => presentMandate('x'), 'ERR_MANDATE_MALFORMED'],
  ])('refuses %s', async (_, present, code) => {
    await expectCode(present(), code);
  });
});

describe('a key binding JWT (RFC 9901 §7.3)', () => {
  test('that nobody asked for is refused, and one that was asked for must be there', async () => {
    const presented = await presentMandate(mandate, { keyBinding });
    await expectCode(verifyMandate(presented, publicKeys), UNEXPECTED);
    await expectCode(verify(mandate), MISSING);
  });

  test('a demand that went missing is an error', async () => {
    const presented = await presentMandate(mandate, { keyBinding });
    const missing = verifyMandate(presented, publicKeys, { keyBinding: undefined } as never);
    expect((await expectCode(missing, 'ERR_MANDATE_ARGUMENT_INVALID')).parameter).toBe('keyBinding');
  });

  test('of another key is refused', async () => {
    const thief = await generateMandateKeys({ kid: wallet.kid });
    const boundBy = async (keys: MandateKeys): Promise<string> => {
      const theirs = await signMandate({ ...confirmationOf(keys.publicKeys) }, privateKeys);
      const bound = await presentMandate(theirs, {
        keyBinding: { ...keyBinding, privateKeys: keys.privateKeys },
      });
      return mandate + bound.slice(bound.lastIndexOf('~') + 1);
    };
    await expectCode(verify(await boundBy(thief)), 'ERR_MANDATE_ES256_INVALID');
    const half = {
      ...thief,
      privateKeys: { ...thief.privateKeys, es256: wallet.privateKeys.es256 },
      publicKeys: { ...thief.publicKeys, es256: wallet.publicKeys.es256 },
    };
    await expectCode(verify(await boundBy(half)), 'ERR_MANDATE_ML_DSA_65_INVALID');
  });

  test('is not made with other keys than the mandate names', async () => {
    const thief = await generateMandateKeys({ kid: wallet.kid });
    const classical = await signMandate({ cnf: confirmationOf(wallet.publicKeys).cnf }, privateKeys);
    const jkt = await signMandate(confirmationOf(wallet.publicKeys, { thumbprint: true }), privateKeys);
    const present = (token: string, keys: object) =>
      presentMandate(token, { keyBinding: { ...keyBinding, privateKeys: keys as never } });
    for (const token of [mandate, classical, jkt]) {
      await present(token, wallet.privateKeys);
      for (const keys of [
        thief.privateKeys,
        { ...wallet.privateKeys, es256: thief.privateKeys.es256 },
        ...(token === classical ? [] : [{ ...wallet.privateKeys, mldsa65: thief.privateKeys.mldsa65 }]),
      ]) {
        const error = await expectCode(present(token, keys), CONFIRMATION);
        expect(error.parameter).toBe('privateKeys');
      }
    }
  });

  test('of the issuer itself is refused where the mandate names another holder', async () => {
    await expectCode(verify(bind(mandate)), 'ERR_MANDATE_KEY_UNRESOLVED');
    expect(await verify(bind(own()))).toBeDefined();
  });

  test.each<[string, object, string]>([
    ['another audience', { aud: 'https://evil.example' }, 'keyBinding.aud'],
    ['several audiences', { aud: [audience] }, 'keyBinding.aud'],
    ['no audience', { aud: undefined }, 'keyBinding.aud'],
    ['another nonce', { nonce: 'x' }, 'keyBinding.nonce'],
    ['no nonce', { nonce: undefined }, 'keyBinding.nonce'],
    ['a nonce that is no string', { nonce: [nonce] }, 'keyBinding.nonce'],
    ['another sd_hash', { sd_hash: decoy(1) }, 'keyBinding.sd_hash'],
    ['no sd_hash', { sd_hash: undefined }, 'keyBinding.sd_hash'],
    ['no iat', { iat: undefined }, 'keyBinding.iat'],
    ['an iat that is no number', { iat: String(NOW) }, 'keyBinding.iat'],
    ['an iat in the future', { iat: NOW + 31 }, 'keyBinding.iat'],
    ['an iat that is too long ago', { iat: NOW - 301 }, 'keyBinding.iat'],
    ['an exp that has passed', { exp: NOW }, 'keyBinding.exp'],
  ])('with %s is refused', async (_, changes, parameter) => {
    const error = await expectCode(verify(bind(own(), changes)), INVALID);
    expect(error.parameter).toBe(parameter);
  });

  test.each<[string, object]>([
    ['no typ', { typ: undefined }],
    ['the typ of a JWT', { typ: 'JWT' }],
    ['the typ with a prefix', { typ: 'application/kb+jwt' }],
    ['the typ of a hop', { typ: 'kb+sd-jwt' }],
  ])('with %s is refused', async (_, header) => {
    await expectCode(verify(bind(own(), {}, { header: header as never })), INVALID);
  });

  test('a mandate cannot stand in for one, nor one for a mandate', async () => {
    const payload = { iat: NOW, aud: audience, nonce, sd_hash: base64url(sha256(own())) };
    await expectCode(verify(own() + forge({ payload }).slice(0, -1)), INVALID);
  });

  test('covers what is disclosed', async () => {
    const presented = await presentMandate(mandate, { keyBinding });
    const parts = presented.split('~');
    await expectCode(verify(parts.toSpliced(1, 1).join('~')), INVALID);
    await expectCode(
      verify(
        parts
          .with(1, parts[2] as string)
          .with(2, parts[1] as string)
          .join('~'),
      ),
      INVALID,
    );
  });

  test('of another presentation is refused', async () => {
    const one = await presentMandate(mandate, { disclose: {}, keyBinding });
    const kb = one.slice(one.lastIndexOf('~') + 1);
    await expectCode(verify(mandate + kb), INVALID);
  });

  test('may be as old as the caller says', async () => {
    const later = { currentDate: new Date((NOW + 600) * 1000) };
    const presented = bind(own());
    await expectCode(verify(presented, {}, later), INVALID);
    expect(await verify(presented, { maxTokenAge: '10m' }, later)).toBeDefined();
    expect(await verify(bind(own(), { iat: NOW + 5 }), {}, { clockTolerance: 5 })).toBeDefined();
  });

  test('is not asked for what is demanded of the mandate: issuer, type, subject, claims', async () => {
    const demands = { issuer: 'a', typ: 'dc+sd-jwt', subject: 'user-1', requiredClaims: ['amount'] };
    const payload = { iss: 'a', sub: 'user-1', amount: '1', ...ownConfirmation, _sd_alg: 'sha-256' };
    const token = forge({ payload: payload as unknown as JsonObject, header: { typ: 'dc+sd-jwt' } });
    expect((await verify(bind(token), {}, demands)).keyBinding).toBeDefined();
    const other = { ...demands, issuer: 'b' };
    await expectCode(verify(bind(token), {}, other), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
  });

  test('keeps every rule of the protected header and of pq_sig', async () => {
    const broken: [Forgery, string][] = [
      [{ headerText: (text) => text.replace('{', '{ ') }, 'ERR_MANDATE_HEADER_NOT_CANONICAL'],
      [{ header: { typ: 'kb+jwt', crit: ['x'], x: 1 } }, 'ERR_MANDATE_HEADER_INVALID'],
      [{ finalHeader: ({ pq_sig: _, ...rest }) => rest }, 'ERR_MANDATE_PQ_SIG_MISSING'],
      [{ mldsa65: () => new Uint8Array(3309) }, 'ERR_MANDATE_ML_DSA_65_INVALID'],
      [{ es256: () => new Uint8Array(64) }, 'ERR_MANDATE_ES256_INVALID'],
    ];
    for (const [forgery, code] of broken) await expectCode(verify(bind(own(), {}, forgery)), code);
  });
});

describe('the confirmation of a mandate', () => {
  const classicalBinding = (token: string) => bind(token, {}, { classical: true });
  const { pq_cnf: _, ...withoutPq } = ownConfirmation;

  test.each<Policy>(['pq-optional', 'pq-required', 'pq-only'])(
    'that promises a post-quantum signature is held to it, under %s',
    async (policy) => {
      expect(
        (await expectCode(verify(classicalBinding(own()), {}, { policy }), PQ_REQUIRED)).message,
      ).toContain('"pq_cnf" of the mandate requires one');
    },
  );

  test('that promises none lets a classical key binding JWT pass under pq-optional only (R10.3, R10.8)', async () => {
    const token = own(withoutPq);
    const result = await verify(classicalBinding(token), {}, { policy: 'pq-optional' });
    expect(result).toMatchObject({
      quantumSafe: false,
      signatures: { mldsa65: 'valid' },
      keyBinding: { quantumSafe: false },
    });
    const refused = await expectCode(verify(classicalBinding(token)), PQ_REQUIRED);
    // The mandate has its ML-DSA-65 signature: the error names the token that lacks one, and who can mend it.
    expect(refused.parameter).toBe('keyBinding.pq_alg');
    expect(refused.message).toContain('its issuer must add "pq_cnf"');
    await expectCode(verify(bind(token), {}, { policy: 'pq-optional' }), 'ERR_MANDATE_KEY_UNRESOLVED');
  });

  test('may hold a thumbprint', async () => {
    const token = own(confirmationOf(publicKeys, { thumbprint: true }));
    const resolveThumbprint = () => publicKeys.mldsa65;
    expect((await verify(bind(token), { resolveThumbprint })).keyBinding?.quantumSafe).toBe(true);
    const error = await expectCode(verify(bind(token)), 'ERR_MANDATE_KEY_UNRESOLVED');
    expect(error.message).toContain('needs the option "resolveThumbprint"');
    const failing = () => Promise.reject(new Error('down'));
    const failed = await expectCode(
      verify(bind(token), { resolveThumbprint: failing }),
      'ERR_MANDATE_KEY_UNRESOLVED',
    );
    expect(failed.message).toBe('the function "resolveThumbprint" failed');
    await expectCode(
      verify(bind(token), { resolveThumbprint: () => wallet.publicKeys.mldsa65 }),
      'ERR_MANDATE_KEY_UNRESOLVED',
    );
  });

  test.each<[string, object]>([
    ['no cnf', { pq_cnf: ownConfirmation.pq_cnf }],
    ['an empty cnf', { ...ownConfirmation, cnf: {} }],
    ['a cnf with two keys', { ...ownConfirmation, cnf: { ...ownConfirmation.cnf, jwe: 'x' } }],
    [
      'a key of another kty as cnf',
      { ...ownConfirmation, cnf: { jwk: { ...ownConfirmation.cnf.jwk, kty: 'OKP' } } },
    ],
    ['null as cnf.jwk', { ...ownConfirmation, cnf: { jwk: null } }],
    ['a key that is a string', { ...ownConfirmation, cnf: { jwk: 'x' } }],
    ['an AKP key as cnf', { ...ownConfirmation, cnf: { jwk: publicKeys.mldsa65 } }],
    ['an EC key as pq_cnf', { ...ownConfirmation, pq_cnf: ownConfirmation.cnf }],
    ['a pq_cnf with two members', { ...ownConfirmation, pq_cnf: { ...ownConfirmation.pq_cnf, kid: KID } }],
    ['a pq_cnf that is an array', { ...ownConfirmation, pq_cnf: [ownConfirmation.pq_cnf] }],
    ['a thumbprint with spare bits', { ...ownConfirmation, pq_cnf: { jkt: `${'A'.repeat(42)}B` } }],
  ])('with %s is refused', async (_, confirmation) => {
    await expectCode(verify(bind(own(confirmation))), CONFIRMATION);
  });

  test.each([42, 44])(
    'with a thumbprint of %i characters is refused before anyone is asked',
    async (length) => {
      const resolveThumbprint = vi.fn(() => publicKeys.mldsa65);
      const token = own({ ...ownConfirmation, pq_cnf: { jkt: 'A'.repeat(length) } });
      await expectCode(verify(bind(token), { resolveThumbprint }), CONFIRMATION);
      expect(resolveThumbprint).not.toHaveBeenCalled();
    },
  );

  test('is made of JWKs, and of nothing else', () => {
    const { es256, mldsa65 } = publicKeys;
    const { x: _, ...withoutX } = es256;
    const bad: unknown[] = [
      undefined,
      null,
      'x',
      {},
      { es256: mldsa65 },
      { es256, mldsa65: es256 },
      { es256: 'x' },
      { es256: withoutX },
      { es256: { ...es256, y: 7 } },
      { es256, mldsa65: null },
    ];
    for (const keys of bad) {
      expect(() => confirmationOf(keys as never)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_MANDATE_(KEY|ARGUMENT)_INVALID$/) }),
      );
    }
  });

  test('holds the members that AP2 knows, and a kid where the key has one', () => {
    const [{ x, y }, { pub }] = [publicKeys.es256, publicKeys.mldsa65];
    const cnf = { kty: 'EC', crv: 'P-256', x, y };
    const pqCnf = { kty: 'AKP', alg: 'ML-DSA-65', pub };
    expect(confirmationOf({ es256: { ...cnf, use: 'sig' }, mldsa65: pqCnf } as never)).toStrictEqual({
      cnf: { jwk: cnf },
      pq_cnf: { jwk: pqCnf },
    });
    expect(
      confirmationOf({ es256: { ...cnf, kid: 'a' }, mldsa65: { ...pqCnf, kid: 'a' } } as never),
    ).toStrictEqual({ cnf: { jwk: { ...cnf, kid: 'a' } }, pq_cnf: { jwk: { ...pqCnf, kid: 'a' } } });
  });

  test('takes no other option than thumbprint', () => {
    expect(() => confirmationOf(publicKeys, { thumbprints: true } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID', parameter: 'thumbprints' }),
    );
  });

  test('never holds a private key', async () => {
    const token = own({ ...ownConfirmation, cnf: { jwk: privateKeys.es256 } });
    await expectCode(verify(bind(token)), 'ERR_MANDATE_KEY_INVALID');
    for (const half of [{ cnf: { jwk: privateKeys.es256 } }, { pq_cnf: { jwk: privateKeys.mldsa65 } }]) {
      await expectCode(signMandate(half, privateKeys), 'ERR_MANDATE_PAYLOAD_INVALID');
    }
    const made = JSON.stringify(confirmationOf({ ...privateKeys } as never));
    expect(made).not.toContain(privateKeys.es256.d);
    expect(made).not.toContain(privateKeys.mldsa65.priv);
  });
});

describe('stock @sd-jwt/core', () => {
  const hasher = (data: string | ArrayBuffer) => createHash('sha256').update(String(data)).digest();
  const key = createPublicKey({ key: { ...publicKeys.es256 }, format: 'jwk' });
  const es256 = (data: string, signature: string) =>
    nodeVerify('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }, fromBase64url(signature));
  const instance = new SDJwtInstance({
    hasher,
    verifier: es256,
    kbVerifier: es256,
    kbSigner: (data: string) => base64url(signEs256(data)),
    kbSignAlg: 'ES256',
  });

  test('accepts what presentMandate binds, unchanged', async () => {
    const token = await signMandate({ a: 1, ...ownConfirmation }, privateKeys);
    const presented = await presentMandate(token, { keyBinding: { ...keyBinding, privateKeys } });
    const { kb } = await instance.verify(presented, { keyBindingNonce: nonce });
    expect(kb?.payload).toMatchObject({ aud: audience, nonce });
  });

  test('binds what verifyMandate accepts under pq-optional, where no post-quantum key is named', async () => {
    const { pq_cnf: _, ...classical } = ownConfirmation;
    const token = await signMandate({ a: 1, ...classical }, privateKeys);
    const presented = await instance.present(
      token,
      {},
      { kb: { payload: { iat: NOW, aud: audience, nonce } } },
    );
    expect(decodeMandate(presented).keyBindingJwt).toBeDefined();
    expect((await verify(presented, {}, { policy: 'pq-optional' })).keyBinding?.signatures.es256).toBe(
      'valid',
    );
  });
});

test('refuses demands that are none', async () => {
  const bad: unknown[] = [
    undefined,
    null,
    'x',
    {},
    { audience },
    { nonce },
    { audience, nonce: '' },
    { audience: '', nonce },
    { audience, nonce, maxAge: 1 },
    { audience, nonce, maxTokenAge: -1 },
    { audience, nonce, resolveThumbprint: 'x' },
  ];
  for (const demands of bad) {
    await expectCode(
      verifyMandate(mandate, publicKeys, { keyBinding: demands as never }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  }
});
