import { equal } from '../encoding/bytes.js';
import { DerError } from '../encoding/der.js';
import type { KeyMaterial } from '../encoding/pem.js';
import { readPem, readPkcs8, readSpki } from '../encoding/pem.js';
import { readJson } from '../encoding/read-json.js';
import { MandateError } from '../errors.js';
import { checkNames, checkOptions, invalidArgument } from '../options.js';
import {
  ML_DSA_65_EXPANDED_KEY_BYTES,
  ML_DSA_65_PUBLIC_KEY_BYTES,
  ML_DSA_65_SEED_BYTES,
  P256_FIELD_BYTES,
  P256_POINT_BYTES,
} from '../profile.js';
import { importEs256Signer, importEs256Verifier } from './es256.js';
import { es256PrivateJwk, es256PublicJwk, isKid, mldsa65PrivateJwk, mldsa65PublicJwk } from './generate.js';
import { derivePublicKey } from './importer.js';
import { kidOf } from './jwk.js';
import { importMlDsa65Signer, importMlDsa65Verifier } from './ml-dsa-65.js';
import type {
  Es256PrivateJwk,
  Es256PublicJwk,
  ExternalSigner,
  MlDsa65PrivateJwk,
  MlDsa65PublicJwk,
} from './types.js';

/**
 * A key in any of the forms it is kept in: a JWK, as an object or as JSON text; PEM (SPKI, PKCS #8); DER or raw bytes, as a
 * Uint8Array or as base64 or base64url text. Raw: P-256 scalar 32 bytes, P-256 point 65 or 33 bytes, ML-DSA-65 seed 32
 * bytes, expanded secret key 4032 bytes, public key 1952 bytes.
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

function checkKid(options: ImportKeysOptions | undefined): string | undefined {
  const given = checkOptions(options, 'options');
  checkNames(given, ['kid']);
  if (given.kid !== undefined && !isKid(given.kid)) invalidArgument('kid', 'a non-empty string');
  return given.kid;
}

/** One P-256 private key. `parameter` is how errors call it. */
export async function importEs256Private(
  input: unknown,
  kid: string | undefined,
  parameter: string,
): Promise<Es256PrivateJwk> {
  const key = readKey(input, 'es256 private', parameter);
  const jwk = key.kind === 'jwk' ? (withKid(key.jwk, kid, parameter) as Es256PrivateJwk) : undefined;
  if (jwk !== undefined) {
    await importEs256Signer(jwk, parameter, false);
    return jwk;
  }
  const { scalar, point } = key as Extract<KeyMaterial, { kind: 'es256 private' }>;
  const derived = scalar.length === P256_FIELD_BYTES ? await derivePublicKey('es256', scalar) : undefined;
  if (derived === undefined) return refuse(parameter, `a P-256 scalar of ${P256_FIELD_BYTES} bytes`);
  if (point !== undefined && !equal(await decompress(point, parameter), derived))
    refuse(parameter, 'a private key with its own public key');
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
      : es256PublicJwk(
          await decompress((key as Extract<KeyMaterial, { kind: 'es256 public' }>).point, parameter),
          kid,
        );
  await importEs256Verifier(jwk, parameter);
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
    await importMlDsa65Signer(jwk, parameter, false);
    return jwk;
  }
  const { seed, expanded } = key as Extract<KeyMaterial, { kind: 'mldsa65 private' }>;
  if (seed !== undefined && seed.length !== ML_DSA_65_SEED_BYTES) {
    refuse(parameter, `an ML-DSA-65 seed of ${ML_DSA_65_SEED_BYTES} bytes`);
  }
  if (expanded !== undefined && expanded.length !== ML_DSA_65_EXPANDED_KEY_BYTES) {
    refuse(parameter, `an expanded ML-DSA-65 secret key of ${ML_DSA_65_EXPANDED_KEY_BYTES} bytes`);
  }
  if (expanded !== undefined) {
    // Only the portable code takes expanded keys everywhere.
    const noble = await import('../primitives/noble-ml-dsa-65.js');
    if (seed === undefined) {
      const secretKey = expanded.slice();
      if (!noble.isConsistent(secretKey))
        refuse(parameter, 'an expanded ML-DSA-65 secret key; this one does not hold together');
      return noble.signWithExpandedKey(secretKey);
    }
    // RFC 9881 §8: of a file with both forms, the seed must expand to the other.
    if (!noble.isExpansionOf(expanded, seed)) refuse(parameter, 'a seed and the expanded key it expands to');
  }
  return mldsa65PrivateJwk(seed as Uint8Array, kid);
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
    await importMlDsa65Verifier(jwk, parameter);
    return jwk;
  }
  const { pub } = key as Extract<KeyMaterial, { kind: 'mldsa65 public' }>;
  if (pub.length !== ML_DSA_65_PUBLIC_KEY_BYTES) {
    refuse(parameter, `an ML-DSA-65 public key of ${ML_DSA_65_PUBLIC_KEY_BYTES} bytes`);
  }
  return mldsa65PublicJwk(pub, kid);
}

