import { LIFETIME_READERS, type LifetimeOptions, withLifetime } from '../claims/lifetime.js';
import { readRegisteredClaims } from '../claims/registered.js';
import { encodeBase64url } from '../encoding/base64url.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { checkHeaderLength } from '../jws/compact.js';
import { checkSdAlgCopy } from '../jws/header.js';
import {
  addPqSig,
  checkPqAlg,
  importSigners,
  refusePrivateJwk,
  signJws,
  unsignedHeader,
} from '../jws/sign.js';
import { checkPrivateKeys } from '../keys/private-keys.js';
import type { ClassicalPrivateKeys, MandatePrivateKeys, PqPrivateKeys } from '../keys/types.js';
import {
  aBoolean,
  aFunction,
  checkOptions,
  invalidArgument,
  limitsOption,
  type OptionReader,
  oneOf,
  optional,
  type Read,
  readOptions,
  unread,
} from '../options.js';
import {
  type COMPOSITE,
  ES256,
  MANDATE_ALGORITHMS,
  type MandateAlgorithm,
  type MandateLimits,
  ML_DSA_65,
  type PqAlg,
  SD_HASH_ALGORITHM,
} from '../profile.js';
import { checkDisclosures, checkLength } from '../sd-jwt/compact.js';
import { checkFrame, type DisclosureFrame } from '../sd-jwt/frame.js';
import {
  type PackedPayload,
  packPayload,
  randomSalt,
  refuseReservedNames,
  type SaltGenerator,
} from '../sd-jwt/pack.js';

/** Options of {@link signMandate}; all optional. */
export interface SignMandateOptions<T = unknown> extends LifetimeOptions {
  /** `ML-DSA-65` (default), or the hybrid `ES256+ML-DSA-65`. */
  pqAlg?: PqAlg | undefined;
  /**
   * The `alg` of the JWS. `ES256` is the default. `ML-DSA-65` (RFC 9964) omits ES256, `pq_alg` and `pq_sig`. `ML-DSA-65-ES256`
   * makes both as one composite signature, with a JWK of that `alg` as `mldsa65`. Only verifiers that opt in accept the latter
   * two (SPEC.md §20); software for AP2 v0.2 does not. Cannot be combined with `pqAlg`.
   */
  algorithm?: MandateAlgorithm | undefined;
  /** Which claims become selectively disclosable. Default: none. */
  disclosureFrame?: DisclosureFrame<T> | undefined;
  /** Further protected header parameters, such as `kid`, `typ` and `x5c`. `kid` defaults to the `kid` of the private JWKs. */
  header?: Record<string, unknown> | undefined;
  /**
   * Signs deterministically, with RFC 6979 and the deterministic variant of ML-DSA, for test vectors. Default `false`:
   * ML-DSA-65 signatures are hedged, as FIPS 204 §3.4 recommends. Requires private keys in JWK form.
   */
  deterministic?: boolean | undefined;
  /** Generates the salts. Default: 128 random bits each, base64url. */
  saltGenerator?: SaltGenerator | undefined;
  /** Limits for the mandate, so that a verifier with the same limits accepts it. */
  limits?: Partial<MandateLimits> | undefined;
}

/** The options that all tokens with disclosures share, with their readers. */
export const TOKEN_READERS = {
  disclosureFrame: unread,
  header: unread as OptionReader<Record<string, unknown> | undefined>,
  deterministic: optional(aBoolean, false),
  saltGenerator: optional(aFunction<SaltGenerator>(), randomSalt),
  limits: limitsOption,
};

const SIGN_READERS = {
  pqAlg: optional(checkPqAlg, undefined),
  algorithm: optional(oneOf(...MANDATE_ALGORITHMS), ES256),
  ...TOKEN_READERS,
  ...LIFETIME_READERS,
};

/**
 * Signs a mandate: packs the payload as an SD-JWT (RFC 9901), serializes it with JCS (RFC 8785), and signs it with
 * ML-DSA-65 (`pq_sig` in the protected header) and ES256 (the signature of the JWS). See SPEC.md §5.
 *
 * @example
 * ```ts
 * const { privateKeys } = await generateMandateKeys();
 * const mandate = await signMandate({ iss: 'https://bank.example', amount: '125.00' }, privateKeys);
 * ```
 *
 * @param payload The claims: a plain object that I-JSON (RFC 7493) can represent. As with `JSON.stringify`, a member that is
 * `undefined` is left out and a Date becomes its ISO 8601 text.
 * @param privateKeys One ES256 and one ML-DSA-65 key, each a JWK, a CryptoKey, a KeyObject or a signer function. For the
 * `algorithm` `ML-DSA-65`, only the ML-DSA-65 key is needed.
 * @param options See {@link SignMandateOptions}.
 * @returns The SD-JWT in compact form: ASCII, about 6 kB for a small payload.
 * @throws {MandateError} `ERR_MANDATE_PAYLOAD_INVALID`, `ERR_MANDATE_DISCLOSURE_FRAME_INVALID`,
 * `ERR_MANDATE_HEADER_INVALID`, `ERR_MANDATE_KEY_INVALID`, `ERR_MANDATE_SIGNER_FAILED`,
 * `ERR_MANDATE_PQ_ALG_UNKNOWN`, `ERR_MANDATE_TOO_LARGE`, `ERR_MANDATE_ARGUMENT_INVALID`,
 * `ERR_MANDATE_DISCLOSURE_REPEATED` (the salt generator repeats itself).
 */
