import type { JsonObject } from '../encoding/json.js';
import type { ParsedJws } from '../jws/compact.js';
import type { PolicyRules } from '../jws/policy.js';
import { checkProtectedHeader, type VerifiedJws, verifyJws } from '../jws/verify.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import type { MandateLimits } from '../profile.js';
import { type Disclosure, decodeDisclosure, processDisclosures } from './disclosures.js';

/** An SD-JWT whose header, signatures and disclosures hold. Nothing is known of its claims. */
export interface VerifiedToken extends VerifiedJws {
  readonly disclosures: readonly Disclosure[];
  /** The payload as signed, with digests in it. */
  readonly signedPayload: JsonObject;
  /** The Processed SD-JWT Payload. */
  readonly payload: JsonObject;
}

/**
 * Steps 2 to 8 of SPEC.md §6. A key binding JWT is not looked at.
 *
 * @param arrange What the payload is taken for once its signatures hold, before disclosures are processed.
 */
export async function verifyToken(
  jws: ParsedJws,
  encodedDisclosures: readonly string[],
  keys: MandatePublicKeys | MandateKeyResolver,
  policy: PolicyRules,
  limits: MandateLimits,
  arrange: (payload: JsonObject) => JsonObject = (payload) => payload,
): Promise<VerifiedToken> {
  const verified = await verifyJws(checkProtectedHeader(jws), keys, policy, limits);
  const signedPayload = arrange(verified.payload);
  const { disclosures, payload } = disclose(signedPayload, encodedDisclosures, limits);
  return { ...verified, disclosures, signedPayload, payload };
}

/** SPEC.md §6 step 8: the disclosures, and the processed payload. */
export function disclose(
  signedPayload: JsonObject,
  encodedDisclosures: readonly string[],
  limits: MandateLimits,
): { readonly disclosures: readonly Disclosure[]; readonly payload: JsonObject } {
  const disclosures = encodedDisclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  return { disclosures, payload: processDisclosures(signedPayload, disclosures, limits) };
}