type ReadKey = KeyMaterial | { readonly kind: 'jwk'; readonly jwk: object };

/** Finds out which form a key is in, and that it is the key that was asked for. */
function readKey(input: unknown, wanted: KeyMaterial['kind'], parameter: string): ReadKey {
  if (input === undefined || input === null || input === '') {
    return refuse(parameter, `set: it is missing or empty, and must hold the ${describe(wanted)}`);
  }
  if (input instanceof Uint8Array) {
    if (isPem(input)) return readText(new TextDecoder().decode(input), wanted, parameter);
    return ofKind(readBytes(input, wanted, parameter), wanted, parameter);
  }
  if (typeof input === 'object') return { kind: 'jwk', jwk: input };
  if (typeof input !== 'string') return refuse(parameter, 'a JWK, PEM, base64 or bytes');
  return readText(input, wanted, parameter);
}

/** A PEM file, read as bytes. */
const isPem = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(0, 11)) === '-----BEGIN ';

function readText(input: string, wanted: KeyMaterial['kind'], parameter: string): ReadKey {
  const text = input.trim();
  if (text.startsWith('-----BEGIN')) return ofKind(readPemKey(text, parameter), wanted, parameter);
  if (text.startsWith('{')) return { kind: 'jwk', jwk: parseJwk(text, parameter) };
  const bytes = decodeBase64(text, parameter);
  // Base64 of PEM or JSON, as hosting platforms like their variables.
  if (isPem(bytes)) return readText(new TextDecoder().decode(bytes), wanted, parameter);
  if (bytes[0] === 0x7b) return { kind: 'jwk', jwk: parseJwk(decodeUtf8(bytes, parameter), parameter) };
  return ofKind(readBytes(bytes, wanted, parameter), wanted, parameter);
}

function ofKind(key: KeyMaterial, wanted: KeyMaterial['kind'], parameter: string): KeyMaterial {
  if (key.kind !== wanted) refuse(parameter, `the ${describe(wanted)}; it holds the ${describe(key.kind)}`);
  return key;
}

const describe = (kind: KeyMaterial['kind']): string =>
  kind.replace('es256', 'P-256').replace('mldsa65', 'ML-DSA-65').concat(' key');

const CONVERT = 'convert a private key with "openssl pkcs8 -topk8 -nocrypt"';

function readPemKey(text: string, parameter: string): KeyMaterial {
  // Variables hold PEM with its line ends written out.
  const pem = readPem(text.replaceAll('\\n', '\n'));
  if (/BEGIN EC P/.test(text)) return refuse(parameter, `PKCS #8; ${CONVERT}`);
  if (pem === undefined) return refuse(parameter, 'one complete PEM block; it is truncated or damaged');
  switch (pem.label) {
    case 'PUBLIC KEY':
      return readDer(pem.file, readSpki, parameter);
    case 'PRIVATE KEY':
      return readDer(pem.file, readPkcs8, parameter);
    default:
      return refuse(
        parameter,
        `PEM of "PUBLIC KEY" (SPKI) or "PRIVATE KEY" (PKCS #8, not encrypted); ${CONVERT}`,
      );
  }
}

