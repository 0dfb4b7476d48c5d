// Evaluates the rules of verification before anything is signed.
import { aListWhere, checkDate, checkNames, checkOptions, invalidArgument } from '../../options.js';
import { type ExtraMembers, readExtraMembers } from '../constraints/allowed.js';
import { evaluateCheckoutState, totalOf } from '../constraints/checkout.js';
import { evaluateContent } from '../constraints/evaluate-checkout.js';
import { callHistory, evaluateReuse, type PastUse } from '../constraints/history.js';
import { type ConstraintViolation, type Finding, violationOf } from '../constraints/violation.js';
import { type Checkout, parseCheckout } from '../model/checkout.js';
import type { OpenCheckoutMandate } from '../model/checkout-mandate.js';
import { isOpenMandateContent, kindOf, parseMandateContent } from '../model/mandate.js';
import { withoutPrototypes } from '../model/schema.js';
import type { ClosedMandateContent } from './create.js';
import { type ChainEvaluation, type EvaluationContext, evaluateChain } from './evaluate.js';
import { hopPath, type VerifiedHop } from './hops.js';
import { readHops } from './results.js';
import type { VerifiedOpenMandateChain } from './verify.js';

/**
 * Returns what a verifier would find in a mandate that the holder of an open chain is about to sign: every violation, including
 * an open mandate that has expired. An agent checks its own limits with it, using its own history, and does not sign if there is
 * a violation.
 *
 * @example
 * ```ts
 * const held = await verifyOpenMandateChain(root, bankKeys);
 * enforceEvaluation(evaluateClosing(held, payment, { checkoutJwt, openCheckoutHashes, history }));
 * const chain = await closeMandate(root, payment, agentKeys, { audience, nonce, disclose: 'minimal' });
 * ```
 *
 * @param open From {@link verifyOpenMandateChain}.
 * @param closed The mandate to be signed.
 * @param context As for {@link evaluateMandateChain}.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`, `ERR_MANDATE_SCHEMA`.
 */
export function evaluateClosing(
  open: Pick<VerifiedOpenMandateChain, 'hops'>,
  closed: ClosedMandateContent,
  context?: EvaluationContext,
): ChainEvaluation {
  const mandate = parseMandateContent(closed);
  const hops = readHops(open, 'open');
  const given = checkOptions(context, 'context');
  const [root] = hops;
  if (root === undefined || !hops.every((hop) => isOpenMandateContent(hop.mandate)))
    return invalidArgument('open', 'the result of verifyOpenMandateChain');
  if (isOpenMandateContent(mandate)) return invalidArgument('closed', 'a closed mandate');
  const kind = kindOf(mandate);
  if (kindOf(root.mandate) !== kind) invalidArgument('closed', `a ${kindOf(root.mandate)} mandate`);
  const evaluation = evaluateChain(
    {
      hops: [...hops, { ...root, mandate }],
      mandate,
      isDirect: false,
      authorizations: hops.map(({ identity }, hop) => ({ identity, hop })),
      // Revocation was, or was not, checked by the verifier of the open chain.
      revocationChecked: true,
    },
    given,
  );
  const { currentDate = new Date() } = given;
  const ended = evaluateLifetime(hops, new Date(checkDate(currentDate, 'context.currentDate')));
  return { ...evaluation, violations: [...ended, ...evaluation.violations] };
}

/** The data, besides the open mandates, that {@link evaluateCart} compares a cart with. */
export interface CartContext {
  /** As in {@link EvaluationContext}. */
  history?: (identity: string, hop: number) => readonly PastUse[] | undefined;
  extraMembers?: ExtraMembers;
  /** What is accepted without a check: `history`, `constraint-members`. Default: nothing. */
  allowUnchecked?: readonly ('history' | 'constraint-members')[];
  /** Default: now. */
  currentDate?: Date;
}

const ALLOWABLE: readonly string[] = ['history', 'constraint-members'];
const someAllowable = aListWhere<string>(
  (name) => ALLOWABLE.includes(name as string),
  `an array of ${ALLOWABLE.join(', ')}`,
);
const CART_NAMES = ['history', 'extraMembers', 'allowUnchecked', 'currentDate'];

