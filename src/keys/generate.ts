import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { checkNames, checkOptions, invalidArgument } from '../arguments.js';
import { encodeBase64url } from '../json/base64url.js';
import { ML_DSA_65_SEED_BYTES, P256_FIELD_BYTES } from '../profile.js';
import { jwkThumbprint } from './thumbprint.js';
import type { Es256PrivateJwk, Es256PublicJwk, MlDsa65PrivateJwk, MlDsa65PublicJwk } from './types.js';

/** A key pair of each kind, under one `kid`. */
export interface MandateKeys {
  /** The name that both pairs share; goes into the protected header. */
  readonly kid: string;
  /** Keep them secret: each holds its private half. */
  readonly privateKeys: { readonly es256: Es256PrivateJwk; readonly mldsa65: MlDsa65PrivateJwk };
  /** What {@link verifyMandate} takes. */
  readonly publicKeys: { readonly es256: Es256PublicJwk; readonly mldsa65: MlDsa65PublicJwk };
  /** The public keys as a JWK Set (RFC 7517 §5), ready to publish. */
  readonly jwks: { readonly keys: [Es256PublicJwk, MlDsa65PublicJwk] };
}

/**
 * Generates the two key pairs that sign mandates, as JWKs: EC P-256 (RFC 7518 §6.2) and AKP ML-DSA-65 (RFC 9964, with
 * the 32-byte seed as `priv`). They share one `kid`, which RFC 7517 §4.5 allows for keys of different `kty`.
 *
 * Use them for mandates and nothing else (SPEC.md §8.3).
 *
 * @returns Private and public JWKs, and the public ones as a JWK Set.
 * @param options.kid Default: the RFC 7638 thumbprint of the ML-DSA-65 public key, 43 characters.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`
 */
export function generateMandateKeys(options?: { kid?: string | undefined }): MandateKeys {
  const given = checkOptions(options, 'options');
  checkNames(given, ['kid']);
  if (given.kid !== undefined && !isKid(given.kid)) invalidArgument('kid', 'a non-empty string');
  return mandateKeysFrom(p256.utils.randomSecretKey(), randomBytes(ML_DSA_65_SEED_BYTES), given.kid);
}

/** A `kid` that can stand in a header. */
export const isKid = (kid: unknown): kid is string =>
  typeof kid === 'string' && kid !== '' && kid.isWellFormed();

/** The JWKs for a P-256 private scalar and an ML-DSA-65 seed, 32 bytes each. */
export function mandateKeysFrom(
  scalar: Uint8Array,
  seed: Uint8Array,
  givenKid: string | undefined,
): MandateKeys {
  const pub = ml_dsa65.keygen(seed).publicKey;
  const kid = givenKid ?? jwkThumbprint(mldsa65PublicJwk(pub, undefined));
  const es256 = es256PublicJwk(p256.getPublicKey(scalar, false), kid);
  const mldsa65 = mldsa65PublicJwk(pub, kid);
  return {
    kid,
    privateKeys: {
      es256: { ...es256, d: encodeBase64url(scalar) },
      mldsa65: { ...mldsa65, priv: encodeBase64url(seed) },
    },
    publicKeys: { es256: { ...es256 }, mldsa65: { ...mldsa65 } },
    jwks: { keys: [{ ...es256 }, { ...mldsa65 }] },
  };
}

/** The JWK of a P-256 point, uncompressed, 65 bytes. */
export const es256PublicJwk = (point: Uint8Array, kid: string | undefined): Es256PublicJwk => ({
  kty: 'EC',
  crv: 'P-256',
  ...(kid !== undefined && { kid }),
  alg: 'ES256',
  use: 'sig',
  x: encodeBase64url(point.subarray(1, 1 + P256_FIELD_BYTES)),
  y: encodeBase64url(point.subarray(1 + P256_FIELD_BYTES)),
});

/** The JWK of a P-256 scalar, 32 bytes. */
export const es256PrivateJwk = (scalar: Uint8Array, kid: string | undefined): Es256PrivateJwk => ({
  ...es256PublicJwk(p256.getPublicKey(scalar, false), kid),
  d: encodeBase64url(scalar),
});

/** The JWK of an ML-DSA-65 public key, 1952 bytes. */
export const mldsa65PublicJwk = (pub: Uint8Array, kid: string | undefined): MlDsa65PublicJwk => ({
  kty: 'AKP',
  alg: 'ML-DSA-65',
  ...(kid !== undefined && { kid }),
  use: 'sig',
  pub: encodeBase64url(pub),
});

/** The JWK of an ML-DSA-65 seed, 32 bytes. */
export const mldsa65PrivateJwk = (seed: Uint8Array, kid: string | undefined): MlDsa65PrivateJwk => ({
  ...mldsa65PublicJwk(ml_dsa65.keygen(seed).publicKey, kid),
  priv: encodeBase64url(seed),
});

const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
