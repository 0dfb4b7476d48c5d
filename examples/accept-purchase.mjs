import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import { checkoutHash, closeMandate, issueMandate, openMandateHash, signCheckoutJwt } from 'ap2-pq/ap2';
import { acceptPurchase, createLedger } from 'ap2-pq/ledger';
import { createMemoryStore } from 'ap2-pq/ledger/conformance';

const bank = await generateMandateKeys();
const agent = await generateMandateKeys();
const shop = await generateMandateKeys();
const merchant = { id: 'https://teahouse.example', name: 'Tea House' };
const oolong = { id: 'oolong', title: 'Oolong, 100 g' };

// The user lets an agent buy one Oolong, for at most 20.00 USD.
const holder = confirmationOf(agent.publicKeys);
const items = [{ id: 'wish', acceptable_items: [oolong], quantity: 1 }];
const openCheckout = await issueMandate(
  { vct: 'mandate.checkout.open.1', constraints: [{ type: 'checkout.line_items', items }], ...holder },
  bank.privateKeys,
);
const openPayment = await issueMandate(
  {
    vct: 'mandate.payment.open.1',
    constraints: [
      {
        type: 'payment.reference',
        conditional_transaction_id: openMandateHash(openCheckout, { form: 'digest' }),
      },
      { type: 'payment.amount_range', currency: 'USD', max: 2_000 },
    ],
    ...holder,
  },
  bank.privateKeys,
);

// The merchant's ledger. In memory, for this example: a restart loses it. See "Stores" for durable ones.
const ledger = await createLedger(createMemoryStore(), { scope: 'merchant' });

// 1. The merchant signs the checkout, and issues a nonce for it.
const price = /** @type {const} */ ({ type: 'total', amount: 1_250 });
const checkoutJwt = await signCheckoutJwt(
  {
    id: 'cart-1',
    merchant,
    line_items: [{ id: '1', item: { ...oolong, price: 1_250 }, quantity: 1, totals: [price] }],
    status: 'ready_for_complete',
    currency: 'USD',
    totals: [price],
    links: [],
  },
  shop.privateKeys,
  { expiresIn: '15m' },
);
const hash = checkoutHash(checkoutJwt);
const { nonce } = await ledger.issueNonce({ binding: hash });

// 2. The agent closes both mandates for the merchant.
const to = { audience: merchant.id, nonce };
const presented = {
  checkoutJwt,
  checkoutChain: await closeMandate(
    openCheckout,
    { vct: 'mandate.checkout.1', checkout_jwt: checkoutJwt, checkout_hash: hash },
    agent.privateKeys,
    to,
  ),
  paymentChain: await closeMandate(
    openPayment,
    {
      vct: 'mandate.payment.1',
      transaction_id: hash,
      payee: merchant,
      payment_amount: { amount: 1_250, currency: 'USD' },
      payment_instrument: { id: 'card-4242', type: 'card' },
    },
    agent.privateKeys,
    to,
  ),
};

// 3. All parts are verified, evaluated and reserved, or none.
const accept = (/** @type {string} */ attempt) =>
  acceptPurchase(presented, { mandates: bank.publicKeys, merchant: shop.publicKeys }, ledger, {
    attempt, // your name for this payment: the same on each retry
    checkout: to,
    payment: to,
    checkoutJwt: { merchant: merchant.id }, // whose keys "merchant" are
  });
const accepted = await accept('order 1001');
console.log(accepted.reservation.state); // reserved
// 4. Authorise the card. If it is declined: await accepted.release().
// 5. Commit. Only then charge, capture, or hand over the goods.
console.log((await accepted.commit()).state); // committed

// A repetition finds what was committed. Another order cannot be paid with the same mandates.
console.log((await accept('order 1001')).reservation.state); // committed
await accept('order 1002').catch(({ code }) => console.log(code)); // ERR_LEDGER_USED
