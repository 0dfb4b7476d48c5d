import { addPqSignature, generateMandateKeys, verifyPqSignature } from 'ap2-pq';
import { importJWK, jwtVerify, SignJWT } from 'jose';

const { privateKeys, publicKeys, kid } = await generateMandateKeys();
const es256PrivateKey = await importJWK(privateKeys.es256);
const es256PublicKey = await importJWK(publicKeys.es256);

// Signing. Give addPqSignature the complete header and payload: a later change breaks the signature.
const signed = await addPqSignature({ kid }, { amount: '125.00' }, { mldsa65: privateKeys.mldsa65 });
const jws = await new SignJWT(signed.payload)
  .setProtectedHeader(signed.protectedHeader)
  .sign(es256PrivateKey);

// Verifying. The second line is new.
const { payload } = await jwtVerify(jws, es256PublicKey);
const { quantumSafe } = await verifyPqSignature(jws, { mldsa65: publicKeys.mldsa65 });
console.log(payload.amount, quantumSafe); // 125.00 true
