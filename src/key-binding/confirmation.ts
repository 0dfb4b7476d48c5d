import { isBase64urlOfLength } from '../encoding/base64url.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail, MandateError } from '../errors.js';
import { readable } from '../keys/forms.js';
import { jwkThumbprint } from '../keys/thumbprint.js';
import type { Es256PublicJwk, MandatePublicKeys, MlDsa65PublicJwk } from '../keys/types.js';
import { checkOptions, describeType, readOptions, unread } from '../options.js';
import { DEFAULT_LIMITS, type MandateLimits, ML_DSA_65, SHA256_BYTES } from '../profile.js';
import { withTimeLimit } from '../time-limit.js';

/** Finds an ML-DSA-65 public key by its RFC 7638 thumbprint, 43 characters, if `pq_cnf` holds only the thumbprint. */
export type ThumbprintResolver = (
  thumbprint: string,
) => MlDsa65PublicJwk | undefined | Promise<MlDsa65PublicJwk | undefined>;

/** The confirmation claims of a token (SPEC.md §10.2). */
export interface Confirmation {
  /** The P-256 key, with only the members that AP2's schema allows. */
  cnf: { jwk: { kty: 'EC'; crv: 'P-256'; kid?: string; x: string; y: string } };
  /** The ML-DSA-65 key, or its RFC 7638 thumbprint. Absent if the next signature is classical-only. */
  pq_cnf?: { jwk: { kty: 'AKP'; alg: 'ML-DSA-65'; kid?: string; pub: string } } | { jkt: string };
}

/**
 * Returns the confirmation claims for a pair of public keys. The holder of the private keys may close the mandate, or bind it.
 * Both claims go where AP2 and RFC 7800 have `cnf`.
 *
 * @example
 * ```ts
 * const openMandate = { vct: 'mandate.payment.open.1', constraints, ...confirmationOf(agent.publicKeys) };
 * ```
 *
 * @param publicKeys JWKs.
 * @param options.thumbprint `true` replaces the ML-DSA-65 key by its thumbprint: 43 characters instead of 2603. The verifier
 * then needs another source for the key.
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`
 */
export function confirmationOf(
  publicKeys: { readonly es256: Es256PublicJwk; readonly mldsa65?: MlDsa65PublicJwk | undefined },
  options?: { thumbprint?: boolean | undefined },
): Confirmation {
  const { es256, mldsa65 } = copyKeys(checkOptions(publicKeys, 'publicKeys'));
  const { thumbprint } = readOptions(options, { thumbprint: unread });
  if (es256?.kty !== 'EC') keyInvalid('es256', 'an EC JWK');
  if (mldsa65 !== undefined && (mldsa65?.kty !== 'AKP' || mldsa65.alg !== ML_DSA_65))
    keyInvalid('mldsa65', `an AKP JWK of "alg" ${ML_DSA_65}`);
  jwkThumbprint(es256);
  const { kid, x, y } = es256;
  const cnf: Confirmation['cnf'] = {
    jwk: { kty: 'EC', crv: 'P-256', ...(kid !== undefined && { kid }), x, y },
  };
  if (mldsa65 === undefined) return { cnf };
  const jkt = jwkThumbprint(mldsa65);
  if (thumbprint) return { cnf, pq_cnf: { jkt } };
  const { pub, kid: pqKid } = mldsa65;
  return {
    cnf,
    pq_cnf: { jwk: { kty: 'AKP', alg: 'ML-DSA-65', ...(pqKid !== undefined && { kid: pqKid }), pub } },
  };
}

/** Copies of both keys, whose members are then the same wherever they are used. */
const copyKeys = ({ es256, mldsa65 }: Parameters<typeof confirmationOf>[0]) => ({
  es256: readable('es256', () => ({ ...es256 })),
  mldsa65: mldsa65 && readable('mldsa65', () => ({ ...mldsa65 })),
});

function keyInvalid(parameter: string, expected: string): never {
  fail('ERR_MANDATE_KEY_INVALID', parameter, `"${parameter}" must be ${expected}`);
}

/** Whether a token requires the next signature to be quantum-safe. */
export const promisesPq = (holder: JsonObject): boolean => Object.hasOwn(holder, 'pq_cnf');

