import * as v from 'valibot';
import { merchantSchema } from './merchant.js';
import { openObject, positiveInteger } from './primitives.js';

const allowedMerchants = openObject({
  /** Which constraint it is. */
  type: v.literal('checkout.allowed_merchants'),
  /** The merchants, each selectively disclosable. */
  allowed: v.array(merchantSchema),
});

/** The checkout's merchant is one of these (AP2 v0.2, checkout_mandate.md "Allowed Merchants"). */
export interface AllowedMerchants extends v.InferOutput<typeof allowedMerchants> {}

const acceptableItem = openObject({
  /** What the item of a checkout is recognized by, often its SKU. */
  id: v.string(),
  /** For people. */
  title: v.string(),
});

/** An item that meets a requirement (AP2 v0.2, `open_checkout_mandate.json`). */
export interface AcceptableItem extends v.InferOutput<typeof acceptableItem> {}

const lineItemRequirements = openObject({
  /** Identifies the requirement. */
  id: v.string(),
  /** The items that meet it, each selectively disclosable; only those disclosed count. */
  acceptable_items: v.array(acceptableItem),
  /** How many of them the checkout has, all together. */
  quantity: positiveInteger,
});

/** What must be in the checkout, and how often (AP2 v0.2, `open_checkout_mandate.json`). */
export interface LineItemRequirements extends v.InferOutput<typeof lineItemRequirements> {}

const lineItems = openObject({
  /** Which constraint it is. */
  type: v.literal('checkout.line_items'),
  /** The requirements, at least one. */
  items: v.pipe(v.array(lineItemRequirements), v.minLength(1, 'an array of at least one requirement')),
});

/** The checkout has these items and no others (AP2 v0.2, checkout_mandate.md "Line Items"). */
export interface LineItems extends v.InferOutput<typeof lineItems> {}

const options = [allowedMerchants, lineItems] as const;

/** A constraint of an open checkout mandate (AP2 v0.2, `open_checkout_mandate.json`). */
export type CheckoutConstraint = AllowedMerchants | LineItems;

export const checkoutConstraintSchema: v.GenericSchema<unknown, CheckoutConstraint> = v.variant(
  'type',
  options,
);

/** The types of constraint that an open checkout mandate may have. */
export const CHECKOUT_CONSTRAINT_TYPES: readonly CheckoutConstraint['type'][] = options.map(
  ({ entries }) => entries.type.literal,
);
