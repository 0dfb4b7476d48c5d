import * as v from 'valibot';
import { decodeBase64url } from '../../encoding/base64url.js';
import { isJsonObject } from '../../encoding/json.js';
import { parseJson } from '../../encoding/parse-json.js';
import { aString, invalidArgument } from '../../options.js';
import { sha256Base64url } from '../../primitives/sha256.js';
import { DEFAULT_LIMITS } from '../../profile.js';
import {
  conform,
  currency,
  dateTime,
  integer,
  jsonObject,
  minorUnits,
  openObject,
  positiveInteger,
  refuseSchema,
  uri,
} from './schema.js';
import { merchantSchema } from './types.js';

const total = openObject({
  /** `subtotal`, `discount`, `items_discount`, `fulfillment`, `tax`, `fee`, `total`, … */
  type: v.string(),
  /** A description for people. */
  display_text: v.exactOptional(v.string()),
  /** Minor units of the checkout's currency; negative for a discount. */
  amount: integer,
});

/** One line of a price breakdown (`ucp/types/total.json`). */
export interface Total extends v.InferOutput<typeof total> {}

const totalSchema: v.GenericSchema<unknown, Total> = total;

const item = openObject({
  /** Identifies the product, often its SKU. */
  id: v.string(),
  /** A description for people. */
  title: v.string(),
  /** The price of one, in minor units of the checkout's currency. */
  price: minorUnits,
  /** A picture. */
  image_url: v.exactOptional(uri),
});

/** A product (AP2 v0.2, `types/item.json`). */
export interface Item extends v.InferOutput<typeof item> {}

const itemSchema: v.GenericSchema<unknown, Item> = item;

const lineItem = openObject({
  /** Identifies the line. */
  id: v.string(),
  /** The product. */
  item: itemSchema,
  /** The number of units. */
  quantity: positiveInteger,
  /** Its price breakdown. */
  totals: v.array(totalSchema),
  /** The parent line, if lines are nested. */
  parent_id: v.exactOptional(v.string()),
});

/** A line of a checkout (`ucp/types/line_item.json`). */
export interface LineItem extends v.InferOutput<typeof lineItem> {}

const lineItemSchema: v.GenericSchema<unknown, LineItem> = lineItem;

const link = openObject({
  /** The kind of link, such as `privacy_policy`. */
  type: v.string(),
  /** The URL. */
  url: uri,
  /** A title for people. */
  title: v.exactOptional(v.string()),
});

/** A link to the merchant's terms and the like (`ucp/types/link.json`). */
export interface Link extends v.InferOutput<typeof link> {}

const linkSchema: v.GenericSchema<unknown, Link> = link;

const contentType = v.exactOptional(v.picklist(['plain', 'markdown']));

const errorMessage = openObject({
  /** The kind of message. */
  type: v.literal('error'),
  /** The error code. */
  code: v.string(),
  /** JSONPath (RFC 9535) of the part of the checkout that it concerns. */
  path: v.exactOptional(v.string()),
  /** The format of `content`. */
  content_type: contentType,
  /** The text for people. */
  content: v.string(),
  /** How the error can be resolved. */
  severity: v.picklist(['recoverable', 'requires_buyer_input', 'requires_buyer_review', 'unrecoverable']),
});

/** An error about a checkout (`ucp/types/message_error.json`). */
export interface ErrorMessage extends v.InferOutput<typeof errorMessage> {}

const warningMessage = openObject({
  /** The kind of message. */
  type: v.literal('warning'),
  /** JSONPath (RFC 9535) of the part of the checkout that it concerns. */
  path: v.exactOptional(v.string()),
  /** The warning code. */
  code: v.string(),
  /** The text for people. */
  content: v.string(),
  /** The format of `content`. */
  content_type: contentType,
  /** How to show it: `notice` or `disclosure`. */
  presentation: v.exactOptional(v.string()),
  /** A picture that must be shown. */
  image_url: v.exactOptional(uri),
  /** A URL with more information. */
  url: v.exactOptional(uri),
});

/** A warning about a checkout (`ucp/types/message_warning.json`). */
export interface WarningMessage extends v.InferOutput<typeof warningMessage> {}

