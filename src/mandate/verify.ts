import type { MandateClaims } from '../claims/registered.js';
import { checkRetention, checkRetentionYears } from '../claims/retention.js';
import { refuseOtherType } from '../claims/token-type.js';
import type { ClaimOptions } from '../claims/validate.js';
import { CLAIM_OPTIONS, claimRules, validateClaims } from '../claims/validate.js';
import type { JsonObject } from '../encoding/json.js';
import { MandateError } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import type { MandateHeader } from '../jws/header.js';
import type { Policy } from '../jws/policy.js';
import { DEFAULT_POLICY, policyRules } from '../jws/policy.js';
import type { MandateKeyResolver } from '../jws/resolve-keys.js';
import { checkKeysArgument } from '../jws/resolve-keys.js';
import { verdictOf } from '../jws/verdict.js';
import type { KeyBindingDemands } from '../key-binding/verify.js';
import { checkKeyBinding, keyBindingRules } from '../key-binding/verify.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { checkNames, checkOptions, checkTimeout, invalidArgument, resolveLimits } from '../options.js';
import type { MandateLimits } from '../profile.js';
import type { RevocationCheck } from '../revocation/check.js';
import { checkRevocation } from '../revocation/check.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import type { Disclosure } from '../sd-jwt/disclosures.js';
import { verifyToken } from '../sd-jwt/verify.js';
import type { MandateVerdict } from './verdict.js';

/** Options of {@link verifyMandate}; all optional. */
export interface VerifyMandateOptions extends ClaimOptions {
  /** Which signatures decide. Default `pq-required`. */
  policy?: Policy | undefined;
  /** How much is read before a signature is checked. */
  limits?: Partial<MandateLimits> | undefined;
  /** Demands `retention_metadata` that reaches at least so many years beyond issuance. */
  minRetentionYears?: number;
  /**
   * Demands a key binding JWT (RFC 9901 §7.3), and says what it must hold. Without it, one that is present is refused.
   */
  keyBinding?: KeyBindingDemands;
  /**
   * Says whether the mandate is revoked, such as `createRevocationList().isRevoked`. Anything but `false` is a refusal: an
   * exception and a missing answer too.
   */
  isRevoked?: RevocationCheck;
  /** Milliseconds that `isRevoked` may take. Default 5000. */
  revocationTimeout?: number | undefined;
  /**
   * Called with the verdict on each mandate that is accepted, to log and to count: under `pq-optional`, those that are not
   * quantum-safe are the migration that is left. It is awaited; if it fails, the mandate is refused.
   */
  onVerified?: (verdict: MandateVerdict) => void | Promise<void>;
}

/** A mandate that holds in every respect. */
export interface VerifiedMandate<Payload extends object = MandateClaims> extends MandateVerdict {
  /** The Processed SD-JWT Payload (RFC 9901 §7.1): disclosed claims in place, digests removed. */
  readonly payload: Payload;
  /** Canonical and checked (SPEC.md §4). */
  readonly protectedHeader: MandateHeader;
  /** The disclosures that the mandate came with, each referenced by a digest. */
  readonly disclosures: readonly Disclosure[];
}

const OPTIONS = [
  ...CLAIM_OPTIONS,
  'policy',
  'limits',
  'minRetentionYears',
  'keyBinding',
  'isRevoked',
  'revocationTimeout',
  'onVerified',
];

/**
 * Verifies a mandate, in the order of SPEC.md §6: structure, header, policy, keys, ES256, hybrid component, ML-DSA-65,
 * disclosures, claims, key binding. Returns only if everything holds.
 *
 * @example
 * ```ts
 * const { payload, quantumSafe } = await verifyMandate(mandate, publicKeys, { issuer: 'https://bank.example' });
 * ```
 *
 * @typeParam Payload What the caller takes the payload to be. It is not checked: a holder may withhold what is
 * disclosable; name what you rely on in `requiredClaims`.
 * @param mandate The SD-JWT in compact form.
 * @param keys The public keys, or a function that resolves them from the protected header and the issuer.
 * @param options What is demanded; see {@link VerifyMandateOptions}.
 * @returns The processed payload and what was found out about the mandate.
 * @throws {MandateSignatureError} a signature that the policy requires does not verify; also an instance of jose's
 * `JWSSignatureVerificationFailed`.
 * @throws {JWTExpired} `exp`, `valid_until` or `maxTokenAge` has passed.
 * @throws {JWTClaimValidationFailed} another claim, or the header's `typ`, is not as demanded.
 * @throws {MandateError} everything else: the codes of {@link MANDATE_ERROR_CODES} but those of signing.
 */
