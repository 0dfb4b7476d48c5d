import {
  type AuthenticMandateChain,
  type AuthorityContext,
  authenticateDirectMandate,
  authenticateMandateChain,
  type ChainOptions,
  enforceEvaluation,
  evaluateMandateChain,
  MANDATE_VCT,
  type PastUse,
  type PresentedChainOptions,
  pastUseOf,
  type Unchecked,
  type VerifiedHop,
} from '../ap2/index.js';
import type { JsonObject, JsonValue } from '../encoding/json.js';
import { LedgerError } from '../errors.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { checkNames, checkOptions, invalidArgument, isMandateError } from '../options.js';
import type { Ledger } from './ledger.js';
import type { LedgerEntry, LedgerUse, Reservation } from './types.js';

/** What acceptance needs beside what verification needs. */
export interface AcceptanceOptions {
  /**
   * Your name for this payment, such as the number of the order: the same whenever it is repeated. Not taken from the mandate, or
   * whoever shows the mandate again would get the reservation of the first.
   */
  attempt: string;
  /** What the authority of the chain is evaluated against. Its history is the ledger's. */
  context: AuthorityContext;
  /** An attempt that the verifier upstream, in its own scope of the same store, has to have committed. */
  upstream?: { readonly scope: string; readonly attempt: string } | undefined;
  /** Keeps the presented text in the record. Default `false`: its hashes and what was found. */
  keepPresented?: boolean | undefined;
  /** Milliseconds until the reservation ends by itself. Default: the ledger's. */
  reserveFor?: number | undefined;
  /** Until when everything is kept. Default: the ledger's. */
  retainUntil?: Date | undefined;
}

/** Options of {@link acceptMandate}. */
export interface AcceptMandateOptions extends AcceptanceOptions, PresentedChainOptions {
  /**
   * Who gave out `nonce`: this ledger, by `issueNonce` with the hash of the checkout as its `binding` (default), or something
   * else, in which case it is still accepted once.
   */
  nonceFrom?: 'ledger' | 'elsewhere' | undefined;
}

/** Options of {@link acceptDirectMandate}. */
export interface AcceptDirectMandateOptions extends AcceptanceOptions, ChainOptions {}

/** A mandate that is verified, authorized and reserved. Nothing is spent before `commit` has resolved. */
export interface AcceptedMandate {
  /** `committed` if this attempt was committed before. */
  readonly reservation: Reservation;
  readonly chain: AuthenticMandateChain;
  /** What was not checked, although it was allowed. */
  readonly unchecked: readonly Unchecked[];
  /** Spends it. Charge only after this has resolved. As `commit` of the ledger, with its errors. */
  commit(): Promise<Reservation>;
  /** Gives it up. As `release` of the ledger, with its errors. */
  release(): Promise<Reservation>;
}

const ACCEPTANCE_OPTIONS = [
  'attempt',
  'context',
  'upstream',
  'keepPresented',
  'reserveFor',
  'retainUntil',
  'nonceFrom',
];

/**
 * Verifies a chain, evaluates every open mandate against what the ledger knows of it, and reserves, in one atomic step: the nonce, the
 * transaction, and one use of each open mandate. Whoever comes second is refused.
 *
 * @example
 * ```ts
 * const accepted = await acceptMandate(text, bankKeys, ledger, {
 *   attempt: order.id,
 *   audience: 'https://merchant.example',
 *   nonce: order.nonce, // of ledger.issueNonce({ binding: checkoutHash })
 *   context: { checkoutJwt, openCheckoutHashes },
 * });
 * await accepted.commit();
 * await charge(order);
 * ```
 *
 * @param chain Tokens joined by `~~`, in compact form.
 * @param keys The public keys of the root's issuer, or a function that resolves them.
 * @throws {MandateError} as {@link verifyMandateChain}; `ERR_MANDATE_CONSTRAINT_VIOLATED` with every violation, earlier uses included.
 * @throws {LedgerError} as `reserve` of {@link Ledger}.
 */
