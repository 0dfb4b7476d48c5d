// The main job, end to end: issue a mandate, verify it with software that does not know this profile and with ap2-pq, then
// attack it. `npm start` runs it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SDJwtInstance } from '@sd-jwt/core';
import { decodeMandate, generateMandateKeys, type PqAlg, signMandate, verifyMandate } from 'ap2-pq';
import { CompactSign, importJWK, jwtVerify } from 'jose';

const EXAMPLE = new URL('../../scripts/example-mandate.json', import.meta.url);
const { claims, disclosureFrame, verifiedAt } = JSON.parse(await readFile(EXAMPLE, 'utf8'));

const { kid, privateKeys, publicKeys } = await generateMandateKeys();
const es256 = await importJWK({ ...publicKeys.es256 }, 'ES256');

// Three verifiers of the same mandate. The first two are stock software, as used in production today.
const jose = async (mandate: string): Promise<string> => {
  await jwtVerify(mandate.split('~')[0] as string, es256);
  return 'ES256 valid';
};
const sdJwt = async (mandate: string): Promise<string> => {
  const instance = new SDJwtInstance({
    hasher: (data) => createHash('sha256').update(String(data)).digest(),
    verifier: (data, signature) =>
      jwtVerify(`${data}.${signature}`, es256).then(
        () => true,
        () => false,
      ),
  });
  await instance.verify(mandate);
  return 'ES256 valid, disclosures unpacked';
};
const ap2Pq = async (mandate: string): Promise<string> => {
  const { signatures, quantumSafe } = await verifyMandate(mandate, publicKeys, {
    issuer: claims.iss,
    requiredClaims: ['amount', 'recipient'],
    currentDate: new Date(verifiedAt),
  });
  const { es256, mldsa65, hybridEs256 } = signatures;
  return `ES256 ${es256}, ML-DSA-65 ${mldsa65}, hybrid ES256 ${hybridEs256}; quantum-safe: ${quantumSafe}`;
};

async function report(title: string, mandate: string): Promise<void> {
  console.log(`\n  ${title}`);
  for (const [name, verify] of Object.entries({
    'jose       ': jose,
    '@sd-jwt/core': sdJwt,
    'ap2-pq     ': ap2Pq,
  })) {
    const line = await verify(mandate).then(
      (verdict) => `accepts  ${verdict}`,
      (error) => `REFUSES  ${error.code ?? error.name}: ${error.message}`,
    );
    console.log(`    ${name.padEnd(12)} ${line}`);
  }
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** The same mandate with one cent more, its signatures untouched. */
function tamper(mandate: string): string {
  const [jwt = '', ...disclosures] = mandate.split('~');
  const [header, , signature] = jwt.split('.');
  const payload = { ...decodeMandate(mandate).payload, amount: '125.01' };
  return [[header, base64url(JSON.stringify(payload)), signature].join('.'), ...disclosures].join('~');
}

const resign = async (header: object, payload: object): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ ...header, alg: 'ES256' })
    .sign(await importJWK({ ...privateKeys.es256 }, 'ES256'));

/** The tampered mandate, re-signed by an attacker with a quantum computer, who has only the ES256 key. */
async function forge(mandate: string): Promise<string> {
  const [, ...disclosures] = mandate.split('~');
  const { protectedHeader, payload } = decodeMandate(tamper(mandate));
  return [await resign(protectedHeader, payload), ...disclosures].join('~');
}

/** The same attacker omits the post-quantum signature. */
async function downgrade(mandate: string): Promise<string> {
  const [, ...disclosures] = mandate.split('~');
  const { protectedHeader, payload } = decodeMandate(tamper(mandate));
  const { pq_alg: _, pq_sig: __, ...classical } = protectedHeader;
  return [await resign(classical, payload), ...disclosures].join('~');
}

/** `pq_sig` removed. The ES256 component of a hybrid mandate is valid for the rest: anyone can do this without a key. */
function strip(mandate: string): string {
  const [jwt = '', ...disclosures] = mandate.split('~');
  const [, payload, signature] = jwt.split('.');
  const { pq_sig, ...header } = decodeMandate(mandate).protectedHeader;
  const inner =
    header.pq_alg === 'ES256+ML-DSA-65'
      ? Buffer.from(String(pq_sig), 'base64url').subarray(0, 64).toString('base64url')
      : signature;
  return [[base64url(JSON.stringify(header)), payload, inner].join('.'), ...disclosures].join('~');
}

console.log(`Keys ${kid}`);
for (const pqAlg of ['ML-DSA-65', 'ES256+ML-DSA-65'] satisfies PqAlg[]) {
  const mandate = await signMandate(claims, privateKeys, { pqAlg, disclosureFrame });
  const { lengths } = decodeMandate(mandate);
  const { payload, mandateId, disclosures } = await verifyMandate(mandate, publicKeys, {
    currentDate: new Date(verifiedAt),
  });
  console.log(`\n${'═'.repeat(110)}\nMandate with pq_alg "${pqAlg}", verified as of ${verifiedAt}\n`);
  console.log(`  ${payload.amount} ${payload.currency} to ${payload.recipient}`);
  console.log(`  mandateId ${mandateId}`);
  console.log(
    `  ${lengths.mandate} characters: header ${lengths.protectedHeader} (of which pq_sig ${lengths.pqSig}), payload ` +
      `${lengths.payload}, signature ${lengths.signature}, ${disclosures.length} disclosures ${lengths.disclosures}`,
  );
  await report('As issued', mandate);
  await report('One cent more, signatures untouched', tamper(mandate));
  await report(
    'One cent more, re-signed by an attacker who has recovered the ES256 key',
    await forge(mandate),
  );
  await report('The same, with pq_alg and pq_sig left out', await downgrade(mandate));
  await report('As issued, pq_sig stripped', strip(mandate));
}
