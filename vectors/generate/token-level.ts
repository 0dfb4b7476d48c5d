import { strict as assert } from 'node:assert';
import { decodeMandate, type PqAlg, type SaltGenerator, signMandate, verifyMandate } from 'ap2-pq';
import canonicalize from 'canonicalize-4';
import { base64url, issuer, privateKeys, publicKeys, sha256 } from './keys.js';
import { type TestCase, testCases } from './mandates.js';
import { computeSteps } from './steps.js';

const MODES: readonly PqAlg[] = ['ML-DSA-65', 'ES256+ML-DSA-65'];

/** The token level of SPEC.md §11: each mandate as an SD-JWT, in both modes, with every byte reproducible. */
export async function tokenLevelVectors(): Promise<object[]> {
  const vectors: object[] = [];
  for (const pqAlg of MODES) {
    for (const testCase of testCases) {
      vectors.push(
        testCase.signaturesOf ? await tamperedVector(testCase, pqAlg) : await vector(testCase, pqAlg),
      );
    }
  }
  return vectors;
}

async function vector(testCase: TestCase, pqAlg: PqAlg): Promise<object> {
  const { mandate, salts } = await sign(testCase, pqAlg);
  const { payload, mandateId, signatures } = await verifyMandate(mandate, publicKeys);
  assert.equal(canonicalize(payload), canonicalize(JSON.parse(testCase.mandate)), testCase.id);
  const steps = computeSteps(mandate, pqAlg, issuer);
  assert.equal(mandateId, steps.mandateId);
  return {
    ...describe(testCase, pqAlg),
    salts,
    ...disclosuresOf(mandate),
    ...steps,
    mandate,
    processedPayload: payload,
    expected: { valid: true, signatures },
  };
}

/** TC5: the payload of this mandate between the header and the signature of another one. */
async function tamperedVector(testCase: TestCase, pqAlg: PqAlg): Promise<object> {
  const source = testCases.find(({ id }) => id === testCase.signaturesOf);
  assert(source);
  const original = (await sign(source, pqAlg)).mandate;
  const { amount } = JSON.parse(testCase.mandate);
  const [jwt = '', ...rest] = original.split('~');
  const [header, , signature] = jwt.split('.');
  const payloadJcs = canonicalize({ ...decodeMandate(original).payload, amount }) as string;
  const mandate = [`${header}.${base64url(payloadJcs)}.${signature}`, ...rest].join('~');
  return {
    ...describe(testCase, pqAlg),
    signaturesOf: testCase.signaturesOf,
    payloadJcs,
    mandate,
    expected: {
      valid: false,
      code: await codeOf(verifyMandate(mandate, publicKeys)),
      codeUnderPqOnly: await codeOf(verifyMandate(mandate, publicKeys, { policy: 'pq-only' })),
    },
  };
}

const describe = ({ id, comment, mandate, disclosureFrame }: TestCase, pqAlg: PqAlg): object => ({
  id: `${id}/${pqAlg}`,
  testCase: id,
  pqAlg,
  comment,
  claims: mandate,
  ...(disclosureFrame && { disclosureFrame }),
});

async function sign(
  { id, mandate, disclosureFrame }: TestCase,
  pqAlg: PqAlg,
): Promise<{ mandate: string; salts: string[] }> {
  const salts: string[] = [];
  // Fixed salts: the first 16 bytes of SHA-256("ap2-pq-salt:<test case>:<n>"), n counting from 0, decoys included.
  const saltGenerator: SaltGenerator = (length) => {
    const salt = base64url(sha256(`ap2-pq-salt:${id}:${salts.length}`).subarray(0, length));
    salts.push(salt);
    return salt;
  };
  const signed = await signMandate(JSON.parse(mandate), privateKeys, {
    pqAlg,
    disclosureFrame,
    saltGenerator,
    deterministic: true,
  });
  return { mandate: signed, salts };
}

function disclosuresOf(mandate: string): object {
  return {
    disclosures: mandate
      .split('~')
      .slice(1, -1)
      .map((encoded) => ({
        encoded,
        json: Buffer.from(encoded, 'base64url').toString('utf8'),
        digest: base64url(sha256(encoded)),
      })),
  };
}

async function codeOf(verification: Promise<unknown>): Promise<string> {
  try {
    await verification;
  } catch (error) {
    return (error as { code: string }).code;
  }
  throw new Error('a tampered vector verifies');
}
