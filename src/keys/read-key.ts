import { isUint8Array } from '../brand.js';
import { DerError } from '../encoding/der.js';
import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { type KeyMaterial, mlDsaPrivate, readPem, readPkcs8, readSpki } from '../encoding/pem.js';
import { readJson } from '../encoding/read-json.js';
import { describeType, isPlainObject } from '../options.js';
import {
  DEFAULT_LIMITS,
  ML_DSA_65_EXPANDED_KEY_BYTES,
  ML_DSA_65_PUBLIC_KEY_BYTES,
  ML_DSA_65_SEED_BYTES,
  P256_FIELD_BYTES,
  P256_POINT_BYTES,
} from '../profile.js';
import { readable } from './forms.js';
import { refuseKey } from './refuse.js';

// Detects the form of a key. Forms are distinguished by structure, not by the first byte: a raw key is random and may begin
// like PEM, JSON or DER.

type Kind = KeyMaterial['kind'];

/** A key as read: a JWK, or the parts of a file. It shares no memory with the caller. */
export type ReadKey<K extends Kind> =
  | { readonly kind: 'jwk'; readonly jwk: object }
  | Extract<KeyMaterial, { kind: K }>;

/** Reads a key in any form, and rejects a key of another kind than `wanted`. */
export function readKey<K extends Kind>(input: unknown, wanted: K, parameter: string): ReadKey<K> {
  const key = readForm(input, wanted, parameter);
  if (key.kind !== 'jwk' && key.kind !== wanted) {
    return refuseKey(parameter, `the ${describeKind(wanted)}; it holds the ${describeKind(key.kind)}`);
  }
  return key as ReadKey<K>;
}

type AnyKey = KeyMaterial | { readonly kind: 'jwk'; readonly jwk: object };

function readForm(input: unknown, wanted: Kind, parameter: string): AnyKey {
  if (input === undefined || input === null || input === '') {
    return refuseKey(parameter, `set to the ${describeKind(wanted)}; it is missing or empty`);
  }
  if (typeof input === 'string') return readText(input.trim(), wanted, parameter);
  const bytes = readable(parameter, () => copyOfBytes(input));
  if (bytes !== undefined) return readBytes(bytes, wanted, parameter);
  if (!isPlainObject(input)) return refuseKey(parameter, `a JWK, PEM, base64 or bytes, got ${whatIs(input)}`);
  // A deep copy: arrays such as "key_ops" could be changed in place.
  return {
    kind: 'jwk',
    jwk: toIJson(input, parameter, DEFAULT_LIMITS, 'ERR_MANDATE_KEY_INVALID') as object,
  };
}

const describeKind = (kind: Kind): string =>
  kind.replace('es256', 'P-256').replace('mldsa65', 'ML-DSA-65').concat(' key');

function whatIs(input: unknown): string {
  const type = describeType(input);
  return /CryptoKey|KeyObject|function/.test(type)
    ? `${type}; pass it to the library directly, without an import`
    : type;
}

/** Copies the bytes of a Uint8Array, a DataView or an ArrayBuffer, of any realm. */
function copyOfBytes(input: unknown): Uint8Array | undefined {
  // Not `slice`, which returns a view of the same memory for Node's own byte arrays.
  if (isUint8Array(input)) return Uint8Array.from(input);
  switch (Object.prototype.toString.call(input)) {
    case '[object DataView]': {
      const { buffer, byteOffset, byteLength } = input as DataView;
      return Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength));
    }
    case '[object ArrayBuffer]':
      return Uint8Array.from(new Uint8Array(input as ArrayBuffer));
    default:
      return undefined;
  }
}

const PEM_BEGIN = '-----BEGIN ';

