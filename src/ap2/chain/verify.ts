import { MandateError } from '../../errors.js';
import type { Policy } from '../../jws/policy.js';
import type { MandateKeyResolver } from '../../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../../keys/types.js';
import { checkNames, checkOptions, checkTimeout, invalidArgument } from '../../options.js';
import { withTimeLimit } from '../../time-limit.js';
import type { PastUse } from '../constraints/history.js';
import { refuseViolations } from '../constraints/violation.js';
import type { OpenMandateContent } from '../model/mandate.js';
import {
  type Authentication,
  type AuthenticMandateChain,
  CHAIN_OPTIONS,
  type ChainOptions,
  chainAuthentication,
  directAuthentication,
  openAuthentication,
  PRESENTED_OPTIONS,
  type PresentedChainOptions,
} from './authenticate.js';
import type { VerifiedCredential } from './credential.js';
import {
  type AuthorityContext,
  type ChainEvaluation,
  checkContext,
  evaluateMandateChain,
} from './evaluate.js';
import type { VerifiedHop } from './hops.js';

/** What the authority of a chain is evaluated against. */
export interface ConstraintContext extends AuthorityContext {
  /**
   * The transactions that were accepted under a mandate before, all of them; an empty array where there were none. Asked once
   * for every open mandate of the chain, by its identity (SPEC.md §9.1) and the index of its token.
   *
   * What it reads is only as good as what holds when the transaction is recorded: two verifications at once read the same. Where
   * that can happen, use a ledger, or {@link evaluateMandateChain} inside a transaction of your database.
   */
  history?: (
    identity: string,
    hop: number,
  ) => readonly PastUse[] | undefined | Promise<readonly PastUse[] | undefined>;
}

/** What is demanded of the authority of a chain. */
interface AuthorityOptions {
  /** What the constraints are evaluated against, beside the closed mandate itself. */
  context?: ConstraintContext | undefined;
  /** `enforce` (default) refuses a violation; `report` puts it into the result, for whoever decides elsewhere. */
  constraints?: 'enforce' | 'report' | undefined;
  /** Milliseconds that `context.history` may take, each time. Default 5000. */
  historyTimeout?: number | undefined;
}

/** Options of {@link verifyMandateChain}. */
export interface VerifyMandateChainOptions extends PresentedChainOptions, AuthorityOptions {}

/** Options of {@link verifyDirectMandate}. */
export interface VerifyDirectMandateOptions extends Omit<ChainOptions, 'credential'>, AuthorityOptions {}

/** A chain whose last token is closed, and that holds in every respect: its authority too, unless `constraints` is `report`. */
export interface VerifiedMandateChain extends AuthenticMandateChain, ChainEvaluation {}

/** A chain whose last token is open: what a delegate receives. */
export interface VerifiedOpenMandateChain {
  readonly policy: Policy;
  /** The root, where it is a User Credential. */
  readonly credential: VerifiedCredential | undefined;
  /** The tokens that hold mandates. */
  readonly hops: readonly VerifiedHop[];
  /** The open mandate of the last token. Those before it bind too. */
  readonly mandate: OpenMandateContent;
  readonly quantumSafe: boolean;
}

const AUTHORITY_OPTIONS = ['context', 'constraints', 'historyTimeout'];

