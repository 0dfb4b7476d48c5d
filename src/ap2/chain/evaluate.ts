// Evaluates what a chain authorizes, without I/O. Its signatures are already verified, and the past uses of its mandates are
// given.
import { aListWhere, checkDate, checkNames, checkOptions, invalidArgument, isString } from '../../options.js';
import { type ExtraMembers, readExtraMembers } from '../constraints/allowed.js';
import { evaluatePaymentOfCheckout } from '../constraints/checkout.js';
import { evaluateCheckoutConstraints } from '../constraints/evaluate-checkout.js';
import { evaluatePaymentConstraints } from '../constraints/evaluate-payment.js';
import { callHistory, evaluateReuse, type PastUse } from '../constraints/history.js';
import {
  type ConstraintViolation,
  type Finding,
  readViolations,
  refuseViolations,
  violationOf,
} from '../constraints/violation.js';
import { checkoutHash, decodeCheckoutJwt } from '../model/checkout.js';
import type { OpenCheckoutMandate, PresentedCheckoutMandate } from '../model/checkout-mandate.js';
import type { OpenPaymentMandate, PaymentMandate } from '../model/payment-mandate.js';
import { MANDATE_VCT, withoutPrototypes } from '../model/schema.js';
import type { AuthenticMandateChain } from './authenticate.js';
import { hopPath } from './hops.js';
import { type EvaluatedChain, readChain } from './results.js';

/**
 * What can be left unchecked. It is a violation unless the caller names it in `allowUnchecked`:
 *
 * - `history`: whether the mandate was used before.
 * - `checkout`: whether the payment, or the checkout mandate, is for the checkout that the verifier has.
 * - `constraint-members`: a constraint has members that AP2 v0.2 does not define, which may be limits.
 */
export type RefusedUnchecked = 'history' | 'checkout' | 'constraint-members';

/**
 * What a verification did not check. In addition to {@link RefusedUnchecked}:
 *
 * - `checkout-content`: a payment was compared only with the hash of its checkout, not with its total.
 * - `checkout-signature`: the merchant's signature in the checkout's JWT was not verified.
 * - `revocation`: no `isRevoked` was given.
 */
export type Unchecked = RefusedUnchecked | 'checkout-content' | 'checkout-signature' | 'revocation';

const ALLOWABLE: readonly RefusedUnchecked[] = ['history', 'checkout', 'constraint-members'];

/** The data, except its history, that the authority of a chain is evaluated against. */
export interface AuthorityContext {
  /**
   * Hashes of the open checkout mandates in the chain of the checkout mandate: `sdHash` or `issuerJwtHash` of its hops.
   * Required for a `payment.reference`. Take them from a chain that you verified, never from the presenter of the payment.
   */
  openCheckoutHashes?: readonly string[];
  /** The hash of the checkout that the verifier has; `transaction_id` or `checkout_hash` must equal it. */
  checkoutHash?: string;
  /**
   * The merchant's JWT of that checkout, with a signature that you verified. A payment is compared with its total and merchant.
   */
  checkoutJwt?: string;
  /** Members that a party or instrument may have in addition to those of the entry that allows it. Default: none. */
  extraMembers?: ExtraMembers;
  /** What is accepted without a check. Default: nothing. */
  allowUnchecked?: readonly RefusedUnchecked[];
}

/** {@link AuthorityContext}, and the past uses as data. */
export interface EvaluationContext extends AuthorityContext {
  /**
   * Returns all transactions accepted under a mandate before: an empty array if there were none, `undefined` if unknown. Called
   * for each of `authorizations`.
   */
  history?: (identity: string, hop: number) => readonly PastUse[] | undefined;
  /** When the mandate is presented. Default: now. */
  currentDate?: Date;
}

/** The result of evaluating the authority of a chain. */
export interface ChainEvaluation {
  /** What is not authorized, or could not be determined; empty if the transaction may proceed. */
  readonly violations: readonly ConstraintViolation[];
  /** What was not checked, whether or not that was allowed. */
  readonly unchecked: readonly Unchecked[];
}

/** Checks `openCheckoutHashes`. */
export const someHashes = aListWhere<string>(isString, 'an array of strings');
const someAllowable = aListWhere<RefusedUnchecked>(
  (name) => ALLOWABLE.includes(name as RefusedUnchecked),
  `an array of ${ALLOWABLE.join(', ')}`,
);

