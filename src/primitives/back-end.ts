// The interface between the profile and the cryptography. ES256 is ECDSA on P-256 with SHA-256, with the signature as R‖S (RFC
// 7518 §3.4). ML-DSA-65 is ML-DSA.Sign and ML-DSA.Verify of FIPS 204 (Algorithms 2 and 3) with an empty context, never
// HashML-DSA (Algorithms 4 and 5). Nothing here knows about mandates, JWKs or policies.

/** The code that computes: node:crypto, WebCrypto, or the portable JavaScript of @noble. */
export type BackEndName = 'node' | 'webcrypto' | 'noble';

/** The two primitives of the profile. */
export type PrimitiveName = 'es256' | 'mldsa65';

/** Signs with an imported private key. */
export type Sign = (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/**
 * Where a primitive computes: on the calling thread, on another thread, or on either, as the caller chooses. A computation on
 * another thread should start before its result is needed.
 */
export type Thread = 'this' | 'other' | 'either';

/**
 * Verifies with an imported public key. Text stands for its ASCII bytes. `onOther` asks a primitive that supports both threads to
 * use the other one.
 */
export type Verify = (
  data: Uint8Array | string,
  signature: Uint8Array,
  onOther?: boolean,
) => boolean | Promise<boolean>;

/**
 * One primitive of one back end. Keys are raw: for ES256 the private scalar, 32 bytes, and the uncompressed point, 65 bytes;
 * for ML-DSA-65 the seed, 32 bytes, and the public key, 1952 bytes. Each function throws if its input is not a key.
 */
export interface SignaturePrimitive {
  /** The thread that verifies. */
  readonly thread: Thread;
  importPublicKey(publicKey: Uint8Array): Verify | Promise<Verify>;
  importPrivateKey(privateKey: Uint8Array, publicKey: Uint8Array): Sign | Promise<Sign>;
  derivePublicKey(privateKey: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Generates a key pair. Present if the back end may be unable to derive a public key from a private one. */
  generate?(): Promise<{ readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }>;
  /** Whether the private key belongs to this public key. May throw if they do not belong together. */
  isPair(privateKey: Uint8Array, publicKey: Uint8Array): boolean | Promise<boolean>;
}
