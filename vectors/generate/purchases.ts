// The vectors of SPEC.md §10.10: accepted and rejected purchases. The library makes each token deterministically.
import { strict as assert } from 'node:assert';
import { type ClassicalPrivateKeys, confirmationOf } from 'ap2-pq';
import {
  authenticatePurchase,
  type CheckoutMandate,
  closeMandate,
  issueMandate,
  type MandateContent,
  MandatePurchaseError,
  type OpenMandateContent,
  openMandateHash,
  type PaymentMandate,
  type PresentedPurchase,
  signCheckoutJwt,
  type VerifyPurchaseOptions,
  verifyPurchase,
} from 'ap2-pq/ap2';
import { card, cart, openCheckout, otherShop, payment, shop, usd } from './ap2.js';
import { claims, currentDate, NOW, signing } from './chain-case.js';
import { agent, base64url, issuer, merchant, provider, type Signer, sha256, wallet } from './keys.js';

const SHOP = { audience: 'https://shop.example', nonce: 'n-shop' };
const PROVIDER = { audience: 'https://provider.example', nonce: 'n-provider' };
const hashOf = (jwt: string): string => base64url(sha256(jwt));

/** The salts are derived from the name of the text. */
const issue = (name: string, mandates: Parameters<typeof issueMandate>[0]): Promise<string> =>
  issueMandate(mandates, issuer.privateKeys, { ...signing(name).options, claims });

const sign = (
  jti: string,
  change: object = {},
  signer: Signer = merchant,
  pqAlg: 'ML-DSA-65' | 'none' = 'ML-DSA-65',
): Promise<string> =>
  signCheckoutJwt(
    { ...cart, ...change, jti, exp: NOW + 900 } as never,
    signer.privateKeys as ClassicalPrivateKeys,
    {
      pqAlg,
      currentDate,
      deterministic: true,
    },
  );

const shops = [otherShop, shop];
const openCheckoutOf = (signer: Signer): OpenMandateContent =>
  openCheckout(confirmationOf(signer.publicKeys), [
    { type: 'checkout.allowed_merchants', allowed: shops },
  ]) as unknown as OpenMandateContent;
const openPaymentOf = (reference: string, signer: Signer): OpenMandateContent =>
  ({
    vct: 'mandate.payment.open.1',
    constraints: [
      { type: 'payment.reference', conditional_transaction_id: reference },
      { type: 'payment.allowed_payees', allowed: shops },
      { type: 'payment.amount_range', currency: 'USD', max: 100_000 },
    ],
    ...confirmationOf(signer.publicKeys),
  }) as unknown as OpenMandateContent;

const boughtWith = (jwt: string): CheckoutMandate => ({
  vct: 'mandate.checkout.1',
  checkout_jwt: jwt,
  checkout_hash: hashOf(jwt),
});
const paidFor = (jwt: string, change: object = {}): PaymentMandate =>
  ({
    ...payment,
    payment_instrument: card,
    transaction_id: hashOf(jwt),
    ...change,
  }) as unknown as PaymentMandate;

const close = (
  name: string,
  root: string,
  closed: Parameters<typeof closeMandate>[1],
  to: typeof SHOP,
  signer: Signer = agent,
): Promise<string> =>
  closeMandate(root, closed, signer.privateKeys, {
    ...to,
    ...signing(name).options,
    currentDate,
    disclose: 'minimal',
  });

interface PurchaseCase {
  readonly id: string;
  readonly rule: string;
  readonly comment: string;
  readonly presented?: PresentedPurchase;
  readonly merchantKeys?: 'merchant' | 'wallet';
  readonly options?: Record<string, unknown>;
  readonly used?: readonly string[] | null;
}

const options = { checkout: SHOP, payment: PROVIDER };