const AUTHORITY_NAMES = [
  'openCheckoutHashes',
  'checkoutHash',
  'checkoutJwt',
  'extraMembers',
  'allowUnchecked',
];

/** Checks a context before a chain is read. A member that is undefined is a missing demand. */
export function checkContext<T extends AuthorityContext>(
  context: T | undefined,
  ...more: readonly string[]
): T {
  const given = checkOptions(context, 'context');
  checkNames(given, [...AUTHORITY_NAMES, ...more]);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) invalidArgument(`context.${name}`, 'left out if there is none; it is undefined');
  }
  const { openCheckoutHashes, checkoutHash: hash = '', checkoutJwt = '', allowUnchecked = [] } = given;
  if (typeof hash !== 'string') invalidArgument('context.checkoutHash', 'a string');
  if (typeof checkoutJwt !== 'string') invalidArgument('context.checkoutJwt', 'a string');
  if (Object.hasOwn(given, 'history') && typeof (given as EvaluationContext).history !== 'function') {
    invalidArgument('context.history', 'a function of an identity that returns past uses');
  }
  // Copies, so that later changes by the caller have no effect.
  return {
    ...given,
    ...(openCheckoutHashes !== undefined && {
      openCheckoutHashes: someHashes(openCheckoutHashes, 'context.openCheckoutHashes'),
    }),
    extraMembers: readExtraMembers(given.extraMembers),
    allowUnchecked: someAllowable(allowUnchecked, 'context.allowUnchecked'),
  };
}

/**
 * Evaluates what a chain authorizes, after its signatures were verified: pre-set claims and constraints of every open mandate,
 * past uses, and the checkout of the transaction. It is synchronous, so it can run inside a database transaction with the
 * histories read there.
 *
 * @example
 * ```ts
 * const chain = await authenticateMandateChain(text, bankKeys, { audience: 'https://merchant.example', nonce });
 * const { violations } = evaluateMandateChain(chain, {
 *   checkoutHash: checkoutHash(checkoutJwt),
 *   openCheckoutHashes,
 *   history: (identity) => uses.get(identity) ?? [],
 * });
 * ```
 *
 * @param chain From {@link authenticateMandateChain} or {@link authenticateDirectMandate}.
 * @returns Every violation, and what was not checked. Violations do not throw; see {@link enforceEvaluation}.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`; `ERR_MANDATE_SCHEMA` for an invalid checkout;
 * `ERR_MANDATE_HISTORY_UNKNOWN` if `context.history` throws.
 */
export function evaluateMandateChain(
  chain: AuthenticMandateChain,
  context?: EvaluationContext,
): ChainEvaluation {
  return evaluateChain(readChain(chain, 'chain'), context);
}

/** Like {@link evaluateMandateChain}, for a chain that no caller could change. */
export function evaluateChain(
  chain: Omit<EvaluatedChain, 'credential' | 'openCheckoutHashes'>,
  context?: EvaluationContext,
): ChainEvaluation {
  const given = checkContext(context, 'history', 'currentDate');
  const { hops, mandate: closed, authorizations, isDirect } = chain;
  const { currentDate = new Date(), allowUnchecked = [] } = given;
  const now = new Date(checkDate(currentDate, 'context.currentDate'));
  const unchecked = new Set<Unchecked>(chain.revocationChecked ? [] : ['revocation']);
  const violations: ConstraintViolation[] = [];

  for (const { identity, hop } of authorizations) {
    const history = callHistory(given.history, identity, hop);
    if (history === undefined) unchecked.add('history');
    violations.push(
      ...(isDirect
        ? evaluateDirect(closed, history)
        : evaluateOpen(hops[hop]?.mandate as OpenPaymentMandate | OpenCheckoutMandate, closed, {
            ...given,
            history,
            path: hopPath(hop),
            now,
          })),
    );
  }
  if (violations.some(isOfMember)) unchecked.add('constraint-members');
  for (const name of checkoutGaps(closed, given)) unchecked.add(name);
  violations.push(...evaluateCheckoutAtHand(closed, given, violations));
  const path = `hops[${hops.length - 1}]`;
  return {
    violations: [
      ...violations.filter((found) => !isOfMember(found) || !allowUnchecked.includes('constraint-members')),
      ...(['history', 'checkout'] as const)
        .filter((name) => unchecked.has(name) && !allowUnchecked.includes(name))
        .map((name) => violationOf(name, path, UNRESOLVED[name])),
    ],
    unchecked: [...unchecked],
  };
}

