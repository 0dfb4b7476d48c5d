import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type BackEndName,
  decodeMandate,
  type Es256PrivateJwk,
  forceBackEnd,
  generateMandateKeys,
  getBackEnds,
  jwkThumbprint,
  type MandatePublicKeys,
  type PqAlg,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import { JwkCache } from '../../src/keys/jwk-cache.js';
import {
  expectCode,
  forge,
  fromBase64url,
  mldsa65Keys,
  privateKeys,
  publicKeys,
  readJson,
  signMlDsa65,
} from '../support.js';

const NAMES: readonly BackEndName[] = ['node', 'webcrypto', 'noble'];
const MODES: readonly PqAlg[] = ['ML-DSA-65', 'ES256+ML-DSA-65'];
const UNAVAILABLE = 'ERR_MANDATE_BACK_END_UNAVAILABLE';

const offers = (mldsa65: BackEndName): Promise<boolean> =>
  forceBackEnd({ mldsa65 }).then(
    () => true,
    () => false,
  );
const offered: BackEndName[] = [];
for (const name of NAMES) if (await offers(name)) offered.push(name);
await forceBackEnd();

/** Whether node:crypto itself says that it has ML-DSA-65. */
const nodeHasMlDsa65 = ((): boolean => {
  try {
    generateKeyPairSync('ml-dsa-65' as 'ed25519');
    return true;
  } catch {
    return false;
  }
})();

afterEach(async () => void (await forceBackEnd()));

