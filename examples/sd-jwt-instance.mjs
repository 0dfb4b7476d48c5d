import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import { generateMandateKeys, withPqSignatures } from 'ap2-pq';

const keys = await generateMandateKeys();
const privateKey = createPrivateKey({ key: { ...keys.privateKeys.es256 }, format: 'jwk' });
const publicKey = createPublicKey({ key: { ...keys.publicKeys.es256 }, format: 'jwk' });

// The configuration that you have today.
const config = {
  signAlg: 'ES256',
  signer: (/** @type {string} */ data) =>
    sign('sha256', Buffer.from(data), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  verifier: (/** @type {string} */ data, /** @type {string} */ signature) =>
    verify(
      'sha256',
      Buffer.from(data),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ),
  hasher: (/** @type {string | ArrayBuffer} */ data) => createHash('sha256').update(String(data)).digest(),
  saltGenerator: (/** @type {number} */ length) => randomBytes(length).toString('base64url'),
};

// Two changed lines: the class, and its constructor.
const PqSDJwt = withPqSignatures(SDJwtInstance, {
  mldsa65PrivateKey: keys.privateKeys.mldsa65,
  mldsa65PublicKey: keys.publicKeys.mldsa65,
});
const sdjwt = new PqSDJwt(config);

const mandate = await sdjwt.issue(
  { amount: '125.00', payee: 'shop' },
  { _sd: ['payee'] },
  { header: { kid: keys.kid } },
);
const { payload, quantumSafe } = await sdjwt.verify(mandate);
console.log(/** @type {any} */ (payload).payee, quantumSafe); // shop true
