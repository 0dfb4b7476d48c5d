// Common parts of accepting a mandate and a purchase.
import { JWTExpired } from 'jose/errors';
import type { JsonObject } from '../encoding/json.js';
import { fail, LedgerError } from '../errors.js';
import { checkNames, checkOptions, invalidArgument, isMandateError, refuseUndefined } from '../options.js';
import { historyOfRecord, type JudgedHistory, judgedHistory, withHistory } from './accept-history.js';
import type { Ledger } from './ledger.js';
import { MAX_ENTRIES } from './request.js';
import type { LedgerEntry, Reservation } from './types.js';

/** The options of acceptance in addition to those of verification. */
export interface AcceptanceOptions {
  /**
   * Your identifier for this payment, such as the order number; the same for every repetition. Do not take it from the mandate:
   * anyone who presents the mandate again would get the reservation of the first payment.
   */
  attempt: string;
  /**
   * The issuer of the presented nonce. `ledger` (default): this ledger, by `issueNonce` with the hash of the checkout as its
   * `binding`. `elsewhere`: another service; the nonce is still accepted only once.
   */
  nonceFrom?: 'ledger' | 'elsewhere' | undefined;
  /** The attempt with which the upstream verifier, in its own scope of the same store, must have committed this transaction. */
  upstream?: { readonly scope: string; readonly attempt: string } | undefined;
  /** Whether to keep the presented text in the record. Default `false`: only its hashes and the verdict. */
  keepPresented?: boolean | undefined;
  /** Milliseconds until the reservation expires. Default: the ledger's setting. */
  reserveFor?: number | undefined;
  /** Until when all records are kept. Default: the ledger's setting. */
  retainUntil?: Date | undefined;
}

/** A verified, authorized and reserved presentation. Nothing is spent before `commit` has resolved. */
export interface Acceptance {
  /** `committed` if this attempt was committed before. */
  readonly reservation: Reservation;
  /**
   * The past uses that the presentation was judged by, by identity, from the step that reserved it: the `history` of the
   * presentation in an evidence file. They are kept in the record, so a repetition has those of the first time. `undefined` on a
   * repetition if they were too long for the record (65 536 characters as JSON, some 400 uses).
   */
  readonly history: JudgedHistory | undefined;
  /** Commits the reservation. Charge only after this has resolved. Same as `commit` of the ledger, with its errors. */
  commit(): Promise<Reservation>;
  /** Releases the reservation. Same as `release` of the ledger, with its errors. */
  release(): Promise<Reservation>;
}

/** What is reserved for a presentation. */
interface AcceptanceRequest {
  readonly entries: readonly LedgerEntry[];
  /** Throws if the past uses forbid the presentation. */
  readonly decide: (history: JudgedHistory, now: Date) => void;
  readonly record: JsonObject;
}

const NAMES = ['attempt', 'nonceFrom', 'upstream', 'keepPresented', 'reserveFor', 'retainUntil'];

/** Checks the options of acceptance, and returns the others for verification. */
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
    invalidArgument('attempt', 'your identifier for this payment, the same for every repetition');
  }
  if (nonceFrom !== 'ledger' && nonceFrom !== 'elsewhere') {
    invalidArgument('nonceFrom', '"ledger" or "elsewhere"');
  }
  if (typeof keepPresented !== 'boolean') invalidArgument('keepPresented', 'a boolean');
  if (upstream !== undefined) checkNames(checkOptions(upstream, 'upstream'), ['scope', 'attempt']);
  const context = checkOptions((given as { context?: object }).context, 'context');
  for (const name of ['history', 'currentDate']) {
    if (Object.hasOwn(context, name)) invalidArgument(`context.${name}`, 'left out: the ledger supplies it');
  }
  return { acceptance, others: part(false) as Omit<T, keyof AcceptanceOptions> };
}

const KINDS = ['checkout', 'payment'] as const;

/** The namespace in which a transaction is accepted once. */
export const transactionNamespace = (kind: (typeof KINDS)[number]): string => `${kind} transaction`;

/** Reserves what was verified. If the constraints reject it, the error is that of verification, with every reason. */
export async function reserveAccepted(
  ledger: Ledger,
  { attempt, upstream, reserveFor, retainUntil }: AcceptanceOptions,
  transaction: string,
  { entries: claims, decide, record }: AcceptanceRequest,
): Promise<Acceptance> {
  const entries: LedgerEntry[] = [...withoutRepetition(claims)];
  if (upstream !== undefined) {
    // Whichever mandate the upstream verifier has accepted, it must be for the same transaction.
    const claimed = KINDS.map((kind) => ({ namespace: transactionNamespace(kind), value: transaction }));
    entries.push({ kind: 'consumed', ...upstream, claimed });
  }
  // As with the record, the number of entries comes from the number of tokens.
  if (entries.length > MAX_ENTRIES) {
    fail(
      'ERR_MANDATE_TOO_LARGE',
      'presented',
      `what was presented has too many tokens: it needs ${entries.length} entries of the ledger, the limit is ${MAX_ENTRIES}`,
    );
  }
  try {
    let judged: JudgedHistory = {};
    const reservation = await ledger.reserve({
      attempt,
      entries,
      decide: (histories, now) => {
        judged = judgedHistory(histories);
        decide(judged, now);
        return undefined;
      },
      // Called after "decide", in the same step.
      record: () => withHistory(record, judged),
      reserveFor,
      retainUntil,
    });
    return {
      reservation,
      history: historyOfRecord(reservation.record, judged),
      commit: () => ledger.commit(reservation.id),
      release: () => ledger.release(reservation.id),
    };
  } catch (error) {
    // All of the record comes from what was presented, and so does its length.
    if (isMandateError(error) && /^record\b/.test(error.parameter)) {
      fail('ERR_MANDATE_TOO_LARGE', 'presented', 'what was presented is too long to be recorded', {
        cause: error,
      });
    }
    const isRefusal = error instanceof LedgerError && error.code === 'ERR_LEDGER_REFUSED';
    const isVerdict = isRefusal && (isMandateError(error.cause) || error.cause instanceof JWTExpired);
    throw isVerdict ? error.cause : error;
  }
}

/** The chains of one purchase can share a nonce and tokens. If they share a mandate, the ledger rejects the request. */
function withoutRepetition(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const keyOf = (entry: LedgerEntry) => (entry.kind === 'use' ? entry : JSON.stringify(entry));
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
}

/** The entry that consumes the nonce of a presentation. */
export const nonceEntry = (
  nonce: string,
  binding: string,
  nonceFrom: AcceptanceOptions['nonceFrom'] = 'ledger',
): LedgerEntry =>
  nonceFrom === 'ledger'
    ? { kind: 'nonce', nonce, binding }
    : { kind: 'unique', namespace: 'nonce', value: nonce };
