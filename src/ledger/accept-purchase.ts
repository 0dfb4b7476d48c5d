import {
  type AuthenticatePurchaseOptions,
  type AuthenticPurchase,
  authenticatePurchase,
  enforcePurchase,
  evaluatePurchase,
  type PresentedPurchase,
  type PurchaseAuthorityContext,
  type PurchaseChainOptions,
  type PurchaseKeys,
  type PurchaseUnchecked,
} from '../ap2/index.js';
import type { JsonObject } from '../encoding/json.js';
import { checkOptions } from '../options.js';
import {
  chainEntries,
  checkKept,
  checkRecordable,
  recordOf,
  signaturesOf,
  useEntry,
} from './accept-entries.js';
import {
  type Acceptance,
  type AcceptanceOptions,
  nonceEntry,
  reserveAccepted,
  splitOptions,
} from './acceptance.js';
import type { Ledger } from './ledger.js';
import type { LedgerEntry } from './types.js';

/** Options of {@link acceptPurchase}. */
export interface AcceptPurchaseOptions extends AcceptanceOptions, AuthenticatePurchaseOptions {
  /** The data that the authority of the purchase is evaluated against. The ledger supplies the histories. */
  context?: PurchaseAuthorityContext | undefined;
}

/** An accepted purchase. */
export interface AcceptedPurchase extends Acceptance {
  readonly purchase: AuthenticPurchase;
  /** What was not checked although the caller allowed that. */
  readonly unchecked: readonly PurchaseUnchecked[];
}

/**
 * Verifies a whole purchase: the checkout mandate, the payment mandate and the merchant's JWT. Evaluates it against the ledger's
 * records of each mandate. Reserves all of it in one atomic step: the nonces, the transaction, one use of each open mandate, and
 * the checkout, which can be paid for only once.
 *
 * @example
 * ```ts
 * const accepted = await acceptPurchase(
 *   { checkoutChain, paymentChain, checkoutJwt },
 *   { mandates: bankKeys, merchant: ownKeys },
 *   ledger,
 *   {
 *     attempt: order.id,
 *     checkout: { audience, nonce }, // of ledger.issueNonce({ binding: checkoutHash })
 *     payment: { audience, nonce },
 *     checkoutJwt: { merchant: 'https://merchant.example' }, // whose keys ownKeys are
 *   },
 * );
 * await accepted.commit();
 * await charge(order);
 * ```
 *
 * @throws {MandateError} as `verifyPurchase` of `ap2-pq/ap2`; `ERR_MANDATE_PURCHASE_REFUSED` with every reason, earlier uses included.
 * @throws {LedgerError} as `reserve` of {@link Ledger}.
 */
export async function acceptPurchase(
  presented: PresentedPurchase,
  keys: PurchaseKeys,
  ledger: Ledger,
  options: AcceptPurchaseOptions,
): Promise<AcceptedPurchase> {
  const { acceptance, others } = splitOptions(options);
  const { context, ...given } = others;
  // Read once, so that the options that are recorded, and the nonces that are consumed, are those that were verified.
  const verification = { ...given, ...onceRead(given, 'checkout'), ...onceRead(given, 'payment') };
  const texts = { ...checkOptions(presented, 'presented') };
  const purchase = await authenticatePurchase(texts, keys, verification);
  const chains = [purchase.checkout, purchase.payment].filter((chain) => chain !== undefined);
  for (const chain of chains) checkRecordable(chain);
  const time = verification.currentDate;
  // What is rejected regardless of past uses does not need the ledger.
  const alone = evaluatePurchase(purchase, {
    ...context,
    currentDate: time ?? new Date(),
    history: () => [],
  });
  enforcePurchase(alone);
  const accepted = await reserveAccepted(ledger, acceptance, purchase.verifiedCheckout.checkoutHash, {
    entries: [
      ...nonceEntries(purchase, verification, acceptance.nonceFrom),
      ...chains.flatMap(chainEntries),
      checkoutEntry(purchase),
    ],
    decide: (judged, now) => {
      for (const chain of chains) checkKept(chain, now);
      const history = (identity: string) => judged[identity];
      enforcePurchase(evaluatePurchase(purchase, { ...context, currentDate: time ?? now, history }));
    },
    record: {
      ...recordOfPurchase(purchase),
      unchecked: [...alone.unchecked],
      ...(acceptance.keepPresented === true && { presented: texts }),
    },
  });
  return { ...accepted, purchase, unchecked: alone.unchecked };
}

/** The options of one chain, if given. */
function onceRead(options: AuthenticatePurchaseOptions, part: 'checkout' | 'payment'): object {
  const demands = options[part];
  if (demands === undefined || demands === 'direct') return {};
  return { [part]: { ...checkOptions(demands, part) } };
}

/** The nonces that this verifier issued. A nonce issued by another verifier is consumed there. */
function nonceEntries(
  { verifiedCheckout }: AuthenticPurchase,
  { checkout, payment }: AuthenticatePurchaseOptions,
  nonceFrom: AcceptanceOptions['nonceFrom'],
): LedgerEntry[] {
  return [checkout, payment]
    .filter((chain): chain is PurchaseChainOptions => chain !== undefined && chain !== 'direct')
    .map(({ nonce }) => nonce)
    .filter((nonce) => typeof nonce === 'string')
    .map((nonce) => nonceEntry(nonce, verifiedCheckout.checkoutHash, nonceFrom));
}

/** The merchant's checkout is paid for once. It is kept no longer than the payment itself. */
const checkoutEntry = ({ verifiedCheckout: { identity, checkoutHash } }: AuthenticPurchase): LedgerEntry =>
  useEntry(identity, { transactionId: checkoutHash, usedAt: new Date() }, new Date(0));

function recordOfPurchase({
  checkout,
  payment,
  verifiedCheckout,
  quantumSafe,
}: AuthenticPurchase): JsonObject {
  const { identity, checkoutHash } = verifiedCheckout;
  return {
    kind: 'purchase',
    quantumSafe,
    transaction: checkoutHash,
    ...(checkout !== undefined && { checkout: recordOf(checkout) }),
    ...(payment !== undefined && { payment: recordOf(payment) }),
    checkoutJwt: { identity, ...signaturesOf(verifiedCheckout) },
  };
}
