import type { LedgerError } from '../errors.js';
import { checkDate, checkNames, checkOptions, invalidArgument, timeOf } from '../options.js';
import { isKnownGroup, nonceGroup, onceGroup, uniqueGroup } from './groups.js';
import { findOperation, historyOperation, holderOperation } from './lookup.js';
import { type IssuedNonce, issueOperation, randomNonce } from './nonce.js';
import { purgeOperation } from './purge.js';
import { notReached, Queue, storeFailed } from './queue.js';
import type { StoredClaimRef } from './records.js';
import { checkDuration, checkRequest, checkText } from './request.js';
import { reserveOperation } from './reserve.js';
import { findRevocationOperation, type LedgerRevocation, revokeOperation } from './revocation.js';
import {
  commit,
  type MoreClaims,
  release,
  type Settlement,
  settleOperation,
  status,
  unknownReservation,
  unknownStatus,
} from './settle.js';
import { type LedgerStore, LedgerStoreError } from './store/store.js';
import type {
  ClaimHolder,
  LedgerRequest,
  LedgerUse,
  NonceEntry,
  OnceEntry,
  Reservation,
  UniqueEntry,
  UnknownReservation,
} from './types.js';

/** Options of {@link createLedger}, all optional. */
export interface LedgerOptions {
  /**
   * Which verifier this is, where several share one store: `merchant`, `processor`. Each scope consumes a mandate once, and has its own
   * attempts, nonces and histories; revocations hold in all. Default: the empty scope.
   */
  scope?: string | undefined;
  /** Milliseconds until a reservation ends that is neither committed nor released. Default 900 000, a quarter of an hour. */
  reserveFor?: number | undefined;
  /** Calendar years for which everything is kept. Default 7. */
  retentionYears?: number | undefined;
  /** Milliseconds that one call may take. Default 5000. */
  timeLimit?: number | undefined;
  /** The time, in place of the store's own clock. All who share a store must use one clock. For tests. */
  clock?: (() => Date) | undefined;
}

/** Which claim `holder` is asked about. */
export type HolderQuery =
  | Pick<OnceEntry, 'kind' | 'mandate'>
  | Pick<UniqueEntry, 'kind' | 'namespace' | 'value'>
  | Pick<NonceEntry, 'kind' | 'nonce'>;

/** What was consumed, by whom, and for how long; shared by all processes that use the same store. */
export interface Ledger {
  /** The scope of this verifier. */
  readonly scope: string;
  /**
   * Claims all entries of a request, or none. Nothing is spent yet.
   *
   * @returns The reservation; the same again for a repeated request, `committed` if it was committed meanwhile.
   * @throws {LedgerError} `ERR_LEDGER_USED`, `ERR_LEDGER_RESERVED`, `ERR_LEDGER_ATTEMPT_CONFLICT`, `ERR_LEDGER_REFUSED`,
   * `ERR_LEDGER_NONCE_INVALID`, `ERR_LEDGER_REVOKED`, `ERR_LEDGER_NOT_CONSUMED`, or as every call: `ERR_LEDGER_OUTCOME_UNKNOWN`,
   * `ERR_LEDGER_TIMEOUT`, `ERR_LEDGER_STORE_…`, `ERR_LEDGER_SCHEMA_TOO_NEW`.
   * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`, `ERR_MANDATE_TOO_LARGE`.
   */
  reserve(request: LedgerRequest): Promise<Reservation>;
  /**
   * Spends what is reserved. Charge only after this has resolved. Called again, it is the same success.
   *
   * @throws {LedgerError} `ERR_LEDGER_RESERVATION_EXPIRED`, `ERR_LEDGER_RESERVATION_RELEASED`, `ERR_LEDGER_RESERVATION_UNKNOWN`,
   * `ERR_LEDGER_REVOKED`, `ERR_LEDGER_NOT_CONSUMED`, or as every call. After `ERR_LEDGER_OUTCOME_UNKNOWN`, call it again or ask `status`.
   */
  commit(id: string): Promise<Reservation>;
  /**
   * Gives up what is reserved. Of a reservation that was released or has expired, the same success.
   *
   * @throws {LedgerError} `ERR_LEDGER_RESERVATION_COMMITTED`, `ERR_LEDGER_RESERVATION_UNKNOWN`, or as every call.
   */
  release(id: string): Promise<Reservation>;
  /** What has become of a reservation. What an earlier call may still do is excluded before this answers. */
  status(id: string): Promise<Reservation | UnknownReservation>;
  /** All reservations of an attempt, the last one last: for who has lost the id, and for disputes. */
  find(attempt: string): Promise<readonly Reservation[]>;
  /** Who has used or reserved a mandate, a value or a nonce. */
  holder(query: HolderQuery): Promise<ClaimHolder | undefined>;
  /** The uses of an open mandate, oldest first. */
  history(mandate: string): Promise<readonly LedgerUse[]>;
  /**
   * Gives out a nonce for one checkout.
   *
   * @param options.binding What it is for, such as the hash of the checkout.
   * @param options.expiresIn Milliseconds. Default 600 000.
   * @param options.nonce A nonce of your own, which nobody can guess. Default: 128 random bits.
   */
  issueNonce(options: { binding: string; expiresIn?: number; nonce?: string }): Promise<IssuedNonce>;
  /**
   * Refuses everything that has an entry `not-revoked` with this key, from now on and for good.
   *
   * @param options.reason For the record, up to 1024 characters.
   * @param options.retainUntil Until when it is kept. Default: for good.
   */
  revoke(key: string, options?: { reason?: string; retainUntil?: Date }): Promise<LedgerRevocation>;
  /** When and why something was revoked, or `undefined`. */
  findRevocation(key: string): Promise<LedgerRevocation | undefined>;
  /**
   * Forgets what had to be kept until a time before `before`. Never called by the ledger itself. The uses of a mandate are kept as long
   * as the mandate can be presented, and for good if it does not expire.
   *
   * @returns How many records were removed.
   */
  purge(before: Date): Promise<{ readonly removed: number }>;
}

