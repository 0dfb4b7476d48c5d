// What acceptance of a mandate and of a purchase have in common.
import { LedgerError } from '../errors.js';
import { checkNames, checkOptions, invalidArgument, isMandateError, refuseUndefined } from '../options.js';
import type { Ledger } from './ledger.js';
import type { LedgerEntry, LedgerRequest, Reservation } from './types.js';

/** What acceptance needs beside what verification needs. */
export interface AcceptanceOptions {
  /**
   * Your name for this payment, such as the number of the order: the same whenever it is repeated. Not taken from the mandate, or
   * whoever shows the mandate again would get the reservation of the first.
   */
  attempt: string;
  /**
   * Who gave out the nonce that is presented: this ledger, by `issueNonce` with the hash of the checkout as its `binding`
   * (default), or something else, in which case it is still accepted once.
   */
  nonceFrom?: 'ledger' | 'elsewhere' | undefined;
  /** The attempt by which the verifier upstream, in its own scope of the same store, has to have committed this transaction. */
  upstream?: { readonly scope: string; readonly attempt: string } | undefined;
  /** Keeps the presented text in the record. Default `false`: its hashes and what was found. */
  keepPresented?: boolean | undefined;
  /** Milliseconds until the reservation ends by itself. Default: the ledger's. */
  reserveFor?: number | undefined;
  /** Until when everything is kept. Default: the ledger's. */
  retainUntil?: Date | undefined;
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

const NAMES = ['attempt', 'nonceFrom', 'upstream', 'keepPresented', 'reserveFor', 'retainUntil'];

/** The options of acceptance, checked, and the others, which verification checks. */
export function splitOptions<T extends AcceptanceOptions>(
  options: T,
): { acceptance: AcceptanceOptions; others: Omit<T, keyof AcceptanceOptions> } {
  const given = checkOptions(options, 'options');
  const part = (isOfAcceptance: boolean) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => NAMES.includes(name) === isOfAcceptance));
  const acceptance = part(true) as unknown as AcceptanceOptions;
  refuseUndefined(given, ['upstream']);
  const { attempt, nonceFrom = 'ledger', upstream, keepPresented = false } = acceptance;
  if (typeof attempt !== 'string') {
    invalidArgument('attempt', 'your name for this payment, the same whenever it is repeated');
  }
  if (nonceFrom !== 'ledger' && nonceFrom !== 'elsewhere') {
    invalidArgument('nonceFrom', '"ledger" or "elsewhere"');
  }
  if (typeof keepPresented !== 'boolean') invalidArgument('keepPresented', 'a boolean');
  if (upstream !== undefined) checkNames(checkOptions(upstream, 'upstream'), ['scope', 'attempt']);
  const context = checkOptions((given as { context?: object }).context, 'context');
  for (const name of ['history', 'currentDate']) {
    if (Object.hasOwn(context, name))
      invalidArgument(`context.${name}`, 'left out: it is that of the ledger');
  }
  return { acceptance, others: part(false) as Omit<T, keyof AcceptanceOptions> };
}

const KINDS = ['checkout', 'payment'] as const;

/** The namespace in which a transaction is accepted once. */
export const transactionNamespace = (kind: (typeof KINDS)[number]): string => `${kind} transaction`;

/** Reserves what was verified. A rejection by the constraints is the error of verification, with every reason. */
export async function reserveAccepted(
  ledger: Ledger,
  { attempt, upstream, reserveFor, retainUntil }: AcceptanceOptions,
  transaction: string,
  request: Pick<LedgerRequest, 'entries' | 'decide' | 'record'>,
): Promise<Acceptance> {
  const entries: LedgerEntry[] = [...withoutRepetition(request.entries)];
  if (upstream !== undefined) {
    // Whichever of its mandates the verifier upstream has accepted, it is for the same transaction.
    const claimed = KINDS.map((kind) => ({ namespace: transactionNamespace(kind), value: transaction }));
    entries.push({ kind: 'consumed', ...upstream, claimed });
  }
  try {
    const reservation = await ledger.reserve({ ...request, attempt, entries, reserveFor, retainUntil });
    return {
      reservation,
      commit: () => ledger.commit(reservation.id),
      release: () => ledger.release(reservation.id),
    };
  } catch (error) {
    const isRefusal = error instanceof LedgerError && error.code === 'ERR_LEDGER_REFUSED';
    throw isRefusal && isMandateError(error.cause) ? error.cause : error;
  }
}

/** The chains of one purchase can share a nonce, and tokens. That they share a mandate, the ledger refuses. */
function withoutRepetition(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const keyOf = (entry: LedgerEntry) => (entry.kind === 'use' ? entry : JSON.stringify(entry));
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
}

/** What consumes the nonce of a presentation. */
export const nonceEntry = (
  nonce: string,
  binding: string,
  nonceFrom: AcceptanceOptions['nonceFrom'] = 'ledger',
): LedgerEntry =>
  nonceFrom === 'ledger'
    ? { kind: 'nonce', nonce, binding }
    : { kind: 'unique', namespace: 'nonce', value: nonce };
