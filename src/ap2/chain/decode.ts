import { serialize } from '../../key-binding/hash.js';
import { decodeMandate, type UnverifiedMandate } from '../../mandate/decode.js';
import { checkLimitsOption } from '../../options.js';
import type { MandateLimits } from '../../profile.js';
import { splitChain } from './compact.js';
import { atHop } from './hop-error.js';

/**
 * Decodes a chain for inspection: the content of each token, starting with the root. **It verifies nothing**; see
 * {@link decodeMandate}.
 *
 * @throws {MandateError} as {@link decodeMandate}.
 */
export function decodeMandateChain(
  chain: string,
  options?: { limits?: Partial<MandateLimits> | undefined },
): UnverifiedMandate[] {
  const limits = checkLimitsOption(options);
  return splitChain(chain, limits).map((segments, index) =>
    atHop(index, () => decodeMandate(serialize(segments), { limits })),
  );
}
