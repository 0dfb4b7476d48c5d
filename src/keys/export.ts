import { decodeBase64urlOfLength } from '../encoding/base64url.js';
import {
  writeEs256Pkcs8,
  writeEs256Spki,
  writeMlDsa65Pkcs8,
  writeMlDsa65Spki,
  writePem,
} from '../encoding/pem.js';
import { MandateError } from '../errors.js';
import { checkOptions, describeType, isPlainObject } from '../options.js';
import {
  ML_DSA_65_PUBLIC_KEY_BYTES,
  ML_DSA_65_SEED_BYTES,
  P256_FIELD_BYTES,
  P256_POINT_BYTES,
} from '../profile.js';
import type { Es256PrivateJwk, Es256PublicJwk, MlDsa65PrivateJwk, MlDsa65PublicJwk } from './types.js';

/** A pair of JWKs, public or private. */
export interface JwkPair {
  readonly es256: Es256PublicJwk | Es256PrivateJwk;
  readonly mldsa65: MlDsa65PublicJwk | MlDsa65PrivateJwk;
}

/**
 * The keys as PEM: SPKI for public JWKs, PKCS #8 for private ones (ML-DSA-65 as the seed, RFC 9881 §6). OpenSSL ≥ 3.5 and
 * Node ≥ 24.7 read both.
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`
 */
export function exportMandateKeysToPem(keys: JwkPair): { es256: string; mldsa65: string } {
  const { es256, mldsa65 } = checkPair(keys);
  const point = pointOf(es256);
  const scalar = 'd' in es256 ? member(es256.d, P256_FIELD_BYTES, 'es256.d') : undefined;
  const seed = 'priv' in mldsa65 ? member(mldsa65.priv, ML_DSA_65_SEED_BYTES, 'mldsa65.priv') : undefined;
  return {
    es256:
      scalar === undefined
        ? writePem('PUBLIC KEY', writeEs256Spki(point))
        : writePem('PRIVATE KEY', writeEs256Pkcs8(scalar, point)),
    mldsa65:
      seed === undefined
        ? writePem(
            'PUBLIC KEY',
            writeMlDsa65Spki(member(mldsa65.pub, ML_DSA_65_PUBLIC_KEY_BYTES, 'mldsa65.pub')),
          )
        : writePem('PRIVATE KEY', writeMlDsa65Pkcs8(seed)),
  };
}

/**
 * The keys as raw bytes. Public: the uncompressed P-256 point, 65 bytes, and the ML-DSA-65 public key, 1952 bytes.
 * Private: the P-256 scalar and the ML-DSA-65 seed, 32 bytes each.
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`
 */
export function exportMandateKeysToRaw(keys: JwkPair): { es256: Uint8Array; mldsa65: Uint8Array } {
  const { es256, mldsa65 } = checkPair(keys);
  return {
    es256: 'd' in es256 ? member(es256.d, P256_FIELD_BYTES, 'es256.d') : pointOf(es256),
    mldsa65:
      'priv' in mldsa65
        ? member(mldsa65.priv, ML_DSA_65_SEED_BYTES, 'mldsa65.priv')
        : member(mldsa65.pub, ML_DSA_65_PUBLIC_KEY_BYTES, 'mldsa65.pub'),
  };
}

function checkPair(keys: JwkPair): JwkPair {
  const { es256, mldsa65 } = checkOptions(keys, 'keys');
  for (const [parameter, jwk] of Object.entries({ es256, mldsa65 })) {
    if (isPlainObject(jwk)) continue;
    throw new MandateError(
      'ERR_MANDATE_KEY_INVALID',
      parameter,
      `"${parameter}" must be a JWK, got ${describeType(jwk)}`,
    );
  }
  return { es256, mldsa65 };
}

function pointOf({ x, y }: JwkPair['es256']): Uint8Array {
  const point = new Uint8Array(P256_POINT_BYTES);
  point.set([4]);
  point.set(member(x, P256_FIELD_BYTES, 'es256.x'), 1);
  point.set(member(y, P256_FIELD_BYTES, 'es256.y'), 1 + P256_FIELD_BYTES);
  return point;
}

function member(value: unknown, length: number, parameter: string): Uint8Array {
  if (typeof value === 'string')
    return decodeBase64urlOfLength(value, length, parameter, 'ERR_MANDATE_KEY_INVALID');
  throw new MandateError(
    'ERR_MANDATE_KEY_INVALID',
    parameter,
    `"${parameter}" must be base64url of ${length} bytes`,
  );
}
