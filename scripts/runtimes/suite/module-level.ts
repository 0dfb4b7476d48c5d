// For workerd: a key set and a status check at module level, whose first request is answered before its fetch has finished. The
// worker is also the bank: it fetches from itself.
import {
  addPqSignature,
  createRemoteMandateKeySet,
  createTokenStatusListCheck,
  generateMandateKeys,
  signMandate,
  verifyMandate,
} from 'ap2-pq';
import { importJWK, SignJWT } from 'jose';
import { describe } from './harness.js';

const BANK = 'https://bank.example';
const STATUS_LIST = `${BANK}/status`;
const keySet = createRemoteMandateKeySet(`${BANK}/jwks.json`);
const isRevoked = createTokenStatusListCheck(keySet, { allowedOrigins: [BANK] });

/** The bank's answers, and the mandate: plain data, which every request may use. */
let answers: Record<string, { readonly body: string; readonly type: string }> = {};
let mandate = '';
/** Paths that were requested from the bank. Its first answer to each never arrives. */
const asked = new Set<string>();

async function prepare(): Promise<void> {
  const { kid, privateKeys, jwks } = await generateMandateKeys();
  const issued = Math.floor(Date.now() / 1000);
  const status = {
    sub: STATUS_LIST,
    iat: issued,
    status_list: { bits: 1, lst: await deflate(new Uint8Array(16)) },
  };
  const header = { alg: 'ES256', typ: 'statuslist+jwt', kid };
  const signed = await addPqSignature(header, status, { mldsa65: privateKeys.mldsa65 });
  const token = await new SignJWT(signed.payload)
    .setProtectedHeader(signed.protectedHeader)
    .sign(await importJWK({ ...privateKeys.es256 }, 'ES256'));
  answers = {
    '/jwks.json': { body: JSON.stringify(jwks), type: 'application/json' },
    '/status': { body: token, type: 'application/statuslist+jwt' },
  };
  mandate = await signMandate({ status: { status_list: { idx: 1, uri: STATUS_LIST } } }, privateKeys);
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  const compressed = new Uint8Array(await new Response(stream).arrayBuffer());
  return btoa(String.fromCharCode(...compressed))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function answerAsBank(path: string): Response | Promise<Response> {
  const answer = answers[path];
  if (answer === undefined) return new Response(null, { status: 404 });
  if (!asked.has(path)) {
    asked.add(path);
    return new Promise((resolve) => setTimeout(() => resolve(new Response(null, { status: 503 })), 60_000));
  }
  return new Response(answer.body, { headers: { 'content-type': answer.type } });
}

const verify = (): Promise<unknown> => verifyMandate(mandate, keySet, { isRevoked });

export default {
  async fetch(request: Request): Promise<Response> {
    const { origin, pathname } = new URL(request.url);
    if (origin === BANK) return answerAsBank(pathname);
    try {
      if (pathname === '/prepare') await prepare();
      // Not awaited: its work ends with this request.
      else if (pathname === '/early') {
        verify().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 50));
      } else await verify();
      return Response.json([...asked]);
    } catch (error) {
      return new Response(describe((error as Error).cause ?? error), { status: 500 });
    }
  },
};
