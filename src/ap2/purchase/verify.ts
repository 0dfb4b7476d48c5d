import { checkNames, checkOptions, checkTimeout, invalidArgument } from '../../options.js';
import { type ConstraintContext, readHistories } from '../chain/verify.js';
import { readViolations } from '../constraints/violation.js';
import {
  type AuthenticatePurchaseOptions,
  type AuthenticPurchase,
  type PresentedPurchase,
  PURCHASE_OPTIONS,
  type PurchaseKeys,
  purchaseAuthentication,
} from './authenticate.js';
import { MandatePurchaseError, reasonOfViolation } from './error.js';
import {
  checkPurchaseContext,
  evaluatePurchase,
  type PurchaseAuthorityContext,
  type PurchaseEvaluation,
} from './evaluate.js';

/** The data that the authority of a purchase is evaluated against. */
export interface PurchaseContext extends PurchaseAuthorityContext {
  /**
   * As for {@link verifyMandateChain}: called for each identity of `authorizations`. The merchant's checkout is one of them,
   * because it is paid for only once.
   */
  history?: NonNullable<ConstraintContext['history']>;
}

/** Options of {@link verifyPurchase}. */
export interface VerifyPurchaseOptions extends AuthenticatePurchaseOptions {
  context?: PurchaseContext | undefined;
  /** `enforce` (default) throws for a violation; `report` returns it in the result, for a decision elsewhere. */
  constraints?: 'enforce' | 'report' | undefined;
  /** Milliseconds that each call of `context.history` may take. Default 5000. */
  historyTimeout?: number | undefined;
}

/** A purchase that passed every check, including its authority unless `constraints` is `report`. */
export interface VerifiedPurchase extends AuthenticPurchase, PurchaseEvaluation {}

/**
 * Verifies a whole purchase (SPEC.md §10.10): the chain of the checkout mandate, the chain of the payment mandate, and the
 * merchant's JWT that both refer to. It checks each part, and all of them together: hashes, `payment.reference`, the merchant's
 * signature, total, currency, payee, items, agent, the constraints of every open mandate, and past uses.
 *
 * @example
 * ```ts
 * const { verifiedCheckout, quantumSafe, unchecked } = await verifyPurchase(
 *   { checkoutChain, paymentChain, checkoutJwt },
 *   { mandates: bankKeys, merchant: keysOfMerchants },
 *   {
 *     checkout: { audience: 'https://shop.example', nonce: { any: true } }, // the merchant's
 *     payment: { audience: 'https://provider.example', nonce },
 *     context: { history: (identity) => usesOf(identity) },
 *   },
 * );
 * ```
 *
 * @param presented Both chains; or one, if `context.allowUnchecked` names the other.
 * @param keys The trusted keys for mandates and for checkouts.
 * @returns The verified parts, what was not checked, and the keys under which to store uses ({@link pastUsesOf}).
 * @throws {MandatePurchaseError} `ERR_MANDATE_PURCHASE_REFUSED`, with all reasons.
 * @throws {MandateError} for errors in the call or in a dependency of the verifier, as {@link verifyMandateChain}.
 */
export async function verifyPurchase(
  presented: PresentedPurchase,
  keys: PurchaseKeys,
  options: VerifyPurchaseOptions,
): Promise<VerifiedPurchase> {
  const given = checkOptions(options, 'options');
  checkNames(given, [...PURCHASE_OPTIONS, 'context', 'constraints', 'historyTimeout']);
  const { constraints = 'enforce', historyTimeout = 5000 } = given;
  const { history, ...context } = checkPurchaseContext(given.context, 'history');
  if (constraints !== 'enforce' && constraints !== 'report') {
    invalidArgument('constraints', '"enforce" or "report"');
  }
  checkTimeout(historyTimeout, 'historyTimeout');
  const purchase = await purchaseAuthentication(keys, given)(presented);
  const histories = await readHistories(purchase, history, historyTimeout);
  const evaluation = evaluatePurchase(purchase, {
    ...context,
    ...(history !== undefined && { history: (identity: string) => histories.get(identity) }),
    currentDate: given.currentDate ?? new Date(),
  });
  if (constraints === 'enforce') enforcePurchase(evaluation);
  return { ...purchase, ...evaluation };
}

/** Throws a {@link MandatePurchaseError} if {@link evaluatePurchase} found a violation. */
export function enforcePurchase(evaluation: Pick<PurchaseEvaluation, 'violations'>): void {
  const [first, ...others] = readViolations(evaluation).map(reasonOfViolation);
  if (first !== undefined) throw new MandatePurchaseError([first, ...others]);
}
