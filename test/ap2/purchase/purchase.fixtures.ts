// A purchase from the user's mandates to what the agent presents; each part can be changed.
import {
  type CheckoutMandate,
  closeMandate,
  issueMandate,
  type OpenCheckoutMandate,
  type OpenPaymentMandate,
  openMandateHash,
  type PaymentMandate,
  type PresentedPurchase,
  signCheckoutJwt,
  type VerifyPurchaseOptions,
  verifyPurchase,
} from '../../../src/ap2/index.js';
import { confirmationOf, generateMandateKeys } from '../../../src/index.js';
import { base64url, privateKeys, publicKeys, sha256 } from '../../support.js';
import { card, cartOf, openCheckout, otherShop, shoes, shop } from '../fixtures.js';

export const NOW = 1_780_000_000;
export const currentDate = new Date(NOW * 1000);
export const SHOP = { audience: 'https://shop.example', nonce: 'nonce-of-the-shop' };
export const PROVIDER = { audience: 'https://provider.example', nonce: 'nonce-of-the-provider' };
export const [agent, otherAgent, merchant, otherMerchant] = [
  await generateMandateKeys(),
  await generateMandateKeys(),
  await generateMandateKeys({ kid: 'key-of-a-merchant' }),
  await generateMandateKeys({ kid: 'key-of-a-merchant' }),
];
export const claims = { iss: 'https://bank.example', iat: NOW - 3600 };
/** Of the two shops, by their ids. */
export const merchants = (_: unknown, id: string | undefined) =>
  id === shop.id ? merchant.publicKeys : id === otherShop.id ? otherMerchant.publicKeys : undefined;

export const cart = {
  ...cartOf(['A', 1]),
  totals: [
    { type: 'subtotal', amount: 20_000 },
    { type: 'total', amount: 19_900 },
  ],
};
export const sign = (checkout: object = cart, keys = merchant) =>
  signCheckoutJwt(checkout as never, keys.privateKeys, { expiresIn: '15m', currentDate });
export const checkoutJwt = await sign();
export const hashOf = (jwt: string) => base64url(sha256(jwt));

export const openCheckoutFor = (keys = agent): OpenCheckoutMandate =>
  ({
    ...openCheckout(shoes, { type: 'checkout.allowed_merchants', allowed: [otherShop, shop] }),
    ...confirmationOf(keys.publicKeys),
  }) as OpenCheckoutMandate;
export const openPaymentFor = (reference: string, keys = agent): OpenPaymentMandate =>
  ({
    vct: 'mandate.payment.open.1',
    constraints: [
      { type: 'payment.reference', conditional_transaction_id: reference },
      { type: 'payment.allowed_payees', allowed: [otherShop, shop] },
      { type: 'payment.amount_range', currency: 'USD', max: 100_000 },
    ],
    ...confirmationOf(keys.publicKeys),
  }) as OpenPaymentMandate;

export const closedCheckout = (jwt = checkoutJwt): CheckoutMandate => ({
  vct: 'mandate.checkout.1',
  checkout_jwt: jwt,
  checkout_hash: hashOf(jwt),
});
export const closedPayment = (change: Partial<PaymentMandate> = {}): PaymentMandate => ({
  vct: 'mandate.payment.1',
  transaction_id: hashOf(checkoutJwt),
  payee: shop,
  payment_amount: { amount: 19_900, currency: 'USD' },
  payment_instrument: card,
  ...change,
});

export const checkoutRoot = await issueMandate(openCheckoutFor(), privateKeys, { claims });
export const REFERENCE = openMandateHash(checkoutRoot, { form: 'issuer_jwt_hash' });
export const paymentRoot = await issueMandate(openPaymentFor(REFERENCE), privateKeys, { claims });

export const closeCheckout = (jwt = checkoutJwt, root = checkoutRoot, keys = agent) =>
  closeMandate(root, closedCheckout(jwt), keys.privateKeys, { ...SHOP, currentDate });
export const closePayment = (change: Partial<PaymentMandate> = {}, root = paymentRoot, keys = agent) =>
  closeMandate(root, closedPayment(change), keys.privateKeys, { ...PROVIDER, currentDate });

export const checkoutChain = await closeCheckout();
export const paymentChain = await closePayment();
export const presented: PresentedPurchase = { checkoutChain, paymentChain, checkoutJwt };

export const keys = { mandates: publicKeys, merchant: merchants };
export const options: VerifyPurchaseOptions = {
  currentDate,
  checkout: SHOP,
  payment: PROVIDER,
  context: { history: () => [] },
};
export const verify = (
  change: PresentedPurchase = {},
  changed: Partial<VerifyPurchaseOptions> = {},
  trusted: Parameters<typeof verifyPurchase>[1] = keys,
) => verifyPurchase({ ...presented, ...change }, trusted, { ...options, ...changed });

/** The rules and paths of a refusal. */
export async function reasonsOf(verification: Promise<unknown>): Promise<string[]> {
  const error = await verification.then(
    () => ({ reasons: [] }),
    (thrown: unknown) => thrown as { reasons?: { rule?: string; code: string; path: string }[] },
  );
  if (error.reasons === undefined) throw error;
  return error.reasons.map(({ rule, code, path }) => `${rule ?? code} ${path}`);
}
