// Shared by npm run kms and npm run hsm: the output, and the proof that a mandate is valid.
import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { type MandatePrivateKeys, signMandate, verifyMandate } from 'ap2-pq';
import type { Es256PublicJwk, MlDsa65PublicJwk } from 'ap2-pq/signers';
import { compactVerify, importJWK } from 'jose';

let failures = 0;

/** Prints results, and counts failures. */
export function report(holds: boolean, what: string): void {
  console.log(`  ${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) failures++;
}

/** The rejection reason of a promise, as one line; `undefined` if it is fulfilled. */
async function refusal(made: Promise<unknown>): Promise<string | undefined> {
  try {
    await made;
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code}: ${message}`;
  }
}

/** Reports whether a call is rejected as expected. */
export async function refused(what: string, expected: RegExp, made: Promise<unknown>): Promise<void> {
  const text = await refusal(made);
  report(text !== undefined && expected.test(text), `${what}: ${text ?? 'not refused'}`);
}

interface Keys {
  readonly privateKeys: MandatePrivateKeys;
  readonly publicKeys: { readonly es256: Es256PublicJwk; readonly mldsa65: MlDsa65PublicJwk };
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const nodeHasMlDsa = major > 24 || (major === 24 && minor >= 7);

/** The number of reported failures. */
export const failed = (): number => failures;

/** A mandate of each mode, of more than 4096 bytes, verified by ap2-pq, by stock jose and, where it can, by node:crypto. */
export async function signAndVerify({ privateKeys, publicKeys }: Keys, kid: string): Promise<void> {
  for (const pqAlg of ['ML-DSA-65', 'ES256+ML-DSA-65'] as const) {
    const payload = { amount: '125.00', note: 'x'.repeat(5000) };
    const mandate = await signMandate(payload, privateKeys, { pqAlg, header: { kid } });
    const { quantumSafe, protectedHeader: found } = await verifyMandate(mandate, publicKeys);
    report(
      quantumSafe && found.kid === kid,
      `${pqAlg}: verifyMandate, quantum-safe, ${mandate.length} characters`,
    );
    const [jws = ''] = mandate.split('~');
    const { protectedHeader } = await compactVerify(jws, await importJWK(publicKeys.es256 as never, 'ES256'));
    report(protectedHeader.alg === 'ES256', `${pqAlg}: stock jose verifies ES256`);
    if (nodeHasMlDsa)
      report(verifiedByNode(jws, publicKeys.mldsa65), `${pqAlg}: node:crypto verifies ML-DSA-65`);
  }
  if (!nodeHasMlDsa) console.log(`  NOT RUN: node:crypto of Node ${process.versions.node} has no ML-DSA`);
}

/** SPEC.md §5.2 by hand. The header is in JCS form, and stays so when the member is removed. */
function verifiedByNode(jws: string, jwk: MlDsa65PublicJwk): boolean {
  const [header = '', payload = ''] = jws.split('.');
  const { pq_sig, ...rest } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { pq_sig: string };
  const input = `${Buffer.from(JSON.stringify(rest)).toString('base64url')}.${payload}`;
  const digest = createHash('sha256').update(input).digest();
  const key = createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' });
  return verify(null, digest, key, Buffer.from(pq_sig, 'base64url').subarray(-3309));
}
