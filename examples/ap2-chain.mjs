import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import {
  closeMandate,
  createPaymentReceipt,
  delegateMandate,
  issueMandate,
  pastUseOf,
  signReceipt,
  verifyMandateChain,
  verifyReceipt,
} from 'ap2-pq/ap2';

const bank = await generateMandateKeys();
const agent = await generateMandateKeys();
const provider = await generateMandateKeys();
const merchant = await generateMandateKeys();

const teaHouse = { id: 'm1', name: 'Tea House' };
const cafe = { id: 'm2', name: 'Cafe' };
const openCheckoutHash = 'GkfZO2FQxyvA4KQfVmJCpRzuVGGW5t4tM0YZbNsgeIc'; // of the open checkout mandate of the same purchase

// 1. The bank lets the user's agent pay one of two shops, up to 200.00 USD.
/** @type {import('ap2-pq/ap2').OpenPaymentMandate} */
const open = {
  vct: 'mandate.payment.open.1',
  constraints: [
    { type: 'payment.reference', conditional_transaction_id: openCheckoutHash },
    { type: 'payment.allowed_payees', allowed: [teaHouse, cafe] },
    { type: 'payment.amount_range', currency: 'USD', max: 20_000 }, // minor units
  ],
  ...confirmationOf(agent.publicKeys),
};
const root = await issueMandate(open, bank.privateKeys, { claims: { iss: 'https://bank.example' } });

// 2. The agent delegates to a credential provider. It shows only the shop that this payment is for.
const disclose = { delegate_payload: { 0: { constraints: { 1: { allowed: { 0: true } } } } } };
const delegated = await delegateMandate(
  root,
  { ...open, ...confirmationOf(provider.publicKeys) },
  agent.privateKeys,
  { audience: 'https://provider.example', nonce: crypto.randomUUID(), disclose },
);

// 3. The provider closes the mandate for one transaction. The merchant gave out the nonce.
const audience = 'https://merchant.example';
const nonce = crypto.randomUUID();
const transactionId = 'x7gyLWVWv1z5wWAHzVYtuXBrMD3GU0bqxYQLqPVYUz0'; // checkoutHash(checkoutJwt)
const chain = await closeMandate(
  delegated,
  {
    vct: 'mandate.payment.1',
    transaction_id: transactionId,
    payee: teaHouse,
    payment_amount: { amount: 12_500, currency: 'USD' },
    payment_instrument: { id: 'card-1', type: 'card' },
  },
  provider.privateKeys,
  { audience, nonce, disclose },
);

// 4. The merchant verifies every token, and evaluates every constraint: this checkout, and the first use of these mandates.
/** @type {Map<string, import('ap2-pq/ap2').PastUse[]>} */
const uses = new Map(); // in production, a table of your database
const verified = await verifyMandateChain(chain, bank.publicKeys, {
  issuer: 'https://bank.example',
  audience,
  nonce,
  context: {
    openCheckoutHashes: [openCheckoutHash],
    checkoutHash: transactionId,
    history: (identity) => uses.get(identity) ?? [],
  },
});
console.log(verified.quantumSafe, verified.hops.length); // true 3
for (const { identity } of verified.authorizations) {
  uses.set(identity, [...(uses.get(identity) ?? []), pastUseOf(verified, new Date())]);
}

// 5. The merchant signs a receipt, which is kept as long as the mandate.
const receipt = await signReceipt(
  createPaymentReceipt({
    status: 'Success',
    iss: audience,
    reference: verified.receiptReference.sd_hash,
    payment_id: 'p-1',
    psp_confirmation_id: 'psp-1',
    network_confirmation_id: 'net-1',
  }),
  merchant.privateKeys,
);
const { quantumSafe } = await verifyReceipt(receipt, merchant.publicKeys, {
  reference: verified.receiptReference,
  issuer: audience,
});
console.log(`receipt quantum-safe: ${quantumSafe}`); // receipt quantum-safe: true
