import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';

const { privateKeys, publicKeys } = await generateMandateKeys({ kid: 'bank-2027' });
const claims = { iss: 'https://bank.example', amount: '125.00' };

// The issuer. The ML-DSA-65 key is enough.
const mandate = await signMandate(claims, { mldsa65: privateKeys.mldsa65 }, { algorithm: 'ML-DSA-65' });

// The verifier. Mandates with ES256 and pq_sig are still accepted.
const { quantumSafe, signatures } = await verifyMandate(mandate, publicKeys, {
  policy: 'pq-only',
  algorithms: ['ES256', 'ML-DSA-65'],
});
console.log(quantumSafe, signatures.es256, signatures.mldsa65); // true absent valid
