import { generateMandateKeys, mandatePrivateKeysFromEnv, signMandate } from 'ap2-pq';

// Once, by hand: put JSON.stringify(privateKeys), or base64 of it, into the variable.
process.env.AP2_PRIVATE_KEYS = JSON.stringify((await generateMandateKeys({ kid: 'bank-2026' })).privateKeys);

const privateKeys = await mandatePrivateKeysFromEnv(process.env, 'AP2_PRIVATE_KEYS');
const mandate = await signMandate({ amount: '125.00' }, privateKeys);
console.log(mandate.length > 5000); // true

try {
  await mandatePrivateKeysFromEnv({}, 'AP2_PRIVATE_KEYS');
} catch (error) {
  console.log(/** @type {Error} */ (error).message); // the variable "AP2_PRIVATE_KEYS" must be set …
}
