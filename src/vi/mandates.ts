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
  /** Identifies the merchant. Compared if both sides have it. */
  id: v.exactOptional(text),
  /** The name that people know. */
  name: text,
  /** Its website. */
  website: text,
});

/** A merchant or payee of Verifiable Intent. */
export interface ViMerchant extends v.InferOutput<typeof merchant> {}

export const merchantSchema: v.GenericSchema<unknown, ViMerchant> = merchant;

const instrument = openObject({
  /** Identifies the instrument; the `card_id` of layer 1, if it has one. */
  id: text,
  /** The category of instrument. */
  type: text,
  /** A description for people. */
  description: v.exactOptional(v.string()),
});

/** The payment instrument. */
export interface ViPaymentInstrument extends v.InferOutput<typeof instrument> {}

const payment = openObject({
  /** The kind of mandate. */
  vct: text,
  /** The `checkout_hash` of the checkout that is paid for. */
  transaction_id: sha256Digest,
  /** Who is paid. */
  payee: merchant,
  /** How much, in minor units. */
  payment_amount: amountSchema,
  /** The payment instrument. */
  payment_instrument: instrument,
});

/** A payment mandate with final values. */
export interface ViPaymentMandate extends v.InferOutput<typeof payment> {}

const checkout = openObject({
  /** The kind of mandate. */
  vct: text,
  /** The merchant's JWT of the checkout. */
  checkout_jwt: text,
  /** BASE64URL(SHA-256) of `checkout_jwt`. */
  checkout_hash: sha256Digest,
});

/** A checkout mandate with final values. */
export interface ViCheckoutMandate extends v.InferOutput<typeof checkout> {}

const constraints = v.pipe(
  v.array(openObject({ type: v.string() })),
  v.minLength(1, 'an array of at least one constraint'),
);

const openPayment = openObject({
  /** The kind of mandate. */
  vct: text,
  /** The constraints on the payment. */
  constraints,
  /** The payment instrument. */
  payment_instrument: instrument,
});

/** A payment mandate that an agent closes. */
export interface ViOpenPaymentMandate extends v.InferOutput<typeof openPayment> {}

const openCheckout = openObject({
  /** The kind of mandate. */
  vct: text,
  /** The constraints on the checkout. */
  constraints,
});

/** A checkout mandate that an agent closes. */
export interface ViOpenCheckoutMandate extends v.InferOutput<typeof openCheckout> {}

const SCHEMAS = {
  open: { payment: openPayment, checkout: openCheckout },
  final: { payment, checkout },
} as const;

/** The type of an element: `undefined` if it has no `vct` and so is not a mandate. An unknown `vct` is rejected. */
export function typeOfElement(element: JsonObject, path: string): ViMandateType | undefined {
  if (!Object.hasOwn(element, 'vct')) return undefined;
  const type = mandateTypeOf(element.vct);
  if (type !== undefined) return type;
  const found = typeof element.vct === 'string' ? `, got ${printable(element.vct.slice(0, 60))}` : '';
  return fail('ERR_MANDATE_SCHEMA', `${path}.vct`, `"${path}.vct" must be the "vct" of a mandate${found}`);
}

/**
 * Copies an element after checking the form that its `vct` demands. An open mandate delegates to a key. A final mandate does
 * not, and has no constraints.
 */
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

/** Members that only a final mandate may have. */
const FINAL: Readonly<Record<MandateKind, readonly string[]>> = {
  payment: ['transaction_id', 'payment_amount', 'payee'],
  checkout: ['checkout_jwt', 'checkout_hash'],
};

export function refuseLayer(path: string, message: string): never {
  fail('ERR_VI_LAYER_INVALID', path, message);
}

/** The path of a mandate of a layer in errors. */
export const mandatePath = (layer: number, index: number): string => `layer${layer}.${VI_MANDATES}[${index}]`;
