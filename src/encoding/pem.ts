import {
  ES256_SIGNATURE_BYTES,
  ML_DSA_65_EXPANDED_KEY_BYTES,
  ML_DSA_65_PUBLIC_KEY_BYTES,
  ML_DSA_65_SEED_BYTES,
  P256_FIELD_BYTES,
} from '../profile.js';
import { equal } from './bytes.js';
import { BIT_STRING, contextTag, DerReader, der, INTEGER, OCTET_STRING, SEQUENCE } from './der.js';

// Keys in DER. P-256: SubjectPublicKeyInfo (RFC 5480), ECPrivateKey (RFC 5915) in PKCS #8 (RFC 5958). ML-DSA-65: RFC 9881 §4
// for the public key, §6 for the private key, which is the seed, the expanded key, or both. OpenSSL can be configured to write
// three more forms: `bare-seed`, `bare-priv` and `oqskeypair` (EVP_PKEY-ML-DSA(7), "ml-dsa.output_formats").

/** Key material as found in a DER file. The caller checks its lengths. */
export type KeyMaterial =
  | { readonly kind: 'es256 public'; readonly point: Uint8Array }
  | { readonly kind: 'es256 private'; readonly scalar: Uint8Array; readonly point: Uint8Array | undefined }
  | { readonly kind: 'mldsa65 public'; readonly pub: Uint8Array }
  | {
      readonly kind: 'mldsa65 private';
      readonly seed: Uint8Array | undefined;
      readonly expanded: Uint8Array | undefined;
      /** Present in OpenSSL's `oqskeypair`. */
      readonly pub: Uint8Array | undefined;
    };

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const ZERO = bytes(0);
const VERSION_0 = ZERO;
const VERSION_1 = bytes(1);
const NO_UNUSED_BITS = bytes(0);
/** OID 1.2.840.10045.3.1.7, P-256. */
const P256 = bytes(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);
/** OIDs 1.2.840.10045.2.1, ecPublicKey, and P-256. */
const P256_ALGORITHM = bytes(0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, ...P256);
/** OID 2.16.840.1.101.3.4.3.18, ML-DSA-65; its parameters are absent. */
const ML_DSA_65_ALGORITHM = bytes(0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12);

/**
 * Reads a SubjectPublicKeyInfo. Returns `undefined` for a key of another algorithm. Throws DerError for bytes that are not DER.
 */
export function readSpki(file: Uint8Array): KeyMaterial | undefined {
  const outer = new DerReader(file);
  const spki = outer.enter(SEQUENCE);
  outer.end();
  const algorithm = spki.read(SEQUENCE);
  const bits = spki.read(BIT_STRING);
  spki.end();
  if (bits[0] !== 0) return undefined;
  const key = bits.subarray(1);
  if (equal(algorithm, P256_ALGORITHM)) return { kind: 'es256 public', point: key };
  return equal(algorithm, ML_DSA_65_ALGORITHM) ? { kind: 'mldsa65 public', pub: key } : undefined;
}

/**
 * Reads a PKCS #8 PrivateKeyInfo. Returns `undefined` for a key of another algorithm. Throws DerError for bytes that are not
 * DER.
 */
export function readPkcs8(file: Uint8Array): KeyMaterial | undefined {
  const outer = new DerReader(file);
  const info = outer.enter(SEQUENCE);
  outer.end();
  if (!equal(info.read(INTEGER), VERSION_0)) return undefined;
  const algorithm = info.read(SEQUENCE);
  const key = info.read(OCTET_STRING);
  info.end();
  if (equal(algorithm, P256_ALGORITHM)) return readEcPrivateKey(key);
  return equal(algorithm, ML_DSA_65_ALGORITHM) ? readMlDsaPrivateKey(key) : undefined;
}

