import { writeFileSync } from 'node:fs';
import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import { closeMandate, issueMandate } from 'ap2-pq/ap2';

const bank = await generateMandateKeys({ kid: 'bank-2026' });
const agent = await generateMandateKeys({ kid: 'agent-2026' });
const shop = { id: 'm1', name: 'Tea House' };

// The bank lets the user's agent pay one shop, for a checkout under the open checkout mandate of this hash.
const open = await issueMandate(
  {
    vct: 'mandate.payment.open.1',
    constraints: [
      {
        type: 'payment.reference',
        conditional_transaction_id: 'GkfZO2FQxyvA4KQfVmJCpRzuVGGW5t4tM0YZbNsgeIc',
      },
      { type: 'payment.allowed_payees', allowed: [shop] },
      { type: 'payment.budget', currency: 'USD', max: 200 }, // Major units: 200.00 USD.
    ],
    exp: Math.floor(Date.now() / 1000) + 3600,
    ...confirmationOf(agent.publicKeys),
  },
  bank.privateKeys,
  { claims: { iss: 'https://bank.example' } },
);

// The agent closes it for one payment.
const chain = await closeMandate(
  open,
  {
    vct: 'mandate.payment.1',
    transaction_id: 'x7gyLWVWv1z5wWAHzVYtuXBrMD3GU0bqxYQLqPVYUz0',
    payee: shop,
    payment_amount: { amount: 12_500, currency: 'USD' }, // Minor units: 125.00 USD.
    payment_instrument: { id: 'card-1', type: 'card' },
  },
  agent.privateKeys,
  { audience: 'https://merchant.example', nonce: 'n-0S6_WzA2Mj' },
);

writeFileSync('issuer.json', JSON.stringify(bank.jwks));
writeFileSync('chain.txt', chain);
writeFileSync('uses.json', '{}'); // This is the first payment.
