import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';
import { errors } from 'jose';

const { privateKeys, publicKeys } = await generateMandateKeys();
const mandate = await signMandate({ amount: '1.00' }, privateKeys);
const { quantumSafe } = await verifyMandate(mandate, publicKeys);
const error = await verifyMandate(`${mandate}x`, publicKeys).catch((error) => error);
if (!quantumSafe || !(error instanceof errors.JOSEError))
  throw new Error('the installed package does not work');
console.log(`installed and verified; a refusal is jose's JOSEError with code ${error.code}`);
