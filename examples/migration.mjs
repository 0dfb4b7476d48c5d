import { createIssuerKeySet, generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';

const bank = await generateMandateKeys({ kid: 'bank-2026' });
const shop = await generateMandateKeys({ kid: 'shop-2026' });
const trusted = createIssuerKeySet({
  'https://bank.example': bank.publicKeys,
  'https://shop.example': shop.publicKeys,
});

// The policy for each issuer. Start with pq-optional for all of them.
/** @type {Map<string, import('ap2-pq').Policy>} */
const policies = new Map([['https://bank.example', 'pq-required']]);

// How many mandates of each issuer were accepted, and how many of them are quantum-safe.
/** @type {Map<string, { accepted: number, quantumSafe: number }>} */
const counts = new Map();

/** @param {string} mandate @param {string} issuer The issuer you expect, known from the request. */
async function accept(mandate, issuer) {
  const result = await verifyMandate(mandate, trusted, {
    issuer,
    policy: policies.get(issuer) ?? 'pq-optional',
  });
  const count = counts.get(issuer) ?? { accepted: 0, quantumSafe: 0 };
  counts.set(issuer, {
    accepted: count.accepted + 1,
    quantumSafe: count.quantumSafe + Number(result.quantumSafe),
  });
  return result;
}

for (const [issuer, keys] of /** @type {const} */ ([
  ['https://bank.example', bank],
  ['https://shop.example', shop],
])) {
  await accept(await signMandate({ iss: issuer }, keys.privateKeys), issuer);
}
const shopCount = counts.get('https://shop.example');
console.log(shopCount?.accepted, shopCount?.quantumSafe); // 1 1

// All mandates of this issuer were quantum-safe for as long as its longest mandate lives: switch it.
policies.set('https://shop.example', 'pq-required');
