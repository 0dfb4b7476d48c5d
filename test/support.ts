// What the tests share. Mandates are made by the forge of the vectors, on bare primitives: it signs whatever it is told to, so
// that what is refused is refused for the rule under test alone.
import { createHash, createPrivateKey, sign as nodeSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { expect } from 'vitest';
import type {
  Es256PrivateJwk,
  Es256PublicJwk,
  MlDsa65PrivateJwk,
  MlDsa65PublicJwk,
  PqAlg,
} from '../src/index.js';
import { forge as forgeToken, jcs } from '../vectors/generate/negative/forge.js';

export { disclose, discloseText, jcs } from '../vectors/generate/negative/forge.js';

export const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

const keys = readJson('../vectors/keys.json');
export const privateKeys: { es256: Es256PrivateJwk; mldsa65: MlDsa65PrivateJwk } = keys.privateKeys;
export const publicKeys: { es256: Es256PublicJwk; mldsa65: MlDsa65PublicJwk } = keys.publicKeys;
export const KID: string = publicKeys.es256.kid as string;

export const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
export const fromBase64url = (text: string): Buffer => Buffer.from(text, 'base64url');
export const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

const es256Key = createPrivateKey({ key: privateKeys.es256, format: 'jwk' });
export const mldsa65Keys = ml_dsa65.keygen(fromBase64url(privateKeys.mldsa65.priv));

export const signEs256 = (data: string | Uint8Array, key = es256Key): Buffer =>
  nodeSign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' });
export const signMlDsa65 = (message: Uint8Array): Uint8Array =>
  ml_dsa65.sign(message, mldsa65Keys.secretKey, { extraEntropy: false });

/** What {@link forge} makes a mandate of. Everything left out is made properly. */
export interface Forgery {
  pqAlg?: PqAlg;
  /** No `pq_alg` and no `pq_sig`. */
  classical?: boolean;
  /** Members added to, or (as `undefined`) taken out of, the header before it is signed. */
  header?: Record<string, unknown>;
  /** The header's text for what would be its JCS form. */
  headerText?: (canonical: string) => string;
  /** The payload, as a value or as the exact bytes of its text. */
  payload?: unknown;
  payloadText?: string | Uint8Array;
  disclosures?: readonly string[];
  /** The `pq_sig` for what would be it. */
  pqSig?: (pqSig: string, parts: PqParts) => unknown;
  /** The ML-DSA-65 signature, for a PQ Signing Input. */
  mldsa65?: (pqSigningInput: string) => Uint8Array;
  /** The header of the finished token, for what would be it; signed by ES256, not by ML-DSA-65. */
  finalHeader?: (header: Record<string, unknown>) => Record<string, unknown>;
  /** The ES256 signature, for a JWS Signing Input. */
  es256?: (signingInput: string) => string | Uint8Array;
  keyBindingJwt?: string;
}

export interface PqParts {
  pqSigningInput: string;
  fingerprint: Uint8Array;
  /** The ES256 component, whatever the mode. */
  e: Uint8Array;
  /** The ML-DSA-65 signature. */
  m: Uint8Array;
}

/** Makes a mandate with valid signatures over whatever it is made of. */
export function forge({
  payload = { iss: 'https://bank.example', _sd_alg: 'sha-256' },
  payloadText = jcs(payload),
  mldsa65 = (pqSigningInput) => signMlDsa65(sha256(pqSigningInput)),
  es256 = signEs256,
  pqSig,
  keyBindingJwt = '',
  ...forgery
}: Forgery = {}): string {
  return forgeToken({
    ...forgery,
    payloadText,
    es256: (signingInput) => es256(signingInput),
    component: ({ pqSigningInput }) => signEs256(pqSigningInput),
    mldsa65: ({ pqSigningInput }) => mldsa65(pqSigningInput),
    keyBindingJwt: () => keyBindingJwt,
    ...(pqSig && {
      pqSig: (made, { pqSigningInput, fingerprint }) =>
        pqSig(made, {
          pqSigningInput,
          fingerprint,
          e: signEs256(pqSigningInput),
          m: mldsa65(pqSigningInput),
        }),
    }),
  });
}

/** A digest that no disclosure has. */
export const decoy = (n = 0): string => base64url(sha256(`decoy ${n}`));

/** Takes the segments of a mandate's JWS apart, and puts changed ones together again. */
export function withSegments(
  mandate: string,
  change: (segments: { header: string; payload: string; signature: string }) => object,
): string {
  const [jwt = '', ...rest] = mandate.split('~');
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const changed = { header, payload, signature, ...change({ header, payload, signature }) };
  return [[changed.header, changed.payload, changed.signature].join('.'), ...rest].join('~');
}

export const headerOf = (mandate: string): Record<string, unknown> =>
  JSON.parse(fromBase64url(mandate.split('.')[0] as string).toString('utf8'));

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
