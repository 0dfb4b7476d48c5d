import {
  checkMandateKeys,
  createLocalMandateKeySet,
  generateMandateKeys,
  signMandate,
  verifyMandate,
} from 'ap2-pq';

// Last year's pair and this year's, each under its own kid.
const before = await generateMandateKeys({ kid: 'bank-2026' });
const now = await generateMandateKeys({ kid: 'bank-2027' });

// 1. Publish both. Verifiers must have the new keys before the first mandate is signed with them.
const jwks = { keys: [...before.jwks.keys, ...now.jwks.keys] };

// 2. At start-up: do the private keys belong to what is published?
const published = createLocalMandateKeySet(jwks);
await checkMandateKeys(now.privateKeys, published);

// 3. Mandates of both years verify.
for (const { kid, privateKeys } of [before, now]) {
  const mandate = await signMandate({ amount: '125.00' }, privateKeys);
  const { keys } = await verifyMandate(mandate, published);
  console.log(keys.es256?.kid === kid); // true
}
