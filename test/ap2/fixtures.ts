// Mandates, checkouts and receipts of AP2 v0.2, every member of every schema in them, and what stands for them elsewhere.
import type { CheckoutMandate, OpenCheckoutMandate } from '../../src/ap2/model/checkout-mandate.js';
import type { OpenPaymentMandate, PaymentMandate } from '../../src/ap2/model/payment-mandate.js';
import type { JsonObject, JsonValue } from '../../src/index.js';
import { base64url, publicKeys, sha256 } from '../support.js';

const { x, y } = publicKeys.es256;
export const cnf = { jwk: { kty: 'EC', crv: 'P-256', x, y } } as const;
export const pqCnf = { jwk: { kty: 'AKP', alg: 'ML-DSA-65', pub: publicKeys.mldsa65.pub } } as const;
export const jkt = base64url(sha256('a thumbprint'));

export const shop = { id: 'merchant_1', name: 'Demo Shop', website: 'https://shop.example' };
export const otherShop = { id: 'merchant_2', name: 'Other Shop', website: 'https://other.example' };
export const card = { id: 'card_1', type: 'card', description: 'Card ••••4242' };
export const pisp = { legal_name: 'Pay Ltd.', brand_name: 'Pay', domain_name: 'pay.example' };
export const usd = (amount: number) => ({ amount, currency: 'USD' });

export const reference = { type: 'payment.reference', conditional_transaction_id: 'open-checkout' } as const;

export const openPayment = (...constraints: OpenPaymentMandate['constraints']): OpenPaymentMandate => ({
  vct: 'mandate.payment.open.1',
  constraints: [reference, ...constraints],
  cnf,
});

export const payment: PaymentMandate = {
  vct: 'mandate.payment.1',
  transaction_id: 'checkout-hash',
  payee: shop,
  payment_amount: usd(19900),
  payment_instrument: card,
};

export const allPaymentConstraints: OpenPaymentMandate['constraints'] = [
  { type: 'payment.agent_recurrence', frequency: 'MONTHLY', max_occurrences: 12 },
  { type: 'payment.allowed_payees', allowed: [shop, otherShop] },
  { type: 'payment.allowed_payment_instruments', allowed: [card] },
  { type: 'payment.allowed_pisps', allowed: [pisp] },
  { type: 'payment.amount_range', currency: 'USD', min: 100, max: 20000 },
  { type: 'payment.budget', max: 1000.5, currency: 'USD' },
  { type: 'payment.execution_date', not_before: '2026-01-01', not_after: '2026-12-31T23:59:59Z' },
];

export const fullOpenPayment: OpenPaymentMandate = {
  ...openPayment(...allPaymentConstraints),
  pq_cnf: pqCnf,
  payee: shop,
  payment_amount: usd(19900),
  payment_instrument: card,
  pisp,
  execution_date: '2026-06-01',
  risk_data: { score: 3 },
  iat: 1_777_342_357,
  exp: 1_777_345_957,
};

export const fullPayment: PaymentMandate = {
  ...payment,
  pisp,
  execution_date: '2026-06-01',
  risk_data: { score: 3 },
  iat: 1_777_342_357,
  exp: 1_777_345_957,
};

export const need = (id: string, acceptable: readonly string[], quantity: number) => ({
  id,
  acceptable_items: acceptable.map((sku) => ({ id: sku, title: `Item ${sku}` })),
  quantity,
});

export const openCheckout = (...constraints: OpenCheckoutMandate['constraints']): OpenCheckoutMandate => ({
  vct: 'mandate.checkout.open.1',
  constraints,
  cnf,
});

export const shoes = { type: 'checkout.line_items' as const, items: [need('shoes', ['A', 'B'], 1)] };

export const fullOpenCheckout: OpenCheckoutMandate = {
  ...openCheckout(shoes, { type: 'checkout.allowed_merchants', allowed: [shop] }),
  pq_cnf: { jkt },
  iat: 1_777_342_357,
  exp: 1_777_345_957,
};

export const lineItem = (sku: string, quantity: number, index = 0) => ({
  id: `line_${index}`,
  item: { id: sku, title: `Item ${sku}`, price: 19900, image_url: `https://shop.example/${sku}.png` },
  quantity,
  totals: [{ type: 'total', display_text: 'Total', amount: 19900 }],
});

export const cartOf = (...items: readonly (readonly [sku: string, quantity: number])[]) => ({
  id: 'checkout_1',
  merchant: shop,
  line_items: items.map(([sku, quantity], index) => lineItem(sku, quantity, index)),
  status: 'incomplete',
  currency: 'USD',
  totals: [
    { type: 'subtotal', amount: 19900 },
    { type: 'discount', amount: -100 },
    { type: 'total', amount: 19800 },
  ],
  links: [{ type: 'privacy_policy', url: 'https://shop.example/privacy', title: 'Privacy' }],
});

export const fullCheckout = {
  ...cartOf(['A', 1]),
  buyer: { first_name: 'Ada', last_name: 'L', email: 'ada@example.com', phone_number: '+441234' },
  messages: [
    { type: 'error', code: 'x', path: '$', content_type: 'plain', content: 'no', severity: 'recoverable' },
    {
      type: 'warning',
      code: 'x',
      content: 'hm',
      presentation: 'notice',
      url: 'https://shop.example/w',
      image_url: 'https://shop.example/w.png',
    },
    { type: 'info', content: 'so', content_type: 'markdown' },
  ],
  expires_at: '2026-06-01T12:00:00Z',
  continue_url: 'https://shop.example/checkout',
};

/** A merchant's JWT, whose signature no one here looks at. */
export const jwtOf = (checkout: unknown): string =>
  [{ alg: 'ES256' }, checkout, 'signature'].map((part) => base64url(JSON.stringify(part))).join('.');

export const closeCheckout = (checkout: unknown): CheckoutMandate => {
  const checkout_jwt = jwtOf(checkout);
  return { vct: 'mandate.checkout.1', checkout_jwt, checkout_hash: base64url(sha256(checkout_jwt)) };
};

export const paymentSuccess = {
  status: 'Success' as const,
  iss: 'https://bank.example',
  iat: 1_777_342_400,
  reference: 'hash-of-the-mandate',
  payment_id: 'payment_1',
  psp_confirmation_id: 'psp_1',
  network_confirmation_id: 'network_1',
};

export const paymentError = {
  status: 'Error' as const,
  iss: 'https://bank.example',
  iat: 1_777_342_400,
  reference: 'hash-of-the-mandate',
  payment_id: 'payment_1',
  error: 'invalid_mandate',
  error_description: 'too much',
};

export const checkoutSuccess = {
  status: 'Success' as const,
  iss: 'https://shop.example',
  iat: 1_777_342_400,
  reference: 'hash-of-the-mandate',
  order_id: 'order_1',
};

export const checkoutError = {
  status: 'Error' as const,
  iss: 'https://shop.example',
  iat: 1_777_342_400,
  reference: 'hash-of-the-mandate',
  error: 'unresolved_constraint',
  error_description: 'what is that',
};

/** A copy in which the member at `path` is another value, or gone where that is `undefined`. */
export function change(value: unknown, path: string, changed: unknown): JsonObject {
  const copy = JSON.parse(JSON.stringify(value)) as JsonObject;
  const names = path.split(/[.[\]]+/).filter((name) => name !== '');
  const last = names.pop() as string;
  const parent = names.reduce((object, name) => (object as JsonObject)[name] as JsonValue, copy as JsonValue);
  if (changed === undefined) delete (parent as JsonObject)[last];
  else (parent as JsonObject)[last] = changed as JsonValue;
  return copy;
}
