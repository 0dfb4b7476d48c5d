// Verifies the three parts of a purchase, except their authority.
import type { MandateKeyResolver } from '../../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../../keys/types.js';
import {
  aListOf,
  aString,
  checkDate,
  checkNames,
  checkOptions,
  invalidArgument,
  oneOf,
  optional,
  readResult,
  required,
} from '../../options.js';
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
  useOf,
} from '../chain/authenticate.js';
import { decodeMandateChain } from '../chain/decode.js';
import { readMandate } from '../chain/results.js';
import type { PastUse } from '../constraints/history.js';
import { violationOf } from '../constraints/violation.js';
import type { MandateKind } from '../model/mandate.js';
import {
  type CheckoutVerification,
  checkoutVerification,
  readVerifiedCheckout,
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

/** What an agent presents. If both mandates were delegated and closed together, both chains are the same text. */
export interface PresentedPurchase {
  /** The chain of the checkout mandate. */
  checkoutChain?: string;
  /** The chain of the payment mandate. */
  paymentChain?: string;
  /** The merchant's JWT. May be left out if the checkout mandate discloses it. */
  checkoutJwt?: string;
}

/** The trusted keys. */
export interface PurchaseKeys {
  /** The public keys of the issuer of the roots, or a function that resolves them. */
  mandates: MandatePublicKeys | MandateKeyResolver;
  /** The merchant's keys, as for {@link verifyCheckoutJwt}. */
  merchant: MandatePublicKeys | MandateKeyResolver;
}

/** Demands on one chain: options of {@link verifyMandateChain}. Defaults are the options for both chains. */
export interface PurchaseChainOptions
  extends Omit<ChainOptions, 'kind'>,
    Pick<PresentedChainOptions, 'audience' | 'maxTokenAge'> {
  /**
   * The `nonce` that this verifier issued. Use `{ any: true }` for a chain that was presented to another verifier, which
   * `audience` names; only that verifier knows whether it is fresh. The result reports this (`checkout-nonce`,
   * `payment-nonce`).
   */
  nonce: string | { readonly any: true };
}

/** Demands on a purchase. */
export interface AuthenticatePurchaseOptions extends Omit<ChainOptions, 'kind'> {
  /** Demands on the checkout chain; `direct` if the user closed the mandate. Required if there is one. */
  checkout?: PurchaseChainOptions | 'direct';
  /** Demands on the payment chain; `direct` if the user closed the mandate. Required if there is one. */
  payment?: PurchaseChainOptions | 'direct';
  /**
   * Demands on the merchant's JWT. Its `currentDate`, `clockTolerance`, `policy` and `limits` default to those of the chains.
   */
  checkoutJwt?: VerifyCheckoutJwtOptions;
}

/** A part whose uses are counted. */
export interface PurchaseAuthorization extends Authorization {
  /** Which of the three parts it is. The merchant's checkout is paid for only once. */
  readonly part: Exclude<PurchasePart, 'purchase'>;
}

/** A purchase that passed every check except one: {@link evaluatePurchase} determines whether it is authorized. */
export interface AuthenticPurchase {
  readonly checkout: AuthenticMandateChain | undefined;
  readonly payment: AuthenticMandateChain | undefined;
  readonly verifiedCheckout: VerifiedCheckout;
  /** Whether every signature of every part is quantum-safe. */
  readonly quantumSafe: boolean;
  /** The keys under which uses are stored: one for each counted mandate, and one for the merchant's checkout. */
  readonly authorizations: readonly PurchaseAuthorization[];
  /** What was not checked so far. */
  readonly unchecked: readonly PurchaseUnchecked[];
}

/** A verification with its options checked. */
export type PurchaseAuthentication = (presented: PresentedPurchase) => Promise<AuthenticPurchase>;

const SHARED = CHAIN_OPTIONS.filter((name) => name !== 'kind');
export const PURCHASE_OPTIONS = [...SHARED, 'checkout', 'payment', 'checkoutJwt'];
const OF_JWT = ['currentDate', 'clockTolerance', 'policy', 'limits'];

/**
 * Verifies the two chains and the merchant's JWT of a purchase, except what they authorize. **It does not determine whether the
 * purchase is authorized**: {@link evaluatePurchase} does, and {@link verifyPurchase} does both.
 *
 * @throws {MandatePurchaseError} with a reason for each invalid part.
 * @throws {MandateError} for errors in the call or in a dependency of the verifier, as {@link verifyMandateChain}.
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

/** Each chain needs demands, and demands need a chain. */
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
    // If the part is missing, so is its credential.
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
  // Any nonce is accepted.
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
  /** The result for a part, or `undefined` and a reason. Any other error is thrown. */
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
 * Returns what to store for an accepted purchase: one use for each identity of `authorizations`.
 *
 * @param usedAt When the mandates were presented.
 */
export function pastUsesOf(
  purchase: Pick<AuthenticPurchase, 'checkout' | 'payment' | 'verifiedCheckout' | 'authorizations'>,
  usedAt: Date,
): { readonly identity: string; readonly use: PastUse }[] {
  const { checkout, payment, verifiedCheckout, authorizations } = readResult(
    purchase,
    USED,
    'purchase',
    'the result of authenticatePurchase',
  );
  const at = new Date(checkDate(usedAt, 'usedAt'));
  const uses = {
    checkout: checkout && useOf(checkout, at),
    payment: payment && useOf(payment, at),
    checkoutJwt: { transactionId: verifiedCheckout.checkoutHash, usedAt: at },
  };
  return authorizations.map(({ part, identity }) => ({
    identity,
    use: uses[part] ?? invalidArgument(`purchase.${part}`, 'present, because its uses are counted'),
  }));
}

const AUTHORIZATION = {
  part: required(oneOf('checkout', 'payment', 'checkoutJwt')),
  identity: required(aString),
};

/** The members of a purchase that are stored. */
const USED = {
  checkout: optional(readMandate, undefined),
  payment: optional(readMandate, undefined),
  verifiedCheckout: required(readVerifiedCheckout),
  authorizations: required(
    aListOf((value, path) => readResult(value, AUTHORIZATION, path, 'an authorization')),
  ),
};

const isAnyNonce = (demands: PurchaseChainOptions | 'direct' | undefined): boolean =>
  demands !== undefined && demands !== 'direct' && isAny(demands.nonce);

const pick = <T extends object>(options: T, names: readonly string[]): T =>
  Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name))) as T;
