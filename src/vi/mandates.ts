import * as v from 'valibot';
import type { MandateKind } from '../ap2/model/mandate.js';
import { conform, openObject, sha256Digest } from '../ap2/model/schema.js';
import { amountSchema } from '../ap2/model/types.js';
import { isJsonObject, type JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { printable } from '../options.js';
import { mandateTypeOf, VI_MANDATES, type ViMandateType } from './names.js';

const text = v.pipe(v.string('a string'), v.nonEmpty('a non-empty string'));

const merchant = openObject({
  /** Identifies the merchant, where both sides of a comparison have it. */
  id: v.exactOptional(text),
  /** The name that people know it by. */
  name: text,
  /** Its website. */
  website: text,
});

/** A merchant or payee of Verifiable Intent. */
export interface ViMerchant extends v.InferOutput<typeof merchant> {}

export const merchantSchema: v.GenericSchema<unknown, ViMerchant> = merchant;

const instrument = openObject({
  /** Identifies the instrument; the `card_id` of the layer 1, where that has one. */
  id: text,
  /** The category of instrument. */
  type: text,
  /** For people to recognize it by. */
  description: v.exactOptional(v.string()),
});

/** What is paid with. */
export interface ViPaymentInstrument extends v.InferOutput<typeof instrument> {}

const payment = openObject({
  /** What kind of mandate it is. */
  vct: text,
  /** The `checkout_hash` of the checkout that is paid for. */
  transaction_id: sha256Digest,
  /** Who is paid. */
  payee: merchant,
  /** How much, in minor units. */
  payment_amount: amountSchema,
  /** What is paid with. */
  payment_instrument: instrument,
});

/** A payment mandate with final values. */
export interface ViPaymentMandate extends v.InferOutput<typeof payment> {}

const checkout = openObject({
  /** What kind of mandate it is. */
  vct: text,
  /** The merchant's JWT of the checkout. */
  checkout_jwt: text,
  /** BASE64URL(SHA-256) of it. */
  checkout_hash: sha256Digest,
});

/** A checkout mandate with final values. */
export interface ViCheckoutMandate extends v.InferOutput<typeof checkout> {}

const constraints = v.pipe(
  v.array(openObject({ type: v.string() })),
  v.minLength(1, 'an array of at least one constraint'),
);

const openPayment = openObject({
  /** What kind of mandate it is. */
  vct: text,
  /** What the payment must keep to. */
  constraints,
  /** What is paid with. */
  payment_instrument: instrument,
});

/** A payment mandate that an agent closes. */
export interface ViOpenPaymentMandate extends v.InferOutput<typeof openPayment> {}

const openCheckout = openObject({
  /** What kind of mandate it is. */
  vct: text,
  /** What the checkout must keep to. */
  constraints,
});

/** A checkout mandate that an agent closes. */
export interface ViOpenCheckoutMandate extends v.InferOutput<typeof openCheckout> {}

const SCHEMAS = {
  open: { payment: openPayment, checkout: openCheckout },
  final: { payment, checkout },
} as const;

/** What kind of mandate an element is; one of another `vct` is refused, one without is no mandate. */
export function typeOfElement(element: JsonObject, path: string): ViMandateType | undefined {
  if (!Object.hasOwn(element, 'vct')) return undefined;
  const type = mandateTypeOf(element.vct);
  if (type !== undefined) return type;
  const found = typeof element.vct === 'string' ? `, and is ${printable(element.vct.slice(0, 60))}` : '';
  return fail('ERR_MANDATE_SCHEMA', `${path}.vct`, `"${path}.vct" must be that of a mandate${found}`);
}

/** A copy of an element that has the form of its `vct`: open ones delegate to a key, final ones do not and are bounded by nothing. */
export function parseViMandate(
  element: JsonObject,
  { kind, isOpen }: ViMandateType,
  path: string,
): JsonObject {
  const copy = conform<object>(SCHEMAS[isOpen ? 'open' : 'final'][kind], element, path) as JsonObject;
  if (isOpen) {
    if (!isJsonObject(copy.cnf)) refuseLayer(path, 'an open mandate must have "cnf"');
    for (const name of FINAL[kind]) {
      if (Object.hasOwn(copy, name)) refuseLayer(path, `an open mandate must not have "${name}"`);
    }
    return copy;
  }
  for (const name of ['cnf', 'pq_cnf', 'constraints']) {
    if (Object.hasOwn(copy, name)) refuseLayer(path, `a final mandate must not have "${name}"`);
  }
  return copy;
}

/** What only a final mandate says. */
const FINAL: Readonly<Record<MandateKind, readonly string[]>> = {
  payment: ['transaction_id', 'payment_amount', 'payee'],
  checkout: ['checkout_jwt', 'checkout_hash'],
};

export function refuseLayer(path: string, message: string): never {
  fail('ERR_VI_LAYER_INVALID', path, message);
}

/** What errors call a mandate of a layer. */
export const mandatePath = (layer: number, index: number): string => `layer${layer}.${VI_MANDATES}[${index}]`;
