import * as v from 'valibot';
import { openObject } from './primitives.js';

const pisp = openObject({
  /** Legal name. */
  legal_name: v.string(),
  /** Brand name. */
  brand_name: v.string(),
  /** Domain name, as in its eIDAS QWAC certificate. */
  domain_name: v.string(),
});

/** A payment initiation service provider (AP2 v0.2, `types/pisp.json`). */
export interface Pisp extends v.InferOutput<typeof pisp> {}

export const pispSchema: v.GenericSchema<unknown, Pisp> = pisp;
