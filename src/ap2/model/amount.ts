import * as v from 'valibot';
import { currency, minorUnits, openObject } from './primitives.js';
import { conform } from './schema.js';

const amount = openObject({
  /** Minor units of `currency` (ISO 4217): 27999 is 279.99 USD, and 27999 JPY. An integer, not negative. */
  amount: minorUnits,
  /** Alphabetic currency code of ISO 4217, such as `USD`. */
  currency,
});

/** An amount of money (AP2 v0.2, `types/amount.json`). */
export interface Amount extends v.InferOutput<typeof amount> {}

export const amountSchema: v.GenericSchema<unknown, Amount> = amount;

/** A copy of `value`, which must be an amount; `path` is what errors call it. */
export const parseAmount = (value: unknown, path = 'amount'): Amount => conform(amountSchema, value, path);
