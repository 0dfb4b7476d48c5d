// The seam between the profile and the mathematics. ES256 is ECDSA on P-256 with SHA-256, the signature as R‖S (RFC 7518
// §3.4). ML-DSA-65 is ML-DSA.Sign and ML-DSA.Verify of FIPS 204 (Algorithms 2 and 3) with an empty context, never
// HashML-DSA (Algorithms 4 and 5). Nothing here knows of mandates, JWKs or policies.

/** Whose code computes: node:crypto, WebCrypto, or the portable JavaScript of @noble. */
export type BackEndName = 'node' | 'webcrypto' | 'noble';

/** The two primitives of the profile. */
export type PrimitiveName = 'es256' | 'mldsa65';

/** Signs with an imported private key. */
export type Sign = (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/**
 * Where a primitive computes: on the thread that calls it, on another one, or on either, as the caller wishes. What computes on
 * another thread is worth starting before its result is needed.
 */
export type Thread = 'this' | 'other' | 'either';

/**
 * Verifies with an imported public key. A text stands for its ASCII bytes. `onOther` asks a primitive that computes on either
 * thread for the other one.
 */
export type Verify = (
  data: Uint8Array | string,
  signature: Uint8Array,
  onOther?: boolean,
) => boolean | Promise<boolean>;

/**
 * One primitive of one back end. Keys are raw: for ES256 the private scalar, 32 bytes, and the uncompressed point, 65
 * bytes; for ML-DSA-65 the seed, 32 bytes, and the public key, 1952 bytes. Each function throws for what is not a key.
 */
export interface SignaturePrimitive {
  /** Where it verifies. */
  readonly thread: Thread;
  importPublicKey(publicKey: Uint8Array): Verify | Promise<Verify>;
  importPrivateKey(privateKey: Uint8Array, publicKey: Uint8Array): Sign | Promise<Sign>;
  derivePublicKey(privateKey: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** A new pair, of a back end that makes pairs and may not be able to derive a public key. */
  generate?(): Promise<{ readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }>;
  /** Whether the private key is the one of this public key. May throw for halves that do not belong together. */
  isPair(privateKey: Uint8Array, publicKey: Uint8Array): boolean | Promise<boolean>;
}
