import { checkOptions, invalidArgument, isPlainObject, printable } from '../arguments.js';
import type { SignatureReport, SignatureStatus } from '../errors.js';
import type { VerifiedJws } from '../jws/verify.js';
import type { KeyBindingVerdict } from '../key-binding/verify.js';
import type { Policy } from '../policy.js';
import { mandateId } from './id.js';

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
   * BASE64URL(SHA-256(ML-DSA-65 signature)), 43 characters: the name of the mandate for revocation and replay lists
   * (SPEC.md §9). `undefined` for a classical-only mandate, which has no part that only its issuer could have made.
   */
  readonly mandateId: string | undefined;
}

/** What a verification found, fit for a log: no claim, no token, no secret. */
export interface MandateVerdict extends SignatureVerdict {
  /** The policy that was applied. */
  readonly policy: Policy;
  /** What was found of the key binding JWT, where one was demanded. */
  readonly keyBinding?: KeyBindingVerdict;
}

/** The verdict on one token. */
export function verdictOf({
  signatures,
  publicKeys,
  verifiers,
  header,
  pq,
}: Omit<VerifiedJws, 'payload'>): SignatureVerdict {
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
    mandateId: mandateId(pq),
  };
}

/**
 * A verdict as one line for a log.
 *
 * @example
 * ```ts
 * const result = await verifyMandate(mandate, publicKeys);
 * console.log(formatVerdict(result));
 * // quantum-safe; pq-required; ES256 valid (kid bank-2026, …); ML-DSA-65 valid (…); mandate vAuW-2SX…
 * ```
 *
 * @param verdict What `verifyMandate` returned, or gave to `onVerified`.
 */
export function formatVerdict(verdict: MandateVerdict): string {
  const { policy, quantumSafe, signatures, keys, mandateId } = checkOptions(verdict, 'verdict');
  if (!isPlainObject(signatures) || !isPlainObject(keys)) return invalidArgument('verdict', 'a verdict');
  const key = (report: KeyReport | undefined): string =>
    !isPlainObject(report)
      ? ''
      : ` (kid ${report.kid === undefined ? 'none' : printable(report.kid)}, thumbprint ${report.thumbprint ?? 'unknown'})`;
  const { es256, mldsa65, hybridEs256 } = signatures;
  return [
    quantumSafe ? 'quantum-safe' : 'NOT quantum-safe',
    policy,
    `ES256 ${es256}${key(keys.es256)}`,
    `ML-DSA-65 ${mldsa65}${key(keys.mldsa65)}`,
    ...(hybridEs256 === 'absent' ? [] : [`hybrid ES256 ${hybridEs256}`]),
    ...(verdict.keyBinding === undefined
      ? []
      : [`key binding ${verdict.keyBinding.quantumSafe ? '' : 'NOT '}quantum-safe`]),
    mandateId === undefined ? 'no mandateId' : `mandate ${mandateId}`,
  ].join('; ');
}
