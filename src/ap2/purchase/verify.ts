import { checkNames, checkOptions, checkTimeout, invalidArgument } from '../../options.js';
import { type ConstraintContext, readHistories } from '../chain/verify.js';
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

/** What the authority of a purchase is evaluated against. */
export interface PurchaseContext extends PurchaseAuthorityContext {
  /**
   * As for {@link verifyMandateChain}: asked for each identity of `authorizations`. The merchant's checkout is one of them: it is
   * paid for once.
   */
  history?: NonNullable<ConstraintContext['history']>;
}

/** Options of {@link verifyPurchase}. */
export interface VerifyPurchaseOptions extends AuthenticatePurchaseOptions {
  context?: PurchaseContext | undefined;
  /** `enforce` (default) refuses a violation; `report` puts it into the result, for whoever decides elsewhere. */
  constraints?: 'enforce' | 'report' | undefined;
  /** Milliseconds that `context.history` may take, each time. Default 5000. */
  historyTimeout?: number | undefined;
}

/** A purchase that holds in every respect: its authority too, unless `constraints` is `report`. */
export interface VerifiedPurchase extends AuthenticPurchase, PurchaseEvaluation {}

/**
 * Verifies a purchase as a whole (SPEC.md §10.10): the chain of the checkout mandate, the chain of the payment mandate, and the
 * merchant's JWT that both are for. Each by itself, and all together: hashes, `payment.reference`, the merchant's signature, total,
 * currency, payee, items, agent, the constraints of every open mandate, and earlier uses.
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
 * @param presented Both chains; or one, where `context.allowUnchecked` names the other.
 * @param keys Who is trusted for mandates, and for checkouts.
 * @returns What was verified, what was not checked, and what uses are kept under ({@link pastUsesOf}).
 * @throws {MandatePurchaseError} `ERR_MANDATE_PURCHASE_REFUSED`, with every reason that was found.
 * @throws {MandateError} for the call, or for what the verifier depends on, as {@link verifyMandateChain}.
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

/** Throws a {@link MandatePurchaseError} where {@link evaluatePurchase} found a violation. */
export function enforcePurchase({ violations }: Pick<PurchaseEvaluation, 'violations'>): void {
  const [first, ...others] = violations.map(reasonOfViolation);
  if (first !== undefined) throw new MandatePurchaseError([first, ...others]);
}
