import { createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { exportMandateKeysToRaw, generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';
import { checkSigners, es256FromDer } from 'ap2-pq/signers';

const { privateKeys, publicKeys, kid } = await generateMandateKeys({ kid: 'bank-2026' });

// Simulates your service: it signs a digest with ECDSA, and returns DER.
const secret = exportMandateKeysToRaw(privateKeys);
const service = {
  async signDigest(/** @type {Uint8Array} */ digest) {
    return p256.sign(digest, secret.es256, { prehash: false, format: 'der' });
  },
  async signMessage(/** @type {Uint8Array} */ message) {
    return ml_dsa65.sign(message, ml_dsa65.keygen(secret.mldsa65).secretKey);
  },
};

const signers = {
  // Gets the signing input, about 6 kB; returns R‖S, 64 bytes.
  es256: async (/** @type {Uint8Array} */ data) =>
    es256FromDer(await service.signDigest(createHash('sha256').update(data).digest())),
  // Gets the fingerprint, 32 bytes; returns 3309 bytes.
  mldsa65: (/** @type {Uint8Array} */ data) => service.signMessage(data),
};

// At start-up: the two keys belong together, and nothing is hashed twice.
await checkSigners(signers, publicKeys);

// A function has no kid: give it in the header.
const mandate = await signMandate({ amount: '125.00' }, signers, { header: { kid } });
console.log((await verifyMandate(mandate, publicKeys)).quantumSafe); // true

// The check reports a signer that returns DER.
const es256 = (/** @type {Uint8Array} */ data) =>
  service.signDigest(createHash('sha256').update(data).digest());
const error = await checkSigners({ ...signers, es256 }, publicKeys).catch((reason) => reason);
console.log(error.code); // ERR_SIGNER_DER
