import type { MandateClaims } from '../claims/registered.js';
import { checkRetention, checkRetentionYears } from '../claims/retention.js';
import { checkMandateType, refuseDelegatePayload, refuseHiddenIssuer } from '../claims/token-type.js';
import { CLAIM_READERS, type ClaimOptions, claimRulesOf, validateClaims } from '../claims/validate.js';
import { copyData } from '../encoding/json.js';
import { MandateError } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import { algorithmsOption, checkAlgorithms, type Policy, policyOption, policyRules } from '../jws/policy.js';
import { verdictOf } from '../jws/verdict.js';
import { checkProtectedHeader, verifyJws } from '../jws/verify.js';
import {
  checkKeyBinding,
  type KeyBindingDemands,
  type KeyBindingVerdict,
  keyBindingRules,
} from '../key-binding/verify.js';
import { checkKeysArgument, type MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandateHeader, MandatePublicKeys } from '../keys/types.js';
import { aFunction, aTimeout, demand, limitsOption, optional, readOptions } from '../options.js';
import type { MandateAlgorithm, MandateLimits } from '../profile.js';
import { checkRevocation, type RevocationCheck } from '../revocation/check.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import type { Disclosure } from '../sd-jwt/disclosures.js';
import { disclose } from '../sd-jwt/verify.js';
import { withTimeLimit } from '../time-limit.js';
import type { MandateVerdict } from './verdict.js';

/** Options of {@link verifyMandate}; all optional. */
export interface VerifyMandateOptions extends ClaimOptions {
  /** Which signatures decide. Default `pq-required`. */
  policy?: Policy | undefined;
  /**
   * The accepted values of `alg`. Default `['ES256']`. With `ML-DSA-65` (RFC 9964) a mandate has no ES256 signature; with
   * `ML-DSA-65-ES256` it has a composite of both, whose key is a JWK of that `alg`. Both need the policy `pq-only` (SPEC.md
   * §20). The option does not apply to a key binding JWT, which keeps `ES256` and its `pq_sig`.
   */
  algorithms?: readonly MandateAlgorithm[];
  /** Limits on what is read before a signature is checked. */
  limits?: Partial<MandateLimits> | undefined;
  /** Demands `retention_metadata` that extends at least this number of years beyond issuance. */
  minRetentionYears?: number;
  /**
   * Demands a key binding JWT (RFC 9901 §7.3), and its content. Without this option, a mandate with a key binding JWT is
   * rejected.
   */
  keyBinding?: KeyBindingDemands;
  /**
   * Tells whether the mandate is revoked, for example `createRevocationList().isRevoked`. The mandate is accepted only if the
   * answer is `false`; an exception or a missing answer rejects it.
   */
  isRevoked?: RevocationCheck;
  /** Milliseconds that `isRevoked` may take. Default 5000. */
  revocationTimeout?: number | undefined;
  /**
   * Called with the verdict on each accepted mandate, for logs and statistics. Under `pq-optional`, the verdicts that are not
   * quantum-safe show how much of the migration is left. The call is awaited; if it fails, the mandate is rejected.
   */
  onVerified?: (verdict: MandateVerdict) => void | Promise<void>;
}

/** A mandate that passed every check. */
export interface VerifiedMandate<Payload extends object = MandateClaims> extends MandateVerdict {
  /** The Processed SD-JWT Payload (RFC 9901 §7.1): disclosed claims inserted, digests removed. */
  readonly payload: Payload;
  /** Canonical and checked (SPEC.md §4). */
  readonly protectedHeader: MandateHeader;
  /** The disclosures of the mandate, each referenced by a digest. */
  readonly disclosures: readonly Disclosure[];
}

/** The options, with their readers. */
const VERIFY_READERS = {
  ...CLAIM_READERS,
  policy: policyOption,
  algorithms: algorithmsOption,
  limits: limitsOption,
  minRetentionYears: demand(checkRetentionYears),
  keyBinding: demand(keyBindingRules),
  isRevoked: demand(aFunction<RevocationCheck>()),
  revocationTimeout: optional(aTimeout, 5000),
  onVerified: demand(aFunction<NonNullable<VerifyMandateOptions['onVerified']>>()),
};

