import {
  writeEs256Pkcs8,
  writeEs256Spki,
  writeMlDsa65ExpandedPkcs8,
  writeMlDsa65Pkcs8,
  writeMlDsa65Spki,
  writePem,
} from '../encoding/pem.js';
import { loadModule } from '../lazy.js';
import { checkOptions, describeType, isPlainObject, oneOf, optional, readOptions } from '../options.js';
import type { PrimitiveName } from '../primitives/back-end.js';
import { KEY_ALGORITHMS } from './algorithms.js';
import { type RawKey, readMembers } from './jwk.js';
import { refuseKey } from './refuse.js';
import type { Es256PrivateJwk, Es256PublicJwk, MlDsa65PrivateJwk, MlDsa65PublicJwk } from './types.js';

/** A pair of JWKs, public or private. */
export interface JwkPair {
  readonly es256: Es256PublicJwk | Es256PrivateJwk;
  readonly mldsa65: MlDsa65PublicJwk | MlDsa65PrivateJwk;
}

/** Options of {@link exportMandateKeysToPem}; all optional. */
export interface ExportToPemOptions {
  /**
   * The content of a private ML-DSA-65 file. `seed`, 32 bytes, is the default and recommended by RFC 9881 §6. `expanded`, 4032
   * bytes, is the only form that Java reads before JDK 26. The seed cannot be recovered from an expanded key: keep the JWK as
   * well.
   */
  mldsa65?: 'seed' | 'expanded' | undefined;
}

/**
 * Exports keys as PEM (RFC 7468): SPKI for public JWKs, PKCS #8 for private ones. OpenSSL ≥ 3.5 and Node ≥ 24.7 can read all of
 * them.
 *
 * @example
 * ```ts
 * const { mldsa65 } = await exportMandateKeysToPem(privateKeys, { mldsa65: 'expanded' }); // for Java
 * ```
 *
 * @returns Two PEM texts, each with one block and a final line end.
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`, `ERR_MANDATE_ARGUMENT_INVALID`
 */
export async function exportMandateKeysToPem(
  keys: JwkPair,
  options?: ExportToPemOptions,
): Promise<{ es256: string; mldsa65: string }> {
  const { mldsa65: form } = readOptions(options, { mldsa65: optional(oneOf('seed', 'expanded'), 'seed') });
  const { es256, mldsa65 } = readPair(keys);
  return {
    es256: es256.privateKey
      ? writePem('PRIVATE KEY', writeEs256Pkcs8(es256.privateKey, es256.publicKey))
      : writePem('PUBLIC KEY', writeEs256Spki(es256.publicKey)),
    mldsa65: mldsa65.privateKey
      ? writePem('PRIVATE KEY', await writeMlDsa65Private(mldsa65.privateKey, form))
      : writePem('PUBLIC KEY', writeMlDsa65Spki(mldsa65.publicKey)),
  };
}

async function writeMlDsa65Private(seed: Uint8Array, form: 'seed' | 'expanded'): Promise<Uint8Array> {
  if (form === 'seed') return writeMlDsa65Pkcs8(seed);
  const { expandSeed } = await loadModule('mldsa65', () => import('../primitives/noble-ml-dsa-65.js'));
  return writeMlDsa65ExpandedPkcs8(expandSeed(seed));
}

/**
 * Exports keys as raw bytes. Public: the uncompressed P-256 point, 65 bytes, and the ML-DSA-65 public key, 1952 bytes. Private:
 * the P-256 scalar and the ML-DSA-65 seed, 32 bytes each.
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`
 */
export function exportMandateKeysToRaw(keys: JwkPair): { es256: Uint8Array; mldsa65: Uint8Array } {
  const { es256, mldsa65 } = readPair(keys);
  // Copies: Node decodes into memory that all its small Buffers share.
  return {
    es256: Uint8Array.from(es256.privateKey ?? es256.publicKey),
    mldsa65: Uint8Array.from(mldsa65.privateKey ?? mldsa65.publicKey),
  };
}

function readPair(keys: JwkPair): Readonly<Record<PrimitiveName, RawKey>> {
  const { es256, mldsa65 } = checkOptions(keys, 'keys');
  return { es256: readJwk('es256', es256), mldsa65: readJwk('mldsa65', mldsa65) };
}

/** The raw key of a JWK; both keys for a private JWK. */
function readJwk(name: PrimitiveName, jwk: unknown): RawKey {
  if (!isPlainObject(jwk)) return refuseKey(name, `a JWK, got ${describeType(jwk)}`);
  const { readJwk: read, privateMember } = KEY_ALGORITHMS[name];
  const members = readMembers(jwk, name);
  return read(members, members[privateMember] === undefined ? 'verify' : 'sign', name);
}
