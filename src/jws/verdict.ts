import type { SignatureReport, SignatureStatus } from '../errors.js';
import { identityOf } from './identity.js';
import { mandateId } from './mandate-id.js';
import type { VerifiedJws } from './verify.js';

/** A key that verified a signature. */
export interface KeyReport {
  readonly kid: string | undefined;
  /** The RFC 7638 thumbprint, 43 characters; `undefined` for a key that is not a JWK. */
  readonly thumbprint: string | undefined;
}

/** The verdict on the signatures of one token. */
export interface SignatureVerdict {
  /**
   * True if the ML-DSA-65 signature is valid, and that of the key binding JWT, if one was demanded. False only under
   * `pq-optional`, if one of them is classical-only.
   */
  readonly quantumSafe: boolean;
  /** The result for each signature. */
  readonly signatures: SignatureReport;
  /** The keys of the valid signatures. */
  readonly keys: { readonly es256: KeyReport | undefined; readonly mldsa65: KeyReport | undefined };
  /**
   * Identifies what the token authorizes: 43 base64url characters (SPEC.md §9.1), computed from the signed content without the
   * signatures. Only the signer can give the same authorization another identity. Classical-only mandates have one too.
   */
  readonly identity: string;
  /**
   * BASE64URL(SHA-256(ML-DSA-65 signature)), 43 characters: identifies a post-quantum signature, for revocation lists (SPEC.md
   * §9). `undefined` for a classical-only mandate. To recognize an authorization, use `identity`.
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
