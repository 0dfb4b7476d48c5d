import type { SignatureReport } from '../errors.js';
import type { JsonObject } from '../json/types.js';
import { parseJws } from '../jws/compact.js';
import type { MandateHeader, PqSignature } from '../jws/header.js';
import { checkHeader, checkSdAlgCopy } from '../jws/header.js';
import type { Verifiers } from '../jws/verify.js';
import { checkPresence, importVerifiers, verifySignatures } from '../jws/verify.js';
import type { MandateKeyResolver } from '../keys/resolve.js';
import { resolveKeys } from '../keys/resolve.js';
import type { MandatePublicKeys } from '../keys/types.js';
import type { PolicyRules } from '../policy.js';
import type { MandateLimits } from '../profile.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';
import type { Disclosure } from '../sd-jwt/disclosures.js';
import { decodeDisclosure, processDisclosures } from '../sd-jwt/disclosures.js';

/** An SD-JWT whose header, signatures and disclosures hold. Nothing is known of its claims. */
export interface VerifiedToken {
  readonly header: JsonObject & MandateHeader;
  readonly pq: PqSignature | undefined;
  /** The keys that were resolved for it. */
  readonly publicKeys: MandatePublicKeys;
  readonly verifiers: Verifiers;
  readonly signatures: SignatureReport;
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
  const jws = parseJws(segments.jwt, limits);
  const checked = checkHeader(jws.header);
  checkSdAlgCopy(checked.header, jws.payload);
  checkPresence(checked, rules);

  const publicKeys = await resolveKeys(keys, checked.header, jws.payload);
  const verifiers = await importVerifiers(checked, publicKeys, rules);
  const signatures = await verifySignatures(jws, checked, verifiers, rules);

  const disclosures = segments.disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  const payload = processDisclosures(jws.payload, disclosures, limits);
  const { header, pq } = checked;
  return { header, pq, publicKeys, verifiers, signatures, disclosures, signedPayload: jws.payload, payload };
}