function readText(text: string, wanted: Kind, parameter: string): AnyKey {
  // Base64 and base64url have no space and no brace, so they cannot begin like this.
  if (text.startsWith(PEM_BEGIN)) return readPemKey(text, parameter);
  if (text.startsWith('{')) {
    const json = parseObject(text);
    if (json === undefined) return refuseKey(parameter, 'complete JSON; it is truncated or damaged');
    return { kind: 'jwk', jwk: json };
  }
  return readBytes(decodeBase64(text, parameter), wanted, parameter);
}

function readBytes(bytes: Uint8Array, wanted: Kind, parameter: string): AnyKey {
  const text = decodeUtf8(bytes)?.trim();
  if (text?.startsWith(PEM_BEGIN)) return readPemKey(text, parameter);
  const json = text?.startsWith('{') ? parseObject(text) : undefined;
  if (json !== undefined) return { kind: 'jwk', jwk: json };
  // Checked before DER: no DER file of these keys has the length of a raw key.
  const raw = readRaw(bytes, wanted);
  if (raw !== undefined) return raw;
  if (bytes[0] === BRACE) return refuseKey(parameter, 'complete JSON in UTF-8; it is truncated or damaged');
  if (bytes[0] === DER_SEQUENCE)
    return readDer(bytes, wanted.endsWith('public') ? readSpki : readPkcs8, parameter);
  return refuseKey(
    parameter,
    `the ${describeKind(wanted)}; ${bytes.length} bytes is not a valid length (truncated?)`,
  );
}

const BRACE = 0x7b;
const DER_SEQUENCE = 0x30;

/** Reads raw key material, identified by its length. */
function readRaw(bytes: Uint8Array, wanted: Kind): KeyMaterial | undefined {
  switch (bytes.length) {
    // A scalar and a seed have the same length: only the caller knows which one it is.
    case ML_DSA_65_SEED_BYTES:
      return wanted.startsWith('es256')
        ? { kind: 'es256 private', scalar: bytes, point: undefined }
        : mlDsaPrivate({ seed: bytes });
    case P256_POINT_BYTES:
    case 1 + P256_FIELD_BYTES:
      return { kind: 'es256 public', point: bytes };
    case ML_DSA_65_PUBLIC_KEY_BYTES:
      return { kind: 'mldsa65 public', pub: bytes };
    case ML_DSA_65_EXPANDED_KEY_BYTES:
      return mlDsaPrivate({ expanded: bytes });
    default:
      return undefined;
  }
}

const CONVERT = 'convert a private key with "openssl pkcs8 -topk8 -nocrypt"';

function readPemKey(text: string, parameter: string): KeyMaterial {
  // Environment variables often hold PEM with escaped line ends.
  const pem = readPem(text.replaceAll('\\n', '\n'));
  if (/BEGIN EC P/.test(text)) return refuseKey(parameter, `PKCS #8; ${CONVERT}`);
  if (pem === undefined) return refuseKey(parameter, 'one complete PEM block; it is truncated or damaged');
  switch (pem.label) {
    case 'PUBLIC KEY':
      return readDer(pem.file, readSpki, parameter);
    case 'PRIVATE KEY':
      return readDer(pem.file, readPkcs8, parameter);
    default:
      return refuseKey(
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
    return refuseKey(parameter, 'complete DER; it is truncated or damaged');
  }
  return refuseKey(parameter, 'a key of P-256 or ML-DSA-65 in the form of RFC 5915 or RFC 9881');
}

/** Returns `undefined` for text that is not a JSON object. The engine's error is dropped, because it quotes the text. */
function parseObject(text: string): object | undefined {
  let value: JsonValue;
  try {
    value = readJson(text);
  } catch {
    return undefined;
  }
  return isJsonObject(value) ? value : undefined;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decodeBase64(text: string, parameter: string): Uint8Array {
  const compact = text.replace(/\s+/g, '').replace(/-/g, '+').replace(/_/g, '/');
  try {
    return Uint8Array.from(atob(compact), (char) => char.charCodeAt(0));
  } catch {
    return refuseKey(parameter, 'PEM, JSON, base64 or base64url; it is none of them, or truncated');
  }
}
