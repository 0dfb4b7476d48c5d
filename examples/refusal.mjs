import { generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';

const { privateKeys, publicKeys } = await generateMandateKeys();
const mandate = await signMandate({ amount: '125.00' }, privateKeys);

// Somebody changes the amount and keeps the signatures.
const [header, , signature] = mandate.split('.');
const payload = Buffer.from('{"_sd_alg":"sha-256","amount":"9125.00"}').toString('base64url');

try {
  await verifyMandate([header, payload, signature].join('.'), publicKeys);
} catch (error) {
  console.log(/** @type {{ code: string }} */ (error).code); // ERR_MANDATE_ES256_INVALID
}
