import { isUint8Array } from '../brand.js';
import { decodeBase64urlOfLength } from '../encoding/base64url.js';
import { concat, equal, uint64 } from '../encoding/bytes.js';
import { writeEcdsaSigValue, writeEs256Spki } from '../encoding/pem.js';
import { fail } from '../errors.js';
import { readEs256Jwk, readMembers, readMlDsa65Jwk } from '../keys/jwk.js';
import { importSigner } from '../keys/signer.js';
import { timedSigner } from '../keys/timed.js';
import type {
  Es256PrivateJwk,
  Es256PublicJwk,
  ExternalSigner,
  MlDsa65PrivateJwk,
  MlDsa65PublicJwk,
} from '../keys/types.js';
import { checkNames, checkOptions, describeType, invalidArgument, readValue } from '../options.js';
import { DEFAULT_LIMITS, ES256_SIGNATURE_BYTES, ML_DSA_65_SIGNATURE_BYTES } from '../profile.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { isKeyName, type NoteSignature } from './note.js';
import {
  ED25519,
  ED25519_COSIGNATURE,
  ES256,
  ML_DSA_44_COSIGNATURE,
  ML_DSA_65,
  NOTE_ALGORITHMS,
  type NoteAlgorithm,
  type NoteAlgorithmName,
} from './note-algorithms.js';
import type { TreeHead } from './tree-head.js';

/** An Ed25519 key as JWK (RFC 8037). */
export interface Ed25519Jwk {
  kty: 'OKP';
  crv: 'Ed25519';
  /** Base64url, 32 bytes. */
  x: string;
  /** Private: the seed; base64url, 32 bytes. */
  d?: string;
  [member: string]: unknown;
}

/** An ML-DSA-44 key as AKP JWK (RFC 9964), for witnesses. */
export interface MlDsa44Jwk {
  kty: 'AKP';
  alg: 'ML-DSA-44';
  /** Base64url, 1312 bytes. */
  pub: string;
  /** Private: the seed; base64url, 32 bytes. */
  priv?: string;
  [member: string]: unknown;
}

/** A key that signs checkpoints: a private key, or a public key with an external signer. */
export type CheckpointKey =
  | MlDsa65PrivateJwk
  | MlDsa65PublicJwk
  | Es256PrivateJwk
  | Es256PublicJwk
  | Ed25519Jwk
  | MlDsa44Jwk;

/** Options of {@link createCheckpointSigner}; all optional. */
export interface CheckpointSignerOptions {
  /**
   * Signs instead of the key (KMS, HSM), which is then a public one. `data` is the message itself. For ES256, the signer hashes
   * it with SHA-256 and returns R‖S, 64 bytes. For ML-DSA, it uses an empty context (FIPS 204 Algorithm 2), never HashML-DSA.
   */
  sign?: ExternalSigner | undefined;
  /**
   * An Ed25519 key signs as a witness (tlog-cosignature), not as the log. ML-DSA keys always use that format. Default `false`.
   */
  witness?: boolean | undefined;
  /** For test vectors: RFC 6979, and the deterministic variant of FIPS 204. */
  deterministic?: boolean | undefined;
}

/** Signs checkpoints with one name and one key. */
export interface CheckpointSigner {
  readonly name: string;
  readonly algorithm: NoteAlgorithmName;
  /** The public key for verifiers: C2SP's "vkey". */
  readonly verifierKey: string;
  /** @internal */
  sign(head: TreeHead, time: number): Promise<NoteSignature>;
}

/** Reads signers of the caller once; `undefined` if one of them is none, or if there is none. */
export function readSigners(signers: unknown): readonly CheckpointSigner[] | undefined {
  try {
    if (!Array.isArray(signers) || signers.length === 0) return undefined;
    const read = Array.from(signers as unknown[], readSigner);
    return read.every((signer) => signer !== undefined) ? read : undefined;
  } catch {
    return undefined;
  }
}

function readSigner(signer: unknown): CheckpointSigner | undefined {
  const { name, algorithm, verifierKey, sign } = signer as CheckpointSigner;
  if (typeof sign !== 'function') return undefined;
  return { name, algorithm, verifierKey, sign: (head, time) => sign.call(signer, head, time) };
}

/** A key with a checked form, as needed by a signer. */
interface ReadKey {
  readonly algorithm: NoteAlgorithm;
  readonly publicKey: Uint8Array;
  readonly sign: ((message: Uint8Array) => Uint8Array | Promise<Uint8Array>) | undefined;
  /** The length of a signature in bytes, as returned by an external signer. */
  readonly signatureBytes: number;
}

