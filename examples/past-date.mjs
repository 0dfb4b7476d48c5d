import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';

const { privateKeys, publicKeys } = await generateMandateKeys();
const mandate = await signMandate({ valid_until: '2026-05-01T23:59:59Z' }, privateKeys);

try {
  await verifyMandate(mandate, publicKeys);
} catch (error) {
  console.log(/** @type {{ code: string }} */ (error).code); // ERR_JWT_EXPIRED
}

// Verify a record at the time at which the mandate was used.
const { quantumSafe } = await verifyMandate(mandate, publicKeys, {
  currentDate: new Date('2026-05-01T12:00:00Z'),
});
console.log(quantumSafe); // true
