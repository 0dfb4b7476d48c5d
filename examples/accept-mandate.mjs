import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import { closeMandate, issueMandate } from 'ap2-pq/ap2';
import { acceptMandate, createLedger } from 'ap2-pq/ledger';
import { createMemoryStore } from 'ap2-pq/ledger/conformance';

const bank = await generateMandateKeys();
const agent = await generateMandateKeys();
const teaHouse = { id: 'm1', name: 'Tea House' };
const openCheckoutHash = 'GkfZO2FQxyvA4KQfVmJCpRzuVGGW5t4tM0YZbNsgeIc';
const audience = 'https://merchant.example';

// The user lets an agent spend 200.00 USD at the Tea House, in any number of payments.
/** @type {import('ap2-pq/ap2').OpenPaymentMandate} */
const open = {
  vct: 'mandate.payment.open.1',
  constraints: [
    { type: 'payment.reference', conditional_transaction_id: openCheckoutHash },
    { type: 'payment.allowed_payees', allowed: [teaHouse] },
    { type: 'payment.agent_recurrence', frequency: 'ON_DEMAND' },
    { type: 'payment.amount_range', currency: 'USD', max: 20_000 }, // minor units
    { type: 'payment.budget', currency: 'USD', max: 200 }, // major units, as AP2 has it
  ],
  ...confirmationOf(agent.publicKeys),
};
const root = await issueMandate(open, bank.privateKeys);

// The merchant's ledger. In memory, for this example: a restart loses it. See "Stores" for durable ones.
const ledger = await createLedger(createMemoryStore(), { scope: 'merchant' });

/** One order: the agent closes the mandate, the merchant accepts it once. */
const buy = async (/** @type {string} */ order, /** @type {string} */ checkoutHash) => {
  // 1. The merchant issues a nonce for the checkout.
  const { nonce } = await ledger.issueNonce({ binding: checkoutHash });

  const chain = await closeMandate(
    root,
    {
      vct: 'mandate.payment.1',
      transaction_id: checkoutHash,
      payee: teaHouse,
      payment_amount: { amount: 12_500, currency: 'USD' },
      payment_instrument: { id: 'card-1', type: 'card' },
    },
    agent.privateKeys,
    { audience, nonce },
  );

  // 2. Verified, evaluated with all earlier uses, and reserved, in one step.
  const accepted = await acceptMandate(chain, bank.publicKeys, ledger, {
    attempt: order, // your name for this payment: the same on each retry
    audience,
    nonce,
    context: { checkoutHash, openCheckoutHashes: [openCheckoutHash] },
  });
  // 3. Authorise the card. If it is declined: await accepted.release().
  // 4. Commit. Only then charge, capture, or hand over the goods.
  return accepted.commit();
};

const { state } = await buy('order 1001', 'x7gyLWVWv1z5wWAHzVYtuXBrMD3GU0bqxYQLqPVYUz0');
console.log(state); // committed

try {
  await buy('order 1002', 'Zc1GQoYmXJvQRvFpZcBvU4oFUNrVfXvzXkqQnQ2Wk9E');
} catch (error) {
  const { code, message } = /** @type {import('ap2-pq').MandateError} */ (error);
  console.log(code); // ERR_MANDATE_CONSTRAINT_VIOLATED
  console.log(message.includes('25000')); // true
}

// For a dispute: the decision, its grounds, and the time.
const found = (await ledger.find('order 1001')).find(({ state }) => state === 'committed');
console.log(JSON.stringify(found?.record).includes('"quantumSafe":true')); // true
