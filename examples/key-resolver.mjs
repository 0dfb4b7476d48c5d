import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';

const bank = await generateMandateKeys({ kid: 'bank-2026' });
const mandate = await signMandate({ iss: 'https://bank.example' }, bank.privateKeys);

// The keys you trust, by issuer and key id.
const trusted = new Map([['https://bank.example bank-2026', bank.publicKeys]]);

const { keys } = await verifyMandate(mandate, (protectedHeader, issuer) =>
  trusted.get(`${issuer} ${protectedHeader.kid}`),
);
console.log(keys.mldsa65?.kid); // bank-2026