/**
 * Creates a signer of checkpoints. Use a separate key: not one that signs mandates, receipts or status lists.
 *
 * @example
 * ```ts
 * const signer = await createCheckpointSigner('archive.bank.example/2026', mldsa65PrivateJwk);
 * console.log(signer.verifierKey); // what verifiers are configured with
 * ```
 *
 * @param name Identifies the key in signature lines; for a log, its origin. Not empty, without spaces and `+`.
 * @param key A JWK: ML-DSA-65, ES256, Ed25519, or ML-DSA-44 for a witness.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`, `ERR_MANDATE_KEY_INVALID`.
 */
export async function createCheckpointSigner(
  name: string,
  key: CheckpointKey,
  options?: CheckpointSignerOptions,
): Promise<CheckpointSigner> {
  const given = checkOptions(options, 'options');
  checkNames(given, ['sign', 'witness', 'deterministic']);
  const { sign: external, witness = false, deterministic = false } = given;
  if (external !== undefined && typeof external !== 'function') invalidArgument('sign', 'a function');
  if (typeof witness !== 'boolean') invalidArgument('witness', 'a boolean');
  if (typeof deterministic !== 'boolean') invalidArgument('deterministic', 'a boolean');
  checkKeyName(name);
  const read = await readKey(key, external === undefined, witness, deterministic);
  const { algorithm, publicKey, signatureBytes } = read;
  const keyId = algorithm.keyId(name, publicKey);
  const sign =
    external === undefined
      ? (read.sign as NonNullable<ReadKey['sign']>)
      : timedSigner(external, 'sign', DEFAULT_LIMITS.callTimeout);
  return {
    name,
    algorithm: algorithm.name,
    verifierKey: formatVerifierKey(name, algorithm, publicKey),
    sign: async (head, at) => {
      const time = algorithm.timed ? at : 0;
      const made = await callSigner(sign, algorithm.message({ head, name, time }));
      if (!isUint8Array(made) || made.length !== signatureBytes) {
        fail(
          'ERR_MANDATE_SIGNER_FAILED',
          'sign',
          `the signer of "${name}" must return ${signatureBytes} bytes`,
        );
      }
      const native = algorithm === ES256 ? writeEcdsaSigValue(made) : made;
      return { name, keyId, signature: algorithm.timed ? concat(uint64(time), native) : native };
    },
  };
}

async function callSigner(sign: NonNullable<ReadKey['sign']>, message: Uint8Array): Promise<Uint8Array> {
  try {
    return await sign(message);
  } catch (cause) {
    fail('ERR_MANDATE_SIGNER_FAILED', 'sign', 'the signer of a checkpoint failed', {
      cause,
    });
  }
}

function checkKeyName(name: unknown): asserts name is string {
  if (!isKeyName(name) || new TextEncoder().encode(name).length > 255) {
    invalidArgument('name', 'the name of a key: 1 to 255 bytes, no spaces and no "+"');
  }
}

const SEED_BYTES = 32;

async function readKey(
  key: CheckpointKey,
  isPrivate: boolean,
  witness: boolean,
  deterministic: boolean,
): Promise<ReadKey> {
  const isJwk = readValue(
    'key',
    () => typeof key === 'object' && key !== null && 'kty' in key,
    'ERR_MANDATE_KEY_INVALID',
  );
  if (!isJwk) {
    fail('ERR_MANDATE_KEY_INVALID', 'key', `"key" must be a JWK, got ${describeType(key)}`);
  }
  const members = readMembers(key, 'key');
  const operation = isPrivate ? 'sign' : 'verify';
  if (members.kty === 'EC') {
    if (witness) invalidArgument('witness', 'false for an ES256 key: C2SP has no ECDSA cosignature');
    const raw = readEs256Jwk(members, operation, 'key');
    return {
      algorithm: ES256,
      publicKey: writeEs256Spki(raw.publicKey),
      sign: isPrivate ? await importSigner('es256', key, deterministic, 'key') : undefined,
      signatureBytes: ES256_SIGNATURE_BYTES,
    };
  }
  if (members.kty === 'AKP' && members.alg === 'ML-DSA-65') {
    return {
      algorithm: ML_DSA_65,
      publicKey: readMlDsa65Jwk(members, operation, 'key').publicKey,
      sign: isPrivate ? await importSigner('mldsa65', key, deterministic, 'key') : undefined,
      signatureBytes: ML_DSA_65_SIGNATURE_BYTES,
    };
  }
  if (members.kty === 'AKP' && members.alg === 'ML-DSA-44')
    return readMlDsa44(members, isPrivate, deterministic);
  if (members.kty === 'OKP' && members.crv === 'Ed25519') return readEd25519(members, isPrivate, witness);
  fail('ERR_MANDATE_KEY_INVALID', 'key', '"key" must be a JWK for ML-DSA-65, ES256, Ed25519 or ML-DSA-44');
}

