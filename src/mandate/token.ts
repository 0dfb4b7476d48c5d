import type { JsonObject } from '../json/types.js';
import type { VerifiedJws } from '../jws/verify.js';
import { openJws, verifyJws } from '../jws/verify.js';
import type { MandateKeyResolver } from '../keys/resolve.js';
import type { MandatePublicKeys } from '../keys/types.js';
import type { PolicyRules } from '../policy.js';
import type { MandateLimits } from '../profile.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';
import type { Disclosure } from '../sd-jwt/disclosures.js';
import { decodeDisclosure, processDisclosures } from '../sd-jwt/disclosures.js';

/** An SD-JWT whose header, signatures and disclosures hold. Nothing is known of its claims. */
export interface VerifiedToken extends VerifiedJws {
  readonly disclosures: readonly Disclosure[];
  /** The payload as signed, with digests in it. */
  readonly signedPayload: JsonObject;
  /** The Processed SD-JWT Payload. */
  readonly payload: JsonObject;
}

/** Steps 1 to 8 of SPEC.md §6, but that the text has been split. A key binding JWT is not looked at. */
export async function verifyToken(
  segments: SdJwtSegments,
  keys: MandatePublicKeys | MandateKeyResolver,
  rules: PolicyRules,
  limits: MandateLimits,
): Promise<VerifiedToken> {
  const verified = await verifyJws(openJws(segments.jwt, limits), keys, rules);
  const disclosures = segments.disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  const payload = processDisclosures(verified.payload, disclosures, limits);
  return { ...verified, disclosures, signedPayload: verified.payload, payload };
}
