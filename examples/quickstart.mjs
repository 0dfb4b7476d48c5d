import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';

// The issuer: one key pair for ES256 and one for ML-DSA-65.
const { privateKeys, publicKeys } = await generateMandateKeys({ kid: 'bank-2026' });

const mandate = await signMandate(
  {
    iss: 'https://bank.example',
    amount: '125.00',
    currency: 'HKD',
    payee: 'did:web:shop.example',
  },
  privateKeys,
  { expiresIn: '15 minutes', disclosureFrame: { _sd: ['payee'] } },
);

// The verifier: it gets the mandate and the public keys.
const { payload, quantumSafe } = await verifyMandate(mandate, publicKeys, {
  issuer: 'https://bank.example',
  requiredClaims: ['amount', 'currency', 'payee'],
});
console.log(payload.amount, payload.payee, quantumSafe); // 125.00 did:web:shop.example true