describe('the choice of back ends', () => {
  test('is the best that works, and can be read', async () => {
    expect(await getBackEnds()).toEqual({ es256: 'node', mldsa65: nodeHasMlDsa65 ? 'node' : 'noble' });
    expect(offered).toContain('noble');
    expect(offered.includes('node')).toBe(nodeHasMlDsa65);
  });

  test.each([
    [{ hardwareConcurrency: 1 }, 'this'],
    [{ hardwareConcurrency: 2 }, 'either'],
    [undefined, 'either'],
  ])('node:crypto with the cores %o computes on %s thread', async (navigator, thread) => {
    vi.resetModules();
    vi.stubGlobal('navigator', navigator);
    const { nodeEs256, nodeMlDsa65 } = await import('../../src/primitives/node.js');
    vi.unstubAllGlobals();
    expect([nodeEs256?.thread, nodeMlDsa65?.thread]).toEqual([thread, thread]);
  });

  test('can be forced, for one primitive or both', async () => {
    expect(await forceBackEnd('noble')).toEqual({ es256: 'noble', mldsa65: 'noble' });
    expect(await getBackEnds()).toEqual({ es256: 'noble', mldsa65: 'noble' });
    expect((await forceBackEnd({ es256: 'webcrypto' })).es256).toBe('webcrypto');
    expect((await forceBackEnd()).es256).toBe('node');
  });

  test.skipIf(nodeHasMlDsa65)(
    'what the runtime does not offer is an error, and changes nothing',
    async () => {
      await forceBackEnd({ es256: 'noble' });
      for (const name of ['node', 'webcrypto'] as const) {
        const error = await expectCode(forceBackEnd({ mldsa65: name }), UNAVAILABLE);
        expect(error.message).toContain(name);
      }
      expect(await getBackEnds()).toEqual({ es256: 'noble', mldsa65: 'noble' });
    },
  );

  test('refuses a name that is none', async () => {
    for (const name of ['openssl', '', 1, null, [], { es512: 'node' }, { es256: 'x' }]) {
      await expectCode(forceBackEnd(name as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });
});

describe.each(offered)('the back end %s', (name) => {
  beforeEach(async () => void (await forceBackEnd({ mldsa65: name, es256: name })));

  test.each(MODES)('verifies what every back end signs, %s', async (pqAlg) => {
    for (const signer of offered) {
      await forceBackEnd(signer);
      const mandate = await signMandate({ iss: 'a' }, privateKeys, { pqAlg });
      await forceBackEnd(name);
      const { signatures } = await verifyMandate(mandate, publicKeys);
      expect(signatures).toMatchObject({ es256: 'valid', mldsa65: 'valid' });
    }
  });

  test('reproduces the vectors, byte for byte', async () => {
    const { vectors } = readJson('../vectors/token-level.json');
    for (const { id, mandate, expected } of vectors) {
      if (expected.valid) expect((await verifyMandate(mandate, publicKeys)).payload, id).toBeDefined();
      else await expectCode(verifyMandate(mandate, publicKeys), expected.code);
    }
    const one = await signMandate({ a: 1 }, privateKeys, { deterministic: true });
    await forceBackEnd('noble');
    expect(await signMandate({ a: 1 }, privateKeys, { deterministic: true })).toBe(one);
  });

  test.each([
    ['ERR_MANDATE_ES256_INVALID', forge({ es256: () => new Uint8Array(64) })],
    ['ERR_MANDATE_ES256_INVALID', forge({ es256: () => new Uint8Array(64).fill(255) })],
    ['ERR_MANDATE_ML_DSA_65_INVALID', forge({ mldsa65: () => new Uint8Array(3309) })],
    ['ERR_MANDATE_ML_DSA_65_INVALID', forge({ mldsa65: () => new Uint8Array(3309).fill(255) })],
    [
      'ERR_MANDATE_ML_DSA_65_INVALID',
      forge({ mldsa65: ({ pqSigningInput }) => signMlDsa65(Buffer.from(pqSigningInput)) }),
    ],
  ])('refuses a signature that is none: %s', async (code, mandate) => {
    await expectCode(verifyMandate(mandate, publicKeys), code);
  });

  test('judges ES256 before ML-DSA-65, whichever comes back first (R6.60)', async () => {
    const mandate = forge({ mldsa65: () => new Uint8Array(3309), es256: () => new Uint8Array(64) });
    const error = await expectCode(verifyMandate(mandate, publicKeys), 'ERR_MANDATE_ES256_INVALID');
    expect(error.signatures).toMatchObject({ es256: 'invalid', mldsa65: 'not-checked' });
  });

  test('refuses keys that are none, and halves that do not belong together', async () => {
    const offCurve = { ...publicKeys.es256, y: publicKeys.es256.x };
    const cases: [object, string][] = [
      [{ es256: offCurve }, 'es256'],
      [{ es256: { ...publicKeys.es256, x: 'A'.repeat(43), y: 'A'.repeat(43) } }, 'es256'],
    ];
    for (const [changes, parameter] of cases) {
      const error = await expectCode(
        verifyMandate(forge(), { ...publicKeys, ...changes }),
        'ERR_MANDATE_KEY_INVALID',
      );
      expect(error.parameter).toBe(parameter);
    }
    const { privateKeys: other } = await generateMandateKeys({ kid: publicKeys.es256.kid });
    const halves: [object, string][] = [
      [{ es256: { ...privateKeys.es256, d: other.es256.d } }, 'es256.d'],
      [{ mldsa65: { ...privateKeys.mldsa65, priv: other.mldsa65.priv } }, 'mldsa65.priv'],
      [{ es256: { ...privateKeys.es256, d: 'A'.repeat(43) } }, 'es256.d'],
      [{ es256: { ...privateKeys.es256, d: `${'_'.repeat(42)}8` } }, 'es256.d'],
    ];
    for (const [changes, parameter] of halves) {
      const error = await expectCode(
        signMandate({}, { ...privateKeys, ...changes }),
        'ERR_MANDATE_KEY_INVALID',
      );
      expect(error.parameter).toBe(parameter);
      expect(JSON.stringify([error.message, String(error.cause)])).not.toContain(other.mldsa65.priv);
    }
  });

  test('generates keys that sign and verify, and derives what noble derives', async () => {
    const keys = await generateMandateKeys();
    expect(keys.kid).toBe(jwkThumbprint(keys.publicKeys.mldsa65));
    expect(createPrivateKey({ key: keys.privateKeys.es256, format: 'jwk' }).asymmetricKeyType).toBe('ec');
    const mandate = await signMandate({ a: 1 }, keys.privateKeys);
    await forceBackEnd('noble');
    expect((await verifyMandate(mandate, keys.publicKeys)).quantumSafe).toBe(true);
    expect(fromBase64url(publicKeys.mldsa65.pub).equals(mldsa65Keys.publicKey)).toBe(true);
  });

  test('signs ML-DSA-65 with fresh randomness', async () => {
    const [one, two] = [await signMandate({}, privateKeys), await signMandate({}, privateKeys)].map(
      (mandate) => decodeMandate(mandate).protectedHeader.pq_sig,
    );
    expect(one).not.toBe(two);
  });

  test('many at once come out like one at a time', async () => {
    const good = await signMandate({ a: 1 }, privateKeys, { pqAlg: 'ES256+ML-DSA-65' });
    const bad = forge({ mldsa65: () => new Uint8Array(3309) });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        verifyMandate(i % 2 ? good : bad, publicKeys).then(
          () => 'valid',
          (error) => error.code,
        ),
      ),
    );
    expect(outcomes).toEqual(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? 'valid' : 'ERR_MANDATE_ML_DSA_65_INVALID')),
    );
  });
});

