// The three parts of a purchase, each in every respect but its authority.
import type { MandateKeyResolver } from '../../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../../keys/types.js';
import { checkNames, checkOptions, invalidArgument } from '../../options.js';
import {
  type Authentication,
  type AuthenticMandateChain,
  type Authorization,
  CHAIN_OPTIONS,
  type ChainOptions,
  chainAuthentication,
  directAuthentication,
  PRESENTED_OPTIONS,
  type PresentedChainOptions,
  pastUseOf,
} from '../chain/authenticate.js';
import { decodeMandateChain } from '../chain/decode.js';
import type { PastUse } from '../constraints/history.js';
import { violationOf } from '../constraints/violation.js';
import type { MandateKind } from '../model/mandate.js';
import {
  type CheckoutVerification,
  checkoutVerification,
  type VerifiedCheckout,
  type VerifyCheckoutJwtOptions,
} from './checkout-jwt.js';
import {
  MandatePurchaseError,
  type PurchasePart,
  type PurchaseReason,
  reasonOf,
  reasonOfViolation,
} from './error.js';
import type { PurchaseUnchecked } from './unchecked.js';

/** What an agent presents. Where both mandates were delegated and closed together, both chains are the same text. */
export interface PresentedPurchase {
  /** The chain of the checkout mandate. */
  checkoutChain?: string;
  /** The chain of the payment mandate. */
  paymentChain?: string;
  /** The merchant's JWT. May be left out where the checkout mandate discloses it. */
  checkoutJwt?: string;
}

/** Who is trusted. */
export interface PurchaseKeys {
  /** The public keys of the issuer of the roots, or a function that resolves them. */
  mandates: MandatePublicKeys | MandateKeyResolver;
  /** The merchant's, as for {@link verifyCheckoutJwt}. */
  merchant: MandatePublicKeys | MandateKeyResolver;
}

/** What is demanded of one chain: options of {@link verifyMandateChain}; what they leave out, those of both chains say. */
export interface PurchaseChainOptions
  extends Omit<ChainOptions, 'kind'>,
    Pick<PresentedChainOptions, 'audience' | 'maxTokenAge'> {
  /**
   * The `nonce` that this verifier gave out. `{ any: true }` for a chain that was presented to another verifier, which `audience`
   * names: whether it is fresh, that verifier knows. The result says so (`checkout-nonce`, `payment-nonce`).
   */
  nonce: string | { readonly any: true };
}

/** What is demanded of a purchase. */
export interface AuthenticatePurchaseOptions extends Omit<ChainOptions, 'kind'> {
  /** Of the checkout chain; `direct` where the user closed the mandate. Required where there is one. */
  checkout?: PurchaseChainOptions | 'direct';
  /** Of the payment chain; `direct` where the user closed the mandate. Required where there is one. */
  payment?: PurchaseChainOptions | 'direct';
  /** Of the merchant's JWT. Its `currentDate`, `clockTolerance`, `policy` and `limits` are those of the chains by default. */
  checkoutJwt?: VerifyCheckoutJwtOptions;
}

/** Something whose uses are counted. */
export interface PurchaseAuthorization extends Authorization {
  /** Which of the three. The merchant's checkout is paid for once. */
  readonly part: Exclude<PurchasePart, 'purchase'>;
}

/** A purchase that holds in every respect but one: whether it is authorized, which {@link evaluatePurchase} says. */
export interface AuthenticPurchase {
  readonly checkout: AuthenticMandateChain | undefined;
  readonly payment: AuthenticMandateChain | undefined;
  readonly verifiedCheckout: VerifiedCheckout;
  /** Whether every signature of every part is. */
  readonly quantumSafe: boolean;
  /** What uses are kept under: each mandate that counts, and the merchant's checkout. */
  readonly authorizations: readonly PurchaseAuthorization[];
  /** What was not checked up to here. */
  readonly unchecked: readonly PurchaseUnchecked[];
}

/** A verification with its options checked. */
export type PurchaseAuthentication = (presented: PresentedPurchase) => Promise<AuthenticPurchase>;

