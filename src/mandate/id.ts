import { mandateId } from '../jws/mandate-id.js';
import { algorithmsOption } from '../jws/policy.js';
import { readJws } from '../jws/verify.js';
import { limitsOption, readOptions } from '../options.js';
import type { MandateAlgorithm, MandateLimits } from '../profile.js';
import { splitJwt, splitSdJwt } from '../sd-jwt/compact.js';

const READERS = { limits: limitsOption, algorithms: algorithmsOption };

/**
 * Returns the id of a mandate for revocation and replay lists (SPEC.md §9), for example of a mandate that you just signed. **It
 * verifies nothing**: for a mandate from someone else, use the `mandateId` that {@link verifyMandate} returns.
 *
 * @example
 * ```ts
 * const mandate = await signMandate(claims, privateKeys);
 * await database.insert({ mandateId: mandateIdOf(mandate), mandate });
 * ```
 *
 * @param mandate The SD-JWT in compact form, or a JWS made with {@link addPqSignature}.
 * @param options.limits Limits on what is read.
 * @param options.algorithms The accepted values of `alg`, as for {@link verifyMandate}. Default `['ES256']`.
 * @returns BASE64URL(SHA-256(ML-DSA-65 signature)), 43 characters; `undefined` for a classical-only mandate.
 * @throws {MandateError} The codes of structure and protected header (SPEC.md §6 steps 1 and 2), such as
 * `ERR_MANDATE_MALFORMED`, `ERR_MANDATE_HEADER_INVALID` and `ERR_MANDATE_PQ_SIG_MISSING`; `ERR_MANDATE_TOO_LARGE`,
 * `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function mandateIdOf(
  mandate: string,
  options?: { limits?: Partial<MandateLimits> | undefined; algorithms?: readonly MandateAlgorithm[] },
): string | undefined {
  const { limits, algorithms } = readOptions(options, READERS);
  const { jwt, rest } = splitJwt(mandate, limits);
  if (rest !== undefined) splitSdJwt(mandate, limits);
  return mandateId(readJws(jwt, limits, algorithms).pq);
}
