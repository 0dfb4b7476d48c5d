import { evaluateChain } from '../ap2/chain/evaluate.js';
import {
  type AuthenticMandateChain,
  type AuthorityContext,
  authenticateDirectMandate,
  authenticateMandateChain,
  type ChainOptions,
  enforceEvaluation,
  type PresentedChainOptions,
  type Unchecked,
} from '../ap2/index.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { invalidArgument } from '../options.js';
import { chainEntries, checkKept, checkRecordable, recordOf, transactionOf } from './accept-entries.js';
import {
  type Acceptance,
  type AcceptanceOptions,
  nonceEntry,
  reserveAccepted,
  splitOptions,
} from './acceptance.js';
import type { Ledger } from './ledger.js';
import type { LedgerEntry } from './types.js';

/** Options of {@link acceptMandate}. */
export interface AcceptMandateOptions extends AcceptanceOptions, PresentedChainOptions {
  /** The data that the authority of the chain is evaluated against. The ledger supplies the history. */
  context: AuthorityContext;
}

/** Options of {@link acceptDirectMandate}. */
export interface AcceptDirectMandateOptions extends Omit<AcceptanceOptions, 'nonceFrom'>, ChainOptions {
  /** The data that the authority of the mandate is evaluated against. The ledger supplies the history. */
  context: AuthorityContext;
}

/** One accepted mandate. */
export interface AcceptedMandate extends Acceptance {
  readonly chain: AuthenticMandateChain;
  /** What was not checked although the caller allowed that. */
  readonly unchecked: readonly Unchecked[];
}

/**
 * Verifies a chain, and evaluates every open mandate against the ledger's records. Reserves in one atomic step: the nonce, the
 * transaction, and one use of each open mandate. A second attempt is rejected.
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
  const { acceptance, others } = splitOptions(options);
  const { context, ...verification } = others;
  const authentic = await authenticateMandateChain(chain, keys, verification);
  const nonce = nonceEntry(verification.nonce, transactionOf(authentic), acceptance.nonceFrom);
  return reserve(
    { presented: chain, chain: authentic, context, time: verification.currentDate },
    ledger,
    acceptance,
    [nonce],
  );
}

/**
 * Like {@link acceptMandate}, for a closed mandate that the user signed for one transaction, without an agent. It is accepted
 * once.
 *
 * @throws as {@link acceptMandate}.
 */
export async function acceptDirectMandate(
  token: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  ledger: Ledger,
  options: AcceptDirectMandateOptions,
): Promise<AcceptedMandate> {
  const { acceptance, others } = splitOptions(options);
  if (acceptance.nonceFrom !== undefined)
    invalidArgument('nonceFrom', 'left out: a direct mandate has no nonce');
  const { context, ...verification } = others;
  const chain = await authenticateDirectMandate(token, keys, verification);
  return reserve(
    { presented: token, chain, context, time: verification.currentDate },
    ledger,
    acceptance,
    [],
  );
}

/** An authentic chain, and the data to evaluate it with. */
interface Candidate {
  readonly presented: string;
  readonly chain: AuthenticMandateChain;
  readonly context: AuthorityContext;
  /** If the caller verifies at another time than now, that is also the time of the payment. */
  readonly time: Date | undefined;
}

async function reserve(
  { presented, chain, context, time }: Candidate,
  ledger: Ledger,
  acceptance: AcceptanceOptions,
  entries: readonly LedgerEntry[],
): Promise<AcceptedMandate> {
  checkRecordable(chain);
  // What is rejected regardless of past uses does not need the ledger.
  const alone = evaluateChain(chain, {
    ...context,
    currentDate: time ?? new Date(),
    history: () => [],
  });
  enforceEvaluation(alone);
  const accepted = await reserveAccepted(ledger, acceptance, transactionOf(chain), {
    entries: [...entries, ...chainEntries(chain)],
    decide: (judged, now) => {
      checkKept(chain, now);
      const history = (identity: string) => judged[identity];
      enforceEvaluation(evaluateChain(chain, { ...context, currentDate: time ?? now, history }));
    },
    record: {
      ...recordOf(chain),
      unchecked: [...alone.unchecked],
      ...(acceptance.keepPresented === true && { presented }),
    },
  });
  return { ...accepted, chain, unchecked: alone.unchecked };
}
