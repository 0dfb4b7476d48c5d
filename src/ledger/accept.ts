import {
  type AuthenticMandateChain,
  type AuthorityContext,
  authenticateDirectMandate,
  authenticateMandateChain,
  type ChainOptions,
  enforceEvaluation,
  evaluateMandateChain,
  type PresentedChainOptions,
  type Unchecked,
} from '../ap2/index.js';
import { LedgerError } from '../errors.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { checkNames, checkOptions, invalidArgument, isMandateError } from '../options.js';
import { chainEntries, recordOf, toPastUse, transactionOf } from './accept-entries.js';
import type { Ledger } from './ledger.js';
import type { LedgerEntry, Reservation } from './types.js';

/** What acceptance needs beside what verification needs. */
export interface AcceptanceOptions {
  /**
   * Your name for this payment, such as the number of the order: the same whenever it is repeated. Not taken from the mandate, or
   * whoever shows the mandate again would get the reservation of the first.
   */
  attempt: string;
  /** An attempt that the verifier upstream, in its own scope of the same store, has to have committed. */
  upstream?: { readonly scope: string; readonly attempt: string } | undefined;
  /** Keeps the presented text in the record. Default `false`: its hashes and what was found. */
  keepPresented?: boolean | undefined;
  /** Milliseconds until the reservation ends by itself. Default: the ledger's. */
  reserveFor?: number | undefined;
  /** Until when everything is kept. Default: the ledger's. */
  retainUntil?: Date | undefined;
}

/** How one chain is verified and evaluated. */
export interface AcceptedChainOptions extends PresentedChainOptions {
  /** What the authority of the chain is evaluated against. Its history is the ledger's. */
  context: AuthorityContext;
  /**
   * Who gave out `nonce`: this ledger, by `issueNonce` with the hash of the checkout as its `binding` (default), or something
   * else, in which case it is still accepted once.
   */
  nonceFrom?: 'ledger' | 'elsewhere' | undefined;
}

/** Options of {@link acceptMandate}. */
export interface AcceptMandateOptions extends AcceptanceOptions, AcceptedChainOptions {}

/** Options of {@link acceptDirectMandate}. */
export interface AcceptDirectMandateOptions extends AcceptanceOptions, ChainOptions {
  /** What the authority of the mandate is evaluated against. Its history is the ledger's. */
  context: AuthorityContext;
}

/** One of several chains of one payment. */
export interface MandatePresentation {
  /** Tokens joined by `~~`, in compact form. */
  readonly chain: string;
  /** The public keys of the root's issuer, or a function that resolves them. */
  readonly keys: MandatePublicKeys | MandateKeyResolver;
  readonly options: AcceptedChainOptions;
}

/** What is verified, authorized and reserved. Nothing is spent before `commit` has resolved. */
export interface Acceptance {
  /** `committed` if this attempt was committed before. */
  readonly reservation: Reservation;
  /** Spends it. Charge only after this has resolved. As `commit` of the ledger, with its errors. */
  commit(): Promise<Reservation>;
  /** Gives it up. As `release` of the ledger, with its errors. */
  release(): Promise<Reservation>;
}

/** A chain that was accepted, and what was not checked, although it was allowed. */
export interface AcceptedChain {
  readonly chain: AuthenticMandateChain;
  readonly unchecked: readonly Unchecked[];
}

/** One accepted mandate. */
export interface AcceptedMandate extends Acceptance, AcceptedChain {}

/** Several mandates, accepted together. */
export interface AcceptedMandates extends Acceptance {
  /** In the order in which they were presented. */
  readonly accepted: readonly AcceptedChain[];
}

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
 * @throws {MandateError} as `verifyMandateChain` of `ap2-pq/ap2`; `ERR_MANDATE_CONSTRAINT_VIOLATED` with every violation, earlier uses included.
 * @throws {LedgerError} as `reserve` of {@link Ledger}.
 */
export async function acceptMandate(
  chain: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  ledger: Ledger,
  options: AcceptMandateOptions,
): Promise<AcceptedMandate> {
  const given = checkOptions(options, 'options');
  const acceptance = checkAcceptance(pick(given, ACCEPTANCE));
  const candidate = await authenticate({ chain, keys, options: omit(given, ACCEPTANCE) });
  return single(await reserve([candidate], ledger, acceptance));
}

/**
 * The same for several chains of one payment, such as the checkout mandate and the payment mandate of one order: all are accepted, or
 * none. They may share a nonce. The `openCheckoutHashes` of a payment are those of the checkout mandates beside it, unless given.
 *
 * @throws as {@link acceptMandate}.
 */
export async function acceptMandates(
  presentations: readonly MandatePresentation[],
  ledger: Ledger,
  options: AcceptanceOptions,
): Promise<AcceptedMandates> {
  const acceptance = checkAcceptance(checkOptions(options, 'options'));
  if (!Array.isArray(presentations) || presentations.length === 0) {
    invalidArgument('presentations', 'an array of { chain, keys, options }');
  }
  const candidates: Candidate[] = [];
  for (const [index, presentation] of presentations.entries()) {
    const parameter = `presentations[${index}]`;
    const given = checkOptions(presentation as MandatePresentation, parameter);
    checkNames(given, ['chain', 'keys', 'options']);
    candidates.push(
      await authenticate({ ...given, options: checkOptions(given.options, `${parameter}.options`) }),
    );
  }
  const hashes = candidates.flatMap(({ chain }) => chain.openCheckoutHashes);
  return reserve(
    candidates.map((candidate) => withOpenCheckouts(candidate, hashes)),
    ledger,
    acceptance,
  );
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
  const given = checkOptions(options, 'options');
  const acceptance = checkAcceptance(pick(given, ACCEPTANCE));
  const verification = omit(given, [...ACCEPTANCE, 'context']);
  const candidate = {
    presented: token,
    chain: await authenticateDirectMandate(token, keys, verification),
    context: given.context,
    currentDate: verification.currentDate,
    nonce: [],
  };
  return single(await reserve([candidate], ledger, acceptance));
}

