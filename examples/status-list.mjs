import { createServer } from 'node:http';
import { createHeaderAndPayload, StatusList } from '@sd-jwt/jwt-status-list';
import {
  addPqSignature,
  createTokenStatusListCheck,
  generateMandateKeys,
  signMandate,
  verifyMandate,
} from 'ap2-pq';
import { importJWK, SignJWT } from 'jose';

const { privateKeys, publicKeys, kid } = await generateMandateKeys();

// The issuer signs a Status List Token in which entry 7 is revoked. The server simulates https://bank.example.
const uri = 'http://127.0.0.1:8378/statuslists/1';
const list = new StatusList(Array(1024).fill(0), 1);
list.setStatus(7, 1);

const iat = Math.floor(Date.now() / 1000);
const { header, payload } = createHeaderAndPayload(
  list,
  { iss: 'bank', sub: uri, iat, exp: iat + 3600 },
  { alg: 'ES256', typ: 'statuslist+jwt' },
);
const signed = await addPqSignature({ ...header, kid }, payload, { mldsa65: privateKeys.mldsa65 });
const token = await new SignJWT(signed.payload)
  .setProtectedHeader(signed.protectedHeader)
  .sign(await importJWK(privateKeys.es256));

const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/statuslist+jwt' }).end(token);
});
await new Promise((resolve) => server.listen(8378, '127.0.0.1', () => resolve(undefined)));

// The verifier. Name the origins from which lists may be fetched.
const isRevoked = createTokenStatusListCheck(publicKeys, { allowedOrigins: ['http://127.0.0.1:8378'] });

for (const idx of [6, 7]) {
  const mandate = await signMandate({ iss: 'bank', status: { status_list: { idx, uri } } }, privateKeys);
  try {
    await verifyMandate(mandate, publicKeys, { isRevoked });
    console.log(`${idx} is valid`); // 6 is valid
  } catch (error) {
    console.log(/** @type {{ code: string }} */ (error).code); // ERR_MANDATE_REVOKED
  }
}
server.close();