describe('imported keys are kept', () => {
  const copy = (): MandatePublicKeys & { es256: object; mldsa65: object } => structuredClone(publicKeys);
  const mandate = forge();

  test('but a JWK that the caller changes is another key', async () => {
    const keys = copy();
    await verifyMandate(mandate, keys);
    const other = (await generateMandateKeys()).publicKeys;
    const before = { ...keys.mldsa65 };
    Object.assign(keys.mldsa65, { pub: other.mldsa65.pub });
    await expectCode(verifyMandate(mandate, keys), 'ERR_MANDATE_ML_DSA_65_INVALID');
    Object.assign(keys.mldsa65, before);
    await verifyMandate(mandate, keys);
    Object.assign(keys.es256, { x: other.es256.x, y: other.es256.y });
    await expectCode(verifyMandate(mandate, keys), 'ERR_MANDATE_ES256_INVALID');
  });

  test.each([
    ['use', { use: 'enc' }],
    ['key_ops', { key_ops: ['sign'] }],
    ['alg', { alg: 'ES384' }],
    ['kty', { kty: 'OKP' }],
    ['d', { d: 'A'.repeat(43) }],
  ])('and its %s counts each time', async (_, changes) => {
    const keys = copy();
    await verifyMandate(mandate, keys);
    Object.assign(keys.es256, changes);
    await expectCode(verifyMandate(mandate, keys), 'ERR_MANDATE_KEY_INVALID');
  });

  test('key_ops that are changed in place too', async () => {
    const keys = copy();
    const operations = ['verify'];
    Object.assign(keys.mldsa65, { key_ops: operations });
    await verifyMandate(mandate, keys);
    operations[0] = 'sign';
    await expectCode(verifyMandate(mandate, keys), 'ERR_MANDATE_KEY_INVALID');
  });

  test('a private key that the caller changes too', async () => {
    const keys = structuredClone(privateKeys);
    await signMandate({}, keys);
    (keys.es256 as Es256PrivateJwk).d = (await generateMandateKeys()).privateKeys.es256.d;
    await expectCode(signMandate({}, keys), 'ERR_MANDATE_KEY_INVALID');
  });

  test('as long as nothing of them changes', async () => {
    const cache = new JwkCache<object>();
    const jwk = {};
    const get = (members: object) => cache.get(jwk, members, 'key', async () => ({}));
    const members = { kty: 'EC', key_ops: ['verify'] };
    const made = await get(members);
    expect(await get(members)).toBe(made);
    expect(await get({ kty: 'EC', key_ops: ['verify'] })).toBe(made);
    expect(await cache.get({}, members, 'key', async () => ({}))).not.toBe(made);
    for (const changed of [
      { kty: 'EC' },
      { kty: 'EC', key_ops: ['verify'], kid: 'x' },
      { kty: 'EC', key_ops: ['sign'] },
      { kty: 'EC', key_ops: ['verify', 'sign'] },
      { kty: 'EC', key_ops: { length: 1, 0: 'verify' } },
      { kty: 'EC', use: ['verify'] },
      { kty: 'AKP', key_ops: ['verify'] },
    ]) {
      const before = await get(members);
      expect(await get(changed)).not.toBe(before);
    }
  });

  test('but not a failure', async () => {
    const cache = new JwkCache<string>();
    const jwk = {};
    await expect(cache.get(jwk, {}, 'key', () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
    expect(await cache.get(jwk, {}, 'key', async () => 'imported')).toBe('imported');
    expect(await cache.get(jwk, {}, 'key', async () => 'again')).toBe('imported');
  });

  test('and the back end is the same', async () => {
    const cache = new JwkCache<object>();
    const jwk = {};
    const made = await cache.get(jwk, {}, 'key', async () => ({}));
    await forceBackEnd('noble');
    expect(await cache.get(jwk, {}, 'key', async () => ({}))).not.toBe(made);
  });

  test('a KeyObject that node:crypto can use is not exported', async () => {
    const es256 = createPrivateKey({ key: { ...privateKeys.es256 }, format: 'jwk' });
    const exported = vi.spyOn(Object.getPrototypeOf(es256), 'export');
    const signed = await signMandate({}, { ...privateKeys, es256 });
    expect(exported).not.toHaveBeenCalled();
    const publicKey = createPublicKey(es256);
    const shown = vi.spyOn(Object.getPrototypeOf(publicKey), 'export');
    await verifyMandate(signed, { ...publicKeys, es256: publicKey });
    expect(shown).not.toHaveBeenCalled();
  });

  test('a failure is not kept', async () => {
    const keys = copy();
    const { x } = publicKeys.es256;
    Object.assign(keys.es256, { x: publicKeys.es256.y });
    await expectCode(verifyMandate(mandate, keys), 'ERR_MANDATE_KEY_INVALID');
    await expectCode(verifyMandate(mandate, keys), 'ERR_MANDATE_KEY_INVALID');
    Object.assign(keys.es256, { x });
    expect(await verifyMandate(mandate, keys)).toBeDefined();
  });

  test('the report names the key that a changed JWK is now', async () => {
    const keys = copy();
    const first = (await verifyMandate(mandate, keys)).keys.mldsa65?.thumbprint;
    expect(first).toBe(jwkThumbprint(publicKeys.mldsa65));
    const other = await generateMandateKeys({ kid: publicKeys.es256.kid });
    Object.assign(keys.mldsa65, { pub: other.publicKeys.mldsa65.pub });
    const theirs = await signMandate({}, { ...privateKeys, mldsa65: other.privateKeys.mldsa65 });
    expect((await verifyMandate(theirs, keys)).keys.mldsa65?.thumbprint).toBe(
      jwkThumbprint(other.publicKeys.mldsa65),
    );
  });
});