/** A chain that is authentic, and what it is to be evaluated with. */
interface Candidate {
  readonly presented: string;
  readonly chain: AuthenticMandateChain;
  readonly context: AuthorityContext;
  readonly currentDate: Date | undefined;
  readonly nonce: readonly LedgerEntry[];
}

const ACCEPTANCE = ['attempt', 'upstream', 'keepPresented', 'reserveFor', 'retainUntil'];

function checkAcceptance(options: Partial<AcceptanceOptions>): AcceptanceOptions {
  checkNames(options, ACCEPTANCE);
  const { attempt, upstream, keepPresented = false } = options;
  if (typeof attempt !== 'string') {
    return invalidArgument('attempt', 'your name for this payment, the same whenever it is repeated');
  }
  if (typeof keepPresented !== 'boolean') invalidArgument('keepPresented', 'a boolean');
  if (upstream !== undefined) checkNames(checkOptions(upstream, 'upstream'), ['scope', 'attempt']);
  return { ...options, attempt };
}

async function authenticate({ chain, keys, options }: MandatePresentation): Promise<Candidate> {
  const { context, nonceFrom = 'ledger' } = options;
  if (nonceFrom !== 'ledger' && nonceFrom !== 'elsewhere') {
    invalidArgument('nonceFrom', '"ledger" or "elsewhere"');
  }
  const verification = omit(options, ['context', 'nonceFrom']);
  const authentic = await authenticateMandateChain(chain, keys, verification);
  const { nonce, currentDate } = verification;
  return {
    presented: chain,
    chain: authentic,
    context,
    currentDate,
    nonce: [
      nonceFrom === 'ledger'
        ? { kind: 'nonce', nonce, binding: transactionOf(authentic) }
        : { kind: 'unique', namespace: 'nonce', value: nonce },
    ],
  };
}

function withOpenCheckouts(candidate: Candidate, hashes: readonly string[]): Candidate {
  const { chain, context } = candidate;
  const isGiven = Object.hasOwn(checkOptions(context, 'context'), 'openCheckoutHashes');
  if (chain.kind !== 'payment' || isGiven || hashes.length === 0) return candidate;
  return { ...candidate, context: { ...context, openCheckoutHashes: hashes } };
}

async function reserve(
  candidates: readonly Candidate[],
  ledger: Ledger,
  { upstream, keepPresented = false, ...request }: AcceptanceOptions,
): Promise<AcceptedMandates> {
  // What is refused whatever was used before needs no ledger.
  const accepted = candidates.map((candidate) => {
    const evaluation = evaluate(candidate, () => []);
    enforceEvaluation(evaluation);
    return { chain: candidate.chain, unchecked: evaluation.unchecked };
  });
  const entries = candidates.flatMap(({ chain, nonce }) => [...nonce, ...chainEntries(chain)]);
  const records = candidates.map(({ presented, chain }, index) =>
    recordOf(chain, accepted[index]?.unchecked ?? [], keepPresented ? presented : undefined),
  );
  const reservation = await withCauseOf(
    ledger.reserve({
      ...request,
      entries: [
        ...withoutRepetition(entries),
        ...(upstream === undefined ? [] : [{ kind: 'consumed' as const, ...upstream }]),
      ],
      decide: (histories, now) => {
        const history = (identity: string) => histories.get(identity)?.map(toPastUse);
        const evaluations = candidates.map((candidate) => evaluate(candidate, history, now));
        enforceEvaluation({ violations: evaluations.flatMap(({ violations }) => violations), unchecked: [] });
      },
      record: records,
    }),
  );
  return {
    reservation,
    accepted,
    commit: () => ledger.commit(reservation.id),
    release: () => ledger.release(reservation.id),
  };
}

type History = NonNullable<Parameters<typeof evaluateMandateChain>[1]>['history'] & {};

function evaluate({ chain, context, currentDate }: Candidate, history: History, now?: Date) {
  // Where the caller verifies at another time than now, that is the time of the payment too.
  const time = currentDate ?? now;
  return evaluateMandateChain(chain, {
    ...context,
    history,
    ...(time !== undefined && { currentDate: time }),
  });
}

/** Chains of one payment can share a nonce, and tokens. That they share a mandate is refused by the ledger. */
function withoutRepetition(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const keyOf = (entry: LedgerEntry) => (entry.kind === 'use' ? entry : JSON.stringify(entry));
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
}

function single({ accepted, ...acceptance }: AcceptedMandates): AcceptedMandate {
  const [first] = accepted as readonly [AcceptedChain];
  return { ...acceptance, ...first };
}

/** A refusal by the constraints is the error of verification, with all violations. */
async function withCauseOf<T>(reserving: Promise<T>): Promise<T> {
  try {
    return await reserving;
  } catch (error) {
    const isRefusal = error instanceof LedgerError && error.code === 'ERR_LEDGER_REFUSED';
    throw isRefusal && isMandateError(error.cause) ? error.cause : error;
  }
}

const pick = <T extends object>(options: T, names: readonly string[]): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name))) as Partial<T>;

const omit = <T extends object>(options: T, names: readonly string[]): T =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name))) as T;