function readEcPrivateKey(file: Uint8Array): KeyMaterial | undefined {
  const outer = new DerReader(file);
  const key = outer.enter(SEQUENCE);
  outer.end();
  if (!equal(key.read(INTEGER), VERSION_1)) return undefined;
  const scalar = key.read(OCTET_STRING);
  if (key.next === contextTag(0, true) && !equal(key.read(contextTag(0, true)), P256)) return undefined;
  let point: Uint8Array | undefined;
  if (key.next === contextTag(1, true)) {
    const field = key.enter(contextTag(1, true));
    const bits = field.read(BIT_STRING);
    field.end();
    if (bits[0] !== 0) return undefined;
    point = bits.subarray(1);
  }
  key.end();
  return { kind: 'es256 private', scalar, point };
}

function readMlDsaPrivateKey(file: Uint8Array): KeyMaterial {
  // The total length decides: a seed or an expanded key with a tag before it never has the length of a bare one.
  if (file.length === ML_DSA_65_SEED_BYTES) return mlDsaPrivate({ seed: file });
  if (file.length === ML_DSA_65_EXPANDED_KEY_BYTES) return mlDsaPrivate({ expanded: file });
  const choice = new DerReader(file);
  let key: KeyMaterial;
  if (choice.next === contextTag(0, false)) {
    key = mlDsaPrivate({ seed: choice.read(contextTag(0, false)) });
  } else if (choice.next === OCTET_STRING) {
    key = readExpanded(choice.read(OCTET_STRING));
  } else {
    const both = choice.enter(SEQUENCE);
    key = mlDsaPrivate({ seed: both.read(OCTET_STRING), expanded: both.read(OCTET_STRING) });
    both.end();
  }
  choice.end();
  return key;
}

/** The expanded key, or `oqskeypair`, in which the public key follows it. */
const readExpanded = (octets: Uint8Array): KeyMaterial =>
  octets.length === ML_DSA_65_EXPANDED_KEY_BYTES + ML_DSA_65_PUBLIC_KEY_BYTES
    ? mlDsaPrivate({
        expanded: octets.subarray(0, ML_DSA_65_EXPANDED_KEY_BYTES),
        pub: octets.subarray(ML_DSA_65_EXPANDED_KEY_BYTES),
      })
    : mlDsaPrivate({ expanded: octets });

/** The material of an ML-DSA-65 private key. Not every form has every part. */
export const mlDsaPrivate = (parts: {
  seed?: Uint8Array;
  expanded?: Uint8Array;
  pub?: Uint8Array;
}): KeyMaterial => ({
  kind: 'mldsa65 private',
  seed: parts.seed,
  expanded: parts.expanded,
  pub: parts.pub,
});

const spki = (algorithm: Uint8Array, key: Uint8Array): Uint8Array =>
  der(SEQUENCE, der(SEQUENCE, algorithm), der(BIT_STRING, NO_UNUSED_BITS, key));

const pkcs8 = (algorithm: Uint8Array, key: Uint8Array): Uint8Array =>
  der(SEQUENCE, der(INTEGER, VERSION_0), der(SEQUENCE, algorithm), der(OCTET_STRING, key));

/** SPKI of a P-256 public key: the uncompressed point, 65 bytes. */
export const writeEs256Spki = (point: Uint8Array): Uint8Array => spki(P256_ALGORITHM, point);

/** PKCS #8 of a P-256 private key, with its public key as OpenSSL writes it, or without. */
export const writeEs256Pkcs8 = (scalar: Uint8Array, point?: Uint8Array): Uint8Array =>
  pkcs8(
    P256_ALGORITHM,
    der(
      SEQUENCE,
      der(INTEGER, VERSION_1),
      der(OCTET_STRING, scalar),
      ...(point === undefined ? [] : [der(contextTag(1, true), der(BIT_STRING, NO_UNUSED_BITS, point))]),
    ),
  );

/** SPKI of an ML-DSA-65 public key, 1952 bytes. */
export const writeMlDsa65Spki = (pub: Uint8Array): Uint8Array => spki(ML_DSA_65_ALGORITHM, pub);

