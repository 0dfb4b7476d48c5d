// The library verifies mandates of SPEC.md §20 if the caller opts in. The command line has no option for them, and says so.
import { decodeBase64url } from '../encoding/base64url.js';
import { isJsonObject } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import { DEFAULT_LIMITS } from '../profile.js';
import { Advised } from './advice.js';

export const COMPOSITE_ALG = 'ML-DSA-65-ES256';

const REMEDIES: Readonly<Record<string, string>> = {
  'ML-DSA-65':
    "This mandate is signed with ML-DSA-65 alone, which the command line does not verify. If you accept that, use verifyMandate with the options algorithms: ['ML-DSA-65'] and policy: 'pq-only', or the verifier page (docs/guides/migration.md in the package). Otherwise reject it.",
  [COMPOSITE_ALG]:
    "This mandate has a composite signature, which the command line does not verify. If you accept that, use verifyMandate with the options algorithms: ['ML-DSA-65-ES256'] and policy: 'pq-only' and one composite JWK (docs/guides/migration.md in the package). Otherwise reject it.",
};

/** Adds advice to the rejection of a token whose `alg` the command line does not verify. */
export async function withHintOnAlgorithm<T>(text: string, verified: Promise<T>): Promise<T> {
  try {
    return await verified;
  } catch (error) {
    const remedy = REMEDIES[otherAlgorithmOf(text) ?? ''];
    if (remedy === undefined || !CODES.includes(String((error as { code?: unknown } | null)?.code)))
      throw error;
    throw new Advised(error, remedy);
  }
}

/** The codes of a verifier that does not accept the algorithm, or has no keys for it. */
const CODES: readonly string[] = [
  'ERR_MANDATE_HEADER_INVALID',
  'ERR_MANDATE_KEY_INVALID',
  'ERR_MANDATE_KEY_UNRESOLVED',
  'ERR_MANDATE_CHAIN_INVALID',
];

/** Reads only the headers: a token that breaks another rule also has a header. */
function otherAlgorithmOf(text: string): string | undefined {
  for (const token of text.split('~~')) {
    try {
      const [header = ''] = token.slice(0, DEFAULT_LIMITS.maxHeaderLength).split('.');
      const bytes = decodeBase64url(header, 'protected', 'ERR_MANDATE_MALFORMED');
      const { value } = parseJson(bytes, 'protected', 'ERR_MANDATE_MALFORMED', DEFAULT_LIMITS.maxDepth);
      const alg = isJsonObject(value) ? value.alg : undefined;
      if (typeof alg === 'string' && Object.hasOwn(REMEDIES, alg)) return alg;
    } catch {
      // The verifier has already reported what is wrong with it.
    }
  }
  return undefined;
}
