// mandatePublicKeysOf (SPEC.md R8.34).
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  checkMandateKeys,
  generateMandateKeys,
  importMandatePrivateKeys,
  mandatePublicKeysOf,
} from '../../src/index.js';
import {
  expectCode,
  fromBase64url,
  KID,
  mldsa65Keys,
  privateKeys,
  publicKeys,
  signEs256,
  signMlDsa65,
} from '../support.js';
import { derElement, mlDsa65Pkcs8 } from './files.js';

const INVALID = 'ERR_MANDATE_KEY_INVALID';
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
const keyObject = createPrivateKey({ key: privateKeys.es256, format: 'jwk' });
const cryptoKey = (extractable: boolean) => {
  const { kty, crv, x, y, d } = privateKeys.es256;
  return crypto.subtle.importKey('jwk', { kty, crv, x, y, d }, ecdsa, extractable, ['sign']);
};
const locked = await cryptoKey(false);
const p384 = await crypto.subtle.generateKey({ ...ecdsa, namedCurve: 'P-384' }, true, ['sign']);

// Node 22 reads such a file by its OpenSSL and does not know what it has read: its KeyObject has no type.
const nodeMlDsaKey = (choice: Buffer) => {
  try {
    const key = createPrivateKey({ key: mlDsa65Pkcs8(choice), format: 'der', type: 'pkcs8' });
    return (key.asymmetricKeyType as string) === 'ml-dsa-65' ? key : undefined;
  } catch {
    return undefined;
  }
};
const seedKey = nodeMlDsaKey(derElement(0x80, fromBase64url(privateKeys.mldsa65.priv)));
const expandedKey = nodeMlDsaKey(derElement(4, Buffer.from(mldsa65Keys.secretKey)));

describe('R8.34: gives the public keys', () => {
  test('of JWKs, those that were generated with them', async () => {
    const { privateKeys: generated, publicKeys: expected } = await generateMandateKeys();
    expect(await mandatePublicKeysOf(generated)).toEqual(expected);
  });

  test('of JWKs without the members that are for private keys, or for nobody', async () => {
    const es256 = { ...privateKeys.es256, key_ops: ['sign'], note: 'vault 7' };
    expect(await mandatePublicKeysOf({ ...privateKeys, es256 })).toEqual(publicKeys);
  });

  test('of a KeyObject, and of a CryptoKey that is extractable', async () => {
    for (const es256 of [keyObject, await cryptoKey(true)])
      expect(await mandatePublicKeysOf({ ...privateKeys, es256 })).toEqual(publicKeys);
  });

  test('of an expanded key that was imported', async () => {
    const imported = await importMandatePrivateKeys(
      { es256: privateKeys.es256, mldsa65: mldsa65Keys.secretKey },
      { kid: KID },
    );
    expect(await mandatePublicKeysOf(imported)).toEqual(publicKeys);
  });

  test.skipIf(seedKey === undefined)('of a KeyObject of ML-DSA-65, with and without a seed', async () => {
    for (const mldsa65 of [seedKey, expandedKey]) {
      const keys = { es256: keyObject, mldsa65: mldsa65 as never };
      const published = await mandatePublicKeysOf(keys, { kid: KID });
      expect(published).toEqual(publicKeys);
      await checkMandateKeys(keys, published);
    }
  });

  test('under the kid of the pair, which one of them may lack', async () => {
    const { kid: _, ...unnamed } = privateKeys.es256;
    expect(await mandatePublicKeysOf({ ...privateKeys, es256: unnamed as never })).toEqual(publicKeys);
    const { es256, mldsa65 } = await mandatePublicKeysOf({
      es256: keyObject,
      mldsa65: { ...privateKeys.mldsa65, kid: undefined as never },
    });
    expect([es256, mldsa65].map((jwk) => Object.hasOwn(jwk, 'kid'))).toEqual([false, false]);
  });
});

describe('R8.34: refuses', () => {
  test.each<[string, unknown, RegExp]>([
    ['a signer function', signEs256, /"es256".*can be derived; this is a signer function: import/],
    ['a CryptoKey that is not extractable', locked, /"es256".*not extractable/],
    ['a public JWK', publicKeys.es256, /"es256\.d".*cannot sign/],
    ['a public KeyObject', createPublicKey(keyObject), /"es256" must be a private key/],
    [
      'halves that are no pair',
      { ...privateKeys.es256, d: 'A'.repeat(42).concat('E') },
      /private key of the public key/,
    ],
    ['a CryptoKey of another algorithm', p384.privateKey, /ECDSA P-256/],
    ['a missing key', undefined, /"es256".*undefined/],
  ])('%s, saying why', async (_, es256, message) => {
    const error = await expectCode(mandatePublicKeysOf({ ...privateKeys, es256 } as never), INVALID);
    expect(error.message).toMatch(message);
  });

  test('a signer function for ML-DSA-65, and two names for one pair', async () => {
    await expectCode(mandatePublicKeysOf({ ...privateKeys, mldsa65: signMlDsa65 }), INVALID);
    await expectCode(mandatePublicKeysOf(privateKeys, { kid: 'another' }), INVALID);
    await expectCode(
      mandatePublicKeysOf({ ...privateKeys, es256: { ...privateKeys.es256, kid: 'another' } }),
      INVALID,
    );
  });
});
