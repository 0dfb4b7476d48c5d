import * as v from 'valibot';
import { decodeBase64url } from '../../encoding/base64url.js';
import { isJsonObject } from '../../encoding/json.js';
import { parseJson } from '../../encoding/parse-json.js';
import { invalidArgument } from '../../options.js';
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
  /** For people. */
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
  /** For people. */
  title: v.string(),
  /** Of one, in minor units of the checkout's currency. */
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
  /** What is bought. */
  item: itemSchema,
  /** How many. */
  quantity: positiveInteger,
  /** Its price breakdown. */
  totals: v.array(totalSchema),
  /** The line it belongs to, where lines are nested. */
  parent_id: v.exactOptional(v.string()),
});

/** A line of a checkout (`ucp/types/line_item.json`). */
export interface LineItem extends v.InferOutput<typeof lineItem> {}

const lineItemSchema: v.GenericSchema<unknown, LineItem> = lineItem;

const link = openObject({
  /** Such as `privacy_policy`. */
  type: v.string(),
  /** Where. */
  url: uri,
  /** For people. */
  title: v.exactOptional(v.string()),
});

/** A link to the merchant's terms and the like (`ucp/types/link.json`). */
export interface Link extends v.InferOutput<typeof link> {}

const linkSchema: v.GenericSchema<unknown, Link> = link;

const contentType = v.exactOptional(v.picklist(['plain', 'markdown']));

const errorMessage = openObject({
  /** Which message it is. */
  type: v.literal('error'),
  /** Which error. */
  code: v.string(),
  /** JSONPath (RFC 9535) of what it is about. */
  path: v.exactOptional(v.string()),
  /** Form of `content`. */
  content_type: contentType,
  /** For people. */
  content: v.string(),
  /** What can be done about it. */
  severity: v.picklist(['recoverable', 'requires_buyer_input', 'requires_buyer_review', 'unrecoverable']),
});

/** An error about a checkout (`ucp/types/message_error.json`). */
export interface ErrorMessage extends v.InferOutput<typeof errorMessage> {}

const warningMessage = openObject({
  /** Which message it is. */
  type: v.literal('warning'),
  /** JSONPath (RFC 9535) of what it is about. */
  path: v.exactOptional(v.string()),
  /** Which warning. */
  code: v.string(),
  /** For people. */
  content: v.string(),
  /** Form of `content`. */
  content_type: contentType,
  /** How to show it: `notice` or `disclosure`. */
  presentation: v.exactOptional(v.string()),
  /** A picture that must be shown. */
  image_url: v.exactOptional(uri),
  /** More about it. */
  url: v.exactOptional(uri),
});

/** A warning about a checkout (`ucp/types/message_warning.json`). */
export interface WarningMessage extends v.InferOutput<typeof warningMessage> {}

const infoMessage = openObject({
  /** Which message it is. */
  type: v.literal('info'),
  /** JSONPath (RFC 9535) of what it is about. */
  path: v.exactOptional(v.string()),
  /** Which information. */
  code: v.exactOptional(v.string()),
  /** Form of `content`. */
  content_type: contentType,
  /** For people. */
  content: v.string(),
});

/** Information about a checkout (`ucp/types/message_info.json`). */
export interface InfoMessage extends v.InferOutput<typeof infoMessage> {}

/** A message about a checkout (`ucp/types/message.json`); `type` tells which. */
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

/** Who buys (`ucp/types/buyer.json`). */
export interface Buyer extends v.InferOutput<typeof buyer> {}

// An object of which nothing is required: an array would do too.
const buyerSchema: v.GenericSchema<unknown, Buyer> = v.lazy((input) =>
  isJsonObject(input) ? buyer : jsonObject,
);

const checkout = openObject({
  /** Identifies the checkout session. */
  id: v.string(),
  /** Who sells. AP2's addition; a `checkout.allowed_merchants` constraint needs it. */
  merchant: v.exactOptional(merchantSchema),
  /** What is bought. */
  line_items: v.array(lineItemSchema),
  /** Where the session stands. */
  status: v.picklist([
    'incomplete',
    'requires_escalation',
    'ready_for_complete',
    'complete_in_progress',
    'completed',
    'canceled',
  ]),
  /** ISO 4217, of every amount in the checkout. */
  currency,
  /** The price breakdown. */
  totals: v.array(totalSchema),
  /** The merchant's terms and the like. */
  links: v.array(linkSchema),
  /** Who buys. */
  buyer: v.exactOptional(buyerSchema),
  /** Errors, warnings and information. */
  messages: v.exactOptional(v.array(messageSchema)),
  /** When the session ends, RFC 3339. */
  expires_at: v.exactOptional(dateTime),
  /** Where the buyer can go on. */
  continue_url: v.exactOptional(uri),
});

/** A checkout, the payload of a `checkout_jwt` (`ucp/types/checkout.json`, with AP2's `merchant`). */
export interface Checkout extends v.InferOutput<typeof checkout> {}

/** A copy of `value`, which must be a checkout; `path` is what errors call it. */
export const parseCheckout = (value: unknown, path = 'checkout'): Checkout =>
  conform<Checkout>(checkout, value, path);

/**
 * The `checkout_hash` of a checkout mandate and the `transaction_id` of a payment mandate: BASE64URL(SHA-256(ASCII(…)))
 * of the merchant's JWT as it stands (AP2 v0.2, checkout_mandate.md).
 */
export function checkoutHash(checkoutJwt: string): string {
  if (typeof checkoutJwt !== 'string') invalidArgument('checkoutJwt', 'a JWT in compact form');
  return sha256Base64url(checkoutJwt);
}

/**
 * The checkout in a `checkout_jwt`. The merchant's signature is NOT verified here: that it is the merchant's own
 * checkout is for the merchant to know, that the mandate is for it is what `checkout_hash` says.
 */
export function decodeCheckoutJwt(checkoutJwt: string, path = 'checkout_jwt'): Checkout {
  if (typeof checkoutJwt !== 'string') return refuseSchema(path, 'a JWT in compact form');
  if (checkoutJwt.length > DEFAULT_LIMITS.maxMandateLength) {
    return refuseSchema(path, `at most ${DEFAULT_LIMITS.maxMandateLength} characters`);
  }
  const segments = checkoutJwt.split('.');
  if (segments.length !== 3) return refuseSchema(path, 'a JWT in compact form, three segments');
  const bytes = decodeBase64url(segments[1] as string, path, 'ERR_MANDATE_SCHEMA');
  return parseCheckout(parseJson(bytes, path, 'ERR_MANDATE_SCHEMA', DEFAULT_LIMITS.maxDepth).value, path);
}