function readDer(
  file: Uint8Array,
  read: (file: Uint8Array) => KeyMaterial | undefined,
  parameter: string,
): KeyMaterial {
  try {
    const key = read(file);
    if (key !== undefined) return key;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return refuse(parameter, 'complete DER; it is truncated or damaged');
  }
  return refuse(parameter, 'a key of P-256 or ML-DSA-65 in the form of RFC 5915 or RFC 9881');
}

/** Raw key material by its length; anything else that begins as DER does, as DER. */
function readBytes(bytes: Uint8Array, wanted: KeyMaterial['kind'], parameter: string): KeyMaterial {
  switch (bytes.length) {
    // A scalar and a seed have the same length: which one it is, only the caller can know.
    case ML_DSA_65_SEED_BYTES:
      return wanted.startsWith('es256')
        ? { kind: 'es256 private', scalar: bytes, point: undefined }
        : { kind: 'mldsa65 private', seed: bytes, expanded: undefined };
    case P256_POINT_BYTES:
    case 1 + P256_FIELD_BYTES:
      return { kind: 'es256 public', point: bytes };
    case ML_DSA_65_PUBLIC_KEY_BYTES:
      return { kind: 'mldsa65 public', pub: bytes };
    case ML_DSA_65_EXPANDED_KEY_BYTES:
      return { kind: 'mldsa65 private', seed: undefined, expanded: bytes };
    default:
      if (bytes[0] === 0x30)
        return readDer(bytes, wanted.endsWith('public') ? readSpki : readPkcs8, parameter);
      return refuse(
        parameter,
        `the ${describe(wanted)}; ${bytes.length} bytes are no length of one (truncated?)`,
      );
  }
}

function parseJwk(text: string, parameter: string): object {
  let jwk: unknown;
  try {
    jwk = readJson(text);
  } catch {
    // Without the cause: engines put a piece of the text into it.
    return refuse(parameter, 'complete JSON; it is truncated or damaged');
  }
  return typeof jwk === 'object' && jwk !== null ? jwk : refuse(parameter, 'a JWK');
}

function decodeUtf8(bytes: Uint8Array, parameter: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(parameter, 'JSON in UTF-8; it is damaged');
  }
}

function decodeBase64(text: string, parameter: string): Uint8Array {
  const compact = text.replace(/\s+/g, '').replace(/-/g, '+').replace(/_/g, '/');
  try {
    return Uint8Array.from(atob(compact), (char) => char.charCodeAt(0));
  } catch {
    return refuse(parameter, 'PEM, JSON, base64 or base64url; it is none of them, or truncated');
  }
}

function withKid(jwk: object, kid: string | undefined, parameter: string): object {
  const own = kidOf(jwk, parameter);
  if (kid === undefined || own === kid) return { ...jwk };
  if (own !== undefined) refuse(`${parameter}.kid`, `the "kid" that is asked for`);
  return { ...jwk, kid };
}

/** The uncompressed form. Whether an uncompressed point is on the curve, the importer of the JWK finds out. */
async function decompress(point: Uint8Array, parameter: string): Promise<Uint8Array> {
  if (point.length === P256_POINT_BYTES && point[0] === 4) return point;
  try {
    return (await import('../primitives/noble-es256.js')).decompressPoint(point);
  } catch {
    return refuse(parameter, 'a point of P-256');
  }
}

function refuse(parameter: string, expected: string): never {
  throw new MandateError('ERR_MANDATE_KEY_INVALID', parameter, `"${parameter}" must be ${expected}`);
}
