// What the tests share. Mandates are made by the forge of the vectors, on bare primitives: it signs whatever it is told to, so
// that what is rejected is rejected for the rule under test alone.
import { createHash, createPrivateKey, sign as nodeSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Es256PrivateJwk, Es256PublicJwk, MlDsa65PrivateJwk, MlDsa65PublicJwk } from '../src/index.js';
import { signMlDsa65 as signDeterministically } from '../vectors/generate/forge/signatures.js';
import { forgeToken, type SignedForgery } from '../vectors/generate/forge/token.js';
import { issuer } from '../vectors/generate/keys.js';

export { change as withSegments, headerOf, split } from '../vectors/generate/forge/compact.js';
export { decoy, disclose, discloseText } from '../vectors/generate/forge/disclosures.js';
export { jcs, type PqParts } from '../vectors/generate/forge/token.js';

export const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

const keys = readJson('../vectors/keys.json');
export const privateKeys: { es256: Es256PrivateJwk; mldsa65: MlDsa65PrivateJwk } = keys.privateKeys;
export const publicKeys: { es256: Es256PublicJwk; mldsa65: MlDsa65PublicJwk } = keys.publicKeys;
export const KID: string = publicKeys.es256.kid as string;

export const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
export const fromBase64url = (text: string): Buffer => Buffer.from(text, 'base64url');
export const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

const es256Key = createPrivateKey({ key: privateKeys.es256, format: 'jwk' });
export const mldsa65Keys = issuer.mldsa65;

export const signEs256 = (data: string | Uint8Array, key = es256Key): Buffer =>
  nodeSign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' });
export const signMlDsa65 = (message: Uint8Array): Uint8Array =>
  signDeterministically(message, mldsa65Keys.secretKey);

/** What {@link forge} makes a mandate of. Everything left out is made properly. */
export type Forgery = Partial<SignedForgery>;

/** Makes a mandate with valid signatures over whatever it is made of: those of ES256 by Node, with the keys of the vectors. */
export const forge = (forgery: Forgery = {}): string =>
  forgeToken({
    signer: issuer,
    payload: { iss: 'https://bank.example', _sd_alg: 'sha-256' },
    es256: (signingInput) => signEs256(signingInput),
    component: ({ pqSigningInput }) => signEs256(pqSigningInput),
    ...forgery,
  });

/** Expects a rejection with this code, by a JOSEError that says something. */
export async function expectCode(promise: Promise<unknown>, code: string): Promise<Record<string, unknown>> {
  const outcome = await promise.then(
    () => ({ code: 'resolved' }),
    (error: unknown) => error,
  );
  expect(outcome).toMatchObject({ code });
  const error = outcome as Error & Record<string, unknown>;
  expect(error).toBeInstanceOf(Error);
  expect(error.message).not.toBe('');
  expect(error.name).not.toBe('TypeError');
  return error;
}