/** Every text by its name, and the cases that present them. */
async function makePurchases(): Promise<{ texts: Record<string, string>; cases: readonly PurchaseCase[] }> {
  const texts: Record<string, string> = {};
  const put = async (name: string, text: Promise<string>): Promise<string> => {
    texts[name] = await text;
    return texts[name];
  };
  const jwt = await put('checkout', sign('q1W2e3R4t5Y6u7I8o9P0aS'));
  const other = await put('checkout-other', sign('zY9xW8vU7tS6rQ5pO4nM3l'));
  const twice = await put(
    'checkout-twice',
    sign('aB1cD2eF3gH4iJ5kL6mN7o', { line_items: [{ ...cart.line_items[0], quantity: 2 }] }),
  );
  const classical = await put('checkout-classical', sign('pQ1rS2tU3vW4xY5zA6bC7d', {}, merchant, 'none'));

  const openCheckouts = await issue('open-checkout', openCheckoutOf(agent));
  const reference = openMandateHash(openCheckouts, { form: 'issuer_jwt_hash' });
  const openPayments = await issue('open-payment', openPaymentOf(reference, agent));
  const openElsewhere = await issue('open-payment-elsewhere', openPaymentOf(hashOf('another'), agent));
  const openOfAnother = await issue('open-payment-of-another', openPaymentOf(reference, provider));
  const openTogether = await issue('open-together', [
    openCheckoutOf(agent),
    ([digest = '']) => openPaymentOf(digest, agent),
  ] as readonly (MandateContent | ((digests: readonly string[]) => MandateContent))[]);

  const bought = (name: string, of: string, root = openCheckouts) =>
    put(name, close(name, root, boughtWith(of), SHOP));
  const paid = (name: string, of: string, change: object = {}, root = openPayments, signer: Signer = agent) =>
    put(name, close(name, root, paidFor(of, change), PROVIDER, signer));
  await bought('checkout-mandate', jwt);
  await bought('checkout-mandate-other', other);
  await bought('checkout-mandate-twice', twice);
  await bought('checkout-mandate-classical', classical);
  await paid('payment-mandate', jwt);
  await paid('payment-mandate-twice', twice);
  await paid('payment-mandate-classical', classical);
  await paid('payment-one-cent-more', jwt, { payment_amount: usd(19_901) });
  await paid('payment-one-cent-less', jwt, { payment_amount: usd(19_899) });
  await paid('payment-currency', jwt, { payment_amount: { amount: 19_900, currency: 'EUR' } });
  await paid('payment-payee', jwt, { payee: otherShop });
  await paid('payment-elsewhere', jwt, {}, openElsewhere);
  await paid('payment-of-another', jwt, {}, openOfAnother, provider);
  await put('together', close('together', openTogether, [boughtWith(jwt), paidFor(jwt)], SHOP));

  const proper = {
    checkoutChain: 'checkout-mandate',
    paymentChain: 'payment-mandate',
    checkoutJwt: 'checkout',
  };
  const paying = (paymentChain: string): PresentedPurchase => ({ ...proper, paymentChain });
  const of = (name: string): PresentedPurchase => ({
    checkoutChain: `checkout-mandate-${name}`,
    paymentChain: `payment-mandate-${name}`,
    checkoutJwt: `checkout-${name}`,
  });
  const both = { checkoutChain: 'together', paymentChain: 'together', checkoutJwt: 'checkout' };
  const cases: readonly PurchaseCase[] = [
    { id: 'proper', rule: 'R10.80', comment: 'Two mandates for one checkout' },
    {
      id: 'together',
      rule: 'R10.78',
      comment: 'Both mandates in each token; the payment refers to the digest of the checkout mandate',
      presented: both,
      options: { payment: SHOP },
    },
    {
      id: 'disclosed',
      rule: 'R10.80',
      comment: 'The checkout is disclosed in the mandate',
      presented: { checkoutChain: 'checkout-mandate', paymentChain: 'payment-mandate' },
    },
    {
      id: 'nonce-of-another',
      rule: 'R10.88',
      comment: 'The checkout chain was presented to the merchant',
      options: { checkout: { ...SHOP, nonce: { any: true } } },
    },
    {
      id: 'classical-merchant',
      rule: 'R10.74',
      comment: 'The merchant signs with ES256 alone, and the verifier accepts that',
      presented: of('classical'),
      options: { checkoutJwt: { policy: 'pq-optional' } },
    },
    {
      id: 'checkout-swapped',
      rule: 'R10.81',
      comment: 'Another checkout of the same merchant',
      presented: { ...proper, checkoutJwt: 'checkout-other' },
    },
    {
      id: 'checkout-mandate-for-another',
      rule: 'R10.81',
      comment: 'The checkout mandate is for another checkout than the payment',
      presented: { ...proper, checkoutChain: 'checkout-mandate-other' },
    },
    {
      id: 'reference-elsewhere',
      rule: 'R10.80',
      comment: 'The payment refers to another open checkout mandate',
      presented: paying('payment-elsewhere'),
    },
    {
      id: 'reference-of-the-caller',
      rule: 'R10.80',
      comment: 'The same, and the caller has a hash for it',
      presented: paying('payment-elsewhere'),
      options: { context: { openCheckoutHashes: [hashOf('another')] } },
    },
    {
      id: 'merchant-forged',
      rule: 'R10.71',
      comment: 'The keys of the merchant are others',
      merchantKeys: 'wallet',
    },
    {
      id: 'merchant-classical',
      rule: 'R10.74',
      comment: 'The merchant signs with ES256 alone',
      presented: of('classical'),
    },
    {
      id: 'one-cent-more',
      rule: 'R10.36',
      comment: 'The payment is one cent more than the total',
      presented: paying('payment-one-cent-more'),
    },
    {
      id: 'one-cent-less',
      rule: 'R10.36',
      comment: 'The payment is one cent less than the total',
      presented: paying('payment-one-cent-less'),
    },
    {
      id: 'currency',
      rule: 'R10.36',
      comment: 'The payment is in another currency',
      presented: paying('payment-currency'),
    },
    {
      id: 'payee',
      rule: 'R10.36',
      comment: 'The payee is another merchant that the user allowed',
      presented: paying('payment-payee'),
    },
    {
      id: 'quantity',
      rule: 'R10.16',
      comment: 'The checkout has an item twice, and the user wanted one',
      presented: of('twice'),
    },
    {
      id: 'agent',
      rule: 'R10.82',
      comment: 'The payment was delegated to another agent',
      presented: paying('payment-of-another'),
    },
    {
      id: 'agent-allowed',
      rule: 'R10.82',
      comment: 'The same, and the caller accepts it',
      presented: paying('payment-of-another'),
      options: { context: { allowUnchecked: ['agent'] } },
    },
    {
      id: 'used',
      rule: 'R10.83',
      comment: 'All of it was accepted before',
      used: ['checkout', 'payment', 'checkoutJwt'],
    },
    {
      id: 'checkout-replayed',
      rule: 'R10.83',
      comment: 'The checkout was paid for under other mandates',
      used: ['checkoutJwt'],
    },
    { id: 'history-unknown', rule: 'R10.30', comment: 'What was used before is not known', used: null },
    {
      id: 'no-checkout',
      rule: 'R10.89',
      comment: 'A payment without a checkout',
      presented: { paymentChain: 'payment-mandate' },
      options: { checkout: null },
    },
    {
      id: 'no-checkout-mandate',
      rule: 'R10.89',
      comment: 'A payment and its checkout, without a mandate for the checkout',
      presented: { paymentChain: 'payment-mandate', checkoutJwt: 'checkout' },
      options: { checkout: null, context: { openCheckoutHashes: [reference] } },
    },
    {
      id: 'no-payment-mandate',
      rule: 'R10.89',
      comment: 'A checkout mandate without a payment',
      presented: { checkoutChain: 'checkout-mandate', checkoutJwt: 'checkout' },
      options: { payment: null },
    },
    {
      id: 'nonce',
      rule: 'R10.80',
      comment: 'The payment chain has another nonce',
      options: { payment: { ...PROVIDER, nonce: 'another' } },
    },
  ];
  return { texts, cases: cases.map((each) => ({ presented: proper, ...each })) };
}

