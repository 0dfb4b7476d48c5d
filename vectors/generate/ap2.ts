// Mandates of AP2 v0.2 for the vectors of SPEC.md §10, and their delegates.
import { base64url, type Signer, sha256 } from './keys.js';

type Members = Record<string, unknown>;

export const shop = { id: 'merchant_1', name: 'Demo Shop', website: 'https://shop.example' };
export const otherShop = { id: 'merchant_2', name: 'Other Shop', website: 'https://other.example' };
export const card = { id: 'card_1', type: 'card', description: 'Card ••••4242' };
export const usd = (amount: number) => ({ amount, currency: 'USD' });

/** The hash of the open checkout mandate that a payment is for. */
export const REFERENCE = base64url(sha256('the open checkout mandate'));
export const reference = { type: 'payment.reference', conditional_transaction_id: REFERENCE };
export const amountRange = { type: 'payment.amount_range', currency: 'USD', max: 20_000 };

export const ecJwk = ({ publicKeys: { es256 } }: Signer) => ({
  kty: es256.kty,
  crv: es256.crv,
  kid: es256.kid,
  x: es256.x,
  y: es256.y,
});
export const akpJwk = ({ publicKeys: { mldsa65 } }: Signer) => ({
  kty: mldsa65.kty,
  alg: mldsa65.alg,
  kid: mldsa65.kid,
  pub: mldsa65.pub,
});
/** RFC 7638, with RFC 9964 §6. */
export const thumbprintOf = ({ publicKeys: { mldsa65 } }: Signer): string =>
  base64url(sha256(`{"alg":"ML-DSA-65","kty":"AKP","pub":"${mldsa65.pub}"}`));

/** The delegate, without a post-quantum key, with it, and with its thumbprint. */
export const classicalConfirmation = (signer: Signer) => ({ cnf: { jwk: ecJwk(signer) } });
export const confirmation = (signer: Signer) => ({
  ...classicalConfirmation(signer),
  pq_cnf: { jwk: akpJwk(signer) },
});
export const confirmationByThumbprint = (signer: Signer) => ({
  ...classicalConfirmation(signer),
  pq_cnf: { jkt: thumbprintOf(signer) },
});
/** The option from which the runner makes `resolveThumbprint`. */
export const thumbprintsOf = (signer: Signer) => ({ [thumbprintOf(signer)]: akpJwk(signer) });

export const openPayment = (confirmed: object, constraints: readonly object[] = []): Members => ({
  vct: 'mandate.payment.open.1',
  constraints: [reference, amountRange, ...constraints],
  ...confirmed,
});

export const payment: Members = {
  vct: 'mandate.payment.1',
  transaction_id: 'checkout-hash',
  payee: shop,
  payment_amount: usd(19_900),
  payment_instrument: card,
};

const item = { id: 'A', title: 'Item A' };
export const lineItems = {
  type: 'checkout.line_items',
  items: [{ id: 'shoes', acceptable_items: [item], quantity: 1 }],
};
export const openCheckout = (confirmed: object, constraints: readonly object[] = []): Members => ({
  vct: 'mandate.checkout.open.1',
  constraints: [lineItems, ...constraints],
  ...confirmed,
});

export const cart = {
  id: 'checkout_1',
  merchant: shop,
  line_items: [
    {
      id: 'line_1',
      item: { ...item, price: 19_900 },
      quantity: 1,
      totals: [{ type: 'total', amount: 19_900 }],
    },
  ],
  status: 'incomplete',
  currency: 'USD',
  totals: [{ type: 'total', amount: 19_900 }],
  links: [],
};
/** A merchant's JWT. Its signature is not verified here. */
export const checkoutJwt = (checkout: unknown): string =>
  [{ alg: 'ES256' }, checkout, 'signature'].map((part) => base64url(JSON.stringify(part))).join('.');
export const closedCheckout = (checkout: unknown = cart): Members => {
  const checkout_jwt = checkoutJwt(checkout);
  return { vct: 'mandate.checkout.1', checkout_jwt, checkout_hash: base64url(sha256(checkout_jwt)) };
};
