// Against software that we did not write.

import * as nodeCrypto from 'node:crypto';
import { createHash, createPublicKey, getCiphers, sign as nodeSign, verify as nodeVerify } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import { compactVerify, createLocalJWKSet, importJWK, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { signMandate, verifyMandate } from '../src/index.js';
import {
  expectCode,
  forge,
  fromBase64url,
  headerOf,
  mldsa65Keys,
  type PqParts,
  privateKeys,
  publicKeys,
  readJson,
  sha256,
} from './support.js';

interface TokenVector {
  id: string;
  mandate: string;
  processedPayload: object;
  pqSigningInput: string;
  fingerprint: string;
  mldsa65: string;
  expected: { valid: boolean; code?: string; codeUnderPqOnly?: string; signatures?: object };
}
const vectors: TokenVector[] = readJson('../vectors/token-level.json').vectors;
const positive = vectors.filter(({ expected }) => expected.valid);
const negative = vectors.filter(({ expected }) => !expected.valid);
const es256 = await importJWK({ ...publicKeys.es256 }, 'ES256');
const hasher = (data: string | ArrayBuffer) =>
  createHash('sha256')
    .update(typeof data === 'string' ? data : Buffer.from(data))
    .digest();

test('there are vectors of both kinds and both modes', () => {
  expect([positive.length, negative.length]).toEqual([10, 2]);
});

describe('stock verifiers accept every positive vector', () => {
  const sdjwt = new SDJwtInstance({
    hasher,
    verifier: (data, signature) =>
      nodeVerify(
        'sha256',
        Buffer.from(data),
        { key: createPublicKey({ key: { ...publicKeys.es256 }, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
        fromBase64url(signature),
      ),
  });

  test.each(positive)('$id: jose.jwtVerify', async ({ mandate }) => {
    const [jws = ''] = mandate.split('~');
    const { protectedHeader } = await jwtVerify(jws, es256);
    expect(protectedHeader.alg).toBe('ES256');
  });

  test.each(positive)('$id: jose.compactVerify', async ({ mandate }) => {
    const [jws = ''] = mandate.split('~');
    await compactVerify(jws, es256, { algorithms: ['ES256'] });
  });

  test.each(positive)(
    '$id: jose.jwtVerify by the published JWK Set, in which both keys share a kid',
    async ({ mandate }) => {
      const [jws = ''] = mandate.split('~');
      const keySet = createLocalJWKSet({ keys: [{ ...publicKeys.es256 }, { ...publicKeys.mldsa65 }] });
      await jwtVerify(jws, keySet);
    },
  );

  test.each(positive)('$id: SDJwtInstance.verify', async ({ mandate, processedPayload }) => {
    const { payload } = await sdjwt.verify(mandate);
    expect(payload).toEqual(processedPayload);
  });

  test.each(negative)('$id: none of them', async ({ mandate }) => {
    const [jws = ''] = mandate.split('~');
    await expect(jwtVerify(jws, es256)).rejects.toThrow();
    await expect(compactVerify(jws, es256)).rejects.toThrow();
    await expect(sdjwt.verify(mandate)).rejects.toThrow();
  });

  test('a holder presents with SDJwtInstance.present, and we verify what is left', async () => {
    const mandate = await signMandate({ a: 1, b: 2, c: 3 }, privateKeys, {
      disclosureFrame: { _sd: ['a', 'b'] },
    });
    const presented = await sdjwt.present<{ a: number; b: number }>(mandate, { b: true });
    expect((await verifyMandate(presented, publicKeys)).payload).toEqual({ b: 2, c: 3 });
  });
});

describe('ap2-pq on the vectors (R11.3)', () => {
  test.each(vectors)('$id', async ({ mandate, expected, processedPayload }) => {
    if (expected.valid) {
      const result = await verifyMandate(mandate, publicKeys);
      expect(result.payload).toEqual(processedPayload);
      expect(result.signatures).toEqual(expected.signatures);
    } else {
      await expectCode(verifyMandate(mandate, publicKeys), expected.code as string);
      await expectCode(
        verifyMandate(mandate, publicKeys, { policy: 'pq-only' }),
        expected.codeUnderPqOnly as string,
      );
    }
  });
});

describe('vectors at mandate level', () => {
  const { vectors } = readJson('../vectors/mandate-level.json');
  const key = createPublicKey({ key: { ...publicKeys.es256 }, format: 'jwk' });

  test('TC1 and TC2 have the published fingerprints', () => {
    const fingerprints = Object.fromEntries(
      vectors.map((v: { id: string; fingerprint: string }) => [v.id, v.fingerprint]),
    );
    expect(fingerprints.TC1).toBe('8617d93f851c2a1fb72f49c90a27e874666fd0c98b4992809d55eec6ef1da539');
    expect(fingerprints.TC2).toBe('f447cb36ee1fe1dbbecbf5961bcb8ae7038a4881a84912bfc89809d998b07e01');
  });

  test.each(
    vectors as {
      id: string;
      jcs: string;
      jcsBytes: number;
      fingerprint: string;
      ecdsaP256: { raw: string; der: string };
      expected: { ecdsa: boolean };
    }[],
  )(
    '$id: node:crypto agrees on the digest and on both forms of the ECDSA signature',
    ({ jcs, jcsBytes, fingerprint, ecdsaP256, expected }) => {
      expect(Buffer.byteLength(jcs)).toBe(jcsBytes);
      expect(sha256(jcs).toString('hex')).toBe(fingerprint);
      // ECDSA over the fingerprint as the digest is ECDSA with SHA-256 over the JCS form.
      const raw = { key, dsaEncoding: 'ieee-p1363' as const };
      expect(nodeVerify('sha256', Buffer.from(jcs), raw, Buffer.from(ecdsaP256.raw, 'hex'))).toBe(
        expected.ecdsa,
      );
      expect(nodeVerify('sha256', Buffer.from(jcs), key, Buffer.from(ecdsaP256.der, 'hex'))).toBe(
        expected.ecdsa,
      );
    },
  );
});

// Node ≥ 24.7 has ML-DSA of its own. .ci/run runs this suite there too.
const generateMlDsa65 = () =>
  (
    nodeCrypto.generateKeyPairSync as unknown as (type: string) => {
      publicKey: nodeCrypto.KeyObject;
      privateKey: nodeCrypto.KeyObject;
    }
  )('ml-dsa-65');
const nativeMlDsa = (() => {
  try {
    return generateMlDsa65() !== undefined && getCiphers().length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!nativeMlDsa)('ML-DSA-65 of Node itself', () => {
  const publicKey = () => createPublicKey({ key: { ...publicKeys.mldsa65 } as never, format: 'jwk' });
  const privateKey = () =>
    nodeCrypto.createPrivateKey({ key: { ...privateKeys.mldsa65 } as never, format: 'jwk' });

  test('derives the same public key from our seed', () => {
    expect(createPublicKey(privateKey()).export({ format: 'jwk' })).toMatchObject({
      pub: publicKeys.mldsa65.pub,
    });
  });

  test.each(positive)('$id: node:crypto.verify accepts our signature over the fingerprint', (vector) => {
    const m = fromBase64url(headerOf(vector.mandate).pq_sig as string).subarray(-3309);
    expect(nodeVerify(null, Buffer.from(vector.fingerprint, 'hex'), publicKey(), m)).toBe(true);
    expect(nodeVerify(null, Buffer.from(vector.pqSigningInput), publicKey(), m)).toBe(false);
  });

  test('accepts a hedged signature of ours', async () => {
    const mandate = await signMandate({ a: 1 }, privateKeys);
    const { pq_sig, ...unsigned } = headerOf(mandate) as { pq_sig: string };
    const input = `${Buffer.from(JSON.stringify(unsigned)).toString('base64url')}.${mandate.split('.')[1]}`;
    expect(nodeVerify(null, sha256(input), publicKey(), fromBase64url(pq_sig))).toBe(true);
  });

  test('we accept the signatures of node:crypto.sign', async () => {
    const mldsa65 = ({ fingerprint }: PqParts) => nodeSign(null, fingerprint, privateKey());
    expect((await verifyMandate(forge({ mldsa65 }), publicKeys)).quantumSafe).toBe(true);
    const pure = ({ pqSigningInput }: PqParts) => nodeSign(null, Buffer.from(pqSigningInput), privateKey());
    await expectCode(verifyMandate(forge({ mldsa65: pure }), publicKeys), 'ERR_MANDATE_ML_DSA_65_INVALID');
  });

  test('its KeyObjects and CryptoKeys serve as keys, in both directions', async () => {
    const algorithm = { name: 'ML-DSA-65' };
    const jwk = (key: { kty: string; pub: string; priv?: string }) =>
      ({ kty: key.kty, alg: 'ML-DSA-65', pub: key.pub, ...(key.priv && { priv: key.priv }) }) as JsonWebKey;
    const signers = [
      privateKey(),
      await crypto.subtle.importKey('jwk', jwk(privateKeys.mldsa65), algorithm, false, ['sign']),
      privateKeys.mldsa65,
    ];
    const verifiers = [
      publicKey(),
      await crypto.subtle.importKey('jwk', jwk(publicKeys.mldsa65), algorithm, false, ['verify']),
      publicKeys.mldsa65,
    ];
    for (const signer of signers) {
      const mandate = await signMandate({ a: 1 }, { es256: privateKeys.es256, mldsa65: signer });
      for (const mldsa65 of verifiers) {
        expect((await verifyMandate(mandate, { es256: publicKeys.es256, mldsa65 })).quantumSafe).toBe(true);
        await expectCode(
          verifyMandate(forge({ mldsa65: () => new Uint8Array(3309) }), { es256: publicKeys.es256, mldsa65 }),
          'ERR_MANDATE_ML_DSA_65_INVALID',
        );
      }
    }
  });

  test('a KeyObject or CryptoKey of the wrong kind is refused', async () => {
    const { es256 } = publicKeys;
    const pair = generateMlDsa65();
    const wrong = [
      privateKey(),
      pair.privateKey,
      await crypto.subtle.importKey(
        'jwk',
        { kty: 'EC', crv: 'P-256', x: es256.x, y: es256.y },
        { name: 'ECDSA', namedCurve: 'P-256' },
        true,
        ['verify'],
      ),
    ];
    for (const mldsa65 of wrong)
      await expectCode(verifyMandate(forge(), { es256, mldsa65 }), 'ERR_MANDATE_KEY_INVALID');
    await expectCode(
      verifyMandate(forge(), { es256, mldsa65: pair.publicKey }),
      'ERR_MANDATE_ML_DSA_65_INVALID',
    );
    await expectCode(
      signMandate({ a: 1 }, { es256: privateKeys.es256, mldsa65: pair.publicKey }),
      'ERR_MANDATE_KEY_INVALID',
    );
    await expectCode(
      signMandate({ a: 1 }, { es256: privateKeys.es256, mldsa65: privateKey() }, { deterministic: true }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });
});

test('the forge itself signs with the key that the vectors name', () => {
  expect(Buffer.from(mldsa65Keys.publicKey).toString('base64url')).toBe(publicKeys.mldsa65.pub);
});