/**
 * Reads the keys that must verify the next signature. The import of the JWKs validates them.
 *
 * @param holder The object that has `cnf`: a payload, or an element of `delegate_payload`.
 */
export async function readConfirmation(
  holder: JsonObject,
  path: string,
  resolveThumbprint: ThumbprintResolver | undefined,
  limits: MandateLimits = DEFAULT_LIMITS,
): Promise<MandatePublicKeys> {
  const es256 = readCnf(holder, `${path}.cnf`);
  if (!promisesPq(holder)) return { es256 };
  return { es256, mldsa65: await readPqCnf(holder.pq_cnf, `${path}.pq_cnf`, resolveThumbprint, limits) };
}

/** RFC 7800 §3.1: exactly one key, which must be a JWK in this profile. */
function readCnf(holder: JsonObject, path: string): Es256PublicJwk {
  const cnf = Object.hasOwn(holder, 'cnf') ? holder.cnf : undefined;
  if (!isJsonObject(cnf) || !isJsonObject(cnf.jwk) || !Object.hasOwn(cnf, 'jwk')) {
    return refuse(path, 'an object with a public key as "jwk"');
  }
  if (Object.hasOwn(cnf, 'jwe') || Object.hasOwn(cnf, 'jku'))
    refuse(path, 'the confirmation of one key only');
  if (cnf.jwk.kty !== 'EC' || cnf.jwk.crv !== 'P-256') refuse(`${path}.jwk`, 'a key of P-256');
  return cnf.jwk as unknown as Es256PublicJwk;
}

async function readPqCnf(
  pqCnf: JsonValue | undefined,
  path: string,
  resolveThumbprint: ThumbprintResolver | undefined,
  limits: MandateLimits,
): Promise<MlDsa65PublicJwk> {
  if (!isJsonObject(pqCnf) || Object.keys(pqCnf).length !== 1) {
    return refuse(path, 'an object with "jwk" or "jkt", and nothing else');
  }
  const { jwk, jkt } = pqCnf;
  if (Object.hasOwn(pqCnf, 'jwk')) {
    if (!isJsonObject(jwk) || jwk.kty !== 'AKP') return refuse(`${path}.jwk`, 'an AKP key');
    return jwk as unknown as MlDsa65PublicJwk;
  }
  if (!isBase64urlOfLength(jkt, SHA256_BYTES)) {
    return refuse(path, 'an object with "jwk", or with "jkt", a thumbprint of 43 base64url characters');
  }
  return resolve(jkt, path, resolveThumbprint, limits);
}

async function resolve(
  jkt: string,
  path: string,
  resolveThumbprint: ThumbprintResolver | undefined,
  { callTimeout }: MandateLimits,
): Promise<MlDsa65PublicJwk> {
  const failure = (message: string, cause?: unknown): MandateError =>
    new MandateError('ERR_MANDATE_KEY_UNRESOLVED', path, message, { cause });
  const unresolved = (message: string, cause?: unknown): never => {
    throw failure(message, cause);
  };
  if (resolveThumbprint === undefined) {
    return unresolved(`"${path}" holds a thumbprint, which needs the option "resolveThumbprint"`);
  }
  const jwk: unknown = await withTimeLimit(
    callTimeout,
    () => resolveThumbprint(jkt),
    (cause, late) =>
      failure(
        `the function "resolveThumbprint" ${late ? `gave ${(cause as Error).message}` : 'failed'}`,
        cause,
      ),
  );
  if (!isJsonObject(jwk as JsonValue | undefined)) {
    return unresolved(
      `"resolveThumbprint" must return the JWK with the thumbprint ${jkt}, got ${describeType(jwk)}`,
    );
  }
  // The result of the function is checked against the thumbprint, not trusted.
  let found: MlDsa65PublicJwk;
  try {
    found = { ...(jwk as MlDsa65PublicJwk) };
  } catch (cause) {
    return unresolved('the key that "resolveThumbprint" returned could not be read', cause);
  }
  if (jwkThumbprint(found) !== jkt)
    unresolved(`"resolveThumbprint" returned a key with another thumbprint than ${jkt}`);
  return found;
}

function refuse(path: string, expected: string): never {
  fail('ERR_MANDATE_CONFIRMATION_INVALID', path, `"${path}" must be ${expected}`);
}
