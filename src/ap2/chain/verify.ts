import type { ClaimOptions } from '../../claims/validate.js';
import { DEFAULT_POLICY, type Policy, policyRules } from '../../jws/policy.js';
import { checkKeysArgument, type MandateKeyResolver } from '../../jws/resolve-keys.js';
import type { ThumbprintResolver } from '../../key-binding/confirmation.js';
import { issuerJwtHash, sdHash } from '../../key-binding/hash.js';
import type { MandatePublicKeys } from '../../keys/types.js';
import { checkNames, checkOptions, checkTimeout, invalidArgument, resolveLimits } from '../../options.js';
import type { MandateLimits } from '../../profile.js';
import type { RevocationCheck } from '../../revocation/check.js';
import { type ConstraintViolation, refuseViolations } from '../constraints/violation.js';
import type { PresentedCheckoutMandate } from '../model/checkout-mandate.js';
import { isOpenMandateContent, type OpenMandateContent } from '../model/mandate.js';
import type { PaymentMandate } from '../model/payment-mandate.js';
import { type ChainSegments, splitChain } from './compact.js';
import { type ConstraintContext, checkContext, evaluateChain } from './constraints.js';
import { type ChainRules, chainRules, refuseChain, type VerifiedHop, verifyHops } from './hops.js';

/** What is demanded of every chain; all optional. */
export interface ChainOptions
  extends Pick<ClaimOptions, 'issuer' | 'typ' | 'clockTolerance' | 'currentDate'> {
  /** Which signatures decide, at every token. Default `pq-required`. */
  policy?: Policy | undefined;
  limits?: Partial<MandateLimits> | undefined;
  /** Finds the key where a `pq_cnf` holds a thumbprint. */
  resolveThumbprint?: ThumbprintResolver | undefined;
  /**
   * Accepts, among the members of an open mandate and its constraints, digests that nothing is disclosed for: decoys, which AP2
   * allows there. A limit, or a `pq_cnf`, that its issuer made disclosable by mistake could then be withheld. Default `false`.
   */
  allowDecoys?: boolean | undefined;
  /** Asked about every token of the chain; see {@link verifyMandate}. */
  isRevoked?: RevocationCheck;
  /** Milliseconds that `isRevoked` may take, each time. Default 5000. */
  revocationTimeout?: number | undefined;
}

/** Options of {@link verifyMandateChain}. */
export interface VerifyMandateChainOptions extends ChainOptions {
  /** The `aud` that names this verifier, in the last hop; one of several. */
  audience: string | readonly string[];
  /** The `nonce` that this verifier gave out, in the last hop. */
  nonce: string;
  /** Greatest age of the last hop by its `iat`: seconds, or a time span. */
  maxTokenAge?: number | string;
  /** What the constraints are evaluated against, beside the closed mandate itself. */
  context?: ConstraintContext | undefined;
  /** `enforce` (default) refuses a violation; `report` puts it into the result, for whoever decides elsewhere. */
  constraints?: 'enforce' | 'report' | undefined;
}

/** A chain whose last token is closed, and that holds in every respect. */
export interface VerifiedMandateChain {
  readonly policy: Policy;
  /** The tokens, the root first. */
  readonly hops: readonly VerifiedHop[];
  /** The closed mandate. A checkout's JWT may have been withheld. */
  readonly mandate: PaymentMandate | PresentedCheckoutMandate;
  /** Whether every token is. */
  readonly quantumSafe: boolean;
  /** Empty, unless `constraints` is `report`. */
  readonly violations: readonly ConstraintViolation[];
  /**
   * What a receipt's `reference` is (AP2 v0.2): hashes of the last token, as `sd_hash` is computed, which the specification
   * asks for, and over its JWT alone, which AP2's own SDK computes.
   */
  readonly receiptReference: { readonly sd_hash: string; readonly issuer_jwt_hash: string };
}

/** A chain whose last token is open: what a delegate receives. */
export interface VerifiedOpenMandateChain {
  readonly policy: Policy;
  readonly hops: readonly VerifiedHop[];
  /** The open mandate of the last token. Those before it bind too. */
  readonly mandate: OpenMandateContent;
  readonly quantumSafe: boolean;
}

const CHAIN_OPTIONS = [
  'issuer',
  'typ',
  'clockTolerance',
  'currentDate',
  'policy',
  'limits',
  'resolveThumbprint',
  'allowDecoys',
  'isRevoked',
  'revocationTimeout',
];

/**
 * Verifies a delegation chain that ends in a closed mandate: SPEC.md §10. Every token, the root first: structure, header,
 * signatures by the policy (the root's by the caller's keys, each hop's by `cnf` and `pq_cnf` of the mandate before it),
 * disclosures, binding, `typ`, times; then `aud` and `nonce` of the last hop; then AP2's rules: each mandate's form, pre-set
 * claims, and the constraints of every open mandate.
 *
 * @example
 * ```ts
 * const { mandate, quantumSafe } = await verifyMandateChain(chain, bankKeys, {
 *   audience: 'https://merchant.example',
 *   nonce,
 *   context: { openCheckoutHashes, history: [] },
 * });
 * ```
 *
 * @param chain Tokens joined by `~~`, in compact form.
 * @param keys The public keys of the root's issuer, or a function that resolves them.
 * @returns The mandates, the signatures of every hop, and the reference for a receipt.
 * @throws {MandateError} as {@link verifyMandate}, and `ERR_MANDATE_CHAIN_INVALID`, `ERR_MANDATE_BINDING_INVALID`,
 * `ERR_MANDATE_CONFIRMATION_INVALID`, `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_CONSTRAINT_UNKNOWN`,
 * `ERR_MANDATE_CONSTRAINT_VIOLATED`. An error of one token has its index as `hop`.
 * @throws {JWTExpired} and {JWTClaimValidationFailed} for the times of any token, and `aud` and `nonce` of the last.
 */
