// Mandates of AP2 v0.2 for the chains of the negative corpus, and bases to break.
import type { Signer } from '../keys.js';
import { agent, base64url, provider, sha256, wallet } from '../keys.js';
import type { Making } from './case.js';
import type { Token } from './chain.js';
import { AUDIENCE, NONCE, NOW } from './chain.js';
import type { Members } from './forge.js';
import { HYBRID } from './forge.js';

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

/** Whom it is delegated to, without a post-quantum key, with it, and with its thumbprint. */
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
/** A merchant's JWT. Its signature is the merchant's own business. */
export const checkoutJwt = (checkout: unknown): string =>
  [{ alg: 'ES256' }, checkout, 'signature'].map((part) => base64url(JSON.stringify(part))).join('.');
export const closedCheckout = (checkout: unknown = cart): Members => {
  const checkout_jwt = checkoutJwt(checkout);
  return { vct: 'mandate.checkout.1', checkout_jwt, checkout_hash: base64url(sha256(checkout_jwt)) };
};

const currentDate = new Date(NOW * 1000).toISOString();
const shared = { verify: 'chain' as const };
const demands = { currentDate, audience: AUDIENCE, nonce: NONCE };

export const CLOSED = { typ: 'kb+sd-jwt' };
export const OPEN = { typ: 'kb+sd-jwt+kb' };

const classical = { classical: true };
const classicalRoot: Token = { ...classical, mandate: openPayment(classicalConfirmation(agent)) };
const classicalLeaf: Token = { ...classical, header: CLOSED, mandate: payment };
const context = { openCheckoutHashes: [REFERENCE] };
const withoutPq = { ...demands, policy: 'pq-optional' };

/** Root and hop, ES256 alone: for what is not about post-quantum signatures. */
export const classicalChain: Making = {
  ...shared,
  tokens: { 0: classicalRoot, 1: classicalLeaf },
  keys: { mldsa65: null },
  options: { ...withoutPq, context },
};

/** Root, hop of the agent with an open mandate for the provider, hop of the provider. */
export const classicalThree: Making = {
  ...classicalChain,
  tokens: {
    0: classicalRoot,
    1: {
      ...classical,
      header: OPEN,
      payload: { aud: 'https://provider.example', nonce: 'n-1' },
      mandate: openPayment(classicalConfirmation(provider)),
    },
    2: { ...classicalLeaf, signer: provider },
  },
};

/** Of a checkout. */
export const classicalCheckout: Making = {
  ...shared,
  tokens: {
    0: { ...classical, mandate: openCheckout(classicalConfirmation(agent)) },
    1: { ...classical, header: CLOSED, mandate: closedCheckout() },
  },
  keys: { mldsa65: null },
  options: withoutPq,
};

/** Root and hop, both with ML-DSA-65. */
export const pqChain: Making = {
  ...shared,
  tokens: {
    0: { mandate: openPayment(confirmation(agent)) },
    1: { header: CLOSED, mandate: payment },
  },
  options: { ...demands, context },
};

/** A classical root that promises, and a hop that keeps the promise: under pq-optional, the shortest with a `pq_cnf`. */
export const promisedChain: Making = {
  ...shared,
  tokens: {
    0: { ...classical, mandate: openPayment(confirmation(agent)) },
    1: { header: CLOSED, mandate: payment },
  },
  keys: { mldsa65: null },
  options: { ...withoutPq, context },
};

/** The same with a hybrid hop. */
export const hybridChain: Making = {
  ...promisedChain,
  tokens: { ...promisedChain.tokens, 1: { ...promisedChain.tokens?.[1], pqAlg: HYBRID } },
};

/** A single mandate and its key binding JWT. */
const keyBinding = { audience: AUDIENCE, nonce: NONCE };
export const boundClassical = (holder: object): Making => ({
  classical: true,
  payload: { ...holder },
  binding: { classical: true },
  keys: { mldsa65: null },
  options: { policy: 'pq-optional', currentDate, keyBinding },
});
/** A classical-only mandate whose `pq_cnf` demands a post-quantum key binding JWT. */
export const boundWithPq = (holder: object): Making => ({
  ...boundClassical(holder),
  binding: {},
});

/** The same with the thumbprint of the wallet's key alone, which the verifier finds elsewhere. */
export const boundByThumbprint: Making = {
  ...boundWithPq(confirmationByThumbprint(wallet)),
  options: {
    policy: 'pq-optional',
    currentDate,
    keyBinding: { ...keyBinding, thumbprints: thumbprintsOf(wallet) },
  },
};
