import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { printable } from '../options.js';
import {
  CHAIN_CLOSED_TYPES,
  CHAIN_OPEN_TYPES,
  CHECKOUT_TYP,
  DELEGATE_PAYLOAD_NAMES,
  EVIDENCE_TYP,
  KEY_BINDING_TYP,
  RECEIPT_TYP,
  STATUS_LIST_TYP,
} from '../profile.js';
import { mediaType } from './validate.js';

const OTHER_TYPES = [
  KEY_BINDING_TYP,
  STATUS_LIST_TYP,
  CHECKOUT_TYP,
  EVIDENCE_TYP,
  ...CHAIN_OPEN_TYPES,
  ...CHAIN_CLOSED_TYPES,
].map(mediaType);

/** Whether a token of this `typ` is never a mandate, whoever signed it (SPEC.md R6.61). */
export const isNeverMandate = (typ: string | undefined): boolean =>
  typ !== undefined && [...OTHER_TYPES, mediaType(RECEIPT_TYP)].includes(mediaType(typ));

/** `sd-jwt`, or a type with the suffix `+sd-jwt`, such as `dc+sd-jwt` (RFC 9901); no parameters. */
const SD_JWT_TYPE = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?sd-jwt$/;

/**
 * Whether a mandate may have this `typ` if the caller does not expect one (SPEC.md R6.62). It may be absent, as in AP2. If
 * present, it must be an SD-JWT type.
 */
export const isMandateType = (typ: string | undefined): boolean =>
  typ === undefined || (SD_JWT_TYPE.test(mediaType(typ)) && !OTHER_TYPES.includes(mediaType(typ)));

/** Rejects a token of another type, whoever signed it. */
export function checkMandateType(typ: string | undefined): void {
  if (isMandateType(typ)) return;
  fail(
    'ERR_MANDATE_HEADER_INVALID',
    'typ',
    `the "typ" of a mandate must be absent or end in "sd-jwt"; the type ${printable(typ ?? '')} is accepted only if the option "typ" expects it`,
  );
}

/** The mandates in a token of AP2 have their own claims, including `exp`, which only those functions read (R6.63). */
export function refuseDelegatePayload(...payloads: readonly JsonObject[]): void {
  const name = DELEGATE_PAYLOAD_NAMES.find((claim) =>
    payloads.some((payload) => Object.hasOwn(payload, claim)),
  );
  if (name === undefined) return;
  fail(
    'ERR_MANDATE_CHAIN_INVALID',
    name,
    `the token has the claim "${name}": use verifyMandateChain or verifyDirectMandate of "ap2-pq/ap2"`,
  );
}

/** A key binding JWT, a hop, a status list or a checkout is not a receipt, even if the same key signed it. */
export function refuseOtherType(typ: string | undefined, expected: string): void {
  if (typ === undefined || !OTHER_TYPES.includes(mediaType(typ))) return;
  fail('ERR_MANDATE_HEADER_INVALID', 'typ', `a token of the type ${printable(typ)} is not a ${expected}`);
}

/** If the issuer determined the keys, it must be the issuer that the processed payload names. */
export function refuseHiddenIssuer(signed: JsonObject, processed: JsonObject): void {
  if (!Object.hasOwn(processed, 'iss') || Object.hasOwn(signed, 'iss')) return;
  fail(
    'ERR_MANDATE_ISSUER_UNTRUSTED',
    'iss',
    '"iss" must not be in a disclosure: the keys were resolved without it',
  );
}
