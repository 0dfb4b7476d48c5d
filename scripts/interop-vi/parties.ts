// Who takes part, what is bought, and what is asked of the other implementations.
import { createPrivateKey, sign } from 'node:crypto';
import { type Es256PrivateJwk, generateMandateKeys } from 'ap2-pq';
import { checkoutHash } from 'ap2-pq/ap2';
import { type ViNames, type ViOpenPair, viConfirmationOf } from 'ap2-pq/vi';

/** A view of layer 2 and the layer 3 that is bound to it. */
export interface View {
  readonly layer2: string;
  readonly layer3: string;
}

/** What is presented of one pair. */
export interface Leg {
  readonly payment?: View | undefined;
  readonly checkout?: View | undefined;
}

/** A chain that another implementation made. */
export interface Theirs extends Leg {
  readonly layer1: string;
  readonly layer2: string;
}

/** What another implementation is to make a chain of. */
export interface TheirRequest {
  readonly keys: {
    readonly issuer: Es256PrivateJwk;
    readonly user: Es256PrivateJwk;
    readonly agent: Es256PrivateJwk;
  };
  readonly claims: object;
  readonly mode: 'immediate' | 'autonomous';
  readonly pair: ReturnType<typeof theirPair>;
  readonly to: typeof TO & { readonly iat: number };
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

/** The same for another implementation, under its names. */
export function theirPair(names: ViNames) {
  const plain = names === 'plain';
  const merchants = [teaHouse, potShop];
  return {
    merchants,
    items,
    checkout_jwt: CHECKOUT_JWT,
    payment,
    checkout_constraints: [
      plain
        ? { type: 'mandate.checkout.allowed_merchant', allowed_merchants: merchants }
        : { type: 'mandate.checkout.allowed_merchants', allowed: merchants },
      { type: 'mandate.checkout.line_items', items: [{ id: 'r1', acceptable_items: items, quantity: 1 }] },
    ],
    payment_constraints: [
      plain
        ? { type: 'payment.allowed_payee', allowed_payees: merchants }
        : { type: 'mandate.payment.allowed_payees', allowed: merchants },
      {
        type: plain ? 'payment.amount' : 'mandate.payment.amount_range',
        currency: 'USD',
        min: 1000,
        max: 40_000,
      },
    ],
  };
}

export type Parties = Awaited<ReturnType<typeof gather>>;

export async function gather() {
  const [issuer, user, agent] = await Promise.all([
    generateMandateKeys(),
    generateMandateKeys(),
    generateMandateKeys(),
  ]);
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'https://bank.example',
    sub: 'user-1',
    vct: 'https://credentials.mastercard.com/card',
    iat: iat - 1000,
    exp: iat + 30 * 86_400,
    pan_last_four: '1234',
    scheme: 'mastercard',
    email: 'user@example.com',
  };
  return { issuer, user, agent, iat, claims, confirmation: viConfirmationOf(user.publicKeys) };
}

/** Signs whatever it is told to, with ES256 alone. */
export function forge(header: object, payload: object, key: Es256PrivateJwk): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode(header)}.${encode(payload)}`;
  const imported = createPrivateKey({ key: { ...key }, format: 'jwk' });
  const signature = sign('sha256', Buffer.from(input), { key: imported, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
