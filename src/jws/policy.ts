import {
  aListOf,
  type Check,
  demand,
  invalidArgument,
  type OptionReader,
  oneOf,
  optional,
} from '../options.js';
import {
  COMPOSITE,
  MANDATE_ALGORITHMS,
  type MandateAlgorithm,
  ML_DSA_65,
  PROFILE_ALGORITHMS,
} from '../profile.js';

/**
 * Which signatures decide (SPEC.md §7). `pq-optional`: ES256, and ML-DSA-65 if present. `pq-required`: both. `pq-only`:
 * ML-DSA-65; the result of ES256 is reported but does not decide.
 */
export type Policy = 'pq-optional' | 'pq-required' | 'pq-only';

/** The demands of a policy. */
export interface PolicyRules {
  /** A mandate without `pq_alg` and `pq_sig` is rejected. */
  readonly pqRequired: boolean;
  /** The ES256 signature of the JWS must verify. */
  readonly es256Decides: boolean;
}

const POLICIES: Readonly<Record<Policy, PolicyRules>> = {
  'pq-optional': { pqRequired: false, es256Decides: true },
  'pq-required': { pqRequired: true, es256Decides: true },
  'pq-only': { pqRequired: true, es256Decides: false },
};

/** The policy that applies unless the caller chooses one. */
export const DEFAULT_POLICY: Policy = 'pq-required';

export const aPolicy = oneOf(...(Object.keys(POLICIES) as Policy[]));

/** The option `policy`. */
export const policyOption: OptionReader<Policy> = optional(aPolicy, DEFAULT_POLICY);

/** The rules of a policy read by {@link policyOption}. */
export const policyRules = (policy: Policy): PolicyRules => POLICIES[policy];

const anAlgorithm = oneOf(...MANDATE_ALGORITHMS);

const algorithmList: Check<readonly MandateAlgorithm[]> = (value, path) => {
  const list = aListOf(anAlgorithm)(value, path);
  return list.length > 0 ? list : invalidArgument(path, 'a non-empty array');
};

/** The option `algorithms`: the accepted values of `alg` (SPEC.md R20.1). */
export const algorithmsOption: OptionReader<readonly MandateAlgorithm[]> = (given, name, path) =>
  demand(algorithmList)(given, name, path) ?? PROFILE_ALGORITHMS;

/** R20.1: if ES256 must be valid, a token without it is never accepted. Asking for both is a mistake. */
export function checkAlgorithms(algorithms: readonly MandateAlgorithm[], policy: PolicyRules): void {
  if (!policy.es256Decides) return;
  for (const algorithm of [ML_DSA_65, COMPOSITE] as const) {
    if (algorithms.includes(algorithm))
      invalidArgument('algorithms', `without "${algorithm}", or "policy" must be "pq-only"`);
  }
}
