import * as v from 'valibot';
import { openObject } from './primitives.js';

const paymentInstrument = openObject({
  /** Identifies the instrument. */
  id: v.string(),
  /** The category of instrument, such as `card`; it may define further members (specification.md "Payment Instrument"). */
  type: v.string(),
  /** For people to recognize it by. */
  description: v.exactOptional(v.string()),
});

/** What is paid with (AP2 v0.2, `types/payment_instrument.json`). */
export interface PaymentInstrument extends v.InferOutput<typeof paymentInstrument> {}

export const paymentInstrumentSchema: v.GenericSchema<unknown, PaymentInstrument> = paymentInstrument;