const SHARED = CHAIN_OPTIONS.filter((name) => name !== 'kind');
export const PURCHASE_OPTIONS = [...SHARED, 'checkout', 'payment', 'checkoutJwt'];
const OF_JWT = ['currentDate', 'clockTolerance', 'policy', 'limits'];

/**
 * Verifies the two chains and the merchant's JWT of a purchase in every respect but what they authorize. **It does not say that the
 * purchase is authorized**: {@link evaluatePurchase} does, and {@link verifyPurchase} does both.
 *
 * @throws {MandatePurchaseError} with a reason for each part that does not hold.
 * @throws {MandateError} for the call, or what the verifier depends on, as {@link verifyMandateChain}.
 */
export async function authenticatePurchase(
  presented: PresentedPurchase,
  keys: PurchaseKeys,
  options: AuthenticatePurchaseOptions,
): Promise<AuthenticPurchase> {
  const given = checkOptions(options, 'options');
  checkNames(given, PURCHASE_OPTIONS);
  return purchaseAuthentication(keys, given)(presented);
}

export function purchaseAuthentication(
  keys: PurchaseKeys,
  options: AuthenticatePurchaseOptions,
): PurchaseAuthentication {
  const { mandates, merchant } = checkOptions(keys, 'keys');
  const shared = pick(options, SHARED);
  const ofChains = {
    checkout: partVerification('checkout', mandates, shared, options.checkout),
    payment: partVerification('payment', mandates, shared, options.payment),
  };
  const verifyJwt = checkoutVerification(
    merchant,
    { ...pick(shared, OF_JWT), ...checkOptions(options.checkoutJwt, 'checkoutJwt') },
    'checkoutJwt',
  );
  const unchecked = (['checkout', 'payment'] as const)
    .filter((part) => isAnyNonce(options[part]))
    .map((part) => `${part}-nonce` as const);
  return async (presented) => {
    const given = checkOptions(presented, 'presented');
    checkNames(given, ['checkoutChain', 'paymentChain', 'checkoutJwt']);
    const chains = { checkout: given.checkoutChain, payment: given.paymentChain };
    for (const part of ['checkout', 'payment'] as const) checkDemands(part, chains[part], options[part]);
    if (given.checkoutChain === undefined && given.paymentChain === undefined)
      invalidArgument('presented', 'an object with "checkoutChain", "paymentChain" or both');
    return { ...(await authenticateParts(chains, given.checkoutJwt, ofChains, verifyJwt)), unchecked };
  };
}

/** A chain has demands, and demands have a chain. */
function checkDemands(part: MandateKind, chain: unknown, demands: unknown): void {
  if (chain !== undefined && demands === undefined)
    invalidArgument(part, `given for "${part}Chain": "audience" and "nonce", or "direct"`);
  if (chain === undefined && demands !== undefined)
    invalidArgument(`${part}Chain`, `a chain, because "${part}" is given`);
}

function partVerification(
  kind: MandateKind,
  keys: PurchaseKeys['mandates'],
  shared: ChainOptions,
  demands: PurchaseChainOptions | 'direct' | undefined,
): Authentication<AuthenticMandateChain> {
  if (demands === undefined || demands === 'direct') {
    const { credential: _, ...others } = shared;
    // Where the part is not there, neither is a credential of its.
    return directAuthentication(keys, { ...(demands === undefined ? others : shared), kind });
  }
  const given = checkOptions(demands, kind);
  checkNames(
    given,
    PRESENTED_OPTIONS.filter((name) => name !== 'kind'),
  );
  const { nonce, ...rest } = given;
  const options = { ...shared, ...rest, kind };
  if (!isAny(nonce)) return chainAuthentication(keys, { ...options, nonce: nonce as string });
  // Whatever nonce it has is the one that is expected.
  chainAuthentication(keys, { ...options, nonce: 'any' });
  return async (chain) => {
    const found = decodeMandateChain(chain, { limits: options.limits }).at(-1)?.payload.nonce;
    return chainAuthentication(keys, {
      ...options,
      nonce: typeof found === 'string' && found !== '' ? found : 'any',
    })(chain);
  };
}

