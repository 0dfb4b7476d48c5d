import { concat, equal, uint64 } from '../encoding/bytes.js';
import { readEcdsaSigValue, readSpki, writeEcdsaSigValue, writeEs256Spki } from '../encoding/pem.js';
import { es256PublicJwk, mldsa65PublicJwk } from '../keys/generate.js';
import { importVerifier } from '../keys/verifier.js';
import { sha256 } from '../primitives/sha256.js';
import { ML_DSA_65_PUBLIC_KEY_BYTES, ML_DSA_65_SIGNATURE_BYTES } from '../profile.js';
import { type TreeHead, treeHeadText } from './tree-head.js';

// The signature types of notes: the bytes that identify them, the signed message, and the form of the signature.

/**
 * The signature type of ML-DSA-65. C2SP assigns 0x06 to ML-DSA-44 cosignatures and nothing to ML-DSA-65 (signed-note, as of
 * November 2026). It reserves 0xff, followed by a longer identifier, for types without a byte of their own. If C2SP assigns
 * one, only this constant changes.
 */
export const ML_DSA_65_NOTE_TYPE: Uint8Array = concat(
  Uint8Array.of(0xff),
  new TextEncoder().encode('ap2-pq/ml-dsa-65-cosignature/v1'),
);

/** The names of the signature types. */
export type NoteAlgorithmName =
  | 'ML-DSA-65'
  | 'ES256'
  | 'Ed25519'
  | 'Ed25519 cosignature'
  | 'ML-DSA-44 cosignature';

/** The content of a signature: a tree head, the signer, and the time in seconds since the epoch; 0 if the type has no time. */
export interface SignedHead {
  readonly head: TreeHead;
  readonly name: string;
  readonly time: number;
}

/** One signature type. */
export interface NoteAlgorithm {
  readonly name: NoteAlgorithmName;
  /** Signature type identifier, before the public key in a verifier key. */
  readonly type: Uint8Array;
  /** Whether it resists a quantum computer. */
  readonly postQuantum: boolean;
  /** Whether the signature includes its time. */
  readonly timed: boolean;
  /** Whether it makes the statement of a witness (C2SP tlog-cosignature). */
  readonly cosignature: boolean;
  /** Bytes of the public key in a verifier key. */
  readonly publicKeyBytes: number;
  readonly keyId: (name: string, publicKey: Uint8Array) => Uint8Array;
  readonly message: (signed: SignedHead) => Uint8Array;
  /** Rejects bytes that are not a public key. */
  readonly checkPublicKey: (publicKey: Uint8Array) => Promise<void>;
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
}

const ascii = new TextEncoder();

/** The first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key). */
const keyIdOf =
  (type: Uint8Array) =>
  (name: string, publicKey: Uint8Array): Uint8Array =>
    sha256(concat(ascii.encode(`${name}\n`), type, publicKey)).slice(0, 4);

const withLength = (text: string): Uint8Array => {
  const bytes = ascii.encode(text);
  return concat(Uint8Array.of(bytes.length), bytes);
};

const noteText = ({ head }: SignedHead): Uint8Array => ascii.encode(treeHeadText(head));

/** The text that an Ed25519 cosignature signs (tlog-cosignature, "Ed25519 signed message"). */
const cosignatureText = ({ head, time }: SignedHead): Uint8Array =>
  ascii.encode(`cosignature/v1\ntime ${time}\n${treeHeadText(head)}`);

/** The structure `cosigned_message` (tlog-cosignature, "ML-DSA-44 signed message") for a whole tree. */
const cosignedMessage = ({ head, name, time }: SignedHead): Uint8Array =>
  concat(
    ascii.encode('subtree/v1\n\0'),
    withLength(name),
    uint64(time),
    withLength(head.origin),
    uint64(0),
    uint64(head.size),
    head.root,
  );

/**
 * @noble's Ed25519, strictly by RFC 8032 and not by the more permissive ZIP 215.
 */
const verifyEd25519: NoteAlgorithm['verify'] = async (publicKey, message, signature) => {
  const { ed25519 } = await import('@noble/curves/ed25519.js');
  return signature.length === 64 && ed25519.verify(signature, message, publicKey, { zip215: false });
};

