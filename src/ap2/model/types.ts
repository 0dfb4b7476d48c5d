import * as v from 'valibot';
import { isJsonObject } from '../../encoding/json.js';
import { ES256, ML_DSA_65, ML_DSA_65_PUBLIC_KEY_BYTES, P256_FIELD_BYTES } from '../../profile.js';
import {
  base64urlOf,
  closedObject,
  conform,
  currency,
  minorUnits,
  openObject,
  sha256Digest,
  uri,
} from './schema.js';

const amount = openObject({
  /** Minor units of `currency` (ISO 4217): 27999 is 279.99 USD, or 27999 JPY. A non-negative integer. */
  amount: minorUnits,
  /** Alphabetic currency code of ISO 4217, such as `USD`. */
  currency,
});

/** An amount of money (AP2 v0.2, `types/amount.json`). */
export interface Amount extends v.InferOutput<typeof amount> {}

export const amountSchema: v.GenericSchema<unknown, Amount> = amount;

/** Returns a copy of `value`, which must be an amount; `path` is its name in errors. */
export const parseAmount = (value: unknown, path = 'amount'): Amount => conform(amountSchema, value, path);

const merchant = openObject({
  /** Identifies the merchant: two merchants with the same `id` are the same, whatever their other members. */
  id: v.string(),
  /** The name that people know. */
  name: v.string(),
  /** Its website. */
  website: v.exactOptional(v.string()),
});

/** A merchant, or payee (AP2 v0.2, `types/merchant.json`). */
export interface Merchant extends v.InferOutput<typeof merchant> {}

export const merchantSchema: v.GenericSchema<unknown, Merchant> = merchant;

const paymentInstrument = openObject({
  /** Identifies the instrument. */
  id: v.string(),
  /** The category of instrument, such as `card`; it may define further members (specification.md "Payment Instrument"). */
  type: v.string(),
  /** A description for people. */
  description: v.exactOptional(v.string()),
});

/** A payment instrument (AP2 v0.2, `types/payment_instrument.json`). */
export interface PaymentInstrument extends v.InferOutput<typeof paymentInstrument> {}

export const paymentInstrumentSchema: v.GenericSchema<unknown, PaymentInstrument> = paymentInstrument;

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

const use = v.exactOptional(v.picklist(['sig', 'enc']));
const keyOps = v.exactOptional(
  v.array(
    v.picklist(['sign', 'verify', 'encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'deriveKey', 'deriveBits']),
  ),
);

// As strict as AP2's schema: with a private member, a second key or any other member, AP2's own SDK rejects the mandate.
const es256Jwk = closedObject({
  /** Key type. */
  kty: v.literal('EC'),
  /** Curve. */
  crv: v.literal('P-256'),
  /** Coordinate, 43 base64url characters. */
  x: base64urlOf(P256_FIELD_BYTES),
  /** Coordinate, 43 base64url characters. */
  y: base64urlOf(P256_FIELD_BYTES),
  /** The use of the key (RFC 7517 §4.2). */
  use,
  /** The operations of the key (RFC 7517 §4.3). */
  key_ops: keyOps,
  /** Algorithm. */
  alg: v.exactOptional(v.literal(ES256)),
  /** Key identifier. */
  kid: v.exactOptional(v.string()),
  /** The URL of its certificates (RFC 7517 §4.6). */
  x5u: v.exactOptional(uri),
  /** Its certificates, base64 of DER (RFC 7517 §4.7). */
  x5c: v.exactOptional(v.array(v.string())),
  /** SHA-1 thumbprint of its certificate (RFC 7517 §4.8). */
  x5t: v.exactOptional(v.string()),
  /** SHA-256 thumbprint of its certificate (RFC 7517 §4.9). */
  'x5t#S256': v.exactOptional(v.string()),
});

/** The P-256 public key in a `cnf` (AP2 v0.2, `types/jwk.json`). */
export interface ConfirmationJwk extends v.InferOutput<typeof es256Jwk> {}

const es256JwkSchema: v.GenericSchema<unknown, ConfirmationJwk> = es256Jwk;

const confirmation = openObject({
  /** The public key that must verify the next hop: EC P-256 (AP2 v0.2, `types/jwk.json`). */
  jwk: es256JwkSchema,
});

/** The `cnf` of an open mandate (RFC 7800 §3.1): the key of the delegate. */
export interface Confirmation extends v.InferOutput<typeof confirmation> {}

export const confirmationSchema: v.GenericSchema<unknown, Confirmation> = confirmation;

const mlDsa65Jwk = closedObject({
  /** Key type (RFC 9964). */
  kty: v.literal('AKP'),
  /** Algorithm. */
  alg: v.literal(ML_DSA_65),
  /** Public key, 2603 base64url characters. */
  pub: base64urlOf(ML_DSA_65_PUBLIC_KEY_BYTES),
  /** The use of the key (RFC 7517 §4.2). */
  use,
  /** The operations of the key (RFC 7517 §4.3). */
  key_ops: keyOps,
  /** Key identifier. */
  kid: v.exactOptional(v.string()),
});

/** The ML-DSA-65 public key in a `pq_cnf` (RFC 9964). */
export interface PqConfirmationJwk extends v.InferOutput<typeof mlDsa65Jwk> {}

const mlDsa65JwkSchema: v.GenericSchema<unknown, PqConfirmationJwk> = mlDsa65Jwk;

const pqConfirmationByJwk = closedObject({
  /** The public key that must verify the `pq_sig` of the next hop. */
  jwk: mlDsa65JwkSchema,
});

const pqConfirmationByThumbprint = closedObject({
  /** The RFC 7638 thumbprint of that key, SHA-256, 43 base64url characters. */
  jkt: sha256Digest,
});

/** The `pq_cnf` of an open mandate (SPEC.md): the post-quantum key of the delegate, or its thumbprint. */
export type PqConfirmation =
  | v.InferOutput<typeof pqConfirmationByJwk>
  | v.InferOutput<typeof pqConfirmationByThumbprint>;

export const pqConfirmationSchema: v.GenericSchema<unknown, PqConfirmation> = v.lazy((input) =>
  isJsonObject(input) && Object.hasOwn(input, 'jkt') ? pqConfirmationByThumbprint : pqConfirmationByJwk,
);
