import { isUint8Array } from '../brand.js';
import { DerError } from '../encoding/der.js';
import { readSpki } from '../encoding/pem.js';
import { fail, type MandateErrorCode } from '../errors.js';
import { KEY_ALGORITHMS } from '../keys/algorithms.js';
import { aKid, es256PublicJwk, mldsa65PublicJwk } from '../keys/generate.js';
import { readMembers } from '../keys/jwk.js';
import { refuseKey } from '../keys/refuse.js';
import type { Es256PublicJwk, ExternalSigner, MlDsa65PublicJwk } from '../keys/types.js';
import { importVerifier } from '../keys/verifier.js';
import { aTimeout, isMandateError, optional } from '../options.js';
import type { PrimitiveName } from '../primitives/back-end.js';
import { DEFAULT_LIMITS } from '../profile.js';
import { withTimeLimit } from '../time-limit.js';
import { nameOf } from './check.js';

/** The result of the three subpaths: signer functions for `signMandate`, and the public keys to publish. */
export interface ServiceSigners {
  /** For `signMandate` and other functions that take private keys. A function has no `kid`: set it in the header. */
  readonly privateKeys: { readonly es256: ExternalSigner; readonly mldsa65: ExternalSigner };
  /** For `createMandateKeySet` and `verifyMandate`. Read once, when the signers were opened. */
  readonly publicKeys: { readonly es256: Es256PublicJwk; readonly mldsa65: MlDsa65PublicJwk };
}

/** Options of all three; all optional. */
export interface ServiceOptions {
  /** The `kid` of both public JWKs. */
  kid?: string | undefined;
  /** Milliseconds that one call may take. Default 30 000. The shorter of this and `limits.callTimeout` applies. */
  timeout?: number | undefined;
}

export const SERVICE_READERS = {
  kid: optional(aKid, undefined),
  timeout: optional(aTimeout, DEFAULT_LIMITS.callTimeout),
};

/**
 * Calls a service with a time limit, and reads its answer in `call`, so that an answer that cannot be read is the failure of the
 * service. Errors name the call that failed.
 */
export const callService = <T>(
  timeout: number,
  code: MandateErrorCode,
  parameter: string,
  service: string,
  call: (signal: AbortSignal) => T | PromiseLike<T>,
): Promise<T> =>
  withTimeLimit(timeout, call, (cause, late) => {
    if (isMandateError(cause)) return cause;
    const what = late ? `did not answer within ${timeout} ms` : `answered with ${nameOf(cause)}`;
    try {
      return fail(code, parameter, `${service} ${what} for "${parameter}"`, { cause });
    } catch (error) {
      return error;
    }
  });

/** The bytes of a response, copied. */
export const bytesOf = (
  value: unknown,
  code: MandateErrorCode,
  parameter: string,
  service: string,
): Uint8Array =>
  isUint8Array(value)
    ? Uint8Array.from(value)
    : fail(code, parameter, `${service} returned no bytes for "${parameter}"`);

/** Converts the raw public keys of a service to JWKs, and checks them. */
export async function publicJwks(
  raw: Readonly<Record<PrimitiveName, Uint8Array>>,
  kid: string | undefined,
): Promise<ServiceSigners['publicKeys']> {
  if (raw.es256[0] !== 4) refuseKey('es256', 'an uncompressed point of P-256');
  const keys = { es256: es256PublicJwk(raw.es256, kid), mldsa65: mldsa65PublicJwk(raw.mldsa65, kid) };
  for (const name of ['es256', 'mldsa65'] as const) {
    KEY_ALGORITHMS[name].readJwk(readMembers(keys[name], name), 'verify', name);
    await importVerifier(name, keys[name], name);
  }
  return keys;
}

/** Reads the raw public key of one algorithm from a SubjectPublicKeyInfo. */
export function readSpkiOf(name: PrimitiveName, file: Uint8Array): Uint8Array {
  try {
    const key = readSpki(file);
    if (name === 'es256' && key?.kind === 'es256 public') return key.point;
    if (name === 'mldsa65' && key?.kind === 'mldsa65 public') return key.pub;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  return refuseKey(name, name === 'es256' ? 'a P-256 public key (SPKI)' : 'an ML-DSA-65 public key (SPKI)');
}
