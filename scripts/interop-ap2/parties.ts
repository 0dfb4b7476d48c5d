import { type Confirmation, confirmationOf, generateMandateKeys, type MandateKeys } from 'ap2-pq';
import {
  type CheckoutMandate,
  type ClosedMandateContent,
  type ConstraintContext,
  checkoutHash,
  type OpenMandateContent,
  type PaymentMandate,
} from 'ap2-pq/ap2';
import { CompactSign, importJWK } from 'jose';
import { digestOf } from '../../vectors/generate/forge/disclosures.js';

export const AUDIENCE = 'https://merchant.example';
export const NONCE = '7e2f0b6c9d';

export type Kind = 'payment' | 'checkout';
export const KINDS: readonly Kind[] = ['payment', 'checkout'];

/** The parties, and what they have agreed on. */
export interface Parties {
  readonly bank: MandateKeys;
  readonly agent: MandateKeys;
  readonly provider: MandateKeys;
  readonly merchant: MandateKeys;
  /** An open mandate for the party that `confirmation` names. */
  open(kind: Kind, confirmation: Confirmation, more?: object): OpenMandateContent;
  readonly closed: { readonly payment: PaymentMandate; readonly checkout: CheckoutMandate };
  /** The context for evaluating the constraints of the open mandates. */
  context(kind: Kind): ConstraintContext;
}

/** Classical only, as in AP2 v0.2 itself. */
export const classical = ({ publicKeys }: MandateKeys): Confirmation =>
  confirmationOf({ es256: publicKeys.es256 });

const shop = { id: 'merchant_1', name: 'Demo Shop', website: 'https://shop.example' };
const others = [
  { id: 'merchant_2', name: 'Zürich ☕ 小店', website: 'https://other.example' },
  { id: 'merchant_3', name: 'Third "Shop"' },
];
const card = { id: 'card_1', type: 'card', description: 'Card ••••4242' };
const pisp = { legal_name: 'Pay Ltd.', brand_name: 'Pay', domain_name: 'pay.example' };
const item = (id: string) => ({ id, title: `Item ${id}` });
const usd = (amount: number) => ({ amount, currency: 'USD' });

const cart = {
  id: 'checkout_1',
  merchant: shop,
  line_items: [
    {
      id: 'l1',
      item: { ...item('A'), price: 9950 },
      quantity: 2,
      totals: [{ type: 'total', amount: 19900 }],
    },
  ],
  status: 'incomplete',
  currency: 'USD',
  totals: [
    { type: 'subtotal', amount: 19900 },
    { type: 'total', amount: 19900 },
  ],
  links: [],
};

/** The reference of the payment's open mandate to the checkout's. */
const OPEN_CHECKOUT = digestOf('an open checkout mandate');

const constraintsOf = (kind: Kind) =>
  kind === 'payment'
    ? [
        { type: 'payment.reference', conditional_transaction_id: OPEN_CHECKOUT },
        { type: 'payment.amount_range', currency: 'USD', min: 100, max: 20000 },
        { type: 'payment.allowed_payees', allowed: [shop, ...others] },
        { type: 'payment.allowed_payment_instruments', allowed: [card, { ...card, id: 'card_2' }] },
        { type: 'payment.allowed_pisps', allowed: [pisp] },
        { type: 'payment.budget', max: 250.5, currency: 'USD' },
      ]
    : [
        {
          type: 'checkout.line_items',
          items: [{ id: 'shoes', acceptable_items: [item('A'), item('B')], quantity: 2 }],
        },
        { type: 'checkout.allowed_merchants', allowed: [shop, ...others] },
      ];

/** The part of {@link constraintsOf} that this transaction needs. */
export const MINIMAL = {
  payment: {
    delegate_payload: { 0: { constraints: { 2: { allowed: { 0: true } }, 3: { allowed: { 0: true } } } } },
  },
  checkout: {
    delegate_payload: {
      0: {
        constraints: { 0: { items: { 0: { acceptable_items: { 0: true } } } }, 1: { allowed: { 0: true } } },
      },
    },
  },
} as const;

export async function gather(): Promise<Parties> {
  const [bank, agent, provider, merchant] = await Promise.all([
    generateMandateKeys({ kid: 'bank-1' }),
    generateMandateKeys({ kid: 'agent-1' }),
    generateMandateKeys({ kid: 'provider-1' }),
    generateMandateKeys({ kid: 'merchant-1' }),
  ]);
  const checkoutJwt = await new CompactSign(Buffer.from(JSON.stringify(cart)))
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: merchant.kid })
    .sign(await importJWK({ ...merchant.privateKeys.es256 }, 'ES256'));
  const hash = checkoutHash(checkoutJwt);
  return {
    bank,
    agent,
    provider,
    merchant,
    open: (kind, confirmation, more) =>
      ({
        vct: `mandate.${kind}.open.1`,
        constraints: constraintsOf(kind),
        exp: Math.floor(Date.now() / 1000) + 3600,
        ...confirmation,
        ...more,
      }) as OpenMandateContent,
    closed: {
      payment: {
        vct: 'mandate.payment.1',
        transaction_id: hash,
        payee: shop,
        payment_amount: usd(19900),
        payment_instrument: card,
        pisp,
      },
      checkout: { vct: 'mandate.checkout.1', checkout_jwt: checkoutJwt, checkout_hash: hash },
    } satisfies Record<Kind, ClosedMandateContent>,
    context: (kind) =>
      kind === 'payment'
        ? { openCheckoutHashes: [OPEN_CHECKOUT], checkoutHash: hash, history: () => [] }
        : { checkoutJwt, history: () => [] },
  };
}
