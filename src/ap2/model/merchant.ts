import * as v from 'valibot';
import { openObject } from './primitives.js';

const merchant = openObject({
  /** Identifies the merchant; two merchants with the same one are the same, whatever else they say. */
  id: v.string(),
  /** The name that people know it by. */
  name: v.string(),
  /** Its website. */
  website: v.exactOptional(v.string()),
});

/** A merchant, or payee (AP2 v0.2, `types/merchant.json`). */
export interface Merchant extends v.InferOutput<typeof merchant> {}

export const merchantSchema: v.GenericSchema<unknown, Merchant> = merchant;
