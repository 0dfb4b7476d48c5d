import { isUint8Array } from '../brand.js';
import { asciiBytes } from '../encoding/ascii.js';
import { encodeBase64url } from '../encoding/base64url.js';
import { concat } from '../encoding/bytes.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { writeEcdsaSigValue } from '../encoding/pem.js';
import { fail, type MandateErrorCode } from '../errors.js';
import { importCompositeSigners } from '../keys/composite.js';
import { kidOf } from '../keys/jwk.js';
import { importSigner } from '../keys/signer.js';
import type { ClassicalPrivateKeys, ExternalSigner, PqPrivateKeys } from '../keys/types.js';
import { describeType, isMandateError, type OptionReader, optional } from '../options.js';
import {
  COMPOSITE,
  DEFAULT_LIMITS,
  ES256,
  ES256_SIGNATURE_BYTES,
  HYBRID,
  JWS_SIGNATURE_BYTES,
  type MandateAlgorithm,
  type MandateLimits,
  ML_DSA_65,
  ML_DSA_65_SIGNATURE_BYTES,
  type PqAlg,
} from '../profile.js';
import { checkParameters, isPqAlg } from './header.js';
import {
  compositeMessage,
  encodeUnsignedHeader,
  fingerprint,
  jwsSigningInput,
  pqSigningInput,
} from './signing-input.js';

/** Imported private keys. A key that the chosen mode does not need may be missing. */
export interface Signers {
  readonly es256: ExternalSigner | undefined;
  readonly mldsa65: ExternalSigner | undefined;
}

/** Returns the `pq_alg` to sign with, or throws for any other value. */
export function checkPqAlg(pqAlg: unknown): PqAlg {
  if (isPqAlg(pqAlg)) return pqAlg;
  fail('ERR_MANDATE_PQ_ALG_UNKNOWN', 'pqAlg', '"pqAlg" must be "ML-DSA-65" or "ES256+ML-DSA-65"');
}

/** The option `pqAlg`. */
export const pqAlgOption: OptionReader<PqAlg> = optional(checkPqAlg, ML_DSA_65);

/**
 * Builds the protected header to sign, without `pq_sig`: the parameters of the caller, `alg`, `pq_alg` if there is one, and the
 * `kid` that both keys share.
 */
export function unsignedHeader(
  given: unknown,
  { es256, mldsa65 }: { readonly es256?: unknown; readonly mldsa65?: unknown },
  pqAlg: PqAlg | undefined,
  limits: MandateLimits = DEFAULT_LIMITS,
  alg: MandateAlgorithm = ES256,
): JsonObject {
  const parameters = toIJson(given, 'header', limits, 'ERR_MANDATE_HEADER_INVALID');
  if (!isJsonObject(parameters)) return refuse('header', 'a JSON object');
  refusePrivateJwk({ jwk: parameters }, 'header', 'ERR_MANDATE_HEADER_INVALID');
  refusePrivateJwk(parameters, 'header', 'ERR_MANDATE_HEADER_INVALID');
  for (const name of ['pq_alg', 'pq_sig']) {
    if (Object.hasOwn(parameters, name)) refuse(name, 'absent: this library sets it');
  }
  const header: JsonObject = { alg, ...parameters, ...(pqAlg !== undefined && { pq_alg: pqAlg }) };
  const kids = [
    alg === ES256 ? kidOf(es256, 'es256') : undefined,
    alg === ES256 && pqAlg === undefined ? undefined : kidOf(mldsa65, 'mldsa65'),
  ];
  for (const kid of kids) {
    if (kid === undefined) continue;
    if (!Object.hasOwn(header, 'kid')) header.kid = kid;
    if (header.kid !== kid) refuse('kid', 'the "kid" of both private keys');
  }
  checkParameters(header, [alg]);
  return header;
}

/** The private members of a JWK must not be published, for example by mistake for the public ones. */
export function refusePrivateJwk(holder: JsonValue | undefined, path: string, code: MandateErrorCode): void {
  const jwk = isJsonObject(holder) ? holder.jwk : undefined;
  if (!isJsonObject(jwk) || !Object.hasOwn(jwk, 'kty')) return;
  if (!['d', 'priv', 'k'].some((member) => Object.hasOwn(jwk, member))) return;
  fail(code, path, `"${path}" must not hold a private key`);
}

/** Imports the private keys that an `alg` and an optional `pq_alg` need. */
export async function importSigners(
  { es256, mldsa65 }: ClassicalPrivateKeys | PqPrivateKeys,
  pqAlg: PqAlg | undefined,
  deterministic: boolean,
  { callTimeout }: MandateLimits = DEFAULT_LIMITS,
  alg: MandateAlgorithm = ES256,
): Promise<Signers> {
  if (alg === COMPOSITE) return importCompositeSigners(mldsa65, deterministic);
  return {
    es256:
      alg === ES256 ? await importSigner('es256', es256, deterministic, 'es256', callTimeout) : undefined,
    mldsa65:
      alg === ES256 && pqAlg === undefined
        ? undefined
        : await importSigner('mldsa65', mldsa65, deterministic, 'mldsa65', callTimeout),
  };
}

