import { mandateId } from '../jws/mandate-id.js';
import { openJws } from '../jws/verify.js';
import { checkLimitsOption } from '../options.js';
import type { MandateLimits } from '../profile.js';
import { splitJwt, splitSdJwt } from '../sd-jwt/compact.js';

/**
 * The name of a mandate for revocation and replay lists (SPEC.md §9), such as of one that was just signed. **It verifies
 * nothing**: of a mandate from elsewhere, take the `mandateId` that {@link verifyMandate} returns.
 *
 * @example
 * ```ts
 * const mandate = await signMandate(claims, privateKeys);
 * await database.insert({ mandateId: mandateIdOf(mandate), mandate });
 * ```
 *
 * @param mandate The SD-JWT in compact form, or a JWS that was made with {@link addPqSignature}.
 * @param options.limits How much is read.
 * @returns BASE64URL(SHA-256(ML-DSA-65 signature)), 43 characters; `undefined` for a classical-only mandate.
 * @throws {MandateError} The codes of structure and protected header (SPEC.md §6 steps 1 and 2), such as
 * `ERR_MANDATE_MALFORMED`, `ERR_MANDATE_HEADER_INVALID` and `ERR_MANDATE_PQ_SIG_MISSING`; `ERR_MANDATE_TOO_LARGE`,
 * `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function mandateIdOf(
  mandate: string,
  options?: { limits?: Partial<MandateLimits> | undefined },
): string | undefined {
  const limits = checkLimitsOption(options);
  const { jwt, rest } = splitJwt(mandate, limits);
  if (rest !== undefined) splitSdJwt(mandate, limits);
  return mandateId(openJws(jwt, limits).pq);
}
