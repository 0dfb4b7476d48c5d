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
import { type AuthorityContext, type ChainEvaluation, checkContext, evaluateChain } from './evaluate.js';
import type { VerifiedHop } from './hops.js';

/** The data that the authority of a chain is evaluated against. */
export interface ConstraintContext extends AuthorityContext {
  /**
   * Returns all transactions accepted under a mandate before; an empty array if there were none. Called once for every open
   * mandate of the chain, with its identity (SPEC.md §9.1) and the index of its token.
   *
   * Two concurrent verifications may read the same history. If that can happen, use a ledger, or {@link evaluateMandateChain}
   * inside a transaction of your database.
   */
  history?: (
    identity: string,
    hop: number,
  ) => readonly PastUse[] | undefined | Promise<readonly PastUse[] | undefined>;
}

/** Demands on the authority of a chain. */
interface AuthorityOptions {
  /** The data, besides the closed mandate, that the constraints are evaluated against. */
  context?: ConstraintContext | undefined;
  /** `enforce` (default) throws for a violation; `report` returns it in the result, for a decision elsewhere. */
  constraints?: 'enforce' | 'report' | undefined;
  /** Milliseconds that each call of `context.history` may take. Default 5000. */
  historyTimeout?: number | undefined;
}

/** Options of {@link verifyMandateChain}. */
export interface VerifyMandateChainOptions extends PresentedChainOptions, AuthorityOptions {}

/** Options of {@link verifyDirectMandate}. */
export interface VerifyDirectMandateOptions extends Omit<ChainOptions, 'credential'>, AuthorityOptions {}

/** A chain with a closed last token that passed every check, including its authority unless `constraints` is `report`. */
export interface VerifiedMandateChain extends AuthenticMandateChain, ChainEvaluation {}

/** A chain with an open last token, as a delegate receives it. */
export interface VerifiedOpenMandateChain {
  readonly policy: Policy;
  /** The root, if it is a User Credential. */
  readonly credential: VerifiedCredential | undefined;
  /** The tokens that hold mandates. */
  readonly hops: readonly VerifiedHop[];
  /** The open mandate of the last token. Earlier open mandates are binding too. */
  readonly mandate: OpenMandateContent;
  readonly quantumSafe: boolean;
}

const AUTHORITY_OPTIONS = ['context', 'constraints', 'historyTimeout'];

/**
 * Verifies a delegation chain that ends in a closed mandate: SPEC.md §10. For every token, starting with the root, it checks
 * structure, header, the signatures that the policy requires, disclosures, binding, `typ` and times. The caller's keys verify
 * the root; `cnf` and `pq_cnf` of each mandate verify the next hop. It then checks `aud` and `nonce` of the last hop, and AP2's
 * rules: each mandate's form, pre-set claims, the constraints of every open mandate, past uses, and the checkout of the
 * transaction.
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
 * `ERR_MANDATE_CONSTRAINT_VIOLATED`, `ERR_MANDATE_HISTORY_UNKNOWN`. For an error in one token, `hop` is its index.
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
 * Verifies a chain that a delegate receives: it ends in an open mandate, and may be the root only. If `audience` and `nonce`
 * are given, the last token must be a hop that has them.
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
 * Verifies a closed mandate that the user signed for one transaction, without an agent (AP2's "human present"): one token. AP2
 * binds it to no audience and no nonce, so anyone who has seen it can present it again. `context.history` tells whether it was
 * used, and `context.checkoutHash` names its transaction.
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
  const evaluation = evaluateChain(chain, {
    ...context,
    history: (identity) => histories.get(identity),
    currentDate: options.currentDate ?? new Date(),
  });
  if (constraints === 'enforce') refuseViolations(evaluation.violations);
  return { ...chain, ...evaluation };
}

/** The past uses of each mandate, by its identity. A missing answer is an error. */
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
