// The verdicts of stock verifiers, which do not know the profile: jose on the JWT, @sd-jwt/core on the SD-JWT. Both get the
// ES256 key and the options that they have a counterpart for. They accept what they do not know.
import { createHash, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SDJwtInstance } from '@sd-jwt/core';
import { type JWK, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Attempt } from './case.js';
import { type Part, partsForJose, partsForSdJwtCore } from './parts.js';

export type Outcome = 'accepts' | 'refuses';

/** The outcome for each peer. */
export interface PeerOutcomes {
  readonly jose: Outcome;
  readonly sdJwtCore: Outcome;
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`../../../../node_modules/${name}/package.json`, import.meta.url), 'utf8'))
    .version;

/** The measured releases. */
export const PEER_VERSIONS = { jose: versionOf('jose'), sdJwtCore: versionOf('@sd-jwt/core') };

/** Everything that each peer can verify of an attempt, part by part: it rejects the whole if it rejects a part. */
export async function measurePeers(attempt: Attempt): Promise<PeerOutcomes> {
  return {
    jose: await outcome(partsForJose(attempt), verifyWithJose),
    sdJwtCore: await outcome(partsForSdJwtCore(attempt), verifyWithSdJwtCore),
  };
}

async function outcome(
  parts: readonly Part[],
  verifyPart: (part: Part) => Promise<unknown>,
): Promise<Outcome> {
  try {
    for (const part of parts) await verifyPart(part);
    return 'accepts';
  } catch {
    return 'refuses';
  }
}

async function verifyWithJose({ text, key, options }: Part): Promise<void> {
  const { currentDate, ...claims } = options;
  const date = currentDate === undefined ? {} : { currentDate: new Date(currentDate as string) };
  await jwtVerify(text, key as JWK, { ...claims, ...date } as JWTVerifyOptions);
}

async function verifyWithSdJwtCore({ text, key, options }: Part): Promise<void> {
  const verify = async (jwk: object | null | undefined, data: string, signature: string) => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const imported = await webcrypto.subtle.importKey('jwk', jwk as webcrypto.JsonWebKey, algorithm, false, [
      'verify',
    ]);
    return webcrypto.subtle.verify(
      algorithm,
      imported,
      Buffer.from(signature, 'base64url'),
      Buffer.from(data),
    );
  };
  const sdJwt = new SDJwtInstance({
    hasher,
    verifier: (data, signature) => verify(key, data, signature),
    kbVerifier: (data, signature, payload) => verify((payload.cnf as { jwk: object }).jwk, data, signature),
  });
  const { currentDate, clockTolerance, requiredClaims, keyBinding } = options;
  const { nonce } = (keyBinding ?? {}) as { nonce?: string };
  await sdJwt.verify(text, {
    ...(currentDate !== undefined && { currentDate: Math.floor(Date.parse(currentDate as string) / 1000) }),
    ...(typeof clockTolerance === 'number' && { skewSeconds: clockTolerance }),
    ...(Array.isArray(requiredClaims) && { requiredClaimKeys: requiredClaims }),
    ...(nonce !== undefined && { keyBindingNonce: nonce }),
  });
}

/** The hash algorithms of SD-JWT in the SHA-2 family that are long enough (RFC 9901 §4.1.1). */
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
