import { createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import {
  checkMandateKeys,
  exportMandateKeysToRaw,
  generateMandateKeys,
  signMandate,
  verifyMandate,
} from 'ap2-pq';

const { privateKeys, publicKeys, kid } = await generateMandateKeys({ kid: 'bank-2026' });

// A stand-in with the rules of AWS KMS: raw messages of at most 4096 bytes, ECDSA signatures in DER.
const secret = exportMandateKeysToRaw(privateKeys);
const kms = {
  async sign(/** @type {{ KeyId: string, Message: Uint8Array, MessageType: 'RAW' | 'DIGEST' }} */ request) {
    if (request.MessageType === 'RAW' && request.Message.length > 4096)
      throw new Error('ValidationException');
    return request.KeyId === 'alias/es256'
      ? { Signature: p256.sign(request.Message, secret.es256, { prehash: false, format: 'der' }) }
      : { Signature: ml_dsa65.sign(request.Message, ml_dsa65.keygen(secret.mldsa65).secretKey) };
  },
};

const signers = {
  // Gets the signing input, some 6 kB; returns R‖S, 64 bytes.
  es256: async (/** @type {Uint8Array} */ data) => {
    const Message = createHash('sha256').update(data).digest();
    const { Signature } = await kms.sign({ KeyId: 'alias/es256', Message, MessageType: 'DIGEST' });
    return p256.Signature.fromBytes(Signature, 'der').toBytes('compact');
  },
  // Gets the fingerprint, 32 bytes; returns 3309 bytes.
  mldsa65: async (/** @type {Uint8Array} */ data) =>
    (await kms.sign({ KeyId: 'alias/mldsa65', Message: data, MessageType: 'RAW' })).Signature,
};

// At start-up: the two keys belong together, and nothing is hashed twice.
await checkMandateKeys(signers, publicKeys);

// A function has no kid: give it in the header.
const mandate = await signMandate({ amount: '125.00' }, signers, { header: { kid } });
console.log((await verifyMandate(mandate, publicKeys)).quantumSafe); // true
