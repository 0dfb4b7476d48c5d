import type { JsonObject } from '../encoding/json.js';
import { parseJws } from '../jws/compact.js';
import { checkLimitsOption } from '../options.js';
import { ES256, type MandateLimits, ML_DSA_65 } from '../profile.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import { type Disclosure, decodeDisclosure } from '../sd-jwt/disclosures.js';

/** What stands in a mandate. Nothing in it is verified: neither a signature nor a rule of the profile. */
export interface UnverifiedMandate {
  readonly verified: false;
  readonly protectedHeader: JsonObject;
  /** The payload as signed, with digests in place of what is selectively disclosable. */
  readonly payload: JsonObject;
  readonly disclosures: readonly Disclosure[];
  /** The key binding JWT in compact form, where there is one. */
  readonly keyBindingJwt: string | undefined;
  /** Characters on the wire. */
  readonly lengths: {
    readonly mandate: number;
    readonly protectedHeader: number;
    /** Of `pq_sig`, 0 where there is none. */
    readonly pqSig: number;
    readonly payload: number;
    readonly signature: number;
    /** Of all disclosures, without the tildes. */
    readonly disclosures: number;
    readonly keyBindingJwt: number;
  };
}

/**
 * Decodes a mandate for inspection and logging. **It verifies nothing**: whatever it returns may be forged. Decide
 * with {@link verifyMandate}.
 *
 * @param mandate The SD-JWT in compact form.
 * @param options.limits How much is read.
 * @returns What stands in the mandate, `verified: false`.
 * @throws {MandateError} `ERR_MANDATE_MALFORMED`, `ERR_MANDATE_TOO_LARGE`, `ERR_MANDATE_DISCLOSURE_MALFORMED`,
 * `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function decodeMandate(
  mandate: string,
  options?: { limits?: Partial<MandateLimits> | undefined },
): UnverifiedMandate {
  const limits = checkLimitsOption(options);
  const segments = splitSdJwt(mandate, limits);
  // Nothing is decided here, so that every `alg` that a verifier can accept is shown.
  const jws = parseJws(segments.jwt, limits, [ES256, ML_DSA_65]);
  const protectedHeader = jws.header.value;
  const { pq_sig: pqSig } = protectedHeader;
  return {
    verified: false,
    protectedHeader,
    payload: jws.payload,
    disclosures: segments.disclosures.map((disclosure) => decodeDisclosure(disclosure, limits)),
    keyBindingJwt: segments.keyBindingJwt,
    lengths: {
      mandate: mandate.length,
      protectedHeader: jws.encodedHeader.length,
      pqSig: typeof pqSig === 'string' ? pqSig.length : 0,
      payload: jws.encodedPayload.length,
      signature: jws.compact.length - jws.compact.lastIndexOf('.') - 1,
      disclosures: segments.disclosures.reduce((length, disclosure) => length + disclosure.length, 0),
      keyBindingJwt: segments.keyBindingJwt?.length ?? 0,
    },
  };
}
