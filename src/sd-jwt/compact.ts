import { isStrictBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import { describeType } from '../options.js';
import type { MandateLimits } from '../profile.js';

/** An SD-JWT in compact form (RFC 9901 §4), taken apart. */
export interface SdJwtSegments {
  /** The issuer-signed JWT. */
  readonly jwt: string;
  /** The disclosures, base64url. */
  readonly disclosures: readonly string[];
  /** The key binding JWT, where the last tilde does not end the string. */
  readonly keyBindingJwt: string | undefined;
}

/** Splits an SD-JWT, within the limits. */
export function splitSdJwt(mandate: unknown, limits: MandateLimits): SdJwtSegments {
  const { jwt, rest } = splitJwt(mandate, limits);
  if (rest === undefined) {
    fail(
      'ERR_MANDATE_MALFORMED',
      'mandate',
      `an SD-JWT has a tilde after the issuer-signed JWT; this text has ${jwt.length} characters and none: it is truncated, or a JWS, which verifyPqSignature is for`,
    );
  }
  const disclosures = rest.split('~');
  const keyBindingJwt = disclosures.pop() || undefined;
  if (keyBindingJwt !== undefined && !isJwsShape(keyBindingJwt)) {
    fail(
      'ERR_MANDATE_MALFORMED',
      'mandate',
      'what follows the last tilde must be a key binding JWT, or nothing: not even a line end',
    );
  }
  checkDisclosures(disclosures, limits);
  if (disclosures.includes('')) {
    fail(
      'ERR_MANDATE_MALFORMED',
      'disclosures',
      'a disclosure must not be empty; a delegation chain, with "~~", is for verifyMandateChain',
    );
  }
  return { jwt, disclosures, keyBindingJwt };
}

/** Refuses more disclosures than the limit. */
export function checkDisclosures({ length }: readonly string[], { maxDisclosures }: MandateLimits): void {
  if (length <= maxDisclosures) return;
  fail(
    'ERR_MANDATE_TOO_LARGE',
    'disclosures',
    `the mandate has ${length} disclosures, the limit is ${maxDisclosures}`,
  );
}

const isJwsShape = (text: string): boolean => {
  const segments = text.split('.');
  return segments.length === 3 && segments.every(isStrictBase64url);
};

/** The issuer-signed JWT, and what follows its tilde if there is one: a plain JWS is accepted here. */
export function splitJwt(mandate: unknown, limits: MandateLimits): { jwt: string; rest: string | undefined } {
  if (typeof mandate !== 'string') {
    fail(
      'ERR_MANDATE_ARGUMENT_INVALID',
      'mandate',
      `"mandate" must be a string, got ${describeType(mandate)}`,
    );
  }
  checkLength(mandate.length, limits);
  const wrapping = wrappingOf(mandate);
  if (wrapping !== undefined) {
    fail('ERR_MANDATE_MALFORMED', 'mandate', `"mandate" must be the token alone, ${wrapping}`);
  }
  const tilde = mandate.indexOf('~');
  return tilde === -1
    ? { jwt: mandate, rest: undefined }
    : { jwt: mandate.slice(0, tilde), rest: mandate.slice(tilde + 1) };
}

/** What others put around a token, none of which base64url can begin with. */
function wrappingOf(text: string): string | undefined {
  if (/^\s/.test(text)) return 'without the white space before it';
  if (/^bearer /i.test(text)) return 'without the "Bearer " before it';
  if (text.startsWith('"')) return 'without quotation marks: parse the JSON that it stands in';
  return undefined;
}

/** Refuses a mandate that is longer than the limit. */
export function checkLength(length: number, { maxMandateLength }: MandateLimits): void {
  if (length <= maxMandateLength) return;
  fail(
    'ERR_MANDATE_TOO_LARGE',
    'mandate',
    `the mandate has ${length} characters, the limit is ${maxMandateLength}`,
  );
}
