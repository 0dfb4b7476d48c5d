import type { JsonObject } from '../encoding/json.js';
import { parseJws } from '../jws/compact.js';
import { checkLimitsOption } from '../options.js';
import { MANDATE_ALGORITHMS, type MandateLimits } from '../profile.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import { type Disclosure, decodeDisclosure } from '../sd-jwt/disclosures.js';

/** The content of a mandate. Nothing in it is verified: no signature and no rule of the profile. */
export interface UnverifiedMandate {
  readonly verified: false;
  readonly protectedHeader: JsonObject;
  /** The payload as signed, with digests in place of selectively disclosable claims. */
  readonly payload: JsonObject;
  readonly disclosures: readonly Disclosure[];
  /** The key binding JWT in compact form, if there is one. */
  readonly keyBindingJwt: string | undefined;
  /** Lengths in characters. */
  readonly lengths: {
    readonly mandate: number;
    readonly protectedHeader: number;
    /** Of `pq_sig`; 0 if there is none. */
    readonly pqSig: number;
    readonly payload: number;
    readonly signature: number;
    /** Of all disclosures, without the tildes. */
    readonly disclosures: number;
    readonly keyBindingJwt: number;
  };
}

/**
 * Decodes a mandate for inspection and logging. **It verifies nothing**: everything it returns may be forged. To accept a
 * mandate, use {@link verifyMandate}.
 *
 * @param mandate The SD-JWT in compact form.
 * @param options.limits Limits on what is read.
 * @returns The content of the mandate, with `verified: false`.
 * @throws {MandateError} `ERR_MANDATE_MALFORMED`, `ERR_MANDATE_TOO_LARGE`, `ERR_MANDATE_DISCLOSURE_MALFORMED`,
 * `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function decodeMandate(
  mandate: string,
  options?: { limits?: Partial<MandateLimits> | undefined },
): UnverifiedMandate {
  const limits = checkLimitsOption(options);
  const segments = splitSdJwt(mandate, limits);
  // Nothing is decided here, so every `alg` that a verifier can accept is shown.
  const jws = parseJws(segments.jwt, limits, MANDATE_ALGORITHMS);
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
