import { createLocalMandateKeySet, generateCompositeKeys, signMandate, verifyMandate } from 'ap2-pq';

const { privateKeys, jwks } = await generateCompositeKeys({ kid: 'bank-2028' });
const claims = { iss: 'https://bank.example', amount: '125.00' };

// The issuer. One key makes both signatures.
const mandate = await signMandate(claims, privateKeys, { algorithm: 'ML-DSA-65-ES256' });

// The verifier.
const { quantumSafe, signatures } = await verifyMandate(mandate, createLocalMandateKeySet(jwks), {
  policy: 'pq-only',
  algorithms: ['ML-DSA-65-ES256'],
});
console.log(quantumSafe, signatures.hybridEs256, signatures.mldsa65); // true valid valid
