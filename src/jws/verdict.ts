import type { SignatureReport, SignatureStatus } from '../errors.js';
import { identityOf } from './identity.js';
import { mandateId } from './mandate-id.js';
import type { VerifiedJws } from './verify.js';

/** A key that a signature verified with. */
export interface KeyReport {
  readonly kid: string | undefined;
  /** RFC 7638, 43 characters; `undefined` for a key that is not a JWK. */
  readonly thumbprint: string | undefined;
}

/** What was found of the signatures of one token. */
export interface SignatureVerdict {
  /** True when the ML-DSA-65 signature is valid. False only under `pq-optional`, for what is classical-only. */
  readonly quantumSafe: boolean;
  /** The outcome of each signature on its own. */
  readonly signatures: SignatureReport;
  /** The keys of the signatures that are valid. */
  readonly keys: { readonly es256: KeyReport | undefined; readonly mldsa65: KeyReport | undefined };
  /**
   * What the token authorizes, 43 base64url characters (SPEC.md §9.1): made of what its signer signed, and of neither signature.
   * Nobody but its signer can give the same authorization another identity. Classical-only mandates have one too.
   */
  readonly identity: string;
  /**
   * BASE64URL(SHA-256(ML-DSA-65 signature)), 43 characters: the name of a post-quantum signature, for revocation lists
   * (SPEC.md §9). `undefined` for a classical-only mandate. To recognize an authorization again, use `identity`.
   */
  readonly mandateId: string | undefined;
}

/** The verdict on one token. */
export function verdictOf(token: Omit<VerifiedJws, 'payload'>): SignatureVerdict {
  const { signatures, publicKeys, verifiers, header, pq } = token;
  const { es256, hybridEs256, mldsa65 } = signatures;
  const report = (
    name: 'es256' | 'mldsa65',
    ...statuses: readonly SignatureStatus[]
  ): KeyReport | undefined =>
    statuses.includes('valid')
      ? { kid: publicKeys.kids[name] ?? header.kid, thumbprint: verifiers[name]?.thumbprint }
      : undefined;
  return {
    quantumSafe: mldsa65 === 'valid',
    signatures,
    keys: { es256: report('es256', es256, hybridEs256), mldsa65: report('mldsa65', mldsa65) },
    identity: identityOf(token),
    mandateId: mandateId(pq),
  };
}
