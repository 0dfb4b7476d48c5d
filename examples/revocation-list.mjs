import { createRevocationList, generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';

const { privateKeys, publicKeys } = await generateMandateKeys();
const mandate = await signMandate({ amount: '125.00' }, privateKeys, { expiresIn: '7d' });

// In memory. An entry is removed once its mandate has expired.
const list = createRevocationList();
const { isRevoked } = list;
list.revoke(await verifyMandate(mandate, publicKeys, { isRevoked }));

// It survives a restart as JSON.
const restored = createRevocationList(JSON.parse(JSON.stringify(list)));

try {
  await verifyMandate(mandate, publicKeys, { isRevoked: restored.isRevoked });
} catch (error) {
  console.log(/** @type {{ code: string }} */ (error).code); // ERR_MANDATE_REVOKED
}
