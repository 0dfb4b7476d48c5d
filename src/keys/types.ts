import type { CryptoKey, KeyObject } from 'jose';
import type { JsonValue } from '../encoding/json.js';
import type { MandateAlgorithm, PqAlg } from '../profile.js';

/** The protected header of a mandate (SPEC.md §4). It may have other parameters as well. */
export interface MandateHeader {
  /** `ES256`. `ML-DSA-65` and `ML-DSA-65-ES256` are accepted only if the caller allows them with the option `algorithms`. */
  alg: MandateAlgorithm;
  /** Absent, like `pq_sig`, from a classical-only mandate, and if `alg` is `ML-DSA-65`. */
  pq_alg?: PqAlg;
  /** The post-quantum signature, base64url: 4412 or 4498 characters. */
  pq_sig?: string;
  /** Identifies the key pair. */
  kid?: string;
  typ?: string;
  cty?: string;
  /** Certificates, base64 (RFC 7515 §4.1.6). */
  x5c?: string[];
  /** A copy of the `_sd_alg` of the payload. */
  _sd_alg?: string;
  [parameter: string]: JsonValue | undefined;
}

/** The members that the profile reads from every JWK, besides its key material (RFC 7517 §4). */
interface JwkParameters {
  /** Identifies the pair: the EC and the AKP key of one signer share it. */
  kid?: string;
  /** `sig` if present. */
  use?: string;
  /** Includes `verify` (public key) or `sign` (private key) if present. */
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
  /** Must be absent from a public key. */
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
  /** Must be absent from a public key. */
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
  /** Must be absent from a public key. */
  priv?: never;
}

/** A private key of `alg` `ML-DSA-65-ES256` as AKP JWK. */
export interface CompositePrivateJwk extends CompositeJwk {
  /** Base64url, 83 bytes: the seed and an ECPrivateKey. */
  priv: string;
}

/**
 * An external ES256 or ML-DSA-65 signer (KMS, HSM). For ES256, `data` is the signing input, which the signer hashes with
 * SHA-256; the result is R‖S, 64 bytes. For ML-DSA-65, `data` is the 32-byte fingerprint, which the signer signs as a raw
 * message with an empty context (FIPS 204 Algorithm 2, never HashML-DSA); the result is 3309 bytes. With `alg` `ML-DSA-65`,
 * `data` is the signing input itself, of any length.
 */
export type ExternalSigner = (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** An external verifier of the same data. Only `true` means valid. */
export type ExternalVerifier = (data: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

/** A P-256 public key in any of its forms. */
export type Es256PublicKey = Es256PublicJwk | CryptoKey | KeyObject | ExternalVerifier;
/** A P-256 private key in any of its forms. */
export type Es256PrivateKey = Es256PrivateJwk | CryptoKey | KeyObject | ExternalSigner;
/** An ML-DSA-65 public key in any of its forms. CryptoKey and KeyObject need a runtime with ML-DSA. */
export type MlDsa65PublicKey = MlDsa65PublicJwk | CryptoKey | KeyObject | ExternalVerifier;
/** An ML-DSA-65 private key in any of its forms. CryptoKey and KeyObject need a runtime with ML-DSA. */
export type MlDsa65PrivateKey = MlDsa65PrivateJwk | CryptoKey | KeyObject | ExternalSigner;

/** The keys that sign a mandate. */
export interface MandatePrivateKeys {
  readonly es256: Es256PrivateKey;
  readonly mldsa65: MlDsa65PrivateKey;
}

/** Private keys of a signer that uses ML-DSA-65 alone (SPEC.md §20). */
export interface PqPrivateKeys {
  /** Not used. */
  readonly es256?: Es256PrivateKey | undefined;
  /** A JWK of `alg` `ML-DSA-65-ES256` if that is the `algorithm`. */
  readonly mldsa65: MlDsa65PrivateKey | CompositePrivateJwk;
}

/** Private keys of a signer that has no ML-DSA-65 key, or does not use it. */
export interface ClassicalPrivateKeys {
  readonly es256: Es256PrivateKey;
  readonly mldsa65?: MlDsa65PrivateKey | undefined;
}

/** The keys that verify a mandate. If the policy needs a key for a mandate and it is missing, the mandate is rejected. */
export interface MandatePublicKeys {
  readonly es256?: Es256PublicKey | undefined;
  /** A JWK of `alg` `ML-DSA-65-ES256` for mandates with that `alg`. */
  readonly mldsa65?: MlDsa65PublicKey | CompositePublicJwk | undefined;
}