/**
 * Returns what a verifier would find in a checkout that a merchant is about to sign, under the open checkout mandate that an
 * agent has presented: merchant, items, state, and whether the mandate was used.
 *
 * @example
 * ```ts
 * const open = await verifyOpenMandateChain(shown, bankKeys, { kind: 'checkout' });
 * enforceEvaluation(evaluateCart(open, cart, { history }));
 * const checkoutJwt = await signCheckoutJwt(cart, merchantKeys, { expiresIn: '15m' });
 * ```
 *
 * @param open From {@link verifyOpenMandateChain}.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`, `ERR_MANDATE_SCHEMA`.
 */
export function evaluateCart(
  open: Pick<VerifiedOpenMandateChain, 'hops'>,
  cart: Checkout,
  context?: CartContext,
): ChainEvaluation {
  const given = checkOptions(context, 'context');
  checkNames(given, CART_NAMES);
  const { currentDate = new Date(), allowUnchecked: named = [], history } = given;
  const allowUnchecked = someAllowable(named, 'context.allowUnchecked');
  if (Object.hasOwn(given, 'history') && typeof history !== 'function')
    invalidArgument('context.history', 'a function of an identity that returns past uses');
  const now = new Date(checkDate(currentDate, 'context.currentDate'));
  const extra = readExtraMembers(given.extraMembers);
  const checkout = withoutPrototypes(parseCheckout(cart, 'cart'));
  const hops = readHops(open, 'open');
  if (hops.length === 0 || !hops.every(({ mandate }) => isOpenCheckout(mandate)))
    invalidArgument('open', 'the result of verifyOpenMandateChain for a checkout mandate');

  const unchecked = new Set<'history' | 'constraint-members'>();
  const violations: ConstraintViolation[] = evaluateLifetime(hops, now);
  for (const [hop, { identity, mandate }] of hops.entries()) {
    const path = hopPath(hop);
    const uses = callHistory(history, identity, hop);
    if (uses === undefined) unchecked.add('history');
    violations.push(
      ...evaluateReuse(uses ?? [], '', false).map((finding) => violationOf('history', path, finding)),
      ...(Object.hasOwn(mandate, 'checkout_jwt') ? [violationOf('pre-set claim', path, SETTLED)] : []),
      ...evaluateContent(mandate as OpenCheckoutMandate, checkout, {
        path,
        extra,
        allowUnknownMembers: false,
      }),
    );
  }
  if (unchecked.has('history') && !allowUnchecked.includes('history'))
    violations.push(violationOf('history', hopPath(hops.length - 1), UNKNOWN_HISTORY));
  violations.push(
    ...evaluateCheckoutState(checkout, now).map((found) => violationOf('checkout', 'cart', found)),
  );
  if (totalOf(checkout) === undefined) violations.push(violationOf('checkout', 'cart', NO_TOTAL));
  if (violations.some(isOfMember)) unchecked.add('constraint-members');
  const isAllowed = allowUnchecked.includes('constraint-members');
  return {
    violations: violations.filter((found) => !(isAllowed && isOfMember(found))),
    unchecked: [...unchecked],
  };
}

const isOfMember = ({ rule }: ConstraintViolation): boolean => rule === 'constraint-members';

const isOpenCheckout = (mandate: VerifiedHop['mandate']): boolean =>
  isOpenMandateContent(mandate) && kindOf(mandate) === 'checkout';

const SETTLED: Finding = {
  member: '.checkout_jwt',
  expected: 'the checkout that the user chose',
  found: 'a new one',
};
const UNKNOWN_HISTORY: Finding = {
  member: '',
  expected: '"context.history", or "history" among "context.allowUnchecked"',
  found: 'none: it may have been used before',
  unresolved: true,
};
const NO_TOTAL: Finding = { member: '.totals', expected: 'exactly one total', found: 'no total, or several' };

/** Evaluates the times of each open mandate and of its token, without tolerance. */
function evaluateLifetime(hops: readonly VerifiedHop[], now: Date): ConstraintViolation[] {
  const seconds = Math.floor(now.getTime() / 1000);
  return hops.flatMap(({ payload, mandate }, hop) =>
    [payload, mandate as Record<string, unknown>].flatMap(({ nbf, exp }) => [
      ...(typeof nbf === 'number' && nbf > seconds
        ? [
            violationOf('lifetime', `hops[${hop}]`, {
              member: '.nbf',
              expected: 'in the past',
              found: 'ahead',
            }),
          ]
        : []),
      ...(typeof exp === 'number' && exp <= seconds
        ? [
            violationOf('lifetime', `hops[${hop}]`, {
              member: '.exp',
              expected: 'in the future',
              found: 'in the past',
            }),
          ]
        : []),
    ]),
  );
}