/** The names of the keys do not matter. */
const unnamed = ({ publicKeys: { es256, mldsa65 } }: Signer): never =>
  JSON.parse(
    JSON.stringify({ es256: { ...es256, kid: undefined }, mldsa65: { ...mldsa65, kid: undefined } }),
  ) as never;

/** Runs a case like a reader of the file. A null member of the options is omitted. */
export function purchaseAttempt(
  { presented = {}, options: changed = {}, used = [], merchantKeys = 'merchant' }: PurchaseCase,
  texts: Readonly<Record<string, string>>,
  identities: Readonly<Record<string, string>>,
): readonly [PresentedPurchase, Parameters<typeof verifyPurchase>[1], VerifyPurchaseOptions] {
  const history = (identity: string) =>
    used?.some((part) => identities[part] === identity)
      ? [{ transactionId: 'earlier', usedAt: currentDate }]
      : [];
  const { context, ...others } = { ...options, ...changed } as Record<string, object | null>;
  return [
    Object.fromEntries(Object.entries(presented).map(([part, name]) => [part, texts[name as string]])),
    { mandates: issuer.publicKeys, merchant: () => unnamed({ merchant, wallet }[merchantKeys]) },
    {
      ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null)),
      currentDate,
      context: { ...context, ...(used !== null && { history }) },
    } as VerifyPurchaseOptions,
  ];
}

export async function purchaseVectors(): Promise<{ head: object; cases: object[] }> {
  const { texts, cases } = await makePurchases();
  const [proper] = cases as [PurchaseCase, ...PurchaseCase[]];
  const [presented, keys, { context: _, ...demands }] = purchaseAttempt(proper, texts, {});
  const { authorizations } = await authenticatePurchase(presented, keys, demands);
  const identities = Object.fromEntries(authorizations.map(({ part, identity }) => [part, identity]));
  const vectors: object[] = [];
  for (const each of cases) {
    const expected = await decisionOf(each, texts, identities);
    vectors.push({ merchantKeys: 'merchant', options: {}, used: [], ...each, expected });
  }
  const isUsed = (name: string) => cases.some(({ presented: of = {} }) => Object.values(of).includes(name));
  assert.deepEqual(
    Object.keys(texts).filter((name) => !isUsed(name)),
    [],
  );
  return {
    head: {
      comment:
        'TEST KEYS, PUBLIC. The signers are those of chains.json: the issuer of the roots, the agent, the merchant.',
      currentDate: currentDate.toISOString(),
      options,
      texts,
    },
    cases: vectors,
  };
}

async function decisionOf(
  each: PurchaseCase,
  texts: Readonly<Record<string, string>>,
  identities: Readonly<Record<string, string>>,
): Promise<object> {
  try {
    const { quantumSafe, authorizations, unchecked } = await verifyPurchase(
      ...purchaseAttempt(each, texts, identities),
    );
    return {
      valid: true,
      quantumSafe,
      identities: authorizations.map(({ identity }) => identity),
      unchecked,
    };
  } catch (error) {
    if (!(error instanceof MandatePurchaseError)) throw error;
    const reasons = error.reasons.map(({ code, rule, path, error: receipt }) => ({
      code,
      ...(rule && { rule }),
      path,
      error: receipt,
    }));
    return { valid: false, reasons };
  }
}