/**
 * Verifies a mandate in the order of SPEC.md §6: structure, header, policy, keys, ES256, hybrid component, ML-DSA-65,
 * disclosures, claims, key binding. It returns only if every check passes.
 *
 * @example
 * ```ts
 * const { payload, quantumSafe } = await verifyMandate(mandate, publicKeys, { issuer: 'https://bank.example' });
 * ```
 *
 * @typeParam Payload The type that the caller expects. It is not checked: a holder may withhold disclosable claims. Name the
 * claims that you rely on in `requiredClaims`.
 * @param mandate The SD-JWT in compact form.
 * @param keys The public keys, or a function that resolves them from the protected header and the issuer.
 * @param options The demands; see {@link VerifyMandateOptions}.
 * @returns The processed payload and the verdict on the mandate.
 * @throws {MandateSignatureError} A signature that the policy requires does not verify; also an instance of jose's
 * `JWSSignatureVerificationFailed`.
 * @throws {JWTExpired} `exp`, `valid_until` or `maxTokenAge` has passed.
 * @throws {JWTClaimValidationFailed} Another claim, or the header's `typ`, does not meet a demand.
 * @throws {MandateError} All other errors: the codes of {@link MANDATE_ERROR_CODES} except those of signing.
 */
export async function verifyMandate<Payload extends object = MandateClaims>(
  mandate: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: VerifyMandateOptions,
): Promise<VerifiedMandate<Payload>> {
  return createVerifier<Payload>(keys, options)(mandate);
}

/** Verifies one mandate, at a time of its own in milliseconds since the epoch if one is given. */
export type MandateVerifier<Payload extends object> = (
  mandate: string,
  at?: number,
) => Promise<VerifiedMandate<Payload>>;

/** Checks keys and options once, for any number of mandates. */
export function createVerifier<Payload extends object>(
  keys: MandatePublicKeys | MandateKeyResolver,
  options: VerifyMandateOptions | undefined,
): MandateVerifier<Payload> {
  const given = readOptions(options, VERIFY_READERS);
  checkKeysArgument(keys);
  const { policy: policyName, algorithms, limits, isRevoked } = given;
  const policy = policyRules(policyName);
  checkAlgorithms(algorithms, policy);
  const rules = claimRulesOf(given);

  return async (mandate, at) => {
    const claims = at === undefined ? rules : { ...rules, now: () => at };

    // Step 1: structure.
    const segments = splitSdJwt(mandate, limits);
    const jws = parseJws(segments.jwt, limits, algorithms);

    // Step 2: the protected header.
    const checked = checkProtectedHeader(jws, algorithms);
    const { header } = checked;

    // Steps 3 to 7: the policy, the keys, ES256, the ES256 component of a hybrid, ML-DSA-65.
    const verified = await verifyJws(checked, keys, policy, limits);

    // Step 8: disclosures.
    const { disclosures, payload } = disclose(jws.payload, segments.disclosures, limits);

    // Step 9: claims.
    if (claims.typ === undefined) checkMandateType(header.typ);
    refuseDelegatePayload(jws.payload, payload);
    if (typeof keys === 'function') refuseHiddenIssuer(jws.payload, payload);
    validateClaims(header, payload, claims);
    checkRetention(jws.payload, payload, given.minRetentionYears, claims.earlyTolerance);

    // Step 10: key binding.
    const keyBinding = await checkKeyBinding(segments, payload, given.keyBinding, claims, policy, limits);

    const verdict = mandateVerdict(policyName, verified, keyBinding);

    // Step 11: revocation, and the log.
    if (isRevoked !== undefined) {
      const { mandateId, identity } = verdict;
      const subject = { mandateId, identity, payload, protectedHeader: header };
      await checkRevocation(isRevoked, subject, given.revocationTimeout);
    }
    if (given.onVerified !== undefined) await report(given.onVerified, verdict, limits);
    return { ...verdict, payload: payload as Payload, protectedHeader: header, disclosures };
  };
}

function mandateVerdict(
  policy: Policy,
  verified: Parameters<typeof verdictOf>[0],
  keyBinding: KeyBindingVerdict | undefined,
): MandateVerdict {
  const found = verdictOf(verified);
  // If the key binding is classical, an attacker who breaks the holder's P-256 key can present the mandate.
  const quantumSafe = found.quantumSafe && keyBinding?.quantumSafe !== false;
  return { policy, ...found, quantumSafe, ...(keyBinding && { keyBinding }) };
}

async function report(
  onVerified: NonNullable<VerifyMandateOptions['onVerified']>,
  verdict: MandateVerdict,
  { callTimeout }: MandateLimits,
): Promise<void> {
  await withTimeLimit(
    callTimeout,
    // A copy: changes that the function makes must not affect the result.
    () => onVerified(copyData(verdict)),
    (cause, late) => {
      const message = `the function "onVerified" ${late ? `gave ${(cause as Error).message}` : 'failed'}`;
      return new MandateError('ERR_MANDATE_HOOK_FAILED', 'onVerified', message, { cause });
    },
  );
}
