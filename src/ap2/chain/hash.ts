import { sdHash } from '../../key-binding/hash.js';
import { checkLimitsOption } from '../../options.js';
import type { MandateLimits } from '../../profile.js';
import type { SdJwtSegments } from '../../sd-jwt/compact.js';
import { splitChain } from './compact.js';

/**
 * The hash by which an open payment mandate refers to the open checkout mandate that goes with it (its `payment.reference`), and
 * that a verifier passes as `openCheckoutHashes`: that of the last token of a chain, as held, computed as `sd_hash` is.
 *
 * @param chain The open checkout mandate: a root, or a chain that ends with it.
 * @returns BASE64URL(SHA-256), 43 characters. It changes with the disclosures.
 * @throws {MandateError} as {@link decodeMandateChain}.
 */
export function openMandateHash(
  chain: string,
  options?: { limits?: Partial<MandateLimits> | undefined },
): string {
  const segments = splitChain(chain, checkLimitsOption(options));
  return sdHash(segments[segments.length - 1] as SdJwtSegments);
}
