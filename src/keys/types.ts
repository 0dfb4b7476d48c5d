import type { CryptoKey, KeyObject } from 'jose';
import type { JsonValue } from '../encoding/json.js';
import type { MandateAlgorithm, PqAlg } from '../profile.js';

/** The protected header of a mandate (SPEC.md §4). Other parameters may stand beside the named ones. */
export interface MandateHeader {
  /** `ES256`; `ML-DSA-65` and `ML-DSA-65-ES256` only where the caller accepts it with the option `algorithms`. */
  alg: MandateAlgorithm;
  /** Absent, with `pq_sig`, from a classical-only mandate, and where `alg` is `ML-DSA-65`. */
  pq_alg?: PqAlg;
  /** The post-quantum signature, base64url: 4412 or 4498 characters. */
  pq_sig?: string;
  /** Names the key pair. */
  kid?: string;
  typ?: string;
  cty?: string;
  /** Certificates, base64 (RFC 7515 §4.1.6). */
  x5c?: string[];
  /** A copy of the payload's. */
  _sd_alg?: string;
  [parameter: string]: JsonValue | undefined;
}

/** The members that the profile reads of every JWK beside its key material (RFC 7517 §4). */
interface JwkParameters {
  /** Names the pair: the EC and the AKP key of one signer share it. */
  kid?: string;
  /** `sig` where present. */
  use?: string;
  /** Holds `verify` (public) or `sign` (private) where present. */
  key_ops?: string[];
  [member: string]: unknown;
}

/** The public members of a P-256 key. */
interface Es256Jwk extends JwkParameters {
  kty: 'EC';
  crv: 'P-256';
  /** Base64url, 32 bytes. */
  x: string;
  /** Base64url, 32 bytes. */
  y: string;
  alg?: 'ES256';
}

/** A P-256 public key as JWK (RFC 7518 §6.2.1). */
export interface Es256PublicJwk extends Es256Jwk {
  /** A private key is no public key. */
  d?: never;
}

/** A P-256 private key as JWK (RFC 7518 §6.2.2). */
export interface Es256PrivateJwk extends Es256Jwk {
  /** The private scalar; base64url, 32 bytes. */
  d: string;
}

/** The public members of an ML-DSA-65 key. */
interface MlDsa65Jwk extends JwkParameters {
  kty: 'AKP';
  alg: 'ML-DSA-65';
  /** Base64url, 1952 bytes. */
  pub: string;
}

/** An ML-DSA-65 public key as AKP JWK (RFC 9964 §3). */
export interface MlDsa65PublicJwk extends MlDsa65Jwk {
  /** A private key is no public key. */
  priv?: never;
}

/** An ML-DSA-65 private key as AKP JWK (RFC 9964 §3). */
export interface MlDsa65PrivateJwk extends MlDsa65Jwk {
  /** The seed, never the expanded key; base64url, 32 bytes. */
  priv: string;
}

/** The public members of a key of `alg` `ML-DSA-65-ES256` (SPEC.md R20.12). */
interface CompositeJwk extends JwkParameters {
  kty: 'AKP';
  alg: 'ML-DSA-65-ES256';
  /** Base64url, 2017 bytes: an ML-DSA-65 public key and a point of P-256. */
  pub: string;
}

/** A public key of `alg` `ML-DSA-65-ES256` as AKP JWK. */
export interface CompositePublicJwk extends CompositeJwk {
  /** A private key is no public key. */
  priv?: never;
}

/** A private key of `alg` `ML-DSA-65-ES256` as AKP JWK. */
export interface CompositePrivateJwk extends CompositeJwk {
  /** Base64url, 83 bytes: the seed and an ECPrivateKey. */
  priv: string;
}

/**
 * An external ES256 or ML-DSA-65 signer (KMS, HSM). For ES256, `data` is the signing input, to be hashed with SHA-256,
 * and the result is R‖S, 64 bytes. For ML-DSA-65, `data` is the 32-byte fingerprint, to be signed as a raw message with
 * an empty context (FIPS 204 Algorithm 2, never HashML-DSA), and the result is 3309 bytes. Under `alg` `ML-DSA-65` it is the
 * signing input itself, of any length.
 */
export type ExternalSigner = (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** An external verifier of the same data. Nothing but `true` passes. */
export type ExternalVerifier = (data: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

/** A P-256 public key in any of its forms. */
export type Es256PublicKey = Es256PublicJwk | CryptoKey | KeyObject | ExternalVerifier;
/** A P-256 private key in any of its forms. */
export type Es256PrivateKey = Es256PrivateJwk | CryptoKey | KeyObject | ExternalSigner;
/** An ML-DSA-65 public key in any of its forms. CryptoKey and KeyObject need a runtime that has ML-DSA. */
export type MlDsa65PublicKey = MlDsa65PublicJwk | CryptoKey | KeyObject | ExternalVerifier;
/** An ML-DSA-65 private key in any of its forms. CryptoKey and KeyObject need a runtime that has ML-DSA. */
export type MlDsa65PrivateKey = MlDsa65PrivateJwk | CryptoKey | KeyObject | ExternalSigner;

/** What signs a mandate. */
export interface MandatePrivateKeys {
  readonly es256: Es256PrivateKey;
  readonly mldsa65: MlDsa65PrivateKey;
}

/** Private keys of someone who signs with ML-DSA-65 alone (SPEC.md §20). */
export interface PqPrivateKeys {
  /** Not used. */
  readonly es256?: Es256PrivateKey | undefined;
  /** For the `algorithm` `ML-DSA-65-ES256` a JWK of that `alg`. */
  readonly mldsa65: MlDsa65PrivateKey | CompositePrivateJwk;
}

/** Private keys of someone who has no ML-DSA-65 key, or is not to use it. */
export interface ClassicalPrivateKeys {
  readonly es256: Es256PrivateKey;
  readonly mldsa65?: MlDsa65PrivateKey | undefined;
}

/** What verifies a mandate. A key that the policy needs for a given mandate and that is missing is a refusal. */
export interface MandatePublicKeys {
  readonly es256?: Es256PublicKey | undefined;
  /** For mandates of `alg` `ML-DSA-65-ES256` a JWK of that `alg`. */
  readonly mldsa65?: MlDsa65PublicKey | CompositePublicJwk | undefined;
}