export async function verifyMandate<Payload extends object = MandateClaims>(
  mandate: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: VerifyMandateOptions,
): Promise<VerifiedMandate<Payload>> {
  return createVerifier<Payload>(keys, options)(mandate);
}

/** Checks keys and options once, for as many mandates as there are. */
export function createVerifier<Payload extends object>(
  keys: MandatePublicKeys | MandateKeyResolver,
  options: VerifyMandateOptions | undefined,
): (mandate: string) => Promise<VerifiedMandate<Payload>> {
  const given = checkOptions(options, 'options');
  checkNames(given, OPTIONS);
  checkKeysArgument(keys);
  const policy = given.policy === undefined ? DEFAULT_POLICY : given.policy;
  const rules = policyRules(policy);
  const demandedClaims = claimRules(given);
  const limits = resolveLimits(given.limits);
  const { isRevoked, onVerified, retentionYears, revocationTimeout } = checkHooks(given);
  const bindingRules = keyBindingRules(given);

  return async (mandate) => {
    const segments = splitSdJwt(mandate, limits);
    const token = await verifyToken(
      parseJws(segments.jwt, limits),
      segments.disclosures,
      keys,
      rules,
      limits,
    );
    const { header, payload } = token;
    if (given.typ === undefined) refuseOtherType(header.typ, 'mandate; demand it by "typ" if you mean it');
    refuseHiddenIssuer(keys, token.signedPayload, payload);
    validateClaims(header, payload, demandedClaims);
    checkRetention(payload, retentionYears);
    const keyBinding = await checkKeyBinding(segments, token, bindingRules, rules, limits);

    const found = verdictOf(token);
    const verdict: MandateVerdict = {
      policy,
      ...found,
      // What is bound classically can be presented by whoever breaks the holder's P-256 key.
      quantumSafe: found.quantumSafe && keyBinding?.quantumSafe !== false,
      ...(keyBinding && { keyBinding }),
    };
    if (isRevoked !== undefined) {
      const { mandateId, identity } = verdict;
      const subject = { mandateId, identity, payload, protectedHeader: header };
      await checkRevocation(isRevoked, subject, revocationTimeout);
    }
    await report(onVerified, verdict);
    return {
      ...verdict,
      payload: payload as Payload,
      protectedHeader: header,
      disclosures: token.disclosures,
    };
  };
}

function checkHooks(options: VerifyMandateOptions) {
  const { isRevoked, onVerified, revocationTimeout = 5000 } = options;
  for (const [name, hook] of Object.entries({ isRevoked, onVerified })) {
    if (Object.hasOwn(options, name) && typeof hook !== 'function') invalidArgument(name, 'a function');
  }
  checkTimeout(revocationTimeout, 'revocationTimeout');
  if (Object.hasOwn(options, 'minRetentionYears') && options.minRetentionYears === undefined) {
    invalidArgument('minRetentionYears', 'left out where nothing is demanded; it is undefined');
  }
  return {
    isRevoked,
    onVerified,
    revocationTimeout,
    retentionYears: checkRetentionYears(options.minRetentionYears),
  };
}

async function report(
  onVerified: VerifyMandateOptions['onVerified'],
  verdict: MandateVerdict,
): Promise<void> {
  try {
    // A copy: what the function does to it must not reach the result.
    await onVerified?.(structuredClone(verdict));
  } catch (cause) {
    throw new MandateError('ERR_MANDATE_HOOK_FAILED', 'onVerified', 'the function "onVerified" failed', {
      cause,
    });
  }
}

/** Keys that were chosen by the issuer must have been chosen by the one that the processed payload names. */
function refuseHiddenIssuer(keys: unknown, signed: JsonObject, processed: JsonObject): void {
  if (typeof keys !== 'function' || !Object.hasOwn(processed, 'iss') || Object.hasOwn(signed, 'iss')) return;
  throw new MandateError(
    'ERR_MANDATE_ISSUER_UNTRUSTED',
    'iss',
    '"iss" stands in a disclosure, and the keys were resolved without it',
  );
}