export function signMandate<T extends object>(
  payload: T,
  privateKeys: PqPrivateKeys,
  options: SignMandateOptions<T> & { algorithm: typeof ML_DSA_65 | typeof COMPOSITE },
): Promise<string>;
export function signMandate<T extends object>(
  payload: T,
  privateKeys: MandatePrivateKeys,
  options?: SignMandateOptions<T>,
): Promise<string>;
export async function signMandate<T extends object>(
  payload: T,
  privateKeys: MandatePrivateKeys | PqPrivateKeys,
  options?: SignMandateOptions<T>,
): Promise<string> {
  const { pqAlg, ...given } = readOptions(options, SIGN_READERS);
  if (given.algorithm === ES256) return signToken(payload, privateKeys, pqAlg ?? ML_DSA_65, given);
  if (pqAlg !== undefined)
    invalidArgument('pqAlg', `left out if "algorithm" is "${given.algorithm}", because there is no "pq_sig"`);
  return signToken(payload, privateKeys, undefined, given);
}

/**
 * Like {@link signMandate}. Without a `pq_alg`, it makes a classical-only SD-JWT, or one signed with ML-DSA-65 alone, according
 * to `given.algorithm`. If given, `pack` packs the claims instead of a frame.
 */
export async function signToken(
  payload: object,
  privateKeys: MandatePrivateKeys | ClassicalPrivateKeys | PqPrivateKeys,
  pqAlg: PqAlg | undefined,
  given: Read<typeof TOKEN_READERS> &
    Partial<Read<typeof LIFETIME_READERS>> & { algorithm?: MandateAlgorithm },
  pack?: (claims: JsonObject) => PackedPayload,
): Promise<string> {
  const { algorithm = ES256, disclosureFrame, deterministic, saltGenerator, limits } = given;
  const plain = toIJson(payload, 'payload', limits);
  if (!isJsonObject(plain)) return invalidArgument('payload', 'an object');
  const claims = withLifetime(plain, given);

  checkRegisteredClaims(claims);
  refuseReservedNames(claims, 'payload');
  for (const name of ['cnf', 'pq_cnf'])
    refusePrivateJwk(claims[name], `payload.${name}`, 'ERR_MANDATE_PAYLOAD_INVALID');
  const frame = disclosureFrame === undefined ? undefined : checkFrame(disclosureFrame, claims, limits);
  const keys = checkPrivateKeys(privateKeys);
  const header = unsignedHeader(
    { _sd_alg: SD_HASH_ALGORITHM, ...checkOptions(given.header, 'header') },
    keys,
    pqAlg,
    limits,
    algorithm,
  );
  const signers = await importSigners(keys, pqAlg, deterministic, limits, algorithm);
  const packed = pack === undefined ? await packPayload(claims, frame, saltGenerator, limits) : pack(claims);
  checkSdAlgCopy(header, packed.payload);
  const encodedPayload = encodeBase64url(canonicalize(packed.payload));
  const signedHeader = await addPqSig(header, encodedPayload, pqAlg, signers);
  const jws = await signJws(signedHeader, encodedPayload, signers, algorithm);
  const mandate = [jws, ...packed.disclosures, ''].join('~');
  checkLength(mandate.length, limits);
  checkHeaderLength(jws.slice(0, jws.indexOf('.')), limits);
  checkDisclosures(packed.disclosures, limits);
  return mandate;
}

/** The last second of the year 9999: a greater NumericDate is in milliseconds by mistake. */
const LATEST = 253_402_300_799;

/** Rejects claims that every verifier would reject, or would read as a date in fifty thousand years. */
export function checkRegisteredClaims(claims: JsonObject, name = 'payload'): void {
  const refuse = (claim: string, expected: string): never => {
    const path = `${name}.${claim}`;
    fail('ERR_MANDATE_PAYLOAD_INVALID', path, `"${path}" must be ${expected}`);
  };
  const { iat, nbf, exp } = readRegisteredClaims(claims, refuse);
  for (const [claim, time] of Object.entries({ iat, nbf, exp })) {
    if (time !== undefined && time > LATEST) refuse(claim, 'in seconds since the epoch, not milliseconds');
  }
}