/**
 * Verifies a delegation chain that ends in a closed mandate: SPEC.md §10. Every token, the root first: structure, header,
 * signatures by the policy (the root's by the caller's keys, each hop's by `cnf` and `pq_cnf` of the mandate before it),
 * disclosures, binding, `typ`, times; then `aud` and `nonce` of the last hop; then AP2's rules: each mandate's form, pre-set
 * claims, the constraints of every open mandate, earlier uses, and the checkout that the transaction is for.
 *
 * @example
 * ```ts
 * const { mandate, quantumSafe, unchecked } = await verifyMandateChain(chain, bankKeys, {
 *   audience: 'https://merchant.example',
 *   nonce,
 *   context: {
 *     checkoutHash: checkoutHash(checkoutJwt),
 *     openCheckoutHashes: checkoutChain.openCheckoutHashes,
 *     history: (identity) => usesOf(identity),
 *   },
 * });
 * ```
 *
 * @param chain Tokens joined by `~~`, in compact form.
 * @param keys The public keys of the root's issuer, or a function that resolves them.
 * @returns The mandates, the signatures of every hop, what was not checked, and the reference for a receipt.
 * @throws {MandateError} as `verifyMandate`, and `ERR_MANDATE_CHAIN_INVALID`, `ERR_MANDATE_BINDING_INVALID`,
 * `ERR_MANDATE_CONFIRMATION_INVALID`, `ERR_MANDATE_CREDENTIAL_INVALID`, `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_CONSTRAINT_UNKNOWN`,
 * `ERR_MANDATE_CONSTRAINT_VIOLATED`, `ERR_MANDATE_HISTORY_UNKNOWN`. An error of one token has its index as `hop`.
 * @throws {JWTExpired} A time of any token has passed.
 * @throws {JWTClaimValidationFailed} Another time of any token, or `aud` or `nonce` of the last, is not as demanded.
 */
export async function verifyMandateChain(
  chain: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options: VerifyMandateChainOptions,
): Promise<VerifiedMandateChain> {
  const given = checkOptions(options, 'options');
  checkNames(given, [...PRESENTED_OPTIONS, ...AUTHORITY_OPTIONS]);
  return verifyBoth(chain, chainAuthentication(keys, given), given);
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
  const verified = await openAuthentication(keys, given)(chain);
  const tokens = [verified.credential, ...verified.hops];
  return { ...verified, quantumSafe: tokens.every((token) => token?.quantumSafe ?? true) };
}

/**
 * Verifies a closed mandate that the user signed for one transaction, without an agent (AP2's "human present"): one token.
 * AP2 binds it to no audience and no nonce, so that whoever has seen it can show it again: `context.history` says whether it
 * was used, and `context.checkoutHash` which transaction it must be for.
 *
 * @throws {MandateError} as {@link verifyMandateChain}.
 */
export async function verifyDirectMandate(
  token: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: VerifyDirectMandateOptions,
): Promise<VerifiedMandateChain> {
  const given = checkOptions(options, 'options');
  checkNames(given, [...CHAIN_OPTIONS, ...AUTHORITY_OPTIONS]);
  return verifyBoth(token, directAuthentication(keys, given), given);
}

async function verifyBoth(
  text: string,
  authenticate: Authentication<AuthenticMandateChain>,
  options: AuthorityOptions & { currentDate?: Date | undefined },
): Promise<VerifiedMandateChain> {
  const { constraints = 'enforce', historyTimeout = 5000 } = options;
  const { history, ...context } = checkContext(options.context, 'history');
  if (constraints !== 'enforce' && constraints !== 'report') {
    invalidArgument('constraints', '"enforce" or "report"');
  }
  checkTimeout(historyTimeout, 'historyTimeout');
  const chain = await authenticate(text);
  const histories = await readHistories(chain, history, historyTimeout);
  const evaluation = evaluateMandateChain(chain, {
    ...context,
    ...(history !== undefined && { history: (identity: string) => histories.get(identity) }),
    currentDate: options.currentDate ?? new Date(),
  });
  if (constraints === 'enforce') refuseViolations(evaluation.violations);
  return { ...chain, ...evaluation };
}

/** The past uses of each mandate, by its identity. No answer is a refusal. */
export async function readHistories(
  { authorizations }: Pick<AuthenticMandateChain, 'authorizations'>,
  history: ConstraintContext['history'],
  milliseconds: number,
): Promise<ReadonlyMap<string, readonly PastUse[] | undefined>> {
  const histories = new Map<string, readonly PastUse[] | undefined>();
  if (history === undefined) return histories;
  for (const { identity, hop } of authorizations) {
    const uses = await withTimeLimit(
      milliseconds,
      () => history(identity, hop),
      (cause, late) =>
        new MandateError(
          'ERR_MANDATE_HISTORY_UNKNOWN',
          'context.history',
          late ? '"context.history" did not answer in time' : '"context.history" failed',
          { cause },
        ),
    );
    histories.set(identity, uses);
  }
  return histories;
}
