// The least that a verifier of the profile can do in JavaScript: it parses, canonicalizes, hashes and verifies both signatures, and
// checks nothing else. It shows how much of a ratio is due to the format and the runtime, and how much to the checks.
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import canonicalize from 'canonicalize-4';
import type { Contender } from './measure.js';
import type { Subject } from './subject.js';

/** An INTEGER of DER. */
function integer(bytes: Buffer): Buffer {
  let zeros = 0;
  while (zeros < bytes.length - 1 && bytes[zeros] === 0) zeros++;
  const digits = bytes.subarray(zeros);
  const sign = (digits[0] as number) < 0x80 ? [] : [0];
  return Buffer.concat([Buffer.of(2, digits.length + sign.length, ...sign), digits]);
}

/** The ECDSA-Sig-Value of R‖S. */
export function derOf(signature: Buffer): Buffer {
  const [r, s] = [integer(signature.subarray(0, 32)), integer(signature.subarray(32))];
  return Buffer.concat([Buffer.of(0x30, r.length + s.length), r, s]);
}

/** The payload, both hashes that a verdict reports, and the arguments of the two primitives. */
function read(mandate: string) {
  const [header = '', payload = '', signature = ''] = (mandate.split('~')[0] as string).split('.');
  const { pq_sig: pqSig, ...unsigned } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const encodedUnsigned = Buffer.from(canonicalize(unsigned) as string).toString('base64url');
  const mldsa65 = Buffer.from(pqSig, 'base64url');
  return {
    claims: JSON.parse(Buffer.from(payload, 'base64url').toString()),
    identity: hash('sha256', `ap2-pq-identity:${encodedUnsigned}.${payload}`, 'base64url'),
    mandateId: hash('sha256', mldsa65, 'base64url'),
    signingInput: Buffer.from(`${header}.${payload}`, 'latin1'),
    es256: derOf(Buffer.from(signature, 'base64url')),
    fingerprint: hash('sha256', `${encodedUnsigned}.${payload}`, 'buffer'),
    mldsa65,
  };
}

const onPool = (algorithm: string | null, data: Uint8Array, key: KeyObject, signature: Uint8Array) =>
  new Promise<void>((resolve, reject) => {
    verify(algorithm, data, key, signature, (error, valid) =>
      error === null && valid ? resolve() : reject(error ?? new Error('a signature is invalid')),
    );
  });

/** A verification without checks: on this thread, or with both signatures on the thread pool. */
export function unchecked({ keys, mandate }: Subject, where: 'here' | 'pool'): Contender {
  const es256 = createPublicKey({ key: { ...keys.publicKeys.es256 }, format: 'jwk' });
  const mldsa65 = createPublicKey({ key: { ...keys.publicKeys.mldsa65 }, format: 'jwk' });
  if (where === 'pool') {
    return async () => {
      const token = read(mandate);
      await Promise.all([
        onPool('sha256', token.signingInput, es256, token.es256),
        onPool(null, token.fingerprint, mldsa65, token.mldsa65),
      ]);
      return token;
    };
  }
  return () => {
    const token = read(mandate);
    const valid =
      verify('sha256', token.signingInput, es256, token.es256) &&
      verify(null, token.fingerprint, mldsa65, token.mldsa65);
    if (!valid) throw new Error('a signature is invalid');
    return token;
  };
}
