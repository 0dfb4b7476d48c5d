import { confirmationOf, generateMandateKeys, presentMandate, signMandate, verifyMandate } from 'ap2-pq';

const bank = await generateMandateKeys();
const wallet = await generateMandateKeys();

// The bank names the keys of the holder: cnf (ES256) and pq_cnf (ML-DSA-65).
const mandate = await signMandate(
  { iss: 'https://bank.example', amount: '125.00', note: 'tea', ...confirmationOf(wallet.publicKeys) },
  bank.privateKeys,
  { disclosureFrame: { _sd: ['amount', 'note'] } },
);

// The verifier gives out a nonce. The holder shows the amount only, and signs for this verifier.
const audience = 'https://merchant.example';
const nonce = crypto.randomUUID();
const presented = await presentMandate(mandate, {
  disclose: { amount: true },
  keyBinding: { privateKeys: wallet.privateKeys, audience, nonce },
});

const { payload, quantumSafe } = await verifyMandate(presented, bank.publicKeys, {
  keyBinding: { audience, nonce },
});
console.log(payload.amount, payload.note, quantumSafe); // 125.00 undefined true
