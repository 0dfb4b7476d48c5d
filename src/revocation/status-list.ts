import { decodeBase64url } from '../encoding/base64url.js';
import { inflate } from '../encoding/inflate.js';
import { isJsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';

/** An inflated Status List (draft-ietf-oauth-status-list §4). */
export interface StatusList {
  /** Bits per status. */
  readonly bits: 1 | 2 | 4 | 8;
  readonly bytes: Uint8Array;
}

/** The status of a token that is not revoked. */
export const VALID = 0;

/**
 * Reads the claim `status_list` of a Status List Token.
 *
 * @param maxBytes The maximum size of the inflated list in bytes, inclusive.
 * @throws {MandateError} `ERR_MANDATE_STATUS_INVALID`
 */
export async function readStatusList(statusList: unknown, maxBytes: number): Promise<StatusList> {
  const { bits, lst } = isJsonObject(statusList) ? statusList : {};
  if (typeof lst !== 'string' || (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8)) {
    return invalidStatus('"status_list" must have "lst" and "bits" of 1, 2, 4 or 8');
  }
  const compressed = decodeBase64url(lst, 'status_list.lst', 'ERR_MANDATE_STATUS_INVALID');
  const inflated = await inflate(compressed, maxBytes);
  if ('bytes' in inflated) return { bits, bytes: inflated.bytes };
  return invalidStatus(
    inflated.fault === 'too large'
      ? `"status_list.lst" inflates to more than "maxInflatedBytes", ${maxBytes}`
      : `"status_list.lst" must be one ZLIB stream: ${inflated.fault}`,
  );
}

/** The status at an index, counted from the least significant bits of each byte; `undefined` past the end. */
export function statusAt({ bits, bytes }: StatusList, index: number): number | undefined {
  const perByte = 8 / bits;
  const byte = bytes[Math.floor(index / perByte)];
  return byte === undefined ? undefined : (byte >> ((index % perByte) * bits)) & (2 ** bits - 1);
}

/** Throws the error for a status claim or a Status List Token. */
export const invalidStatus = (message: string): never =>
  fail('ERR_MANDATE_STATUS_INVALID', 'status', message);
