import { generateMandateKeys, signMandate, verifyMandates } from 'ap2-pq';

const { privateKeys, publicKeys } = await generateMandateKeys();
const claims = {
  iss: 'https://bank.example',
  issued_at: '2026-01-05T12:00:00Z',
  valid_until: '2026-01-05T12:15:00Z',
};
const mandate = await signMandate(claims, privateKeys);

const records = [
  { mandate, currentDate: new Date('2026-01-05T12:05:00Z') }, // the time at which it was used
  { mandate, currentDate: new Date('2026-01-05T12:30:00Z') },
];
for await (const { index, verified } of verifyMandates(records, publicKeys)) {
  if (!verified) console.log(`record ${index} had expired when it was used`); // record 1 had expired when it was used
}
