import type { Policy } from '../jws/policy.js';
import type { KeyReport, SignatureVerdict } from '../jws/verdict.js';
import type { KeyBindingVerdict } from '../key-binding/verify.js';
import { checkOptions, invalidArgument, isPlainObject, printable } from '../options.js';

/** The verdict of a verification, safe to log: it contains no claim, no token and no secret. */
export interface MandateVerdict extends SignatureVerdict {
  /** The policy that was applied. */
  readonly policy: Policy;
  /** The verdict on the key binding JWT, if one was demanded. */
  readonly keyBinding?: KeyBindingVerdict;
}

/**
 * Formats a verdict as one line for a log.
 *
 * @example
 * ```ts
 * const result = await verifyMandate(mandate, publicKeys);
 * console.log(formatVerdict(result));
 * // quantum-safe; pq-required; ES256 valid (kid bank-2026, …); ML-DSA-65 valid (…); mandate vAuW-2SX…
 * ```
 *
 * @param verdict The result of `verifyMandate`, or the argument of `onVerified`.
 */
export function formatVerdict(verdict: MandateVerdict): string {
  const { policy, quantumSafe, signatures, keys, mandateId, keyBinding } = checkOptions(verdict, 'verdict');
  if (!isPlainObject(signatures) || !isPlainObject(keys)) return invalidArgument('verdict', 'a verdict');
  const key = (report: KeyReport | undefined): string => {
    if (!isPlainObject(report)) return '';
    const { kid, thumbprint } = checkOptions(report, 'verdict.keys');
    return ` (kid ${kid === undefined ? 'none' : word(kid)}, thumbprint ${word(thumbprint)})`;
  };
  const { es256, mldsa65, hybridEs256 } = checkOptions(signatures, 'verdict.signatures');
  const used = checkOptions(keys, 'verdict.keys');
  return [
    quantumSafe ? 'quantum-safe' : 'NOT quantum-safe',
    word(policy),
    `ES256 ${word(es256)}${key(used.es256)}`,
    `ML-DSA-65 ${word(mldsa65)}${key(used.mldsa65)}`,
    ...(hybridEs256 === 'absent' ? [] : [`hybrid ES256 ${word(hybridEs256)}`]),
    ...(keyBinding === undefined
      ? []
      : [
          `key binding ${checkOptions(keyBinding, 'verdict.keyBinding').quantumSafe ? '' : 'NOT '}quantum-safe`,
        ]),
    mandateId === undefined ? 'no mandateId' : `mandate ${word(mandateId)}`,
  ].join('; ');
}

const word = (value: unknown): string => (typeof value === 'string' ? printable(value) : 'unknown');
