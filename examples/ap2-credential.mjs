import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import {
  closeMandate,
  delegateMandate,
  issueCredential,
  signCheckoutJwt,
  verifyCheckoutJwt,
  verifyOpenMandateChain,
  verifyPurchase,
} from 'ap2-pq/ap2';

const bank = await generateMandateKeys();
const wallet = await generateMandateKeys();
const agent = await generateMandateKeys();
const shop = await generateMandateKeys();
const merchant = { id: 'https://teahouse.example', name: 'Tea House' };
const vct = 'com.emvco.dpc'; // a digital payment credential

// 1. Once: the bank issues a credential, bound to the keys of the user's wallet.
const credential = await issueCredential(
  { vct, iss: 'https://bank.example', card_last_four: '4242', ...confirmationOf(wallet.publicKeys) },
  bank.privateKeys,
  { disclosureFrame: { _sd: ['card_last_four'] }, expiresIn: '1y' },
);

// 2. The user approves, and the wallet signs what the agent may do. The payment refers to the checkout mandate before it.
const received = { audience: 'https://agent.example', nonce: crypto.randomUUID() };
const approved = await delegateMandate(
  credential,
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
  wallet.privateKeys,
  { ...received, disclose: { card_last_four: true } },
);

// 3. A verifier names the credentials and issuers that it accepts. It trusts no root that holds a mandate: `{}`.
/** @type {import('ap2-pq/ap2').CredentialOptions} */
const accepted = { vct, issuer: 'https://bank.example', keys: bank.publicKeys };
const open = await verifyOpenMandateChain(
  approved,
  {},
  { ...received, kind: 'payment', credential: accepted },
);
console.log(open.credential?.payload.card_last_four); // 4242

// 4. The merchant signs a checkout.
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
const offer = await verifyCheckoutJwt(checkoutJwt, shop.publicKeys, { merchant: merchant.id });

// 5. The agent closes each mandate for its verifier. Neither sees the mandate of the other.
const toMerchant = { audience: merchant.id, nonce: crypto.randomUUID() };
const toProvider = { audience: 'https://provider.example', nonce: crypto.randomUUID() };
const checkoutChain = await closeMandate(
  approved,
  { vct: 'mandate.checkout.1', checkout_jwt: checkoutJwt, checkout_hash: offer.checkoutHash },
  agent.privateKeys,
  toMerchant,
);
const paymentChain = await closeMandate(
  approved,
  {
    vct: 'mandate.payment.1',
    transaction_id: offer.checkoutHash,
    payee: offer.merchant,
    payment_amount: { amount: 1_250, currency: 'USD' },
    payment_instrument: { id: 'card-4242', type: 'dpc' },
  },
  agent.privateKeys,
  toProvider,
);

// 6. The purchase is verified as with the other model. Both chains must begin with a credential of one wallet.
const purchase = await verifyPurchase(
  { checkoutChain, paymentChain, checkoutJwt },
  { mandates: {}, merchant: shop.publicKeys },
  {
    credential: accepted,
    checkout: toMerchant,
    payment: toProvider,
    checkoutJwt: { merchant: merchant.id },
    context: { history: () => [] },
  },
);
console.log(purchase.quantumSafe, purchase.payment?.credential?.vct); // true com.emvco.dpc
