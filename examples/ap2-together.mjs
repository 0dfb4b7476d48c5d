import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import { closeMandate, issueMandate, signCheckoutJwt, verifyCheckoutJwt, verifyPurchase } from 'ap2-pq/ap2';

const bank = await generateMandateKeys();
const agent = await generateMandateKeys();
const shop = await generateMandateKeys();
const merchant = { id: 'https://teahouse.example', name: 'Tea House' };

// 1. The bank signs both open mandates in one token. The payment refers to the digest of the checkout mandate before it.
const root = await issueMandate(
  [
    {
      vct: 'mandate.checkout.open.1',
      constraints: [
        {
          type: 'checkout.line_items',
          items: [{ id: 'wish', acceptable_items: [{ id: 'oolong', title: 'Oolong' }], quantity: 1 }],
        },
      ],
      ...confirmationOf(agent.publicKeys),
    },
    ([checkout = '']) => ({
      vct: 'mandate.payment.open.1',
      constraints: [{ type: 'payment.reference', conditional_transaction_id: checkout }],
      ...confirmationOf(agent.publicKeys),
    }),
  ],
  bank.privateKeys,
);

// 2. The merchant signs a checkout.
const totals = [{ type: 'total', amount: 1_250 }];
const checkoutJwt = await signCheckoutJwt(
  {
    id: crypto.randomUUID(),
    merchant,
    line_items: [{ id: '1', item: { id: 'oolong', title: 'Oolong', price: 1_250 }, quantity: 1, totals }],
    status: 'ready_for_complete',
    currency: 'USD',
    totals,
    links: [],
  },
  shop.privateKeys,
  { expiresIn: '15m' },
);

// 3. The agent closes both in one hop.
const offer = await verifyCheckoutJwt(checkoutJwt, shop.publicKeys, { merchant: merchant.id });
const verifier = { audience: 'https://provider.example', nonce: crypto.randomUUID() };
const chain = await closeMandate(
  root,
  [
    { vct: 'mandate.checkout.1', checkout_jwt: checkoutJwt, checkout_hash: offer.checkoutHash },
    {
      vct: 'mandate.payment.1',
      transaction_id: offer.checkoutHash,
      payee: offer.merchant,
      payment_amount: { amount: 1_250, currency: 'USD' },
      payment_instrument: { id: 'card-1', type: 'card' },
    },
  ],
  agent.privateKeys,
  verifier,
);

// 4. One text is both chains, and discloses the checkout.
const purchase = await verifyPurchase(
  { checkoutChain: chain, paymentChain: chain },
  { mandates: bank.publicKeys, merchant: shop.publicKeys },
  {
    checkout: verifier,
    payment: verifier,
    checkoutJwt: { merchant: merchant.id },
    context: { history: () => [] },
  },
);
console.log(purchase.authorizations.map(({ part }) => part)); // [ 'checkout', 'payment', 'checkoutJwt' ]
