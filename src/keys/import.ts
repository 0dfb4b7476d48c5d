import { equal } from '../encoding/bytes.js';
import { loadModule } from '../lazy.js';
import { checkNames, checkOptions, invalidArgument } from '../options.js';
import {
  ML_DSA_65_EXPANDED_KEY_BYTES,
  ML_DSA_65_PUBLIC_KEY_BYTES,
  ML_DSA_65_SEED_BYTES,
  P256_FIELD_BYTES,
  P256_POINT_BYTES,
} from '../profile.js';
import { checkExpansion, importExpandedKey } from './expanded.js';
import { es256PrivateJwk, es256PublicJwk, isKid, mldsa65PrivateJwk, mldsa65PublicJwk } from './generate.js';
import { kidOf } from './jwk.js';
import { readKey } from './read-key.js';
import { refuseKey } from './refuse.js';
import { derivePublicKey, importSigner } from './signer.js';
import type {
  Es256PrivateJwk,
  Es256PublicJwk,
  ExternalSigner,
  MlDsa65PrivateJwk,
  MlDsa65PublicJwk,
} from './types.js';
import { importVerifier } from './verifier.js';

/**
 * A key in any of the forms it is kept in: a JWK, as an object or as JSON; PEM (SPKI, PKCS #8); DER; or raw: P-256 scalar 32
 * bytes, P-256 point 65 or 33 bytes, ML-DSA-65 seed 32 bytes, expanded secret key 4032 bytes, public key 1952 bytes. Bytes, of
 * JSON and PEM too, are a Uint8Array, a DataView, an ArrayBuffer, or base64 or base64url text. They are copied.
 */
export type KeyInput = string | Uint8Array | object;

/** Both keys of a pair, in any form. */
export interface KeyInputs {
  readonly es256: KeyInput;
  readonly mldsa65: KeyInput;
}

/** What {@link importMandatePrivateKeys} makes. */
export interface ImportedPrivateKeys {
  readonly es256: Es256PrivateJwk;
  /** A JWK; for an expanded secret key, of which no seed can be had, a function that signs with it. */
  readonly mldsa65: MlDsa65PrivateJwk | ExternalSigner;
}

/** What {@link importMandatePublicKeys} makes. */
export interface ImportedPublicKeys {
  readonly es256: Es256PublicJwk;
  readonly mldsa65: MlDsa65PublicJwk;
}

/** Options of the two; all optional. */
export interface ImportKeysOptions {
  /** The `kid` of the pair. A JWK that has one must have the same. */
  kid?: string | undefined;
}

/**
 * Brings private keys in: into what {@link signMandate} takes. Public halves are derived, and those that stand beside a
 * private half must be its own.
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`, naming the key and what was expected; never showing it.
 */
export async function importMandatePrivateKeys(
  keys: KeyInputs,
  options?: ImportKeysOptions,
): Promise<ImportedPrivateKeys> {
  const { es256, mldsa65 } = checkOptions(keys, 'keys');
  const kid = checkKid(options);
  return {
    es256: await importEs256Private(es256, kid, 'es256'),
    mldsa65: await importMlDsa65Private(mldsa65, kid, 'mldsa65'),
  };
}

/**
 * Brings public keys in: into what {@link verifyMandate} takes. A private key is refused, not stripped of its secret.
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`, naming the key and what was expected.
 */
export async function importMandatePublicKeys(
  keys: KeyInputs,
  options?: ImportKeysOptions,
): Promise<ImportedPublicKeys> {
  const { es256, mldsa65 } = checkOptions(keys, 'keys');
  const kid = checkKid(options);
  return {
    es256: await importEs256Public(es256, kid, 'es256'),
    mldsa65: await importMlDsa65Public(mldsa65, kid, 'mldsa65'),
  };
}

export function checkKid(options: ImportKeysOptions | undefined): string | undefined {
  const given = checkOptions(options, 'options');
  checkNames(given, ['kid']);
  if (given.kid !== undefined && !isKid(given.kid)) invalidArgument('kid', 'a non-empty string');
  return given.kid;
}

