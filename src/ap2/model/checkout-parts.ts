import * as v from 'valibot';
import { integer, minorUnits, openObject, positiveInteger, uri } from './primitives.js';

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

export const totalSchema: v.GenericSchema<unknown, Total> = total;

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

export const lineItemSchema: v.GenericSchema<unknown, LineItem> = lineItem;

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

export const linkSchema: v.GenericSchema<unknown, Link> = link;

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

export const messageSchema: v.GenericSchema<unknown, Message> = v.variant('type', [
  errorMessage,
  warningMessage,
  infoMessage,
]);