const OPTIONS = ['scope', 'reserveFor', 'retentionYears', 'timeLimit', 'clock'];
const REMEMBERED_CLAIMS = 10_000;
const PURGE_PAGE = 64;

/**
 * Opens a ledger: creates or migrates what the store needs, and refuses a store that could lose what it confirms.
 *
 * @example
 * ```ts
 * const ledger = await createLedger(createSqliteStore(new DatabaseSync('ledger.db')));
 * const { id } = await ledger.reserve({ attempt: 'order-1', entries: [{ kind: 'once', mandate: identity }] });
 * await ledger.commit(id);
 * ```
 *
 * @throws {LedgerError} `ERR_LEDGER_STORE_NOT_DURABLE`, `ERR_LEDGER_SCHEMA_TOO_NEW`, `ERR_LEDGER_STORE_FAILED`; `ERR_LEDGER_TIMEOUT` if the
 * store cannot be reached within `timeLimit`.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function createLedger(store: LedgerStore, options?: LedgerOptions): Promise<Ledger> {
  const given = checkOptions(options, 'options');
  checkNames(given, OPTIONS);
  const { retentionYears = 7, clock } = given;
  const scope = given.scope === undefined ? '' : checkText(given.scope, 'scope', 256, 0);
  const reserveFor = given.reserveFor === undefined ? 900_000 : checkDuration(given.reserveFor, 'reserveFor');
  const timeLimit = given.timeLimit === undefined ? 5000 : checkDuration(given.timeLimit, 'timeLimit');
  if (!Number.isSafeInteger(retentionYears) || retentionYears < 0 || retentionYears > 1000) {
    invalidArgument('retentionYears', 'an integer from 0 to 1000');
  }
  if (clock !== undefined && typeof clock !== 'function') invalidArgument('clock', 'a function');
  if (typeof store?.transact !== 'function' || typeof store?.open !== 'function') {
    invalidArgument('store', 'a store, such as that of createSqliteStore');
  }
  await open(store, timeLimit);
  const time =
    clock && (() => timeOf(clock()) ?? invalidArgument('clock', 'a function that returns a valid Date'));
  return new StoredLedger(store, scope, reserveFor, retentionYears, timeLimit, time);
}

/** Milliseconds between two attempts to open a store that is not there. */
const OPENING_PAUSE = 50;

/** Opens the store, and again where it could not be reached: what it creates, it creates once. */
async function open(store: LedgerStore, timeLimit: number): Promise<void> {
  const deadline = performance.now() + timeLimit;
  for (;;) {
    try {
      return await store.open(Math.max(1, Math.ceil(deadline - performance.now())));
    } catch (error) {
      if (!(error instanceof LedgerStoreError)) throw error;
      const isPassing = error.failure === 'unavailable' || error.failure === 'unknown';
      if (!isPassing) throw storeFailed(error.failure, error);
      if (performance.now() + OPENING_PAUSE >= deadline) throw notReached(store, error);
    }
    await new Promise((resolve) => setTimeout(resolve, OPENING_PAUSE));
  }
}

class StoredLedger implements Ledger {
  readonly scope: string;
  readonly #store: LedgerStore;
  readonly #queue: Queue;
  readonly #reserveFor: number;
  readonly #retentionYears: number;
  readonly #timeLimit: number;
  /** What the latest reservations of this process claim, to spare the look before they are settled. */
  readonly #claims = new Map<string, readonly StoredClaimRef[]>();

  constructor(
    store: LedgerStore,
    scope: string,
    reserveFor: number,
    retentionYears: number,
    timeLimit: number,
    clock: (() => number) | undefined,
  ) {
    this.scope = scope;
    this.#store = store;
    this.#queue = new Queue(store, clock, timeLimit);
    this.#reserveFor = reserveFor;
    this.#retentionYears = retentionYears;
    this.#timeLimit = timeLimit;
  }

