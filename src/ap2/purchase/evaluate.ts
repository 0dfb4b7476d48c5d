// Evaluates what a purchase authorizes, without I/O. Both chains and the merchant's signature are already verified.
import type { Confirmation } from '../../key-binding/confirmation.js';
import { jwkThumbprint } from '../../keys/thumbprint.js';
import {
  aListOf,
  aListWhere,
  aString,
  type Check,
  checkDate,
  checkNames,
  checkOptions,
  invalidArgument,
  isString,
  optional,
  readResult,
  required,
} from '../../options.js';
import { evaluateChain, someHashes, type Unchecked } from '../chain/evaluate.js';
import type { VerifiedHop } from '../chain/hops.js';
import { type EvaluatedChain, readChain } from '../chain/results.js';
import { type ExtraMembers, readExtraMembers } from '../constraints/allowed.js';
import { evaluateCheckoutState } from '../constraints/checkout.js';
import { callHistory, type PastUse } from '../constraints/history.js';
import { type ConstraintViolation, type Finding, violationOf } from '../constraints/violation.js';
import type { MandateKind } from '../model/mandate.js';
import { withoutPrototypes } from '../model/schema.js';
import type { AuthenticPurchase } from './authenticate.js';
import { readVerifiedCheckout } from './checkout-jwt.js';
import { ALLOWABLE, type PurchaseUnchecked, type RefusedPurchaseUnchecked } from './unchecked.js';

/** The data, except its histories, that the authority of a purchase is evaluated against. The checkout is the verified one. */
export interface PurchaseAuthorityContext {
  /**
   * Required without a checkout chain, if the payment has a `payment.reference`. Never take them from the presenter of the
   * payment.
   */
  openCheckoutHashes?: readonly string[];
  /** Members that a party or instrument may have in addition to those of the entry that allows it. Default: none. */
  extraMembers?: ExtraMembers;
  /** What is accepted without a check. Default: nothing. */
  allowUnchecked?: readonly RefusedPurchaseUnchecked[];
}

/** {@link PurchaseAuthorityContext}, and the past uses as data. */
export interface PurchaseEvaluationContext extends PurchaseAuthorityContext {
  /** Returns the transactions accepted under an identity before, for each of `authorizations`; `undefined` if unknown. */
  history?: (identity: string, hop: number) => readonly PastUse[] | undefined;
  /** When the mandates are presented. Default: now. */
  currentDate?: Date;
}

/** The decision on a purchase. */
export interface PurchaseEvaluation {
  /** What is not authorized, or could not be determined; empty if the purchase may proceed. */
  readonly violations: readonly ConstraintViolation[];
  /** What was not checked, whether or not that was allowed. */
  readonly unchecked: readonly PurchaseUnchecked[];
}

const someAllowable = aListWhere<RefusedPurchaseUnchecked>(
  (name) => ALLOWABLE.includes(name as RefusedPurchaseUnchecked),
  `an array of ${ALLOWABLE.join(', ')}`,
);

const NAMES = ['openCheckoutHashes', 'extraMembers', 'allowUnchecked'];

/** Checks a context before anything is verified. A member that is undefined is a missing demand. */
export function checkPurchaseContext<T extends PurchaseAuthorityContext>(
  context: T | undefined,
  ...more: readonly string[]
): T {
  const given = checkOptions(context, 'context');
  checkNames(given, [...NAMES, ...more]);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) invalidArgument(`context.${name}`, 'left out if there is none; it is undefined');
  }
  const { openCheckoutHashes, allowUnchecked = [], extraMembers } = given;
  if (Object.hasOwn(given, 'history') && typeof (given as { history?: unknown }).history !== 'function') {
    invalidArgument('context.history', 'a function of an identity that returns past uses');
  }
  return {
    ...given,
    ...(openCheckoutHashes !== undefined && {
      openCheckoutHashes: someHashes(openCheckoutHashes, 'context.openCheckoutHashes'),
    }),
    ...(extraMembers && { extraMembers: readExtraMembers(extraMembers) }),
    allowUnchecked: someAllowable(allowUnchecked, 'context.allowUnchecked'),
  };
}

