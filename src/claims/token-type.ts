import { MandateError } from '../errors.js';
import { printable } from '../options.js';
import {
  CHAIN_CLOSED_TYPES,
  CHAIN_OPEN_TYPES,
  KEY_BINDING_TYP,
  RECEIPT_TYP,
  STATUS_LIST_TYP,
} from '../profile.js';
import { mediaType } from './validate.js';

const OTHER_TYPES = [
  KEY_BINDING_TYP,
  STATUS_LIST_TYP,
  RECEIPT_TYP,
  ...CHAIN_OPEN_TYPES,
  ...CHAIN_CLOSED_TYPES,
].map(mediaType);

/** A key binding JWT, a hop, a receipt or a status list is not a mandate, even if the same key signed it. */
export function refuseOtherType(typ: string | undefined, expected: string): void {
  if (typ === undefined || !OTHER_TYPES.includes(mediaType(typ))) return;
  throw new MandateError(
    'ERR_MANDATE_HEADER_INVALID',
    'typ',
    `a token of the type ${printable(typ)} is no ${expected}`,
  );
}