/** PKCS #8 of an ML-DSA-65 seed, 32 bytes: the form that RFC 9881 §6 recommends. */
export const writeMlDsa65Pkcs8 = (seed: Uint8Array): Uint8Array =>
  pkcs8(ML_DSA_65_ALGORITHM, der(contextTag(0, false), seed));

/** PKCS #8 of an expanded ML-DSA-65 key, 4032 bytes: the only form that Java reads before JDK 26. */
export const writeMlDsa65ExpandedPkcs8 = (expanded: Uint8Array): Uint8Array =>
  pkcs8(ML_DSA_65_ALGORITHM, der(OCTET_STRING, expanded));

/** ECDSA-Sig-Value (RFC 3279 §2.2.3) of R‖S. */
export function writeEcdsaSigValue(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  return der(SEQUENCE, unsigned(signature.subarray(0, half)), unsigned(signature.subarray(half)));
}

/** R‖S of an ECDSA-Sig-Value of P-256. */
export function readEcdsaSigValue(file: Uint8Array): Uint8Array {
  const outer = new DerReader(file);
  const value = outer.enter(SEQUENCE);
  outer.end();
  const signature = new Uint8Array(ES256_SIGNATURE_BYTES);
  for (const end of [P256_FIELD_BYTES, ES256_SIGNATURE_BYTES]) {
    const integer = value.read(INTEGER);
    const digits = integer[0] === 0 ? integer.subarray(1) : integer;
    signature.set(digits, end - digits.length);
  }
  value.end();
  return signature;
}

/**
 * Like {@link readEcdsaSigValue}, but returns `undefined` for anything except the DER form that {@link writeEcdsaSigValue}
 * writes.
 */
export function readStrictEcdsaSigValue(file: Uint8Array): Uint8Array | undefined {
  try {
    const signature = readEcdsaSigValue(file);
    return equal(writeEcdsaSigValue(signature), file) ? signature : undefined;
  } catch {
    return undefined;
  }
}

/** ECPrivateKey (RFC 5915) of P-256 with its parameters and without a public key: 51 bytes around a scalar. */
export const writeEcPrivateKey = (scalar: Uint8Array): Uint8Array =>
  der(SEQUENCE, der(INTEGER, VERSION_1), der(OCTET_STRING, scalar), der(contextTag(0, true), P256));

/** A non-negative INTEGER: without leading zeros, except the one that keeps it from being negative. */
function unsigned(bytes: Uint8Array): Uint8Array {
  let zeros = 0;
  while (zeros < bytes.length - 1 && bytes[zeros] === 0) zeros++;
  const digits = bytes.subarray(zeros);
  return (digits[0] as number) < 0x80 ? der(INTEGER, digits) : der(INTEGER, ZERO, digits);
}

/** PEM (RFC 7468) of a DER file. */
export function writePem(label: 'PUBLIC KEY' | 'PRIVATE KEY', file: Uint8Array): string {
  const base64 = btoa(Array.from(file, (byte) => String.fromCharCode(byte)).join(''));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** Whether a text has the first line of a private key in PEM, or in the form of OpenSSH or OpenPGP, which begins as PEM does. */
export const hasPrivatePem = (text: string): boolean => /-----BEGIN [\w -]{0,64}PRIVATE KEY/.test(text);

/** The label and DER of a PEM text with exactly one block; `undefined` for anything else. */
export function readPem(text: string): { readonly label: string; readonly file: Uint8Array } | undefined {
  const match = /^\s*-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----\s*$/.exec(text);
  if (match === null) return undefined;
  try {
    const binary = atob((match[2] as string).replace(/\s/g, ''));
    return { label: match[1] as string, file: Uint8Array.from(binary, (char) => char.charCodeAt(0)) };
  } catch {
    return undefined;
  }
}
