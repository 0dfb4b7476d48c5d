import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';

// With the calls of a Redis client. Use your own client in its place.
const entries = new Map();
const store = {
  set: async (/** @type {string} */ key, /** @type {string} */ value) => void entries.set(key, value),
  exists: async (/** @type {string} */ key) => (entries.has(key) ? 1 : 0),
};

/** Revokes a mandate permanently. @param {{ mandateId: string | undefined }} verified */
async function revoke({ mandateId }) {
  if (mandateId === undefined) throw new Error('a classical mandate has no mandateId');
  await store.set(`revoked:${mandateId}`, '1');
}

/** Anything other than `false` rejects the mandate, including an exception. @type {import('ap2-pq').RevocationCheck} */
async function isRevoked({ mandateId }) {
  if (mandateId === undefined) throw new Error('a classical mandate has no mandateId');
  return (await store.exists(`revoked:${mandateId}`)) === 1;
}

const { privateKeys, publicKeys } = await generateMandateKeys();
const mandate = await signMandate({ amount: '125.00' }, privateKeys);

await revoke(await verifyMandate(mandate, publicKeys, { isRevoked }));

try {
  await verifyMandate(mandate, publicKeys, { isRevoked, revocationTimeout: 500 });
} catch (error) {
  console.log(/** @type {{ code: string }} */ (error).code); // ERR_MANDATE_REVOKED
}
