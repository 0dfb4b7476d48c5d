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
import { mistakenKeys } from './mistaken-keys.js';
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
 * A key in any common form: a JWK, as an object or as JSON; PEM (SPKI, PKCS #8); DER; or raw bytes. Raw keys are a P-256 scalar
 * (32 bytes) or point (65 or 33 bytes), or an ML-DSA-65 seed (32 bytes), expanded secret key (4032 bytes) or public key (1952
 * bytes). Bytes, including those of JSON and PEM, are a Uint8Array, a DataView, an ArrayBuffer, or base64 or base64url text.
 * The library copies them.
 */
export type KeyInput = string | Uint8Array | object;

/** Both keys of a pair, in any form. */
export interface KeyInputs {
  readonly es256: KeyInput;
  readonly mldsa65: KeyInput;
}

/** The result of {@link importMandatePrivateKeys}. */
export interface ImportedPrivateKeys {
  readonly es256: Es256PrivateJwk;
  /** A JWK. For an expanded secret key, whose seed cannot be recovered, a function that signs with it. */
  readonly mldsa65: MlDsa65PrivateJwk | ExternalSigner;
}

/** The result of {@link importMandatePublicKeys}. */
export interface ImportedPublicKeys {
  readonly es256: Es256PublicJwk;
  readonly mldsa65: MlDsa65PublicJwk;
}

/** Options of both import functions; all optional. */
export interface ImportKeysOptions {
  /** The `kid` of the pair. A JWK that has one must have the same. */
  kid?: string | undefined;
}

/**
 * Imports private keys into the form that {@link signMandate} takes. Public keys are derived. A public key given with a private
 * key must belong to it.
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`; the message names the key and what was expected, and never includes the
 * key. `ERR_MANDATE_ARGUMENT_INVALID`: `keys` are not two keys, such as a JWK Set.
 */
export async function importMandatePrivateKeys(
  keys: KeyInputs,
  options?: ImportKeysOptions,
): Promise<ImportedPrivateKeys> {
  const { es256, mldsa65 } = readKeyInputs(keys, 'private');
  const kid = checkKid(options);
  return {
    es256: await importEs256Private(es256, kid, 'es256'),
    mldsa65: await importMlDsa65Private(mldsa65, kid, 'mldsa65'),
  };
}

/**
 * Imports public keys into the form that {@link verifyMandate} takes. A private key is rejected; its private members are not
 * stripped.
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`; the message names the key and what was expected.
 * `ERR_MANDATE_ARGUMENT_INVALID`: `keys` are not two keys, such as a JWK Set.
 */
export async function importMandatePublicKeys(
  keys: KeyInputs,
  options?: ImportKeysOptions,
): Promise<ImportedPublicKeys> {
  const { es256, mldsa65 } = readKeyInputs(keys, 'public');
  const kid = checkKid(options);
  return {
    es256: await importEs256Public(es256, kid, 'es256'),
    mldsa65: await importMlDsa65Public(mldsa65, kid, 'mldsa65'),
  };
}

/** The two keys. What contains them, but is not they, is rejected with what to give instead. */
function readKeyInputs(keys: KeyInputs, kind: 'public' | 'private'): KeyInputs {
  const given = checkOptions(keys, 'keys');
  const mistake = mistakenKeys(given, kind);
  return mistake === undefined ? given : invalidArgument('keys', mistake);
}

export function checkKid(options: ImportKeysOptions | undefined): string | undefined {
  const given = checkOptions(options, 'options');
  checkNames(given, ['kid']);
  if (given.kid !== undefined && !isKid(given.kid)) invalidArgument('kid', 'a non-empty string');
  return given.kid;
}

/** Imports one P-256 private key. `parameter` is its name in errors. */
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
    refuseKey(parameter, 'a private key with the public key that belongs to it');
  return es256PrivateJwk(scalar, derived, kid);
}

/** Imports one P-256 public key. */
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

/** Imports one ML-DSA-65 private key. */
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

/** Imports one ML-DSA-65 public key. */
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
  if (own !== undefined) refuseKey(`${parameter}.kid`, `the "kid" of the option "kid"`);
  return { ...jwk, kid };
}

/** Returns the uncompressed form. The importer of the JWK checks whether an uncompressed point is on the curve. */
async function decompress(point: Uint8Array, parameter: string): Promise<Uint8Array> {
  if (point.length === P256_POINT_BYTES && point[0] === 4) return point;
  const { decompressPoint } = await loadModule('es256', () => import('../primitives/noble-es256.js'));
  try {
    return decompressPoint(point);
  } catch {
    return refuseKey(parameter, 'a point of P-256');
  }
}
