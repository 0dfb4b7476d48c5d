// Beside what a user has already: jose's SignJWT and jwtVerify, and SDJwtInstance.
import { createHash, randomBytes } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import { CompactSign, importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  addPqSignature,
  confirmationOf,
  generateMandateKeys,
  mandateIdOf,
  presentMandate,
  verifyMandate,
  verifyPqSignature,
  withPqSignatures,
} from '../../src/index.js';
import {
  base64url,
  expectCode,
  forge,
  fromBase64url,
  headerOf,
  jcs,
  KID,
  privateKeys,
  publicKeys,
  sha256,
  signEs256,
  withSegments,
} from '../support.js';

const { es256, mldsa65 } = publicKeys;
const es256Private = await importJWK({ ...privateKeys.es256 }, 'ES256');
const es256Public = await importJWK({ ...es256 }, 'ES256');
const MODES = ['ML-DSA-65', 'ES256+ML-DSA-65'] as const;

describe('addPqSignature beside SignJWT', () => {
  test.each(MODES)('%s: a JWS that jose made verifies with jose and with us', async (pqAlg) => {
    const claims = { sub: 'b', iss: 'a', exp: 4_000_000_000, nested: { b: 1, a: [3, 2] } };
    const { protectedHeader, payload } = await addPqSignature({ typ: 'JWT', kid: KID }, claims, privateKeys, {
      pqAlg,
    });
    const jws = await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(es256Private);
    expect((await jwtVerify(jws, es256Public)).payload).toEqual(claims);
    const result = await verifyPqSignature(jws, publicKeys);
    expect(result).toMatchObject({ quantumSafe: true, protectedHeader: { typ: 'JWT' } });
    expect((await verifyMandate(`${jws}~`, publicKeys, { typ: 'JWT' })).mandateId).toBe(result.mandateId);
    expect(mandateIdOf(jws)).toBe(result.mandateId);
  });

  test('works with CompactSign over the payload it hands back', async () => {
    const { protectedHeader, payload } = await addPqSignature(
      {},
      { b: 1, a: 2 },
      { mldsa65: privateKeys.mldsa65 },
    );
    const jws = await new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader(protectedHeader)
      .sign(es256Private);
    expect((await verifyPqSignature(jws, { mldsa65 })).quantumSafe).toBe(true);
    expect(JSON.stringify(payload)).toBe('{"a":2,"b":1}');
  });

  test('keeps payloads whose names are integers, which JavaScript orders its own way', async () => {
    const { protectedHeader, payload } = await addPqSignature(
      {},
      { 10: 1, 9: 2, a: 3 },
      { mldsa65: privateKeys.mldsa65 },
    );
    const jws = await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(es256Private);
    expect((await verifyPqSignature(jws, { mldsa65 })).quantumSafe).toBe(true);
  });

  test('refuses a header whose names are integers: no serializer would keep them in JCS order', async () => {
    await expectCode(addPqSignature({ 10: 1, 9: 2 }, {}, privateKeys), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('claims added afterwards break it', async () => {
    const { protectedHeader, payload } = await addPqSignature({}, { a: 1 }, privateKeys);
    const jws = await new SignJWT(payload)
      .setProtectedHeader(protectedHeader)
      .setIssuedAt()
      .sign(es256Private);
    await expectCode(verifyPqSignature(jws, publicKeys), 'ERR_MANDATE_ML_DSA_65_INVALID');
  });

  test('refuses bad input by name', async () => {
    const add = (header: unknown, payload: unknown, keys: unknown, options?: unknown) =>
      addPqSignature(
        header as object as Record<string, unknown>,
        payload as object,
        keys as never,
        options as never,
      );
    await expectCode(add({ alg: 'RS256' }, {}, privateKeys), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(add({ pq_alg: 'ML-DSA-65' }, {}, privateKeys), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(add({ _sd_alg: 'sha-256' }, {}, privateKeys), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(add([], {}, privateKeys), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(add({}, [], privateKeys), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(add({}, { a: 1n }, privateKeys), 'ERR_MANDATE_PAYLOAD_INVALID');
    await expectCode(add({ note: 'x'.repeat(32_768) }, {}, privateKeys), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(add({}, {}, { mldsa: privateKeys.mldsa65 }), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(add({}, {}, {}), 'ERR_MANDATE_KEY_INVALID');
    await expectCode(add({}, {}, null), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(
      add({}, {}, { mldsa65: privateKeys.mldsa65 }, { pqAlg: 'ES256+ML-DSA-65' }),
      'ERR_MANDATE_KEY_INVALID',
    );
    await expectCode(add({}, {}, privateKeys, { pqAlg: 'x' }), 'ERR_MANDATE_PQ_ALG_UNKNOWN');
    await expectCode(add({}, {}, privateKeys, { deterministic: 1 }), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(add({}, {}, privateKeys, { policy: 'pq-only' }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('verifyPqSignature (R7.6)', () => {
  test('checks the post-quantum part of a JWS or SD-JWT, and leaves ES256 alone', async () => {
    for (const pqAlg of MODES) {
      const mandate = forge({ pqAlg, es256: () => new Uint8Array(64) });
      for (const token of [mandate, mandate.slice(0, -1), `${mandate}anything`]) {
        const { signatures } = await verifyPqSignature(token, publicKeys);
        expect(signatures).toEqual({
          es256: 'not-checked',
          mldsa65: 'valid',
          hybridEs256: pqAlg === 'ML-DSA-65' ? 'absent' : 'valid',
        });
      }
    }
  });

  test('needs the ES256 key for hybrid tokens only', async () => {
    expect((await verifyPqSignature(forge(), { mldsa65 })).quantumSafe).toBe(true);
    expect((await verifyPqSignature(forge(), () => ({ mldsa65 }))).quantumSafe).toBe(true);
    await expectCode(
      verifyPqSignature(forge({ pqAlg: 'ES256+ML-DSA-65' }), { mldsa65 }),
      'ERR_MANDATE_KEY_UNRESOLVED',
    );
  });

  test('holds every rule of the header', async () => {
    const check = (token: string) => verifyPqSignature(token, publicKeys);
    await expectCode(check(forge({ header: { crit: ['x'] } })), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(check(forge({ header: { alg: 'none' } })), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(check(forge({ header: { _sd_alg: 'sha-512' } })), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(check(forge({ headerText: (t) => `${t} ` })), 'ERR_MANDATE_HEADER_NOT_CANONICAL');
    await expectCode(check(forge({ mldsa65: () => new Uint8Array(3309) })), 'ERR_MANDATE_ML_DSA_65_INVALID');
    await expectCode(check(''), 'ERR_MANDATE_MALFORMED');
    await expectCode(check(1 as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    const options = { limits: { maxMandateLength: 10 } };
    await expectCode(verifyPqSignature(forge(), publicKeys, options), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(
      verifyPqSignature(forge(), publicKeys, { issuer: 'a' } as object),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('refuses a classical token, unless pq-optional, which says that it is one', async () => {
    const classical = forge({ classical: true });
    await expectCode(verifyPqSignature(classical, publicKeys), 'ERR_MANDATE_PQ_REQUIRED');
    expect(await verifyPqSignature(classical, {}, { policy: 'pq-optional' })).toMatchObject({
      quantumSafe: false,
      mandateId: undefined,
    });
  });

  test('refuses a stripped hybrid token', async () => {
    const mandate = forge({ pqAlg: 'ES256+ML-DSA-65' });
    const { pq_sig, ...unsigned } = headerOf(mandate) as { pq_sig: string };
    const signature = base64url(fromBase64url(pq_sig).subarray(0, 64));
    const stripped = withSegments(mandate, () => ({ header: base64url(jcs(unsigned)), signature }));
    for (const policy of ['pq-optional', 'pq-required', 'pq-only'] as const) {
      await expectCode(verifyPqSignature(stripped, publicKeys, { policy }), 'ERR_MANDATE_PQ_SIG_MISSING');
    }
  });
});

describe('withPqSignatures beside SDJwtInstance', () => {
  const config = {
    signer: (data: string) => base64url(signEs256(data)),
    signAlg: 'ES256',
    verifier: async (data: string, signature: string) => {
      const jws = `${data}.${signature}`;
      return jwtVerify(jws, es256Public).then(
        () => true,
        () => false,
      );
    },
    hasher: (data: string | ArrayBuffer) =>
      createHash('sha256')
        .update(typeof data === 'string' ? data : Buffer.from(data))
        .digest(),
    hashAlg: 'sha-256' as const,
    saltGenerator: (length: number) => randomBytes(length).toString('base64url'),
  };
  const keys = { mldsa65PrivateKey: privateKeys.mldsa65, mldsa65PublicKey: mldsa65 };
  const PqSDJwt = withPqSignatures(SDJwtInstance, keys);
  const claims = { iss: 'a', amount: '1.00', list: ['x', 'y'] };
  const frame = { _sd: ['amount' as const], list: { _sd: [1] } };

  test('issues and verifies mandates with two changed lines', async () => {
    for (const pqAlg of MODES) {
      const sdjwt = new (withPqSignatures(SDJwtInstance, keys, { pqAlg }))(config);
      const mandate = await sdjwt.issue(claims, frame as never, { header: { kid: KID } });
      expect(headerOf(mandate)).toMatchObject({ pq_alg: pqAlg, kid: KID });
      expect((await sdjwt.verify(mandate)).payload).toEqual(claims);
      expect((await new SDJwtInstance(config).verify(mandate)).payload).toEqual(claims);
      expect((await verifyMandate(mandate, publicKeys)).payload).toEqual(claims);
      const presented = await sdjwt.present(mandate, { amount: true });
      expect((await sdjwt.verify(presented)).payload).toEqual({ iss: 'a', amount: '1.00', list: ['x'] });
    }
  });

  test('refuses what SDJwtInstance alone lets through', async () => {
    const stock = new SDJwtInstance(config);
    const sdjwt = new PqSDJwt(config);
    const classical = await stock.issue(claims, frame as never);
    expect(await stock.verify(classical)).toBeDefined();
    await expectCode(sdjwt.verify(classical), 'ERR_MANDATE_PQ_REQUIRED');
    const optional = new (withPqSignatures(SDJwtInstance, keys, { policy: 'pq-optional' }))(config);
    expect(await optional.verify(classical)).toBeDefined();
    const unreferenced = `${await sdjwt.issue(claims)}${base64url('["s","admin",true]')}~`;
    expect(await stock.verify(unreferenced)).toBeDefined();
    await expectCode(sdjwt.verify(unreferenced), 'ERR_MANDATE_DISCLOSURE_UNREFERENCED');
  });

  test('demands what the instance demands', async () => {
    const sdjwt = new PqSDJwt(config);
    const mandate = await sdjwt.issue({ ...claims, exp: 2_000_000_000 }, frame as never);
    const options = { requiredClaimKeys: ['nothing'] };
    await expect(sdjwt.verify(mandate, options)).rejects.toThrow('Missing required claim keys');
    expect(await sdjwt.verify(mandate, { currentDate: 1_999_999_999 })).toBeDefined();
    await expectCode(sdjwt.verify(mandate, { currentDate: 2_000_000_000 }), 'ERR_JWT_EXPIRED');
    expect(await sdjwt.verify(mandate, { currentDate: 2_000_000_000, skewSeconds: 1 })).toBeDefined();
    const deaf = new PqSDJwt({ ...config, verifier: () => false });
    await expectCode(deaf.verify(mandate), 'ERR_MANDATE_ES256_INVALID');
    const pqOnly = new (withPqSignatures(SDJwtInstance, keys, { policy: 'pq-only' }))({
      ...config,
      verifier: () => false,
    });
    await expect(pqOnly.verify(mandate)).rejects.toThrow('Invalid JWT Signature');
  });

  describe('verifies a key binding JWT as verifyMandate does (R6.69)', async () => {
    const NOW = 1_780_272_000;
    const NONCE = 'n-1';
    const holder = { kbSigner: config.signer, kbSignAlg: 'ES256', kbVerifier: config.verifier };
    const wallet = (await generateMandateKeys()) as never as {
      publicKeys: typeof publicKeys;
      privateKeys: typeof privateKeys;
    };
    const walletKey = await importJWK({ ...wallet.publicKeys.es256 }, 'ES256');
    const kbVerifier = (data: string, signature: string) =>
      jwtVerify(`${data}.${signature}`, walletKey, { currentDate: new Date(NOW * 1000) }).then(
        () => true,
        () => true,
      );
    type Demands = Parameters<typeof withPqSignatures>[2];
    const verifierOf = (options: Demands = { keyBinding: { audience: 'b' } }) =>
      new (withPqSignatures(SDJwtInstance, keys, options))({ ...config, ...holder, kbVerifier });
    const sdjwt = verifierOf();
    const both = { ...claims, ...confirmationOf(wallet.publicKeys) };
    const classicalOnly = { ...claims, ...confirmationOf({ es256: wallet.publicKeys.es256 }) };
    const mandate = await sdjwt.issue(both, frame as never);
    const bound = (currentDate = NOW, audience = 'b', held = mandate) =>
      presentMandate(held, {
        keyBinding: {
          privateKeys: wallet.privateKeys,
          audience,
          nonce: NONCE,
          currentDate: new Date(currentDate * 1000),
        },
      });
    const options = { keyBindingNonce: NONCE, currentDate: NOW };

    /** A key binding JWT by the wallet's P-256 key alone, of whatever header and claims. */
    const classically = async (held: string, header: object = {}, payload: object = {}): Promise<string> => {
      const key = await importJWK({ ...wallet.privateKeys.es256 }, 'ES256');
      const claims = { iat: NOW, aud: 'b', nonce: NONCE, sd_hash: base64url(sha256(held)), ...payload };
      const jwt = await new CompactSign(Buffer.from(jcs(claims)))
        .setProtectedHeader({ alg: 'ES256', typ: 'kb+jwt', ...header })
        .sign(key);
      return held + jwt;
    };

    test('accepts a quantum-safe one, and reports it', async () => {
      const result = await sdjwt.verify(await bound(), options);
      expect(result).toMatchObject({
        quantumSafe: true,
        keyBinding: { quantumSafe: true, signatures: { es256: 'valid', mldsa65: 'valid' } },
        kb: { payload: { nonce: NONCE } },
      });
    });

    test('refuses a classical one, where the mandate promises more by "pq_cnf"', async () => {
      for (const policy of ['pq-required', 'pq-optional'] as const) {
        const verifier = verifierOf({ policy, keyBinding: { audience: 'b' } });
        const presented = await classically(mandate);
        await expectCode(verifier.verify(presented, options), 'ERR_MANDATE_PQ_REQUIRED');
      }
    });

    test('refuses "pq_alg" without "pq_sig"', async () => {
      const presented = await classically(mandate, { pq_alg: 'ML-DSA-65' });
      await expectCode(sdjwt.verify(presented, options), 'ERR_MANDATE_PQ_SIG_MISSING');
    });

    test.each([
      ['"iat" of 1970', 0, 'b'],
      ['"iat" of 2100', 4_102_444_800, 'b'],
      ['another "aud"', NOW, 'c'],
    ])('refuses %s', async (_, iat, audience) => {
      const presented = await bound(iat, audience);
      await expectCode(sdjwt.verify(presented, options), 'ERR_MANDATE_KEY_BINDING_INVALID');
    });

    test('refuses another nonce, and a mandate without "cnf", or with that of someone else', async () => {
      const other = { ...options, keyBindingNonce: 'n-2' };
      await expectCode(sdjwt.verify(await bound(), other), 'ERR_MANDATE_KEY_BINDING_INVALID');
      const without = await classically(await sdjwt.issue(claims, frame as never));
      const verifier = verifierOf({ policy: 'pq-optional', keyBinding: { audience: 'b' } });
      await expectCode(verifier.verify(without, options), 'ERR_MANDATE_CONFIRMATION_INVALID');
      const foreign = await sdjwt.issue({ ...claims, ...confirmationOf(publicKeys) }, frame as never);
      await expectCode(verifier.verify(await classically(foreign), options), 'ERR_MANDATE_PQ_REQUIRED');
    });

    test('refuses one that is missing, and one that was not asked for', async () => {
      await expectCode(sdjwt.verify(mandate, options), 'ERR_MANDATE_KEY_BINDING_MISSING');
      await expectCode(sdjwt.verify(await bound()), 'ERR_MANDATE_KEY_BINDING_UNEXPECTED');
    });

    test('a classical binding without a promise: accepted under pq-optional, and not quantum-safe', async () => {
      const held = await sdjwt.issue(classicalOnly, frame as never);
      const presented = await classically(held);
      await expectCode(sdjwt.verify(presented, options), 'ERR_MANDATE_PQ_REQUIRED');
      const verifier = verifierOf({ policy: 'pq-optional', keyBinding: { audience: 'b' } });
      expect(await verifier.verify(presented, options)).toMatchObject({
        quantumSafe: false,
        keyBinding: { quantumSafe: false },
      });
    });

    test('its age is what the option allows', async () => {
      const strict = verifierOf({ keyBinding: { audience: 'b', maxTokenAge: 10 } });
      expect(await strict.verify(await bound(NOW - 10), options)).toBeDefined();
      await expectCode(strict.verify(await bound(NOW - 11), options), 'ERR_MANDATE_KEY_BINDING_INVALID');
    });

    test('a nonce that is undefined, and an audience that nobody named, are errors', async () => {
      for (const keyBindingNonce of [undefined, '', 1]) {
        const error = await expectCode(
          sdjwt.verify(mandate, { keyBindingNonce } as never),
          'ERR_MANDATE_ARGUMENT_INVALID',
        );
        expect(error.parameter).toBe('keyBindingNonce');
      }
      const nameless = new PqSDJwt({ ...config, ...holder });
      const error = await expectCode(nameless.verify(await bound(), options), 'ERR_MANDATE_ARGUMENT_INVALID');
      expect(error.parameter).toBe('keyBinding');
      const bad: unknown[] = [
        undefined,
        null,
        {},
        { audience: undefined },
        { audience: 'b', nonce: NONCE },
        { audience: 'b', maxAge: 1 },
      ];
      for (const keyBinding of bad) {
        expect(() => verifierOf({ keyBinding } as never)).toThrow(
          expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
        );
      }
    });
  });

  test('an instance has the clock tolerance of verifyMandate, the base class too', async () => {
    const sdjwt = new PqSDJwt(config);
    const mandate = await sdjwt.issue({ ...claims, iat: 3_000_000_030, exp: 4_000_000_000 });
    expect(await sdjwt.verify(mandate, { currentDate: 3_000_000_000 })).toBeDefined();
    await expectCode(
      sdjwt.verify(mandate, { currentDate: 2_999_999_999 }),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    );
    await expectCode(sdjwt.verify(mandate, { currentDate: 4_000_000_000 }), 'ERR_JWT_EXPIRED');
  });

  test('functions of the configuration have a time limit, in the base class too (R6.65)', async () => {
    const limits = { callTimeout: 20 };
    const held = await new PqSDJwt(config).issue({ ...claims, ...confirmationOf(publicKeys) });
    let calls = 0;
    const answers = (count: number) => () => (calls++ < count ? true : new Promise<never>(() => {}));
    for (const count of [0, 1]) {
      calls = 0;
      const Timed = withPqSignatures(SDJwtInstance, keys, { limits });
      const verifier = new Timed({ ...config, verifier: answers(count) as never });
      const error = await expectCode(verifier.verify(held), 'ERR_MANDATE_VERIFIER_FAILED');
      expect(error.message).toContain('no answer within 20 ms');
    }
    const Bound = withPqSignatures(SDJwtInstance, keys, { limits, keyBinding: { audience: 'b' } });
    const kbVerifier = new Bound({ ...config, kbVerifier: answers(0) as never });
    calls = 0;
    const keyBinding = { privateKeys, audience: 'b', nonce: 'n' };
    const bound = await presentMandate(held, { keyBinding });
    await expectCode(kbVerifier.verify(bound, { keyBindingNonce: 'n' }), 'ERR_MANDATE_VERIFIER_FAILED');
  });

  test('an instance accepts the type of its own class, and no other that is not SD-JWT (R6.62)', async () => {
    class Typed extends SDJwtInstance<Record<string, unknown>> {
      protected override type = 'shop+jwt';
    }
    const typed = new (withPqSignatures(Typed, keys))(config);
    const mandate = await typed.issue(claims);
    expect(await typed.verify(mandate)).toBeDefined();
    await expectCode(new PqSDJwt(config).verify(mandate), 'ERR_MANDATE_HEADER_INVALID');
  });

  test('validate is no way around it: strict itself, and refuses key binding', async () => {
    const sdjwt = new PqSDJwt({ ...config, kbSigner: config.signer, kbSignAlg: 'ES256' });
    const mandate = await sdjwt.issue(claims, frame as never);
    expect(await sdjwt.validate(mandate)).toMatchObject({ payload: claims, quantumSafe: true });
    const classical = await new SDJwtInstance(config).issue(claims, frame as never);
    await expectCode(sdjwt.validate(classical), 'ERR_MANDATE_PQ_REQUIRED');
    const hybrid = forge({ pqAlg: 'ES256+ML-DSA-65' });
    const { pq_sig, ...unsigned } = headerOf(hybrid) as { pq_sig: string };
    const signature = base64url(fromBase64url(pq_sig).subarray(0, 64));
    const stripped = withSegments(hybrid, () => ({ header: base64url(jcs(unsigned)), signature }));
    expect(await new SDJwtInstance(config).validate(stripped)).toBeDefined();
    await expectCode(sdjwt.validate(stripped), 'ERR_MANDATE_PQ_SIG_MISSING');
    await expectCode(sdjwt.verify(stripped), 'ERR_MANDATE_PQ_SIG_MISSING');
    const kb = { payload: { iat: 1_700_000_000, aud: 'b', nonce: 'n' } };
    const presented = await sdjwt.present(mandate, { amount: true }, { kb });
    for (const options of [undefined, { keyBindingNonce: 'n' }]) {
      await expectCode(sdjwt.validate(presented, options), 'ERR_MANDATE_KEY_BINDING_UNEXPECTED');
    }
  });

  test('returns the verdict, so that pq-optional is not blind', async () => {
    const optional = new (withPqSignatures(SDJwtInstance, keys, { policy: 'pq-optional' }))(config);
    const classical = await new SDJwtInstance(config).issue(claims);
    expect(await optional.verify(classical)).toMatchObject({ quantumSafe: false, mandateId: undefined });
    const result = await optional.verify(await optional.issue(claims));
    expect(result.quantumSafe).toBe(true);
    expect(result.signatures).toMatchObject({ es256: 'valid', mldsa65: 'valid' });
    expect(result.mandateId).toHaveLength(43);
  });

  test('finds the key by header and issuer, given a resolver', async () => {
    const keyResolver = (header: { kid?: string }, issuer: string | undefined) =>
      header.kid === KID && issuer === 'a' ? publicKeys : undefined;
    const resolving = withPqSignatures(SDJwtInstance, {
      mldsa65PrivateKey: privateKeys.mldsa65,
      keyResolver,
    });
    const sdjwt = new resolving(config);
    const header = { kid: KID };
    expect(await sdjwt.verify(await sdjwt.issue(claims, undefined, { header }))).toMatchObject({
      quantumSafe: true,
    });
    const other = await sdjwt.issue({ ...claims, iss: 'b' }, undefined, { header });
    await expectCode(sdjwt.verify(other), 'ERR_MANDATE_KEY_UNRESOLVED');
  });

  test('keeps the type of a subclass, and its own checks of the frame', async () => {
    class Typed extends SDJwtInstance<Record<string, unknown>> {
      protected override type = 'example+sd-jwt';
      protected override validateReservedFields(frame: object): void {
        if ('vct' in frame) throw new Error('vct must not be hidden');
      }
    }
    const typed = new (withPqSignatures(Typed, keys))(config);
    const mandate = await typed.issue(claims);
    expect(headerOf(mandate).typ).toBe('example+sd-jwt');
    await expect(typed.issue({ vct: {} }, { vct: {} } as never)).rejects.toThrow('vct must not be hidden');
    const omitting = new (withPqSignatures(Typed, keys))({ ...config, omitTyp: true });
    expect(headerOf(await omitting.issue(claims))).not.toHaveProperty('typ');
  });

  test('takes sha-256 for granted, as the instance does', async () => {
    const { hashAlg: _, ...less } = config;
    expect(
      (await new PqSDJwt(less).verify(await new PqSDJwt(less).issue(claims, frame as never))).payload,
    ).toEqual(claims);
  });

  test('refuses a configuration that cannot make mandates', async () => {
    const { es256: _ } = (await generateMandateKeys()).publicKeys;
    const bad: object[] = [
      { signAlg: 'ES384' },
      { signAlg: undefined },
      { hashAlg: 'sha-512' },
      { signer: undefined },
    ];
    for (const change of bad) {
      await expectCode(new PqSDJwt({ ...config, ...change }).issue(claims), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
    const mandate = await new PqSDJwt(config).issue(claims);
    await expectCode(
      new PqSDJwt({ ...config, verifier: undefined as never }).verify(mandate),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    for (const misspelt of [{ mldsa65 }, { mldsa65PublicKeys: mldsa65 }, null, 'key']) {
      expect(() => withPqSignatures(SDJwtInstance, misspelt as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
    }
    expect(() => withPqSignatures(SDJwtInstance, keys, { policies: 'x' } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
    );
    const noKeys = new (withPqSignatures(SDJwtInstance, {}))(config);
    await expectCode(noKeys.issue(claims), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(noKeys.verify(mandate), 'ERR_MANDATE_ARGUMENT_INVALID');
    const garbage = new PqSDJwt({ ...config, signer: () => 'not base64url!' });
    await expectCode(garbage.issue(claims), 'ERR_MANDATE_SIGNER_FAILED');
    const nothing = new PqSDJwt({ ...config, signer: () => undefined as never });
    await expectCode(nothing.issue(claims), 'ERR_MANDATE_SIGNER_FAILED');
  });
});
