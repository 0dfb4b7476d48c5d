import { CLOSED_TYPES, OPEN_TYPES } from '../ap2/chain/names.js';
import { printable } from '../arguments.js';
import { mediaType } from '../claims/validate.js';
import { MandateError } from '../errors.js';
import type { JsonObject } from '../json/types.js';
import type { ParsedJws } from '../jws/compact.js';
import type { VerifiedJws } from '../jws/verify.js';
import { checkJws, verifyJws } from '../jws/verify.js';
import type { MandateKeyResolver } from '../keys/resolve.js';
import type { MandatePublicKeys } from '../keys/types.js';
import type { PolicyRules } from '../policy.js';
import type { MandateLimits } from '../profile.js';
import { KEY_BINDING_TYP, STATUS_LIST_TYP } from '../profile.js';
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

/** Steps 2 to 8 of SPEC.md §6. A key binding JWT is not looked at. */
export async function verifyToken(
  jws: ParsedJws,
  encodedDisclosures: readonly string[],
  keys: MandatePublicKeys | MandateKeyResolver,
  rules: PolicyRules,
  limits: MandateLimits,
): Promise<VerifiedToken> {
  const verified = await verifyJws(checkJws(jws), keys, rules);
  const disclosures = encodedDisclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  const payload = processDisclosures(verified.payload, disclosures, limits);
  return { ...verified, disclosures, signedPayload: verified.payload, payload };
}

const OTHER_TYPES = [KEY_BINDING_TYP, STATUS_LIST_TYP, ...OPEN_TYPES, ...CLOSED_TYPES].map(mediaType);

/** A key binding JWT, a hop or a status list is no mandate and no receipt, even if the same key signed it. */
export function refuseOtherType(typ: string | undefined, expected: string): void {
  if (typ === undefined || !OTHER_TYPES.includes(mediaType(typ))) return;
  throw new MandateError(
    'ERR_MANDATE_HEADER_INVALID',
    'typ',
    `a token of the type ${printable(typ)} is no ${expected}`,
  );
}