async function readMlDsa44(
  members: Readonly<Record<string, unknown>>,
  isPrivate: boolean,
  deterministic: boolean,
): Promise<ReadKey> {
  const { ml_dsa44: mldsa44 } = await import('@noble/post-quantum/ml-dsa.js');
  const publicKey = bytesOf(members.pub, ML_DSA_44_COSIGNATURE.publicKeyBytes, 'key.pub');
  const read = { algorithm: ML_DSA_44_COSIGNATURE, publicKey, signatureBytes: 2420 };
  if (!isPrivate) return { ...read, sign: undefined };
  const pair = mldsa44.keygen(bytesOf(members.priv, SEED_BYTES, 'key.priv'));
  checkPair(pair.publicKey, publicKey, 'key.priv');
  const extra = deterministic ? { extraEntropy: false as const } : {};
  return { ...read, sign: (message) => mldsa44.sign(message, pair.secretKey, extra) };
}

async function readEd25519(
  members: Readonly<Record<string, unknown>>,
  isPrivate: boolean,
  witness: boolean,
): Promise<ReadKey> {
  const { ed25519 } = await import('@noble/curves/ed25519.js');
  const publicKey = bytesOf(members.x, 32, 'key.x');
  const read = { algorithm: witness ? ED25519_COSIGNATURE : ED25519, publicKey, signatureBytes: 64 };
  if (!isPrivate) return { ...read, sign: undefined };
  const seed = bytesOf(members.d, SEED_BYTES, 'key.d');
  checkPair(ed25519.getPublicKey(seed), publicKey, 'key.d');
  return { ...read, sign: (message) => ed25519.sign(message, seed) };
}

function bytesOf(value: unknown, length: number, parameter: string): Uint8Array {
  if (typeof value === 'string')
    return decodeBase64urlOfLength(value, length, parameter, 'ERR_MANDATE_KEY_INVALID');
  fail('ERR_MANDATE_KEY_INVALID', parameter, `"${parameter}" must be a base64url string of ${length} bytes`);
}

function checkPair(derived: Uint8Array, publicKey: Uint8Array, parameter: string): void {
  if (equal(derived, publicKey)) return;
  fail(
    'ERR_MANDATE_KEY_INVALID',
    parameter,
    `"${parameter}" must be the private key of the public key in the same JWK`,
  );
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** `name+key id in hex+base64(type ‖ public key)`. */
const formatVerifierKey = (name: string, algorithm: NoteAlgorithm, publicKey: Uint8Array): string =>
  `${name}+${hex(algorithm.keyId(name, publicKey))}+${encodeBase64(concat(algorithm.type, publicKey))}`;

/** The parts of a verifier key, checked. */
export interface VerifierKey {
  readonly text: string;
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly algorithm: NoteAlgorithm;
  readonly publicKey: Uint8Array;
}

const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  bytes.length > prefix.length && equal(bytes.subarray(0, prefix.length), prefix);

const known = new Map<string, VerifierKey>();

/** Parses a verifier key, C2SP's "vkey". */
export async function readVerifierKey(text: unknown, parameter: string): Promise<VerifierKey> {
  const cached = typeof text === 'string' ? known.get(text) : undefined;
  if (cached !== undefined) return cached;
  const refuse = (expected: string): never =>
    invalidArgument(parameter, `a verifier key, name+id+base64 (C2SP signed-note): ${expected}`);
  if (typeof text !== 'string') return refuse('a string');
  const [, name, id, base64 = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = decodeBase64(base64);
  if (!isKeyName(name) || bytes === undefined) return refuse('it must have three parts');
  const algorithm = NOTE_ALGORITHMS.find(({ type }) => startsWith(bytes, type));
  if (algorithm === undefined) return refuse('its signature type must be supported');
  const publicKey = bytes.slice(algorithm.type.length);
  if (publicKey.length !== algorithm.publicKeyBytes)
    refuse(`its public key must have ${algorithm.publicKeyBytes} bytes for ${algorithm.name}`);
  const keyId = algorithm.keyId(name, publicKey);
  if (hex(keyId) !== id) refuse('its id must be that of its key');
  try {
    await algorithm.checkPublicKey(publicKey);
  } catch {
    refuse(`its public key must be valid for ${algorithm.name}`);
  }
  const key = { text, name, keyId, algorithm, publicKey };
  if (known.size >= 256) known.clear();
  known.set(text, key);
  return key;
}
