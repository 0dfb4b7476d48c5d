// What stock verifiers, which do not know the profile, do with a case: jose with the JWT, @sd-jwt/core with the SD-JWT.
// Both get the ES256 key and those options that they have a counterpart of. What they have no notion of, they accept.
import { createHash, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SDJwtInstance } from '@sd-jwt/core';
import type { JWK, JWTVerifyOptions } from 'jose';
import { jwtVerify } from 'jose';
import type { Attempt } from './case.js';

export type Outcome = 'accepts' | 'refuses';

/** The outcome for each peer. */
export interface PeerOutcomes {
  readonly jose: Outcome;
  readonly sdJwtCore: Outcome;
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`../../../../node_modules/${name}/package.json`, import.meta.url), 'utf8'))
    .version;

/** The releases that were measured. */
export const PEER_VERSIONS = { jose: versionOf('jose'), sdJwtCore: versionOf('@sd-jwt/core') };

export async function measurePeers(attempt: Attempt): Promise<PeerOutcomes> {
  return {
    jose: await outcome(verifyWithJose(attempt)),
    sdJwtCore: await outcome(verifyWithSdJwtCore(attempt)),
  };
}

const outcome = (verification: Promise<unknown>): Promise<Outcome> =>
  verification.then(
    () => 'accepts',
    () => 'refuses',
  );

/** Options of verifyMandate that jose has not. */
const OURS = ['policy', 'limits', 'minRetentionYears', 'isRevoked', 'revocationTimeout', 'onVerified'];

async function verifyWithJose({ mandate, keys, options }: Attempt): Promise<void> {
  const [jwt = ''] = mandate.split('~');
  const shared = Object.entries(options).filter(([name]) => !OURS.includes(name));
  const { currentDate, ...claims } = Object.fromEntries(shared);
  const date = currentDate === undefined ? {} : { currentDate: new Date(currentDate as string) };
  await jwtVerify(jwt, keys.es256 as JWK, { ...claims, ...date } as JWTVerifyOptions);
}

async function verifyWithSdJwtCore({ mandate, keys, options }: Attempt): Promise<void> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const jwk = keys.es256 as webcrypto.JsonWebKey;
  const key = await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
  const sdJwt = new SDJwtInstance({
    hasher,
    verifier: (data, signature) =>
      webcrypto.subtle.verify(algorithm, key, Buffer.from(signature, 'base64url'), Buffer.from(data)),
  });
  const { currentDate, clockTolerance, requiredClaims } = options;
  await sdJwt.verify(mandate, {
    ...(currentDate !== undefined && { currentDate: Math.floor(Date.parse(currentDate as string) / 1000) }),
    ...(typeof clockTolerance === 'number' && { skewSeconds: clockTolerance }),
    ...(Array.isArray(requiredClaims) && { requiredClaimKeys: requiredClaims }),
  });
}

/** The hash algorithms of SD-JWT that are of the SHA-2 family and long enough (RFC 9901 §4.1.1). */
const HASHES: Readonly<Record<string, string>> = {
  'sha-256': 'sha256',
  'sha-384': 'sha384',
  'sha-512': 'sha512',
};

function hasher(data: string | ArrayBuffer, algorithm: string): Uint8Array {
  const hash = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
  if (hash === undefined) throw new Error(`no hash algorithm ${algorithm}`);
  return createHash(hash)
    .update(typeof data === 'string' ? data : Buffer.from(data))
    .digest();
}
