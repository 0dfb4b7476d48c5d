// Other libraries on the same payload.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import type { Contender } from './measure.js';
import type { Subject } from './subject.js';

/** `jose.jwtVerify` of a JWT with one ML-DSA-65 signature over the same claims, on an imported CryptoKey. */
export async function joseMlDsa65({ claims, keys, verifyOptions }: Subject): Promise<Contender> {
  const [publicKey, privateKey] = await Promise.all([
    importJWK({ ...keys.publicKeys.mldsa65 }, 'ML-DSA-65'),
    importJWK({ ...keys.privateKeys.mldsa65 }, 'ML-DSA-65'),
  ]);
  const jwt = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ML-DSA-65', kid: keys.kid })
    .sign(privateKey);
  const { issuer, currentDate } = verifyOptions;
  const options = { issuer: issuer as string, currentDate: currentDate as Date };
  return () => jwtVerify(jwt, publicKey, options);
}

/** `SDJwtInstance.verify` of the same mandate, ES256 alone, with Node's fastest hash and verifier. */
export function sdJwtEs256({ mandate, keys }: Subject): Contender {
  const key = {
    key: createPublicKey({ key: { ...keys.publicKeys.es256 }, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  } as const;
  const instance = new SDJwtInstance({
    hasher: (data) => createHash('sha256').update(String(data)).digest(),
    verifier: (data, signature) =>
      verify('sha256', Buffer.from(data), key, Buffer.from(signature, 'base64url')),
  });
  return () => instance.verify(mandate);
}
