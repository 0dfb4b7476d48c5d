import { checkNames, checkOptions, resolveLimits } from '../arguments.js';
import type { MandateClaims } from '../claims/registered.js';
import type { ClaimOptions } from '../claims/validate.js';
import { CLAIM_OPTIONS, claimRules, validateClaims } from '../claims/validate.js';
import type { SignatureReport } from '../errors.js';
import { MandateError } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import type { MandateHeader } from '../jws/header.js';
import { checkHeader, checkSdAlgCopy } from '../jws/header.js';
import { checkPresence, importVerifiers, verifySignatures } from '../jws/verify.js';
import type { MandateKeyResolver } from '../keys/resolve.js';
import { checkKeysArgument, resolveKeys } from '../keys/resolve.js';
import type { MandatePublicKeys } from '../keys/types.js';
import type { Policy } from '../policy.js';
import { DEFAULT_POLICY, policyRules } from '../policy.js';
import type { MandateLimits } from '../profile.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import type { Disclosure } from '../sd-jwt/disclosures.js';
import { decodeDisclosure, processDisclosures } from '../sd-jwt/disclosures.js';
import { mandateId } from './id.js';

/** Options of {@link verifyMandate}; all optional. */
export interface VerifyMandateOptions extends ClaimOptions {
  /** Which signatures decide. Default `pq-required`. */
  policy?: Policy | undefined;
  /** How much is read before a signature is checked. */
  limits?: Partial<MandateLimits> | undefined;
}

/** A mandate that holds in every respect. */
export interface VerifiedMandate<Payload extends object = MandateClaims> {
  /** The Processed SD-JWT Payload (RFC 9901 §7.1): disclosed claims in place, digests removed. */
  readonly payload: Payload;
  /** Canonical and checked (SPEC.md §4). */
  readonly protectedHeader: MandateHeader;
  /** The disclosures that the mandate came with, each referenced by a digest. */
  readonly disclosures: readonly Disclosure[];
  /** The outcome of each signature on its own. */
  readonly signatures: SignatureReport;
  /** True when the ML-DSA-65 signature is valid. False only under `pq-optional`, for a classical-only mandate. */
  readonly quantumSafe: boolean;
  /**
   * BASE64URL(SHA-256(ML-DSA-65 signature)), 43 characters: the name of the mandate for revocation and replay lists
   * (SPEC.md §9). `undefined` for a classical-only mandate, which has no part that only its issuer could have made.
   */
  readonly mandateId: string | undefined;
  /** The policy that was applied. */
  readonly policy: Policy;
}

const OPTIONS = [...CLAIM_OPTIONS, 'policy', 'limits'];

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
  const given = checkOptions(options, 'options');
  checkNames(given, OPTIONS);
  checkKeysArgument(keys);
  const policy = given.policy === undefined ? DEFAULT_POLICY : given.policy;
  const rules = policyRules(policy);
  const demandedClaims = claimRules(given);
  const limits = resolveLimits(given.limits);

  const segments = splitSdJwt(mandate, limits);
  const jws = parseJws(segments.jwt, limits);
  const checked = checkHeader(jws.header);
  checkSdAlgCopy(checked.header, jws.payload);
  checkPresence(checked, rules);

  const publicKeys = await resolveKeys(keys, checked.header, jws.payload);
  const verifiers = await importVerifiers(checked, publicKeys, rules);
  const signatures = await verifySignatures(jws, checked, verifiers, rules);

  const disclosures = segments.disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  const payload = processDisclosures(jws.payload, disclosures, limits);
  validateClaims(checked.header, payload, demandedClaims);
  refuseKeyBinding(segments.keyBindingJwt);

  return {
    payload: payload as Payload,
    protectedHeader: checked.header,
    disclosures,
    signatures,
    quantumSafe: signatures.mldsa65 === 'valid',
    mandateId: mandateId(checked.pq),
    policy,
  };
}

/** SPEC.md §6 step 10: a key binding JWT that nobody asked for is refused, never ignored. */
function refuseKeyBinding(keyBindingJwt: string | undefined): void {
  if (keyBindingJwt === undefined) return;
  throw new MandateError(
    'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
    'mandate',
    'the mandate carries a key binding JWT, which was not asked for',
  );
}
