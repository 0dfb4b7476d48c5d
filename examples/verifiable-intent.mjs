import { generateMandateKeys } from 'ap2-pq';
import { checkoutHash } from 'ap2-pq/ap2';
import {
  closeViCheckout,
  closeViPayment,
  issueViAutonomous,
  issueViCredential,
  issueViImmediate,
  matchViLegs,
  verifyViMandates,
  verifyViPresentation,
  viConfirmationOf,
  viPastUseOf,
} from 'ap2-pq/vi';

const bank = await generateMandateKeys();
const user = await generateMandateKeys();
const agent = await generateMandateKeys();

const teaHouse = { id: 'm-1', name: 'Tea House', website: 'https://tea.example' };
const potShop = { id: 'm-2', name: 'Töpferei', website: 'https://pots.example' };
const card = { id: 'card-8842', type: 'card', description: 'Card **** 1234' };
const now = Math.floor(Date.now() / 1000);

// 1. Layer 1: the bank names the user's keys. Text that is not ASCII goes into a disclosure.
const layer1 = await issueViCredential(
  {
    iss: 'https://bank.example',
    sub: 'user-8a3f',
    vct: 'https://credentials.mastercard.com/card',
    iat: now,
    exp: now + 365 * 86_400,
    pan_last_four: '1234',
    scheme: 'mastercard',
    email: 'zoë@example.com',
    ...viConfirmationOf(user.publicKeys),
  },
  bank.privateKeys,
  { disclosable: ['email'] },
);

// 2. Layer 2: the user delegates one purchase to an agent.
const layer2 = await issueViAutonomous(
  layer1,
  [
    {
      checkout: {
        constraints: [
          { type: 'mandate.checkout.allowed_merchants', allowed: [teaHouse, potShop] },
          {
            type: 'mandate.checkout.line_items',
            items: [{ id: 'tea', acceptable_items: [{ id: 'SENCHA-1', title: 'Sencha' }], quantity: 2 }],
          },
        ],
      },
      payment: {
        payment_instrument: card,
        constraints: [
          { type: 'mandate.payment.allowed_payees', allowed: [teaHouse, potShop] },
          { type: 'mandate.payment.amount_range', currency: 'USD', max: 5_000 }, // minor units
        ],
      },
    },
  ],
  agent.publicKeys,
  user.privateKeys,
  {
    audience: 'https://agent.example',
    nonce: crypto.randomUUID(),
    issuer: 'https://wallet.example',
    expiresIn: '1d',
  },
);
const intent = { layer1, layer2 };
const { pairs } = await verifyViMandates(intent, bank.publicKeys);
console.log(`delegated: ${pairs.length} pair`); // delegated: 1 pair

// 3. Layer 3, twice: the payment for the network, the checkout for the merchant. Each sees its own part of layer 2.
const checkoutJwt = 'eyJhbGciOiJFUzI1NiJ9.eyJjYXJ0IjoxfQ.c2lnbmF0dXJl'; // of the merchant
const content = { merchant: teaHouse, lineItems: [{ id: 'SENCHA-1', quantity: 1 }] };
const network = { audience: 'https://network.example', nonce: crypto.randomUUID() };
const merchant = { audience: 'https://tea.example', nonce: crypto.randomUUID() };
const payment = {
  transaction_id: checkoutHash(checkoutJwt),
  payee: teaHouse,
  payment_amount: { amount: 1_250, currency: 'USD' },
  payment_instrument: card,
};
const toNetwork = await closeViPayment(intent, payment, agent.privateKeys, network);
const toMerchant = await closeViCheckout(intent, { checkoutJwt, content }, agent.privateKeys, merchant);

// 4. The network verifies every layer, the constraints of the payment, and that the mandate was not used before.
/** @type {Map<string, import('ap2-pq/vi').PastUse[]>} */
const uses = new Map(); // in production, a table of your database
const paid = await verifyViPresentation(toNetwork, bank.publicKeys, {
  ...network,
  role: 'network',
  issuer: 'https://bank.example',
  context: { history: (identity) => uses.get(identity) ?? [], allowUnchecked: ['checkout'] },
});
uses.set(paid.identity, [viPastUseOf(paid, new Date())]);
console.log(`payment of ${paid.payment?.payment_amount.amount}: quantum-safe ${paid.quantumSafe}`); // payment of 1250: quantum-safe true

// 5. The merchant does the same for the checkout. It knows the content of its own JWT, once it has verified the signature.
const sold = await verifyViPresentation(toMerchant, bank.publicKeys, {
  ...merchant,
  role: 'merchant',
  issuer: 'https://bank.example',
  context: {
    checkoutHash: checkoutHash(checkoutJwt),
    readCheckout: () => content,
    history: (identity) => uses.get(identity) ?? [],
  },
});
matchViLegs(paid, sold); // for a verifier that sees both, as in a dispute
console.log(`checkout, layers quantum-safe: ${sold.layers.map((layer) => layer.quantumSafe)}`); // checkout, layers quantum-safe: true,true,true

// 6. If the user is present, layer 2 has the final values, and there is no layer 3.
const direct = await issueViImmediate(
  layer1,
  [
    {
      checkoutJwt,
      payment: { payee: teaHouse, payment_amount: payment.payment_amount, payment_instrument: card },
    },
  ],
  user.privateKeys,
  { ...network, issuer: 'https://wallet.example', expiresIn: '15m' },
);
const { mode } = await verifyViPresentation({ layer1, layer2: direct }, bank.publicKeys, {
  ...network,
  role: 'network',
  context: { checkoutHash: payment.transaction_id, history: (identity) => uses.get(identity) ?? [] },
});
console.log(mode); // immediate