  async reserve(request: LedgerRequest): Promise<Reservation> {
    const plan = checkRequest(request, this.scope, this.#reserveFor);
    const names = new Set([plan.group, ...plan.entries.map(({ group }) => group)]);
    if (names.size <= plan.entries.length) {
      invalidArgument('entries', 'about other things than the attempt itself');
    }
    const { reservation, claims } = await this.#queue.run(reserveOperation(plan, this.#retentionYears));
    this.#remember(reservation.id, claims);
    return reservation;
  }

  async commit(id: string): Promise<Reservation> {
    return this.#settle(id, false, commit, unknownReservation);
  }

  async release(id: string): Promise<Reservation> {
    return this.#settle(id, false, release, unknownReservation);
  }

  async status(id: string): Promise<Reservation | UnknownReservation> {
    return this.#settle<Reservation | UnknownReservation>(id, true, status, unknownStatus);
  }

  async find(attempt: string): Promise<readonly Reservation[]> {
    return this.#queue.run(findOperation(this.scope, checkText(attempt, 'attempt', 256)));
  }

  async holder(query: HolderQuery): Promise<ClaimHolder | undefined> {
    return this.#queue.run(holderOperation(this.#groupOf(query)));
  }

  async history(mandate: string): Promise<readonly LedgerUse[]> {
    return this.#queue.run(historyOperation(this.scope, checkText(mandate, 'mandate', 1024)));
  }

  async issueNonce(options: { binding: string; expiresIn?: number; nonce?: string }): Promise<IssuedNonce> {
    const given = checkOptions(options, 'options');
    checkNames(given, ['binding', 'expiresIn', 'nonce']);
    const binding = checkText(given.binding, 'binding', 1024);
    const lifetime = given.expiresIn === undefined ? 600_000 : checkDuration(given.expiresIn, 'expiresIn');
    const nonce = given.nonce === undefined ? randomNonce() : checkText(given.nonce, 'nonce', 1024, 16);
    return this.#queue.run(issueOperation(this.scope, nonce, binding, lifetime));
  }

  async revoke(key: string, options?: { reason?: string; retainUntil?: Date }): Promise<LedgerRevocation> {
    const given = checkOptions(options, 'options');
    checkNames(given, ['reason', 'retainUntil']);
    const reason = given.reason === undefined ? undefined : checkText(given.reason, 'reason', 1024, 0);
    const keep = given.retainUntil === undefined ? null : checkDate(given.retainUntil, 'retainUntil');
    return this.#queue.run(revokeOperation(checkText(key, 'key', 1024), reason, keep));
  }

  async findRevocation(key: string): Promise<LedgerRevocation | undefined> {
    return this.#queue.run(findRevocationOperation(checkText(key, 'key', 1024)));
  }

  async purge(before: Date): Promise<{ readonly removed: number }> {
    const time = checkDate(before, 'before');
    let removed = 0;
    let cursor: string | undefined;
    do {
      const page = await this.#scan(cursor);
      const groups = [...new Set(page.groups)].filter(isKnownGroup);
      for (let at = 0; at < groups.length; at += PURGE_PAGE) {
        removed += await this.#queue.run(purgeOperation(groups.slice(at, at + PURGE_PAGE), time));
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
    return { removed };
  }

  async #scan(cursor: string | undefined) {
    try {
      return await this.#store.scan(cursor, PURGE_PAGE * 16, this.#timeLimit);
    } catch (error) {
      throw storeFailed(error instanceof LedgerStoreError ? error.failure : 'failed', error);
    }
  }

  /** Settles a reservation; first looks what it claims, where this process has not made it. */
  async #settle<T extends object>(
    id: string,
    fence: boolean,
    settlement: Settlement<T>,
    onUnknown: (id: string) => T | LedgerError,
  ): Promise<T> {
    checkText(id, 'id', 256);
    const operation = (claims: readonly StoredClaimRef[] | undefined) =>
      settleOperation<T>(id, claims, fence, settlement, onUnknown);
    const first = await this.#queue.run<T | MoreClaims>(operation(this.#claims.get(id)));
    if (!('claims' in first)) return first;
    // A later generation has another id: what one reservation claims never changes.
    return (await this.#queue.run<T | MoreClaims>(operation((first as MoreClaims).claims))) as T;
  }

  #remember(id: string, claims: readonly StoredClaimRef[]): void {
    this.#claims.set(id, claims);
    if (this.#claims.size <= REMEMBERED_CLAIMS) return;
    const [oldest] = this.#claims.keys();
    this.#claims.delete(oldest as string);
  }

  #groupOf(query: HolderQuery): string {
    const given = checkOptions(query, 'query') as HolderQuery;
    switch (given.kind) {
      case 'once':
        checkNames(given, ['kind', 'mandate']);
        return onceGroup(this.scope, checkText(given.mandate, 'mandate', 1024));
      case 'unique':
        checkNames(given, ['kind', 'namespace', 'value']);
        return uniqueGroup(
          this.scope,
          checkText(given.namespace, 'namespace', 1024),
          checkText(given.value, 'value', 1024),
        );
      case 'nonce':
        checkNames(given, ['kind', 'nonce']);
        return nonceGroup(this.scope, checkText(given.nonce, 'nonce', 1024));
      default:
        return invalidArgument('kind', 'one of once, unique, nonce');
    }
  }
}
