import { type OptionReader, oneOf, optional } from '../options.js';

/**
 * Which signatures decide (SPEC.md §7). `pq-optional`: ES256, and ML-DSA-65 where present. `pq-required`: both.
 * `pq-only`: ML-DSA-65; the outcome of ES256 is reported and does not decide.
 */
export type Policy = 'pq-optional' | 'pq-required' | 'pq-only';

/** What a policy demands. */
export interface PolicyRules {
  /** A mandate without `pq_alg` and `pq_sig` is refused. */
  readonly pqRequired: boolean;
  /** The ES256 signature of the JWS must verify. */
  readonly es256Decides: boolean;
}

const POLICIES: Readonly<Record<Policy, PolicyRules>> = {
  'pq-optional': { pqRequired: false, es256Decides: true },
  'pq-required': { pqRequired: true, es256Decides: true },
  'pq-only': { pqRequired: true, es256Decides: false },
};

/** The policy that holds where the caller names none. */
export const DEFAULT_POLICY: Policy = 'pq-required';

export const aPolicy = oneOf(...(Object.keys(POLICIES) as Policy[]));

/** The option `policy`. */
export const policyOption: OptionReader<Policy> = optional(aPolicy, DEFAULT_POLICY);

/** The rules of a policy that {@link policyOption} has read. */
export const policyRules = (policy: Policy): PolicyRules => POLICIES[policy];
