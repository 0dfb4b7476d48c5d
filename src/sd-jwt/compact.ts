import { isStrictBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import { describeType } from '../options.js';
import type { MandateLimits } from '../profile.js';

/** The parts of an SD-JWT in compact form (RFC 9901 §4). */
export interface SdJwtSegments {
  /** The issuer-signed JWT. */
  readonly jwt: string;
  /** The disclosures, base64url. */
  readonly disclosures: readonly string[];
  /** The key binding JWT, if anything follows the last tilde. */
  readonly keyBindingJwt: string | undefined;
}

/** Splits an SD-JWT, within the limits. */
export function splitSdJwt(mandate: unknown, limits: MandateLimits): SdJwtSegments {
  const { jwt, rest } = splitJwt(mandate, limits);
  if (rest === undefined) {
    fail(
      'ERR_MANDATE_MALFORMED',
      'mandate',
      `an SD-JWT has a tilde after the issuer-signed JWT; this text has ${jwt.length} characters and no tilde: it is truncated, or it is a JWS (use verifyPqSignature)`,
    );
  }
  const disclosures = rest.split('~');
  const keyBindingJwt = disclosures.pop() || undefined;
  if (keyBindingJwt !== undefined && !isJwsShape(keyBindingJwt)) {
    fail(
      'ERR_MANDATE_MALFORMED',
      'mandate',
      'only a key binding JWT may follow the last tilde, not even a line end',
    );
  }
  checkDisclosures(disclosures, limits);
  if (disclosures.includes('')) {
    fail(
      'ERR_MANDATE_MALFORMED',
      'disclosures',
      'a disclosure must not be empty; for a delegation chain, which has "~~", use verifyMandateChain',
    );
  }
  return { jwt, disclosures, keyBindingJwt };
}

/** Rejects more disclosures than the limit. */
export function checkDisclosures({ length }: readonly string[], { maxDisclosures }: MandateLimits): void {
  if (length <= maxDisclosures) return;
  fail(
    'ERR_MANDATE_TOO_LARGE',
    'disclosures',
    `the mandate has ${length} disclosures, the limit "maxDisclosures" is ${maxDisclosures}`,
  );
}

const isJwsShape = (text: string): boolean => {
  const segments = text.split('.');
  return segments.length === 3 && segments.every(isStrictBase64url);
};

/** Splits the issuer-signed JWT from what follows its tilde, if there is one. A plain JWS is accepted here. */
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

/** Text that other software puts around a token. Base64url cannot begin with any of it. */
function wrappingOf(text: string): string | undefined {
  if (/^\s/.test(text)) return 'without the white space before it';
  if (/^bearer /i.test(text)) return 'without the "Bearer " before it';
  if (text.startsWith('"')) return 'without quotation marks: parse the JSON string first';
  return undefined;
}

/** Rejects a mandate that is longer than the limit. */
export function checkLength(length: number, { maxMandateLength }: MandateLimits): void {
  if (length <= maxMandateLength) return;
  fail(
    'ERR_MANDATE_TOO_LARGE',
    'mandate',
    `the mandate has ${length} characters, the limit "maxMandateLength" is ${maxMandateLength}`,
  );
}
