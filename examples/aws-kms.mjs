import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import {
  exportMandateKeysToPem,
  exportMandateKeysToRaw,
  generateMandateKeys,
  signMandate,
  verifyMandate,
} from 'ap2-pq';
import { checkSigners, openAwsKmsSigners } from 'ap2-pq/aws-kms';

// With a real service: import { KMS } from '@aws-sdk/client-kms'; const kms = new KMS({});
const kms = await standIn();

const { privateKeys, publicKeys } = await openAwsKmsSigners(
  kms,
  { es256: 'alias/mandates-es256', mldsa65: 'alias/mandates-mldsa65' },
  { kid: 'bank-2026', timeout: 5000 },
);
await checkSigners(privateKeys, publicKeys);

const mandate = await signMandate({ amount: '125.00' }, privateKeys, { header: { kid: 'bank-2026' } });
console.log((await verifyMandate(mandate, publicKeys)).quantumSafe); // true

/** @returns {Promise<import('ap2-pq/aws-kms').AwsKms>} */
async function standIn() {
  const keys = await generateMandateKeys();
  const secret = exportMandateKeysToRaw(keys.privateKeys);
  const pem = await exportMandateKeysToPem(keys.publicKeys);
  const der = (/** @type {string} */ text) => Buffer.from(text.split('-----')[2] ?? '', 'base64');
  const isEs256 = (/** @type {string} */ id) => id.endsWith('es256');
  return {
    getPublicKey: async ({ KeyId }) => ({
      KeyId,
      KeyUsage: 'SIGN_VERIFY',
      KeySpec: isEs256(KeyId) ? 'ECC_NIST_P256' : 'ML_DSA_65',
      PublicKey: der(isEs256(KeyId) ? pem.es256 : pem.mldsa65),
    }),
    sign: async ({ KeyId, Message }) => ({
      KeyId,
      Signature: isEs256(KeyId)
        ? p256.sign(Message, secret.es256, { prehash: false, format: 'der' })
        : ml_dsa65.sign(Message, ml_dsa65.keygen(secret.mldsa65).secretKey),
    }),
  };
}