/** Signs a JWT without disclosures: claims in JCS form, signed according to `pqAlg`. */
export async function signClaims(
  claims: JsonObject,
  header: Record<string, unknown>,
  keys: ClassicalPrivateKeys,
  pqAlg: PqAlg | undefined,
  deterministic: boolean,
  limits: MandateLimits = DEFAULT_LIMITS,
): Promise<string> {
  const unsigned = unsignedHeader(header, keys, pqAlg);
  const signers = await importSigners(keys, pqAlg, deterministic, limits);
  const encodedPayload = encodeBase64url(canonicalize(claims));
  return signJws(await addPqSig(unsigned, encodedPayload, pqAlg, signers), encodedPayload, signers);
}

/** Returns the protected header in JCS form, with `pq_sig` added (SPEC.md §5.2 and §5.3) unless there is no `pq_alg`. */
export async function addPqSig(
  unsigned: JsonObject,
  encodedPayload: string,
  pqAlg: PqAlg | undefined,
  signers: Signers,
): Promise<string> {
  if (pqAlg === undefined) return canonicalize(unsigned);
  const input = pqSigningInput(encodeUnsignedHeader(unsigned), encodedPayload);
  const parts: Uint8Array[] = [];
  if (pqAlg === HYBRID)
    parts.push(await sign(signers.es256, asciiBytes(input), ES256_SIGNATURE_BYTES, 'es256'));
  parts.push(await sign(signers.mldsa65, fingerprint(input), ML_DSA_65_SIGNATURE_BYTES, 'mldsa65'));
  return canonicalize({ ...unsigned, pq_sig: encodeBase64url(concat(...parts)) });
}

/**
 * Makes the signature of the JWS, which is the last one and so covers `pq_sig`. With `alg` `ES256` it is ES256; with `alg`
 * `ML-DSA-65` it is the only signature (R20.4).
 */
export async function signJws(
  header: string,
  encodedPayload: string,
  signers: Signers,
  alg: MandateAlgorithm = ES256,
): Promise<string> {
  const encodedHeader = encodeBase64url(header);
  const input = jwsSigningInput(encodedHeader, encodedPayload);
  if (alg === COMPOSITE) {
    const message = compositeMessage(input);
    const mldsa65 = await sign(signers.mldsa65, message, ML_DSA_65_SIGNATURE_BYTES, 'mldsa65');
    const es256 = await sign(signers.es256, message, ES256_SIGNATURE_BYTES, 'es256');
    return `${encodedHeader}.${encodedPayload}.${encodeBase64url(concat(mldsa65, writeEcdsaSigValue(es256)))}`;
  }
  const name = alg === ES256 ? 'es256' : 'mldsa65';
  const signature = await sign(signers[name], asciiBytes(input), JWS_SIGNATURE_BYTES[alg], name);
  return `${encodedHeader}.${encodedPayload}.${encodeBase64url(signature)}`;
}

/** Calls a signer, and accepts only a signature of the right length. */
async function sign(
  signer: ExternalSigner | undefined,
  data: Uint8Array,
  length: number,
  parameter: string,
): Promise<Uint8Array> {
  const refused = (message: string, cause?: unknown): never =>
    fail('ERR_MANDATE_SIGNER_FAILED', parameter, `the signer "${parameter}" ${message}`, { cause });
  let made: unknown;
  let signature: Uint8Array | undefined;
  try {
    // Copies, because a signer could write into either.
    made = await (signer as ExternalSigner)(data.slice());
    signature = isUint8Array(made) ? new Uint8Array(made) : undefined;
  } catch (cause) {
    // The signer was late.
    if (isMandateError(cause) && cause.code === 'ERR_MANDATE_SIGNER_FAILED') throw cause;
    return refused('threw', cause);
  }
  if (signature === undefined) {
    return refused(`must return a Uint8Array of ${length} bytes, got ${describeType(made)}`);
  }
  if (signature.length !== length) {
    // A DER sequence begins with 0x30. A KMS returns ECDSA signatures in DER.
    const hint = length === ES256_SIGNATURE_BYTES && signature[0] === 0x30 ? ' (DER? R‖S is expected)' : '';
    refused(`must return ${length} bytes, got ${signature.length}${hint}`);
  }
  return signature;
}

function refuse(parameter: string, expected: string): never {
  fail('ERR_MANDATE_HEADER_INVALID', parameter, `header parameter "${parameter}" must be ${expected}`);
}