/** Throws a {@link MandateConstraintError} if an evaluation found a violation. */
export function enforceEvaluation(evaluation: ChainEvaluation): void {
  refuseViolations(readViolations(evaluation));
}

const UNRESOLVED: Readonly<Record<'history' | 'checkout', Finding>> = {
  history: {
    member: '',
    expected: '"context.history", or "history" among "context.allowUnchecked"',
    found: 'no history: it may have been used before',
    unresolved: true,
  },
  checkout: {
    member: '',
    expected: '"context.checkoutHash" or "context.checkoutJwt", or "checkout" among "context.allowUnchecked"',
    found: 'no checkout to compare with',
    unresolved: true,
  },
};

type Closed = PaymentMandate | PresentedCheckoutMandate;

const transactionOf = (closed: Closed): string =>
  closed.vct === MANDATE_VCT.payment ? closed.transaction_id : closed.checkout_hash;

/** R10.29: a mandate that the user closed is for one transaction. */
const evaluateDirect = (closed: Closed, history: readonly PastUse[] | undefined): ConstraintViolation[] =>
  evaluateReuse(history ?? [], transactionOf(closed), false).map((finding) =>
    violationOf('history', 'closed', finding),
  );

function evaluateOpen(
  open: OpenPaymentMandate | OpenCheckoutMandate,
  closed: Closed,
  {
    openCheckoutHashes,
    checkoutJwt,
    extraMembers,
    history,
    path,
    now: currentDate,
  }: AuthorityContext & { history: readonly PastUse[] | undefined; path: string; now: Date },
): ConstraintViolation[] {
  const shared = { path, currentDate, extraMembers, history };
  return closed.vct === MANDATE_VCT.payment
    ? evaluatePaymentConstraints(open as OpenPaymentMandate, closed, { ...shared, openCheckoutHashes })
    : evaluateCheckoutConstraints(open as OpenCheckoutMandate, closed, {
        ...shared,
        ...(checkoutJwt !== undefined && { checkoutJwt }),
      });
}

const isOfMember = ({ rule }: ConstraintViolation): boolean => rule === 'constraint-members';

/** What cannot be checked about the checkout with this context. */
function checkoutGaps(closed: Closed, { checkoutHash: hash, checkoutJwt }: AuthorityContext): Unchecked[] {
  const jwt = checkoutJwt ?? (closed.vct === MANDATE_VCT.checkout ? closed.checkout_jwt : undefined);
  return [
    ...(hash === undefined && checkoutJwt === undefined ? (['checkout'] as const) : []),
    ...(closed.vct === MANDATE_VCT.payment && checkoutJwt === undefined
      ? (['checkout-content'] as const)
      : []),
    ...(jwt === undefined ? [] : (['checkout-signature'] as const)),
  ];
}

/** R10.35, R10.36: the mandate must refer to the verifier's checkout, and a payment must match it. */
function evaluateCheckoutAtHand(
  closed: Closed,
  { checkoutHash: known, checkoutJwt }: AuthorityContext,
  found: readonly ConstraintViolation[],
): ConstraintViolation[] {
  const isPayment = closed.vct === MANDATE_VCT.payment;
  const jwts = [checkoutJwt, isPayment ? undefined : closed.checkout_jwt].filter((jwt) => jwt !== undefined);
  const hashes = [...(known === undefined ? [] : [known]), ...jwts.map(checkoutHash)];
  if (hashes.some((hash) => hash !== transactionOf(closed))) {
    if (found.some(({ rule }) => rule === 'checkout_hash')) return [];
    const finding = {
      member: '',
      expected: 'the hash of the checkout',
      found: 'the hash of another checkout',
    };
    return [
      isPayment
        ? violationOf('transaction_id', 'closed.transaction_id', finding)
        : violationOf('checkout_hash', 'closed.checkout_hash', finding),
    ];
  }
  if (!isPayment || checkoutJwt === undefined) return [];
  const checkout = withoutPrototypes(decodeCheckoutJwt(checkoutJwt, 'context.checkoutJwt'));
  return evaluatePaymentOfCheckout(closed, checkout).map((finding) =>
    violationOf('checkout', 'closed', finding),
  );
}