export async function acceptMandate(
  chain: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  ledger: Ledger,
  options: AcceptMandateOptions,
): Promise<AcceptedMandate> {
  const { acceptance, rest } = split(options);
  const { nonceFrom = 'ledger' } = acceptance;
  if (nonceFrom !== 'ledger' && nonceFrom !== 'elsewhere')
    invalidArgument('nonceFrom', '"ledger" or "elsewhere"');
  const authentic = await authenticateMandateChain(chain, keys, rest as unknown as PresentedChainOptions);
  const { nonce } = rest as { nonce?: unknown };
  return reserve(chain, authentic, ledger, { ...acceptance, currentDate: rest.currentDate }, [
    nonceFrom === 'ledger'
      ? { kind: 'nonce', nonce: nonce as string, binding: transactionOf(authentic) }
      : { kind: 'unique', namespace: 'nonce', value: nonce as string },
  ]);
}

/**
 * The same for a closed mandate that the user signed for one transaction, without an agent: it is accepted once.
 *
 * @throws as {@link acceptMandate}.
 */
export async function acceptDirectMandate(
  token: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  ledger: Ledger,
  options: AcceptDirectMandateOptions,
): Promise<AcceptedMandate> {
  const { acceptance, rest } = split(options);
  if (Object.hasOwn(acceptance, 'nonceFrom'))
    invalidArgument('nonceFrom', 'left out: a direct mandate has no nonce');
  const authentic = await authenticateDirectMandate(token, keys, rest);
  return reserve(token, authentic, ledger, { ...acceptance, currentDate: rest.currentDate }, []);
}

type Acceptance = AcceptanceOptions & Pick<AcceptMandateOptions, 'nonceFrom'>;

/** The options of acceptance, and those of verification, which verification checks. */
function split(options: AcceptanceOptions): { acceptance: Acceptance; rest: ChainOptions } {
  const given = checkOptions(options, 'options');
  const part = (isOfAcceptance: boolean) =>
    Object.fromEntries(
      Object.entries(given).filter(([name]) => ACCEPTANCE_OPTIONS.includes(name) === isOfAcceptance),
    );
  const acceptance = part(true) as unknown as Acceptance;
  if (typeof acceptance.attempt !== 'string') {
    invalidArgument('attempt', 'your name for this payment, the same whenever it is repeated');
  }
  const { keepPresented = false, upstream } = acceptance;
  if (typeof keepPresented !== 'boolean') invalidArgument('keepPresented', 'a boolean');
  if (upstream !== undefined) checkNames(checkOptions(upstream, 'upstream'), ['scope', 'attempt']);
  return { acceptance, rest: part(false) as ChainOptions };
}

async function reserve(
  presented: string,
  chain: AuthenticMandateChain,
  ledger: Ledger,
  options: Acceptance & Pick<ChainOptions, 'currentDate'>,
  entries: readonly LedgerEntry[],
): Promise<AcceptedMandate> {
  const { attempt, context, upstream, reserveFor, retainUntil, keepPresented = false } = options;
  // Where the caller verifies at another time than now, that is the time of the payment too.
  const time = options.currentDate === undefined ? {} : { currentDate: options.currentDate };
  // What is refused whatever was used before needs no ledger.
  const alone = evaluateMandateChain(chain, { ...context, ...time, history: () => [] });
  enforceEvaluation(alone);
  const reservation = await unwrap(
    ledger.reserve({
      attempt,
      entries: [
        ...revocationEntries(chain.hops),
        ...entries,
        { kind: 'unique', namespace: `${chain.kind} transaction`, value: transactionOf(chain) },
        ...useEntries(chain),
        ...(upstream === undefined ? [] : [{ kind: 'consumed' as const, ...upstream }]),
      ],
      decide: (histories, now) => {
        const history = (identity: string) => histories.get(identity)?.map(toPastUse);
        enforceEvaluation(evaluateMandateChain(chain, { ...context, currentDate: now, ...time, history }));
      },
      record: recordOf(chain, alone.unchecked, keepPresented ? presented : undefined),
      reserveFor,
      retainUntil,
    }),
  );
  return {
    reservation,
    chain,
    unchecked: alone.unchecked,
    commit: () => ledger.commit(reservation.id),
    release: () => ledger.release(reservation.id),
  };
}

