import * as v from 'valibot';
import { isJsonObject } from '../../encoding/json.js';
import { lineItemSchema, linkSchema, messageSchema, totalSchema } from './checkout-parts.js';
import { merchantSchema } from './merchant.js';
import { currency, dateTime, jsonObject, openObject, uri } from './primitives.js';
import { conform } from './schema.js';

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
