// Names, identifiers and sizes of the AP2-PQ profile (SPEC.md §3). Every other file takes them from here.

/** The classical algorithm of the protected header, RFC 7518 §3.4. */
export const ES256 = 'ES256';
/** FIPS 204 parameter set ML-DSA-65; as `pq_alg` and, in an AKP JWK, as `alg` (RFC 9964). */
export const ML_DSA_65 = 'ML-DSA-65';
/** The composite `alg` of draft-ietf-jose-pq-composite-sigs-05: ML-DSA-65 and ES256 as one signature (SPEC.md §20). */
export const COMPOSITE = 'ML-DSA-65-ES256';
/** Part of the message that a composite signs, and the context of its ML-DSA-65 component. */
export const COMPOSITE_LABEL = 'COMPSIG-MLDSA65-ECDSA-P256-SHA512';
/** The hybrid `pq_alg`: an ES256 signature and an ML-DSA-65 signature, concatenated. */
export const HYBRID = 'ES256+ML-DSA-65';

/** The values of the header parameter `pq_alg`. */
export type PqAlg = typeof ML_DSA_65 | typeof HYBRID;

/** The values of `alg` that a caller can accept or sign with (SPEC.md §4.1 and §20). */
export type MandateAlgorithm = typeof ES256 | typeof ML_DSA_65 | typeof COMPOSITE;

/** All of them. */
export const MANDATE_ALGORITHMS: readonly MandateAlgorithm[] = [ES256, ML_DSA_65, COMPOSITE];

/** The algorithms that every function accepts unless the caller names others (SPEC.md R4.1). */
export const PROFILE_ALGORITHMS: readonly MandateAlgorithm[] = [ES256];

/** An ES256 signature is R‖S, 32 bytes each (RFC 7518 §3.4). */
export const ES256_SIGNATURE_BYTES = 64;
/** FIPS 204 Table 2. */
export const ML_DSA_65_SIGNATURE_BYTES = 3309;
/** FIPS 204 Table 2. */
export const ML_DSA_65_PUBLIC_KEY_BYTES = 1952;
/** The seed ξ of FIPS 204 Algorithm 1: the `priv` of an AKP JWK (RFC 9964 §3). */
export const ML_DSA_65_SEED_BYTES = 32;
/** FIPS 204 Table 2; never in a mandate. */
export const ML_DSA_65_EXPANDED_KEY_BYTES = 4032;
/** An uncompressed point of P-256: 4, x, y (SEC 1 §2.3.3). */
export const P256_POINT_BYTES = 65;
/** One coordinate, or the private scalar, of P-256 (RFC 7518 §6.2). */
export const P256_FIELD_BYTES = 32;
/** SHA-256, in the fingerprint and in every SD-JWT digest. */
export const SHA256_BYTES = 32;

/** The longest Ecdsa-Sig-Value of P-256 in DER; the shortest has 8 bytes. */
export const ECDSA_DER_MAX_BYTES = 72;

/** Length of the JWS signature in bytes, by `alg`. The length of a composite signature is not fixed. */
export const JWS_SIGNATURE_BYTES: Readonly<Record<Exclude<MandateAlgorithm, typeof COMPOSITE>, number>> = {
  [ES256]: ES256_SIGNATURE_BYTES,
  [ML_DSA_65]: ML_DSA_65_SIGNATURE_BYTES,
};

/** Length of `pq_sig` in bytes, by `pq_alg`. */
export const PQ_SIG_BYTES: Readonly<Record<PqAlg, number>> = {
  [ML_DSA_65]: ML_DSA_65_SIGNATURE_BYTES,
  [HYBRID]: ES256_SIGNATURE_BYTES + ML_DSA_65_SIGNATURE_BYTES,
};

/** The `typ` of a key binding JWT (RFC 9901 §4.3). */
export const KEY_BINDING_TYP = 'kb+jwt';
/** The `typ` of a Status List Token (draft-ietf-oauth-status-list). */
export const STATUS_LIST_TYP = 'statuslist+jwt';
/** Header `typ` of a receipt (SPEC.md §10.5). AP2 v0.2 writes `JWT`, which does not distinguish it from any other JWT. */
export const RECEIPT_TYP = 'ap2-receipt+jwt';
/** Header `typ` of a merchant's checkout (SPEC.md §10.9). AP2 v0.2 writes `JWT`. */
export const CHECKOUT_TYP = 'ap2-checkout+jwt';
/** Header `typ` of the JWT over the parts of an evidence file (SPEC.md §18.1). */
export const EVIDENCE_TYP = 'ap2-pq-evidence+jwt';

/** The only SD-JWT hash algorithm of the profile (RFC 9901 §4.1.1). */
export const SD_HASH_ALGORITHM = 'sha-256';

/**
 * How much a verifier reads before it has checked a signature, and how long it waits for the caller's functions. All are
 * inclusive upper bounds.
 */
export interface MandateLimits {
  /** Characters of the whole mandate. Default 262 144. */
  maxMandateLength: number;
  /** Characters of the base64url protected header, including the 4 412 or 4 498 of `pq_sig`. Default 32 768. */
  maxHeaderLength: number;
  /** Number of disclosures. Default 1 024. */
  maxDisclosures: number;
  /** Levels of nested JSON objects and arrays, in each JSON text and in the processed payload. Default 32. */
  maxDepth: number;
  /** Tokens of a delegation chain, the root included. Default 8. */
  maxHops: number;
  /**
   * Milliseconds that one call of a function of yours may take: a key resolver, an external signer or verifier,
   * `resolveThumbprint`, `saltGenerator`, `onVerified`. Default 30 000. `isRevoked` has its own option, `revocationTimeout`.
   */
  callTimeout: number;
}

/** The limits that apply unless the caller sets others. */
export const DEFAULT_LIMITS: Readonly<MandateLimits> = {
  maxMandateLength: 262_144,
  maxHeaderLength: 32_768,
  maxDisclosures: 1_024,
  maxDepth: 32,
  maxHops: 8,
  callTimeout: 30_000,
};

/** The `typ` of a hop that delegates further and has a `cnf`. The library writes the first and accepts all. */
export const CHAIN_OPEN_TYPES = ['kb+sd-jwt+kb', 'kb-sd-jwt+kb'] as const;

/** The `typ` of a hop that ends the chain and has no `cnf`. */
export const CHAIN_CLOSED_TYPES = ['kb+sd-jwt', 'kb-sd-jwt'] as const;

/** The claims that hold the mandates of an AP2 token: the name of AP2 v0.2, and the one that some wallets use. */
export const DELEGATE_PAYLOAD_NAMES = ['delegate_payload', '_delegate_payload'] as const;
