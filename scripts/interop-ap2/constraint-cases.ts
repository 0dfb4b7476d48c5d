// Building blocks of the cases for AP2's constraints.
import { generateKeyPairSync } from 'node:crypto';
import type { Kind } from './parties.js';

/** An open mandate, and the closed mandate for it. */
export interface ConstraintCase {
  readonly id: string;
  readonly kind: Kind;
  readonly open: object;
  /** A closed payment mandate. */
  readonly closed?: object;
  /** A checkout, which a closed checkout mandate would hold. */
  readonly checkout?: object;
  readonly openCheckoutHashes?: readonly string[];
  readonly history?: readonly PastPayment[];
  readonly currentDate?: string;
}

/** An earlier use of the open mandate. */
export interface PastPayment {
  readonly transactionId: string;
  readonly amount: object;
  readonly usedAt: string;
}

/** A case where the two differ, with the reason. */
export interface Difference extends ConstraintCase {
  readonly reason: string;
}

export const used = (amount: object, usedAt: string, transactionId = 'an earlier one'): PastPayment => ({
  transactionId,
  amount,
  usedAt,
});

const { kty, crv, x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  format: 'jwk',
});
const jwk = { kty, crv, x, y };
export const shop = { id: 'm1', name: 'Shop', website: 'https://shop.example' };
export const card = { id: 'c1', type: 'card' };
export const pisp = { legal_name: 'Pay Ltd.', brand_name: 'Pay', domain_name: 'pay.example' };
const reference = { type: 'payment.reference', conditional_transaction_id: 'open-checkout' };
export const openCheckoutHashes = ['open-checkout'];
export const NOW = '2026-06-15T12:00:00Z';

export const openPayment = (constraints: readonly object[], claims: object = {}) => ({
  vct: 'mandate.payment.open.1',
  constraints: [reference, ...constraints],
  cnf: { jwk },
  ...claims,
});
export const payment = (claims: object = {}) => ({
  vct: 'mandate.payment.1',
  transaction_id: 'tx',
  payee: shop,
  payment_amount: { amount: 1000, currency: 'USD' },
  payment_instrument: card,
  ...claims,
});
export const openCheckout = (constraints: readonly object[]) => ({
  vct: 'mandate.checkout.open.1',
  constraints,
  cnf: { jwk },
});
/** Items and their quantities. */
export type Cart = readonly (readonly [id: string, quantity: number])[];

export const checkout = (cart: Cart, claims: object = {}) => ({
  id: 'checkout',
  merchant: shop,
  line_items: cart.map(([id, quantity], index) => ({
    id: `l${index}`,
    item: { id, title: id, price: 1 },
    quantity,
    totals: [],
  })),
  status: 'incomplete',
  currency: 'USD',
  totals: [
    { type: 'subtotal', amount: 1 },
    { type: 'total', amount: 1 },
  ],
  links: [],
  ...claims,
});
export const need = (skus: string, quantity: number) => ({
  id: skus || 'none',
  acceptable_items: [...skus].map((id) => ({ id, title: id })),
  quantity,
});
export const lineItems = (...items: readonly object[]) => ({ type: 'checkout.line_items', items });