/**
 * Evaluates what a purchase authorizes (SPEC.md §10.10). It makes all checks of {@link evaluateMandateChain} for both chains,
 * against each other and against the merchant's checkout. It also checks that both were delegated to the same agent, and that
 * the checkout was not paid for before. It is synchronous, so it can run inside a database transaction with the histories read
 * there.
 *
 * @param purchase From {@link authenticatePurchase}.
 * @returns Every violation, and what was not checked. Violations do not throw.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function evaluatePurchase(
  purchase: AuthenticPurchase,
  context?: PurchaseEvaluationContext,
): PurchaseEvaluation {
  const given = checkPurchaseContext(context, 'history', 'currentDate');
  const { currentDate = new Date(), allowUnchecked = [] } = given;
  const now = new Date(checkDate(currentDate, 'context.currentDate'));
  const read = readResult(purchase, EVALUATED, 'purchase', 'the result of authenticatePurchase');
  const { checkout, payment, verifiedCheckout } = read;
  const unchecked = new Set(read.unchecked);
  const violations: ConstraintViolation[] = [];
  const openCheckoutHashes = openHashesOf(checkout, payment) ?? given.openCheckoutHashes;

  for (const [part, chain] of [
    ['checkout', checkout],
    ['payment', payment],
  ] as const) {
    if (chain === undefined) {
      unchecked.add(`${part}-mandate`);
      continue;
    }
    const found = evaluateChain(chain, {
      checkoutJwt: verifiedCheckout.checkoutJwt,
      checkoutHash: verifiedCheckout.checkoutHash,
      ...(openCheckoutHashes && { openCheckoutHashes }),
      ...(given.extraMembers && { extraMembers: given.extraMembers }),
      ...(given.history && { history: given.history }),
      allowUnchecked: allowUnchecked.filter((name) => name === 'history' || name === 'constraint-members'),
      currentDate: now,
    });
    // The merchant's JWT is one of the three parts, and is already checked.
    for (const name of found.unchecked) if (isOfPurchase(name)) unchecked.add(name);
    violations.push(
      ...found.violations
        .filter((violation) => !isOfState(violation))
        .map((violation) => ({ ...violation, path: `${part}.${violation.path}` })),
    );
  }
  violations.push(
    ...evaluateCheckoutState(withoutPrototypes(verifiedCheckout.checkout), now).map((finding) =>
      violationOf('checkout', 'checkoutJwt', finding),
    ),
  );
  const paid = callHistory(given.history, verifiedCheckout.identity, 0);
  if (paid === undefined) unchecked.add('history');
  else if (paid.length > 0) violations.push(violationOf('history', 'checkoutJwt', PAID));
  if (!isSameAgent(checkout, payment)) unchecked.add('agent');
  return {
    violations: [
      ...violations,
      ...MISSING.filter(([name]) => unchecked.has(name) && !allowUnchecked.includes(name)).map(
        ([name, rule, path, finding]) => violationOf(rule, path ?? name, finding),
      ),
    ],
    unchecked: [...unchecked],
  };
}

/** The members of a purchase that are evaluated. */
const EVALUATED = {
  checkout: optional(readChain, undefined),
  payment: optional(readChain, undefined),
  verifiedCheckout: required(readVerifiedCheckout),
  unchecked: required(aListOf(aString as Check<PurchaseUnchecked>)),
};

type Name = PurchaseUnchecked | Unchecked;

const isOfPurchase = (name: Unchecked): name is Extract<PurchaseUnchecked, Unchecked> =>
  !(['checkout', 'checkout-content', 'checkout-signature'] as readonly Name[]).includes(name);

/** The state of the checkout is reported once, for the checkout itself. */
const isOfState = ({ rule, path }: ConstraintViolation): boolean =>
  rule === 'checkout' && path.startsWith('closed.checkout_jwt');

const PAID: Finding = {
  member: '',
  expected: 'a checkout that was not paid for before',
  found: 'a checkout that was paid for before',
};

const absent = (part: MandateKind): Finding => ({
  member: '',
  expected: `a ${part} mandate, or "${part}-mandate" among "context.allowUnchecked"`,
  found: 'none',
  unresolved: true,
});

/** Violations due to missing parts or data, unless the caller accepts that. */
const MISSING: readonly [RefusedPurchaseUnchecked, ConstraintViolation['rule'], string, Finding][] = [
  ['checkout-mandate', 'checkout_hash', 'checkout', absent('checkout')],
  ['payment-mandate', 'transaction_id', 'payment', absent('payment')],
  [
    'history',
    'history',
    'checkoutJwt',
    {
      member: '',
      expected: '"context.history", or "history" among "context.allowUnchecked"',
      found: 'no history: it may have been paid for before',
      unresolved: true,
    },
  ],
  [
    'agent',
    'agent',
    'payment.hops[0]',
    {
      member: '',
      expected: 'the agent that the checkout mandate names, or "agent" among "context.allowUnchecked"',
      found: 'another agent, or none',
    },
  ],
];

/** R10.97: the digest of a mandate that a wallet signed counts if both chains begin with a credential of the same holder. */
function openHashesOf(
  checkout: EvaluatedChain | undefined,
  payment: EvaluatedChain | undefined,
): readonly string[] | undefined {
  if (checkout?.credential === undefined || checkout.isDirect || payment === undefined)
    return checkout?.openCheckoutHashes;
  const isSameHolder = holderOf(checkout) === holderOf(payment);
  const { digest } = checkout.hops[0] as VerifiedHop;
  return isSameHolder ? [...checkout.openCheckoutHashes, digest] : checkout.openCheckoutHashes;
}

/**
 * R10.82: the user delegated both mandates to the holder of the same keys, or closed both. A missing mandate is reported as
 * such.
 */
function isSameAgent(checkout: EvaluatedChain | undefined, payment: EvaluatedChain | undefined): boolean {
  if (checkout === undefined || payment === undefined) return true;
  const [one, other] = [agentOf(checkout), agentOf(payment)];
  return one === other;
}

/** The keys of the wallet, and those that the user named; the latter are absent if the user closed the mandate. */
const agentOf = (chain: EvaluatedChain): string =>
  `${holderOf(chain)} / ${chain.isDirect ? '' : keysOf((chain.hops[0] as VerifiedHop).mandate)}`;

/** The keys that a credential is bound to; empty without a credential. */
const holderOf = ({ credential }: EvaluatedChain): string =>
  credential === undefined ? '' : keysOf(credential.payload);

/** ES256 and ML-DSA-65. */
function keysOf(holder: object): string {
  const { cnf, pq_cnf: pqCnf } = holder as Confirmation;
  const { jkt = undefined, jwk = undefined } = { ...pqCnf } as { jkt?: unknown; jwk?: unknown };
  const pq = pqCnf === undefined ? '' : isString(jkt) ? jkt : jwkThumbprint(jwk as never);
  return `${jwkThumbprint(cnf.jwk as never)} ${pq}`;
}