/** A refusal by the constraints is the error of verification, with all violations. */
async function unwrap<T>(reserving: Promise<T>): Promise<T> {
  try {
    return await reserving;
  } catch (error) {
    const isRefusal = error instanceof LedgerError && error.code === 'ERR_LEDGER_REFUSED';
    throw isRefusal && isMandateError(error.cause) ? error.cause : error;
  }
}

/** The hash of the checkout, which a payment mandate calls `transaction_id`. */
const transactionOf = ({ mandate }: AuthenticMandateChain): string =>
  mandate.vct === MANDATE_VCT.payment ? mandate.transaction_id : mandate.checkout_hash;

/** Neither a token nor the mandate in it is revoked in the ledger. */
const revocationEntries = (hops: readonly VerifiedHop[]): LedgerEntry[] =>
  [...new Set(hops.flatMap(({ identity, tokenIdentity }) => [identity, tokenIdentity]))].map((key) => ({
    kind: 'not-revoked',
    key,
  }));

/** One use of every open mandate, or of the direct one. */
function useEntries(chain: AuthenticMandateChain): LedgerEntry[] {
  const { transactionId, amount, executionDate } = pastUseOf(chain, new Date());
  const details: JsonObject = { transactionId, ...(executionDate !== undefined && { executionDate }) };
  return chain.authorizations.map(({ identity, hop }) => ({
    kind: 'use',
    mandate: identity,
    ...(amount !== undefined && { amount: BigInt(amount.amount), currency: amount.currency }),
    details,
    expiresAt: expiryOf(chain.hops[hop] as VerifiedHop),
  }));
}

/** More than any tolerance of a clock. */
const DAY = 86_400_000;

/** When a mandate, or the token that it stands in, can be presented no more. */
function expiryOf({ payload, mandate }: VerifiedHop): Date | null {
  const ends = [payload.exp, (mandate as { exp?: unknown }).exp].filter((exp) => typeof exp === 'number');
  if (ends.length === 0) return null;
  const expiry = new Date(Math.min(...ends) * 1000 + DAY);
  return Number.isNaN(expiry.getTime()) ? null : expiry;
}

/** A use as the constraints are evaluated against it. */
function toPastUse({ amount, currency, usedAt, details, reservation }: LedgerUse): PastUse {
  const { transactionId, executionDate } = details ?? {};
  return {
    // A use that something other than acceptance has recorded is a use too.
    transactionId: typeof transactionId === 'string' ? transactionId : reservation,
    usedAt,
    ...(amount !== undefined && currency !== undefined && { amount: { amount: Number(amount), currency } }),
    ...(typeof executionDate === 'string' && { executionDate }),
  };
}

/** What a dispute will ask for. */
function recordOf(
  chain: AuthenticMandateChain,
  unchecked: readonly Unchecked[],
  presented: string | undefined,
): JsonValue {
  const { kind, policy, quantumSafe, isDirect, receiptReference, mandate } = chain;
  const { sd_hash, issuer_jwt_hash } = receiptReference;
  return {
    kind,
    policy,
    quantumSafe,
    isDirect,
    transaction: transactionOf(chain),
    ...(mandate.vct === MANDATE_VCT.payment && { amount: { ...mandate.payment_amount } }),
    reference: { sd_hash, issuer_jwt_hash },
    hops: chain.hops.map(({ identity, tokenIdentity, sdHash, signatures, keys }) => ({
      identity,
      tokenIdentity,
      sdHash,
      signatures: { ...signatures },
      keys: [keys.es256, keys.mldsa65].flatMap((key) => (key === undefined ? [] : [{ ...key }])),
    })),
    unchecked: [...unchecked],
    ...(presented !== undefined && { presented }),
  } as unknown as JsonValue;
}