const checkEd25519 = async (publicKey: Uint8Array): Promise<void> => {
  const { ed25519 } = await import('@noble/curves/ed25519.js');
  ed25519.Point.fromBytes(publicKey).assertValidity();
};

const ML_DSA_65: NoteAlgorithm = {
  name: 'ML-DSA-65',
  type: ML_DSA_65_NOTE_TYPE,
  postQuantum: true,
  timed: true,
  cosignature: true,
  publicKeyBytes: ML_DSA_65_PUBLIC_KEY_BYTES,
  keyId: keyIdOf(ML_DSA_65_NOTE_TYPE),
  message: cosignedMessage,
  checkPublicKey: async (publicKey) => {
    await importVerifier('mldsa65', mldsa65PublicJwk(publicKey, undefined), 'verifierKey');
  },
  verify: async (publicKey, message, signature) => {
    if (signature.length !== ML_DSA_65_SIGNATURE_BYTES) return false;
    const { verify } = await importVerifier('mldsa65', mldsa65PublicJwk(publicKey, undefined), 'verifierKey');
    return verify(message, signature);
  },
};

/** Bytes of the SPKI file of an uncompressed point of P-256. */
const P256_SPKI_BYTES = 91;

const pointOf = (file: Uint8Array): Uint8Array => {
  const material = readSpki(file);
  const point = file.slice(-65);
  // Only the unique encoding of a point is accepted, because the key ID is its hash.
  if (material === undefined || point[0] !== 4 || !equal(writeEs256Spki(point), file))
    throw new Error('not an SPKI file of P-256');
  return point;
};

const ES256: NoteAlgorithm = {
  name: 'ES256',
  type: Uint8Array.of(0x02),
  postQuantum: false,
  timed: false,
  cosignature: false,
  publicKeyBytes: P256_SPKI_BYTES,
  // signed-note: the hash of the DER file only, without name and type.
  keyId: (_, file) => sha256(file).slice(0, 4),
  message: noteText,
  checkPublicKey: async (file) => {
    await importVerifier('es256', es256PublicJwk(pointOf(file), undefined), 'verifierKey');
  },
  verify: async (file, message, signature) => {
    const { verify } = await importVerifier('es256', es256PublicJwk(pointOf(file), undefined), 'verifierKey');
    try {
      const raw = readEcdsaSigValue(signature);
      return equal(writeEcdsaSigValue(raw), signature) && (await verify(message, raw));
    } catch {
      return false;
    }
  },
};

const ED25519: NoteAlgorithm = {
  name: 'Ed25519',
  type: Uint8Array.of(0x01),
  postQuantum: false,
  timed: false,
  cosignature: false,
  publicKeyBytes: 32,
  keyId: keyIdOf(Uint8Array.of(0x01)),
  message: noteText,
  checkPublicKey: checkEd25519,
  verify: verifyEd25519,
};

const ED25519_COSIGNATURE: NoteAlgorithm = {
  ...ED25519,
  name: 'Ed25519 cosignature',
  type: Uint8Array.of(0x04),
  timed: true,
  cosignature: true,
  keyId: keyIdOf(Uint8Array.of(0x04)),
  message: cosignatureText,
};

const ML_DSA_44_COSIGNATURE: NoteAlgorithm = {
  name: 'ML-DSA-44 cosignature',
  type: Uint8Array.of(0x06),
  postQuantum: true,
  timed: true,
  cosignature: true,
  publicKeyBytes: 1312,
  keyId: keyIdOf(Uint8Array.of(0x06)),
  message: cosignedMessage,
  checkPublicKey: async () => {},
  verify: async (publicKey, message, signature) => {
    if (signature.length !== 2420) return false;
    const { ml_dsa44 } = await import('@noble/post-quantum/ml-dsa.js');
    return ml_dsa44.verify(signature, message, publicKey);
  },
};

/** All supported signature types. */
export const NOTE_ALGORITHMS: readonly NoteAlgorithm[] = [
  ML_DSA_65,
  ES256,
  ED25519,
  ED25519_COSIGNATURE,
  ML_DSA_44_COSIGNATURE,
];

export { ED25519, ED25519_COSIGNATURE, ES256, ML_DSA_44_COSIGNATURE, ML_DSA_65 };
