import type { JsonObject } from '../encoding/json.js';
import type { ParsedJws } from '../jws/compact.js';
import type { PolicyRules } from '../jws/policy.js';
import { checkProtectedHeader, type VerifiedJws, verifyJws } from '../jws/verify.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import type { MandateLimits } from '../profile.js';
import { type Disclosure, decodeDisclosure, processDisclosures } from './disclosures.js';

/** An SD-JWT with a valid header, valid signatures and valid disclosures. Its claims are not checked. */
export interface VerifiedToken extends VerifiedJws {
  readonly disclosures: readonly Disclosure[];
  /** The payload as signed, with digests. */
  readonly signedPayload: JsonObject;
  /** The Processed SD-JWT Payload. */
  readonly payload: JsonObject;
}

/** Inserts disclosures into a payload, or throws. */
export type DisclosureResolver = (
  payload: JsonObject,
  disclosures: readonly Disclosure[],
  limits: MandateLimits,
) => JsonObject;

/** Steps 2 to 8 of SPEC.md §6; `resolver` does step 8. A key binding JWT is not read. */
export async function verifyToken(
  jws: ParsedJws,
  encodedDisclosures: readonly string[],
  keys: MandatePublicKeys | MandateKeyResolver,
  policy: PolicyRules,
  limits: MandateLimits,
  resolver?: DisclosureResolver,
): Promise<VerifiedToken> {
  const verified = await verifyJws(checkProtectedHeader(jws), keys, policy, limits);
  const { disclosures, payload } = disclose(verified.payload, encodedDisclosures, limits, resolver);
  return { ...verified, disclosures, signedPayload: verified.payload, payload };
}

/** SPEC.md §6 step 8: the disclosures, and the processed payload. */
export function disclose(
  signedPayload: JsonObject,
  encodedDisclosures: readonly string[],
  limits: MandateLimits,
  resolver: DisclosureResolver = processDisclosures,
): { readonly disclosures: readonly Disclosure[]; readonly payload: JsonObject } {
  const disclosures = encodedDisclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  return { disclosures, payload: resolver(signedPayload, disclosures, limits) };
}