function isAny(nonce: unknown): boolean {
  if (typeof nonce !== 'object') return false;
  const { any, ...others } = checkOptions(nonce as { any?: unknown }, 'nonce');
  return any === true && Object.keys(others).length === 0
    ? true
    : invalidArgument('nonce', 'a non-empty string, or { any: true }');
}

async function authenticateParts(
  chains: Readonly<Record<MandateKind, string | undefined>>,
  presentedJwt: string | undefined,
  verifications: Readonly<Record<MandateKind, Authentication<AuthenticMandateChain>>>,
  verifyJwt: CheckoutVerification,
): Promise<Omit<AuthenticPurchase, 'unchecked'>> {
  const reasons: PurchaseReason[] = [];
  let cause: unknown;
  /** What a part is, or `undefined` and a reason. Any other error is thrown. */
  const attempt = async <T>(part: PurchasePart, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (error) {
      const reason = reasonOf(part, error);
      if (reason === undefined) throw error;
      reasons.push(reason);
      cause ??= error;
      return undefined;
    }
  };
  const verify = async (part: MandateKind) => {
    const chain = chains[part];
    return chain === undefined ? undefined : attempt(part, () => verifications[part](chain));
  };
  const checkout = await verify('checkout');
  const payment = await verify('payment');
  const disclosed = checkout?.mandate.checkout_jwt as string | undefined;
  const jwt = presentedJwt ?? disclosed;
  const verifiedCheckout = jwt === undefined ? undefined : await attempt('checkoutJwt', () => verifyJwt(jwt));
  if (jwt === undefined && reasons.length === 0) reasons.push(NO_CHECKOUT);
  const [first, ...others] = reasons;
  if (first !== undefined) throw new MandatePurchaseError([first, ...others], { cause });
  return purchaseOf(checkout, payment, verifiedCheckout as VerifiedCheckout);
}

const NO_CHECKOUT: PurchaseReason = reasonOfViolation(
  violationOf('checkout', 'checkoutJwt', {
    member: '',
    expected: 'the merchant’s JWT, presented or disclosed in the checkout mandate',
    found: 'none',
    unresolved: true,
  }),
);

function purchaseOf(
  checkout: AuthenticMandateChain | undefined,
  payment: AuthenticMandateChain | undefined,
  verifiedCheckout: VerifiedCheckout,
): Omit<AuthenticPurchase, 'unchecked'> {
  const counted = (part: PurchaseAuthorization['part'], authorizations: readonly Authorization[] = []) =>
    authorizations.map((each): PurchaseAuthorization => ({ part, ...each }));
  return {
    checkout,
    payment,
    verifiedCheckout,
    quantumSafe: [checkout, payment, verifiedCheckout].every((part) => part?.quantumSafe ?? true),
    authorizations: [
      ...counted('checkout', checkout?.authorizations),
      ...counted('payment', payment?.authorizations),
      ...counted('checkoutJwt', [{ identity: verifiedCheckout.identity, hop: 0 }]),
    ],
  };
}

/**
 * What to keep of a purchase that was accepted: one use under each identity of `authorizations`.
 *
 * @param usedAt When the mandates were presented.
 */
export function pastUsesOf(
  {
    checkout,
    payment,
    verifiedCheckout,
    authorizations,
  }: Pick<AuthenticPurchase, 'checkout' | 'payment' | 'verifiedCheckout' | 'authorizations'>,
  usedAt: Date,
): { readonly identity: string; readonly use: PastUse }[] {
  const uses = {
    checkout: checkout && pastUseOf(checkout, usedAt),
    payment: payment && pastUseOf(payment, usedAt),
    checkoutJwt: { transactionId: verifiedCheckout.checkoutHash, usedAt },
  };
  return authorizations.map(({ part, identity }) => ({ identity, use: uses[part] as PastUse }));
}

const isAnyNonce = (demands: PurchaseChainOptions | 'direct' | undefined): boolean =>
  demands !== undefined && demands !== 'direct' && isAny(demands.nonce);

const pick = <T extends object>(options: T, names: readonly string[]): T =>
  Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name))) as T;
