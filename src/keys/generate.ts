import { encodeBase64url } from '../encoding/base64url.js';
import { concat } from '../encoding/bytes.js';
import { writeEcPrivateKey } from '../encoding/pem.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { fail } from '../errors.js';
import { invalidArgument, optional, readOptions } from '../options.js';
import { primitive } from '../primitives/select.js';
import { COMPOSITE, ML_DSA_65_SEED_BYTES, P256_FIELD_BYTES } from '../profile.js';
import { randomBytes } from '../runtime.js';
import { isP256Scalar } from './algorithms.js';
import { jwkThumbprint } from './thumbprint.js';
import type {
  CompositePrivateJwk,
  CompositePublicJwk,
  Es256PrivateJwk,
  Es256PublicJwk,
  MlDsa65PrivateJwk,
  MlDsa65PublicJwk,
} from './types.js';

/** A key pair of each kind, under one `kid`. */
export interface MandateKeys {
  /** The `kid` that both pairs share; it goes into the protected header. */
  readonly kid: string;
  /** Keep them secret. */
  readonly privateKeys: { readonly es256: Es256PrivateJwk; readonly mldsa65: MlDsa65PrivateJwk };
  /** The argument that {@link verifyMandate} takes. */
  readonly publicKeys: { readonly es256: Es256PublicJwk; readonly mldsa65: MlDsa65PublicJwk };
  /** The public keys as a JWK Set (RFC 7517 §5), ready to publish. */
  readonly jwks: { readonly keys: [Es256PublicJwk, MlDsa65PublicJwk] };
}

/**
 * Generates the two key pairs that sign mandates, as JWKs: EC P-256 (RFC 7518 §6.2) and AKP ML-DSA-65 (RFC 9964, with the
 * 32-byte seed as `priv`). They share one `kid`, which RFC 7517 §4.5 allows for keys of different `kty`.
 *
 * Use them only for mandates (SPEC.md §8.3).
 *
 * @returns Private and public JWKs, and the public ones as a JWK Set.
 * @param options.kid Default: the RFC 7638 thumbprint of the ML-DSA-65 public key, 43 characters.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`; `ERR_MANDATE_RUNTIME_UNSUPPORTED`: the runtime provides no random
 * numbers.
 */
export async function generateMandateKeys(options?: { kid?: string | undefined }): Promise<MandateKeys> {
  const given = readOptions(options, { kid: optional(aKid, undefined) });
  const { privateKey: scalar, publicKey: point } = await generateP256();
  const seed = randomBytes(ML_DSA_65_SEED_BYTES);
  const pub = await derivePub(seed);
  const kid = given.kid ?? jwkThumbprint(mldsa65PublicJwk(pub, undefined));
  const es256 = es256PublicJwk(point, kid);
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

/** A key pair for the `alg` `ML-DSA-65-ES256`. */
export interface CompositeKeys {
  /** It goes into the protected header. */
  readonly kid: string;
  /** Keep it secret. */
  readonly privateKeys: { readonly mldsa65: CompositePrivateJwk };
  /** The argument that {@link verifyMandate} takes. */
  readonly publicKeys: { readonly mldsa65: CompositePublicJwk };
  /** The public key as a JWK Set (RFC 7517 §5), ready to publish. */
  readonly jwks: { readonly keys: [CompositePublicJwk] };
}

/**
 * Generates the key pair of a composite, `alg` `ML-DSA-65-ES256` (SPEC.md §20, draft-ietf-jose-pq-composite-sigs-05): one AKP
 * JWK. Both of its components are new, because the draft forbids a component key that has another use.
 *
 * @returns The private and the public JWK, and the public one as a JWK Set.
 * @param options.kid Default: the RFC 7638 thumbprint of the public key, 43 characters.
 * @throws {MandateError} As {@link generateMandateKeys}.
 */
export async function generateCompositeKeys(options?: { kid?: string | undefined }): Promise<CompositeKeys> {
  const given = readOptions(options, { kid: optional(aKid, undefined) });
  const { privateKey: scalar, publicKey: point } = await generateP256();
  const seed = randomBytes(ML_DSA_65_SEED_BYTES);
  const pub = concat(await derivePub(seed), point);
  const kid = given.kid ?? jwkThumbprint(compositePublicJwk(pub, undefined));
  const mldsa65 = compositePublicJwk(pub, kid);
  return {
    kid,
    privateKeys: { mldsa65: { ...mldsa65, priv: encodeBase64url(concat(seed, writeEcPrivateKey(scalar))) } },
    publicKeys: { mldsa65: { ...mldsa65 } },
    jwks: { keys: [{ ...mldsa65 }] },
  };
}

/** The JWK of an ML-DSA-65 public key and a point, 2017 bytes. */
const compositePublicJwk = (pub: Uint8Array, kid: string | undefined): CompositePublicJwk => ({
  kty: 'AKP',
  alg: COMPOSITE,
  ...(kid !== undefined && { kid }),
  use: 'sig',
  pub: encodeBase64url(pub),
});

/** Uses the back end if it generates pairs: some WebCrypto implementations cannot derive a point. */
async function generateP256(): Promise<{ privateKey: Uint8Array; publicKey: Uint8Array }> {
  const es256 = await primitive('es256');
  if (es256.generate !== undefined) return es256.generate();
  const privateKey = randomScalar();
  return { privateKey, publicKey: await es256.derivePublicKey(privateKey) };
}

/**
 * Generates a P-256 private key by testing candidates (FIPS 186-5 A.2.2). It needs only random numbers, the one part of
 * WebCrypto that a page loaded over plain http has.
 */
function randomScalar(): Uint8Array {
  for (let attempt = 0; attempt < 4; attempt++) {
    const candidate = randomBytes(P256_FIELD_BYTES);
    if (isP256Scalar(candidate)) return candidate;
  }
  // With random numbers, only 1 candidate in 2^32 is rejected.
  return fail(
    'ERR_MANDATE_RUNTIME_UNSUPPORTED',
    'crypto.getRandomValues',
    '"crypto.getRandomValues" does not return random numbers',
  );
}

/** Whether a value can be the `kid` of a header. */
export const isKid = (kid: unknown): kid is string =>
  typeof kid === 'string' && kid !== '' && isWellFormed(kid);

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

/** The JWK of a P-256 scalar, 32 bytes, and its point. */
export const es256PrivateJwk = (
  scalar: Uint8Array,
  point: Uint8Array,
  kid: string | undefined,
): Es256PrivateJwk => ({ ...es256PublicJwk(point, kid), d: encodeBase64url(scalar) });

/** The JWK of an ML-DSA-65 public key, 1952 bytes. */
export const mldsa65PublicJwk = (pub: Uint8Array, kid: string | undefined): MlDsa65PublicJwk => ({
  kty: 'AKP',
  alg: 'ML-DSA-65',
  ...(kid !== undefined && { kid }),
  use: 'sig',
  pub: encodeBase64url(pub),
});

/** The JWK of an ML-DSA-65 seed, 32 bytes. */
export const mldsa65PrivateJwk = async (
  seed: Uint8Array,
  kid: string | undefined,
): Promise<MlDsa65PrivateJwk> => ({
  ...mldsa65PublicJwk(await derivePub(seed), kid),
  priv: encodeBase64url(seed),
});

const derivePub = async (seed: Uint8Array): Promise<Uint8Array> =>
  (await primitive('mldsa65')).derivePublicKey(seed);

/** The option `kid`. */
export const aKid = (kid: unknown, path: string): string =>
  isKid(kid) ? kid : invalidArgument(path, 'a non-empty string');
