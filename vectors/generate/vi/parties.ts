// The parties, the purchase, and signing of chains with any content. Shared by the vectors, the tests and npm run interop:vi.
import type { Es256PrivateJwk } from 'ap2-pq';
import { checkoutHash } from 'ap2-pq/ap2';
import type { ViOpenPair } from 'ap2-pq/vi';
import { decodeJson, encode } from '../forge/compact.js';
import { signEs256, signingKeys } from '../forge/signatures.js';

/** A view of layer 2 and the layer 3 that is bound to it. */
export interface View {
  readonly layer2: string;
  readonly layer3: string;
}

/** The presentation of one pair. */
export interface Leg {
  readonly payment?: View | undefined;
  readonly checkout?: View | undefined;
}

export const TO = {
  audience2: 'https://agent.example',
  network: 'https://network.example',
  merchant: 'https://tea.example',
  nonce2: 'nonce-of-layer-2',
  nonce3: 'nonce-of-layer-3',
};
export const CHECKOUT_JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJjYXJ0IjoxfQ.c2ln';
export const HASH = checkoutHash(CHECKOUT_JWT);
export const teaHouse = { id: 'm-1', name: 'Tea House', website: 'https://tea.example' };
export const potShop = { id: 'm-2', name: 'Töpferei 茶', website: 'https://pot.example' };
export const items = [
  { id: 'tea-1', title: 'Sencha' },
  { id: 'tea-2', title: 'Grüner Tee' },
];
export const card = { type: 'card', id: 'card-8842', description: 'Card **** 1234' };
export const content = { merchant: teaHouse, lineItems: [{ id: 'tea-1', quantity: 1 }] };
export const payment = {
  payee: teaHouse,
  payment_amount: { currency: 'USD', amount: 12_500 },
  payment_instrument: card,
};

/** Every registered constraint that a stateless verifier evaluates, and a budget. */
export const ourPair = (): ViOpenPair => ({
  checkout: {
    constraints: [
      { type: 'mandate.checkout.allowed_merchants', allowed: [teaHouse, potShop] },
      { type: 'mandate.checkout.line_items', items: [{ id: 'r1', acceptable_items: items, quantity: 1 }] },
    ],
  },
  payment: {
    payment_instrument: card,
    constraints: [
      { type: 'mandate.payment.allowed_payees', allowed: [teaHouse, potShop] },
      { type: 'mandate.payment.amount_range', currency: 'USD', min: 1000, max: 40_000 },
      { type: 'mandate.payment.budget', currency: 'USD', max: 100_000 },
    ],
  },
});

/** The signers of the layers of a forged chain, and the time. */
export interface Signers {
  readonly issuer: { readonly privateKeys: { readonly es256: Es256PrivateJwk } };
  readonly user: { readonly privateKeys: { readonly es256: Es256PrivateJwk } };
  readonly agent: { readonly privateKeys: { readonly es256: Es256PrivateJwk } };
  readonly iat: number;
}

/** The claims of layer 1 about the user, except the keys. */
export const claimsAt = (iat: number) => ({
  iss: 'https://bank.example',
  sub: 'user-1',
  vct: 'https://credentials.mastercard.com/card',
  iat: iat - 1000,
  exp: iat + 30 * 86_400,
  pan_last_four: '1234',
  scheme: 'mastercard',
  email: 'user@example.com',
});

/** Signs any content with ES256 alone, deterministically. */
export function forge(header: object, payload: object, key: Es256PrivateJwk): string {
  const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(payload))}`;
  return `${input}.${encode(signEs256(input, signingKeys({ es256: key as { d: string } }).scalar))}`;
}

/** A layer signed again, with ES256 alone. */
export function classicalOnly(layer: string, key: Es256PrivateJwk): string {
  const [jwt, ...disclosures] = layer.split('~') as [string, ...string[]];
  const segments = jwt.split('.').slice(0, 2);
  const [header = {}, payload = {}] = segments.map(decodeJson);
  const { pq_alg: _, pq_sig: __, ...classical } = header;
  return [forge(classical, payload, key), ...disclosures].join('~');
}