/** One P-256 private key. `parameter` is what errors call it. */
export async function importEs256Private(
  input: unknown,
  kid: string | undefined,
  parameter: string,
): Promise<Es256PrivateJwk> {
  const key = readKey(input, 'es256 private', parameter);
  if (key.kind === 'jwk') {
    const jwk = withKid(key.jwk, kid, parameter) as Es256PrivateJwk;
    await importSigner('es256', jwk, false, parameter);
    return jwk;
  }
  const { scalar, point } = key;
  const derived = scalar.length === P256_FIELD_BYTES ? await derivePublicKey('es256', scalar) : undefined;
  if (derived === undefined) return refuseKey(parameter, `a P-256 scalar of ${P256_FIELD_BYTES} bytes`);
  if (point !== undefined && !equal(await decompress(point, parameter), derived))
    refuseKey(parameter, 'a private key with its own public key');
  return es256PrivateJwk(scalar, derived, kid);
}

/** One P-256 public key. */
export async function importEs256Public(
  input: unknown,
  kid: string | undefined,
  parameter: string,
): Promise<Es256PublicJwk> {
  const key = readKey(input, 'es256 public', parameter);
  const jwk =
    key.kind === 'jwk'
      ? (withKid(key.jwk, kid, parameter) as Es256PublicJwk)
      : es256PublicJwk(await decompress(key.point, parameter), kid);
  await importVerifier('es256', jwk, parameter);
  return jwk;
}

/** One ML-DSA-65 private key. */
export async function importMlDsa65Private(
  input: unknown,
  kid: string | undefined,
  parameter: string,
): Promise<MlDsa65PrivateJwk | ExternalSigner> {
  const key = readKey(input, 'mldsa65 private', parameter);
  if (key.kind === 'jwk') {
    const jwk = withKid(key.jwk, kid, parameter) as MlDsa65PrivateJwk;
    await importSigner('mldsa65', jwk, false, parameter);
    return jwk;
  }
  const { seed, expanded, pub } = key;
  checkLength(seed, ML_DSA_65_SEED_BYTES, 'an ML-DSA-65 seed', parameter);
  checkLength(expanded, ML_DSA_65_EXPANDED_KEY_BYTES, 'an expanded ML-DSA-65 secret key', parameter);
  if (seed === undefined) return importExpandedKey(expanded as Uint8Array, pub, parameter);
  if (expanded !== undefined) await checkExpansion(expanded, seed, parameter);
  return mldsa65PrivateJwk(seed, kid);
}

/** One ML-DSA-65 public key. */
export async function importMlDsa65Public(
  input: unknown,
  kid: string | undefined,
  parameter: string,
): Promise<MlDsa65PublicJwk> {
  const key = readKey(input, 'mldsa65 public', parameter);
  if (key.kind === 'jwk') {
    const jwk = withKid(key.jwk, kid, parameter) as MlDsa65PublicJwk;
    await importVerifier('mldsa65', jwk, parameter);
    return jwk;
  }
  checkLength(key.pub, ML_DSA_65_PUBLIC_KEY_BYTES, 'an ML-DSA-65 public key', parameter);
  return mldsa65PublicJwk(key.pub, kid);
}

function checkLength(
  bytes: Uint8Array | undefined,
  length: number,
  expected: string,
  parameter: string,
): void {
  if (bytes !== undefined && bytes.length !== length) refuseKey(parameter, `${expected} of ${length} bytes`);
}

function withKid(jwk: object, kid: string | undefined, parameter: string): object {
  const own = kidOf(jwk, parameter);
  if (kid === undefined || own === kid) return jwk;
  if (own !== undefined) refuseKey(`${parameter}.kid`, `the "kid" that is asked for`);
  return { ...jwk, kid };
}

/** The uncompressed form. Whether an uncompressed point is on the curve, the importer of the JWK finds out. */
async function decompress(point: Uint8Array, parameter: string): Promise<Uint8Array> {
  if (point.length === P256_POINT_BYTES && point[0] === 4) return point;
  const { decompressPoint } = await loadModule('es256', () => import('../primitives/noble-es256.js'));
  try {
    return decompressPoint(point);
  } catch {
    return refuseKey(parameter, 'a point of P-256');
  }
}