const infoMessage = openObject({
  /** The kind of message. */
  type: v.literal('info'),
  /** JSONPath (RFC 9535) of the part of the checkout that it concerns. */
  path: v.exactOptional(v.string()),
  /** The information code. */
  code: v.exactOptional(v.string()),
  /** The format of `content`. */
  content_type: contentType,
  /** The text for people. */
  content: v.string(),
});

/** Information about a checkout (`ucp/types/message_info.json`). */
export interface InfoMessage extends v.InferOutput<typeof infoMessage> {}

/** A message about a checkout (`ucp/types/message.json`); `type` tells its kind. */
export type Message = ErrorMessage | WarningMessage | InfoMessage;

const messageSchema: v.GenericSchema<unknown, Message> = v.variant('type', [
  errorMessage,
  warningMessage,
  infoMessage,
]);

const buyer = openObject({
  /** First name. */
  first_name: v.exactOptional(v.string()),
  /** Last name. */
  last_name: v.exactOptional(v.string()),
  /** Email address. */
  email: v.exactOptional(v.string()),
  /** E.164. */
  phone_number: v.exactOptional(v.string()),
});

/** The buyer (`ucp/types/buyer.json`). */
export interface Buyer extends v.InferOutput<typeof buyer> {}

// No member of the object is required, so an array would pass too.
const buyerSchema: v.GenericSchema<unknown, Buyer> = v.lazy((input) =>
  isJsonObject(input) ? buyer : jsonObject,
);

const checkout = openObject({
  /** Identifies the checkout session. */
  id: v.string(),
  /** The seller. AP2's addition; a `checkout.allowed_merchants` constraint needs it. */
  merchant: v.exactOptional(merchantSchema),
  /** The items. */
  line_items: v.array(lineItemSchema),
  /** The state of the session. */
  status: v.picklist([
    'incomplete',
    'requires_escalation',
    'ready_for_complete',
    'complete_in_progress',
    'completed',
    'canceled',
  ]),
  /** The ISO 4217 currency of every amount in the checkout. */
  currency,
  /** The price breakdown. */
  totals: v.array(totalSchema),
  /** Links to the merchant's terms and similar pages. */
  links: v.array(linkSchema),
  /** The buyer. */
  buyer: v.exactOptional(buyerSchema),
  /** Errors, warnings and information. */
  messages: v.exactOptional(v.array(messageSchema)),
  /** When the session expires, RFC 3339. */
  expires_at: v.exactOptional(dateTime),
  /** A URL where the buyer can continue. */
  continue_url: v.exactOptional(uri),
});

/** A checkout, the payload of a `checkout_jwt` (`ucp/types/checkout.json`, with AP2's `merchant`). */
export interface Checkout extends v.InferOutput<typeof checkout> {}

/** Returns a copy of `value`, which must be a checkout; `path` is its name in errors. */
export const parseCheckout = (value: unknown, path = 'checkout'): Checkout =>
  conform<Checkout>(checkout, value, path);

/**
 * Computes the `checkout_hash` of a checkout mandate, and the `transaction_id` of a payment mandate:
 * BASE64URL(SHA-256(ASCII(…))) of the merchant's JWT, unchanged (AP2 v0.2, checkout_mandate.md).
 */
export function checkoutHash(checkoutJwt: string): string {
  if (typeof checkoutJwt !== 'string') invalidArgument('checkoutJwt', 'a JWT in compact form');
  return sha256Base64url(checkoutJwt);
}

/**
 * Decodes the checkout in a `checkout_jwt`. The merchant's signature is NOT verified here. The merchant must know whether it is
 * its own checkout, and `checkout_hash` shows whether the mandate refers to it.
 */
export function decodeCheckoutJwt(checkoutJwt: string, path = 'checkout_jwt'): Checkout {
  aString(path, 'path');
  if (typeof checkoutJwt !== 'string') return refuseSchema(path, 'a JWT in compact form');
  if (checkoutJwt.length > DEFAULT_LIMITS.maxMandateLength) {
    return refuseSchema(path, `at most ${DEFAULT_LIMITS.maxMandateLength} characters`);
  }
  const segments = checkoutJwt.split('.');
  if (segments.length !== 3) return refuseSchema(path, 'a JWT in compact form, three segments');
  const bytes = decodeBase64url(segments[1] as string, path, 'ERR_MANDATE_SCHEMA');
  return parseCheckout(parseJson(bytes, path, 'ERR_MANDATE_SCHEMA', DEFAULT_LIMITS.maxDepth).value, path);
}
