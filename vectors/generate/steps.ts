import { strict as assert } from 'node:assert';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import type { PqAlg } from 'ap2-pq';
import canonicalize from 'canonicalize-4';
import { base64url, hex, type Signer, sha256 } from './keys.js';

/**
 * Every intermediate value, computed from the formulas of SPEC.md §5 with the primitives alone; the library's results must be
 * the same bytes.
 */
export function computeSteps(
  mandate: string,
  pqAlg: PqAlg,
  { scalar, mldsa65: { secretKey } }: Signer,
): { mandateId: string } & Record<string, unknown> {
  const [jwt = ''] = mandate.split('~');
  const [encodedHeader = '', encodedPayload = '', encodedSignature = ''] = jwt.split('.');
  const header = JSON.parse(Buffer.from(encodedHeader, 'base64url').toString('utf8'));
  const { pq_sig, ...unsignedHeader } = header;

  const unsignedHeaderJcs = canonicalize(unsignedHeader) as string;
  const pqSigningInput = `${base64url(unsignedHeaderJcs)}.${encodedPayload}`;
  const fingerprint = sha256(pqSigningInput);
  const m = ml_dsa65.sign(fingerprint, secretKey, { extraEntropy: false });
  const e = p256.sign(Buffer.from(pqSigningInput), scalar, { lowS: false });
  const pqSig = base64url(pqAlg === 'ML-DSA-65' ? m : Buffer.concat([e, m]));
  assert.equal(pq_sig, pqSig, 'pq_sig');

  const headerJcs = canonicalize({ ...unsignedHeader, pq_sig: pqSig }) as string;
  const jwsSigningInput = `${base64url(headerJcs)}.${encodedPayload}`;
  const es256 = p256.sign(Buffer.from(jwsSigningInput), scalar, { lowS: false });
  assert.equal(jwt, `${jwsSigningInput}.${base64url(es256)}`, 'token');
  assert.equal(encodedSignature.length, 86);
  return {
    payloadJcs: Buffer.from(encodedPayload, 'base64url').toString('utf8'),
    unsignedHeaderJcs,
    pqSigningInput,
    fingerprint: hex(fingerprint),
    mldsa65: base64url(m),
    ...(pqAlg === 'ML-DSA-65' ? {} : { hybridEs256: hex(e) }),
    pqSig,
    headerJcs,
    es256: hex(es256),
    mandateId: base64url(sha256(m)),
  };
}
