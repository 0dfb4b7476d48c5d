import { strict as assert } from 'node:assert';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import canonicalize from 'canonicalize-4';
import { base64url, hex, mldsa65, scalar, sha256 } from './keys.js';
import { type TestCase, testCases } from './mandates.js';

/** The mandate level of SPEC.md §11: both signatures over SHA-256 of the mandate's JCS form, as in revision 01. */
export function mandateLevelVectors(): object[] {
  return testCases.map((testCase) => {
    const jcs = canonicalize(JSON.parse(testCase.mandate)) as string;
    const fingerprint = sha256(jcs);
    assert.equal(Buffer.byteLength(jcs), testCase.jcsBytes, `${testCase.id}: JCS length`);
    if (testCase.publishedFingerprint)
      assert.equal(hex(fingerprint), testCase.publishedFingerprint, testCase.id);

    const { ecdsa, mldsa65: mldsa } = sign(signedFingerprint(testCase));
    const verdict = {
      ecdsa: p256.verify(ecdsa, fingerprint, p256.getPublicKey(scalar), { prehash: false }),
      mldsa65: ml_dsa65.verify(mldsa, fingerprint, mldsa65.publicKey),
    };
    const expected = testCase.signaturesOf === undefined;
    assert.deepEqual(verdict, { ecdsa: expected, mldsa65: expected }, testCase.id);
    return {
      id: testCase.id,
      comment: testCase.comment,
      ...(testCase.signaturesOf && { signaturesOf: testCase.signaturesOf }),
      mandate: testCase.mandate,
      jcs,
      jcsBytes: testCase.jcsBytes,
      fingerprint: hex(fingerprint),
      fingerprintPublished: testCase.publishedFingerprint !== undefined,
      ecdsaP256: { raw: hex(ecdsa), der: hex(derOf(ecdsa)) },
      mldsa65: base64url(mldsa),
      expected: verdict,
    };
  });
}

const fingerprintOf = ({ mandate }: TestCase): Buffer => sha256(canonicalize(JSON.parse(mandate)) as string);

function signedFingerprint(testCase: TestCase): Buffer {
  const source = testCases.find(({ id }) => id === (testCase.signaturesOf ?? testCase.id));
  assert(source);
  return fingerprintOf(source);
}

function sign(fingerprint: Buffer): { ecdsa: Uint8Array; mldsa65: Uint8Array } {
  return {
    ecdsa: p256.sign(fingerprint, scalar, { prehash: false, lowS: true }),
    mldsa65: ml_dsa65.sign(fingerprint, mldsa65.secretKey, { extraEntropy: false }),
  };
}

const derOf = (raw: Uint8Array): Uint8Array => p256.Signature.fromBytes(raw, 'compact').toBytes('der');