export async function verifyMandateChain(
  chain: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options: VerifyMandateChainOptions,
): Promise<VerifiedMandateChain> {
  const given = checkOptions(options, 'options');
  checkNames(given, [...CHAIN_OPTIONS, 'audience', 'nonce', 'maxTokenAge', 'context', 'constraints']);
  const rules = prepare(keys, given, given);
  const evaluation = evaluationOf(given);
  const { segments, hops } = await run(chain, keys, rules);
  if (segments.length < 2) {
    refuseChain(
      'a chain has a root and at least one hop; for a mandate that the user closed: verifyDirectMandate',
    );
  }
  return closed(segments, hops, rules, evaluation);
}

/**
 * Verifies what a delegate receives: a chain that ends in an open mandate, from the root alone upwards. Where `audience` and
 * `nonce` are given, the last token must be a hop that has them.
 *
 * @throws {MandateError} as {@link verifyMandateChain}.
 */
export async function verifyOpenMandateChain(
  chain: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: ChainOptions & { audience?: string | readonly string[]; nonce?: string },
): Promise<VerifiedOpenMandateChain> {
  const given = checkOptions(options, 'options');
  checkNames(given, [...CHAIN_OPTIONS, 'audience', 'nonce']);
  const demands = 'audience' in given || 'nonce' in given ? given : undefined;
  const rules = prepare(keys, given, demands);
  const { segments, hops } = await run(chain, keys, rules);
  if (demands !== undefined && segments.length < 2) refuseChain('a root alone is addressed to nobody');
  const { mandate } = hops[hops.length - 1] as VerifiedHop;
  if (!isOpenMandateContent(mandate)) return refuseChain('the chain ends with a closed mandate');
  return { policy: rules.policy, hops, mandate, quantumSafe: hops.every((hop) => hop.quantumSafe) };
}

/**
 * Verifies a closed mandate that the user signed for one transaction, without an agent (AP2's "human present"): one token.
 * AP2 binds it to no audience and no nonce, so that whoever has seen it can show it again: keep its `mandateId`, and see
 * that `transaction_id` or `checkout_hash` are those of your transaction.
 *
 * @throws {MandateError} as {@link verifyMandateChain}.
 */
export async function verifyDirectMandate(
  token: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: ChainOptions,
): Promise<VerifiedMandateChain> {
  const given = checkOptions(options, 'options');
  checkNames(given, CHAIN_OPTIONS);
  const rules = prepare(keys, given, undefined);
  const { segments, hops } = await run(token, keys, rules);
  if (segments.length > 1) refuseChain('a direct mandate is one token');
  return closed(segments, hops, rules, { context: {}, constraints: 'enforce' });
}

function prepare(
  keys: unknown,
  options: ChainOptions,
  lastHop: Parameters<typeof chainRules>[1],
): ChainRules {
  checkKeysArgument(keys);
  const { isRevoked, revocationTimeout = 5000, resolveThumbprint, allowDecoys = false } = options;
  for (const [name, hook] of Object.entries({ isRevoked, resolveThumbprint })) {
    if (Object.hasOwn(options, name) && typeof hook !== 'function') invalidArgument(name, 'a function');
  }
  checkTimeout(revocationTimeout, 'revocationTimeout');
  if (typeof allowDecoys !== 'boolean') invalidArgument('allowDecoys', 'a boolean');
  const policy = options.policy === undefined ? DEFAULT_POLICY : options.policy;
  return {
    policy,
    policyRules: policyRules(policy),
    limits: resolveLimits(options.limits),
    resolveThumbprint,
    allowDecoys,
    isRevoked,
    revocationTimeout,
    ...chainRules(options, lastHop),
  };
}

async function run(
  chain: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  rules: ChainRules,
): Promise<{ segments: ChainSegments; hops: readonly VerifiedHop[] }> {
  const segments = splitChain(chain, rules.limits);
  return { segments, hops: await verifyHops(segments, keys, rules) };
}

function evaluationOf({ context, constraints = 'enforce' }: VerifyMandateChainOptions) {
  const checked = checkContext(context);
  if (constraints !== 'enforce' && constraints !== 'report') {
    invalidArgument('constraints', '"enforce" or "report"');
  }
  return { context: checked, constraints };
}

function closed(
  segments: ChainSegments,
  hops: readonly VerifiedHop[],
  { policy, now }: ChainRules,
  { context, constraints }: { context: ConstraintContext; constraints: 'enforce' | 'report' },
): VerifiedMandateChain {
  const { mandate } = hops[hops.length - 1] as VerifiedHop;
  if (isOpenMandateContent(mandate)) return refuseChain('the chain ends with an open mandate');
  const violations = evaluateChain(hops, mandate, context, new Date(now()));
  if (constraints === 'enforce') refuseViolations(violations);
  const leaf = segments[segments.length - 1] as ChainSegments[0];
  return {
    policy,
    hops,
    mandate,
    quantumSafe: hops.every((hop) => hop.quantumSafe),
    violations,
    receiptReference: { sd_hash: sdHash(leaf), issuer_jwt_hash: issuerJwtHash(leaf) },
  };
}
