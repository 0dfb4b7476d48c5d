import { createServer } from 'node:http';
import {
  createIssuerKeySet,
  createRemoteMandateKeySet,
  formatVerdict,
  generateMandateKeys,
  signMandate,
  verifyMandate,
} from 'ap2-pq';

// The bank publishes its public keys. This server simulates https://bank.example.
const keys = await generateMandateKeys({ kid: 'bank-2026' });
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(keys.jwks));
});
await new Promise((resolve) => server.listen(8377, '127.0.0.1', () => resolve(undefined)));

// Make the key set once, and keep it: it caches what it has fetched.
const trusted = createIssuerKeySet({
  'https://bank.example': createRemoteMandateKeySet('http://127.0.0.1:8377/jwks.json'),
});

const mandate = await signMandate({ iss: 'https://bank.example' }, keys.privateKeys, { expiresIn: '15m' });
const result = await verifyMandate(mandate, trusted);
console.log(formatVerdict(result)); // quantum-safe; pq-required; ES256 valid (kid bank-2026, thumbprint …
server.close();
