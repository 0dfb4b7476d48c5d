import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import {
  checkoutHash,
  closeMandate,
  issueMandate,
  openMandateHash,
  signCheckoutJwt,
  verifyPurchase,
} from 'ap2-pq/ap2';
import { createEvidence, redactEvidence, verifyEvidence } from 'ap2-pq/evidence';

// A purchase: the user's bank, an agent, a shop.
const bank = await generateMandateKeys();
const agent = await generateMandateKeys();
const shop = await generateMandateKeys();
const archive = await generateMandateKeys();
const merchant = { id: 'https://teahouse.example', name: 'Tea House' };
const card = { id: 'card-4242', type: 'card' };
const oolong = { id: 'oolong', title: 'Oolong, 100 g' };
const confirmation = confirmationOf(agent.publicKeys);
const claims = { iss: 'https://bank.example' };
const openCheckout = await issueMandate(
  {
    vct: 'mandate.checkout.open.1',
    constraints: [
      { type: 'checkout.line_items', items: [{ id: 'wish', acceptable_items: [oolong], quantity: 1 }] },
    ],
    ...confirmation,
  },
  bank.privateKeys,
  { claims },
);
const reference = openMandateHash(openCheckout, { form: 'digest' });
const openPayment = await issueMandate(
  {
    vct: 'mandate.payment.open.1',
    constraints: [
      { type: 'payment.reference', conditional_transaction_id: reference },
      { type: 'payment.amount_range', currency: 'USD', max: 2_000 },
    ],
    ...confirmation,
  },
  bank.privateKeys,
  { claims },
);
const total = /** @type {const} */ ([{ type: 'total', amount: 1_250 }]);
const checkoutJwt = await signCheckoutJwt(
  {
    id: 'cart-1',
    merchant,
    line_items: [{ id: '1', item: { ...oolong, price: 1_250 }, quantity: 1, totals: [...total] }],
    status: 'ready_for_complete',
    currency: 'USD',
    totals: [...total],
    links: [],
  },
  shop.privateKeys,
  { expiresIn: '15m' },
);
const checkout = { audience: merchant.id, nonce: 'nonce-of-the-shop' };
const payment = { audience: 'https://provider.example', nonce: 'nonce-of-the-provider' };
const transaction = checkoutHash(checkoutJwt);
const checkoutChain = await closeMandate(
  openCheckout,
  { vct: 'mandate.checkout.1', checkout_jwt: checkoutJwt, checkout_hash: transaction },
  agent.privateKeys,
  checkout,
);
const paymentChain = await closeMandate(
  openPayment,
  {
    vct: 'mandate.payment.1',
    transaction_id: transaction,
    payee: merchant,
    payment_amount: { amount: 1_250, currency: 'USD' },
    payment_instrument: card,
  },
  agent.privateKeys,
  payment,
);
const presented = { checkoutChain, paymentChain, checkoutJwt };

// Keep the ledger's answer unchanged: the past uses, by identity.
/** @type {Record<string, []>} */
const history = {};
const usedAt = new Date();
await verifyPurchase(
  presented,
  { mandates: bank.publicKeys, merchant: shop.publicKeys },
  {
    checkout,
    payment,
    checkoutJwt: { merchant: merchant.id },
    context: { history: (identity) => (history[identity] = []) },
  },
);

const from = { source: 'https://bank.example/jwks.json', fetchedAt: usedAt };
const evidence = await createEvidence(
  {
    presentation: {
      kind: 'purchase',
      presented,
      demands: { checkout, payment, checkoutJwt: { merchant: merchant.id } },
      history,
    },
    usedAt,
    keys: { ...bank.publicKeys, ...from },
    merchantKeys: { ...shop.publicKeys, source: 'https://teahouse.example/jwks.json', fetchedAt: usedAt },
  },
  archive.privateKeys,
  { issuer: 'https://provider.example' },
);

// An auditor need not see the items: remove the merchant's JWT, also where the mandate discloses it.
const redacted = redactEvidence(evidence, { claims: ['checkout_jwt'], parts: ['checkoutJwt'] });
for (const file of [evidence, redacted]) {
  const { lines } = await verifyEvidence(file, { creator: archive.publicKeys });
  const proven = lines.filter(({ status }) => status === 'proven');
  console.log(`${proven.length} lines are proven`);
  const gone = lines.filter(({ status }) => status === 'redacted').map(({ statement }) => statement);
  // Four lines of the redacted file. One of them:
  if (gone.length > 0) console.log(gone.join('\n')); // the payment mandate refers to the merchant’s JWT: its proof was redacted
}
