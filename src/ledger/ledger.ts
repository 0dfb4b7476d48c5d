import type { LedgerError } from '../errors.js';
import {
  checkDate,
  checkNames,
  checkOptions,
  hasMethods,
  invalidArgument,
  readValue,
  timeOf,
} from '../options.js';
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
   * Identifies this verifier if several share a store: `merchant`, `processor`. Each scope consumes a mandate once, and has its
   * own attempts, nonces and histories. Revocations apply to all scopes. Default: the empty scope.
   */
  scope?: string | undefined;
  /**
   * Milliseconds after which a reservation expires if it is not committed or released. Default 900 000, a quarter of an hour.
   */
  reserveFor?: number | undefined;
  /** Calendar years for which all records are kept. Default 7. */
  retentionYears?: number | undefined;
  /** Milliseconds that one call may take. Default 5000. */
  timeLimit?: number | undefined;
  /** Replaces the clock of the store. All users of a store must use the same clock. For tests. */
  clock?: (() => Date) | undefined;
}

/** The claim for which `holder` returns the holder. */
export type HolderQuery =
  | Pick<OnceEntry, 'kind' | 'mandate'>
  | Pick<UniqueEntry, 'kind' | 'namespace' | 'value'>
  | Pick<NonceEntry, 'kind' | 'nonce'>;

/** Records what was consumed, by which attempt, and for how long; shared by all processes that use the same store. */
export interface Ledger {
  /** The scope of this verifier. */
  readonly scope: string;
  /**
   * Claims all entries of a request, or none. Nothing is spent yet.
   *
   * @returns The reservation. A repeated request gets the same reservation, with the state `committed` if it has been committed
   * since.
   * @throws {LedgerError} `ERR_LEDGER_USED`, `ERR_LEDGER_RESERVED`, `ERR_LEDGER_ATTEMPT_CONFLICT`, `ERR_LEDGER_REFUSED`,
   * `ERR_LEDGER_NONCE_INVALID`, `ERR_LEDGER_REVOKED`, `ERR_LEDGER_NOT_CONSUMED`, or as every call: `ERR_LEDGER_OUTCOME_UNKNOWN`,
   * `ERR_LEDGER_TIMEOUT`, `ERR_LEDGER_STORE_…`, `ERR_LEDGER_SCHEMA_TOO_NEW`.
   * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`, `ERR_MANDATE_TOO_LARGE`.
   */
  reserve(request: LedgerRequest): Promise<Reservation>;
  /**
   * Commits a reservation: its claims are spent. Charge only after this has resolved. Repeated calls succeed.
   *
   * @throws {LedgerError} `ERR_LEDGER_RESERVATION_EXPIRED`, `ERR_LEDGER_RESERVATION_RELEASED`,
   * `ERR_LEDGER_RESERVATION_UNKNOWN`, `ERR_LEDGER_REVOKED`, `ERR_LEDGER_NOT_CONSUMED`, or as every call. After
   * `ERR_LEDGER_OUTCOME_UNKNOWN`, repeat the call or call `status`.
   */
  commit(id: string): Promise<Reservation>;
  /**
   * Releases a reservation. Succeeds also if it was already released or has expired.
   *
   * @throws {LedgerError} `ERR_LEDGER_RESERVATION_COMMITTED`, `ERR_LEDGER_RESERVATION_UNKNOWN`, or as every call.
   */
  release(id: string): Promise<Reservation>;
  /** The status of a reservation. An earlier call without an answer can no longer change it after this answers. */
  status(id: string): Promise<Reservation | UnknownReservation>;
  /** All reservations of an attempt, in order: if the id was lost, and for disputes. */
  find(attempt: string): Promise<readonly Reservation[]>;
  /**
   * The attempt that has used or reserved a mandate, a value or a nonce. If it answers that a reservation has expired, the
   * reservation cannot be committed any more, even if the clock goes back. The same holds for `find` and `history`.
   */
  holder(query: HolderQuery): Promise<ClaimHolder | undefined>;
  /** The uses of an open mandate, oldest first. */
  history(mandate: string): Promise<readonly LedgerUse[]>;
  /**
   * Issues a nonce for one checkout.
   *
   * @param options.binding What the nonce is for, such as the hash of the checkout.
   * @param options.expiresIn Milliseconds. Default 600 000.
   * @param options.nonce A nonce of your own, which must be unguessable. Default: 128 random bits.
   */
  issueNonce(options: { binding: string; expiresIn?: number; nonce?: string }): Promise<IssuedNonce>;
  /**
   * Revokes a key, in every scope: from now on, every request with an entry `not-revoked` for it is rejected, and so is the
   * commit of every reservation that was made with one. What is already committed stays committed.
   *
   * The acceptance functions have such entries for every token that was presented, a User Credential included: its `mandateId`,
   * its identity (`tokenIdentity` of a hop), and the `identity` of the mandate in it. Any of these is a key, and a result of
   * verification has all of them. The key of a root revokes everything that was delegated under it. The merchant's JWT of a
   * purchase has no key.
   *
   * @param key Free text of 1 to 1024 characters, compared character by character. Nothing tells whether a mandate has this key:
   * a token, a hash of a token, or a misspelt key revokes nothing.
   * @param options.reason For the record, up to 1024 characters.
   * @param options.retainUntil Until when the revocation is kept. Default: forever.
   */
  revoke(key: string, options?: { reason?: string; retainUntil?: Date }): Promise<LedgerRevocation>;
  /** When and why something was revoked, or `undefined`. */
  findRevocation(key: string): Promise<LedgerRevocation | undefined>;
  /**
   * Deletes records whose retention ended before `before`. The ledger never calls this itself. The uses of a mandate are kept
   * as long as the mandate can be presented, and forever if it does not expire.
   *
   * @returns The number of records removed.
   */
  purge(before: Date): Promise<{ readonly removed: number }>;
}

const OPTIONS = ['scope', 'reserveFor', 'retentionYears', 'timeLimit', 'clock'];
const REMEMBERED_CLAIMS = 10_000;
const PURGE_PAGE = 64;

/**
 * Opens a ledger: creates what the store needs, and rejects a store that could lose confirmed changes.
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
  if (!hasMethods(store, ['transact', 'open']))
    invalidArgument('store', 'a store, for example from createSqliteStore');
  if (!readValue('store', () => store.parallel >= 1 && store.maxGroups >= 64)) {
    invalidArgument('store', 'a store whose "parallel" is at least 1, and "maxGroups" at least 64');
  }
  await open(store, timeLimit);
  const time = clock && (() => readClock(clock));
  return new StoredLedger(store, scope, reserveFor, retentionYears, timeLimit, time);
}

function readClock(clock: () => Date): number {
  let time: number | undefined;
  try {
    time = timeOf(clock());
  } catch {
    // A clock that throws returns no time.
  }
  return time ?? invalidArgument('clock', 'a function that returns a valid Date');
}

/** Milliseconds between attempts to open a store that is unavailable. */
const OPENING_PAUSE = 50;

/** Opens the store, and retries if it is unreachable. Opening is idempotent. */
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
  /** The claims of the latest reservations of this process, to avoid reading them before they are settled. */
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
      invalidArgument('entries', 'entries that do not refer to the attempt itself');
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
    const found = await this.#queue.run(findOperation(this.scope, checkText(attempt, 'attempt', 256)));
    // Whether a reservation has expired is told as by "status", which stores it.
    const told = await Promise.all(
      found.map((each) => (each.state === 'reserved' ? this.status(each.id) : each)),
    );
    return told.filter((each) => each.state !== 'unknown');
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
      const page = await this.#store.scan(cursor, PURGE_PAGE * 16, this.#timeLimit);
      if (!Array.isArray(page?.groups)) throw new LedgerStoreError('failed', 'the store returns no groups');
      return page;
    } catch (error) {
      throw storeFailed(error instanceof LedgerStoreError ? error.failure : 'failed', error);
    }
  }

  /** Settles a reservation. It first reads the claims, if this process has not made the reservation. */
  async #settle<T extends object>(
    id: string,
    fence: boolean,
    settlement: Settlement<T>,
    onUnknown: (id: string) => T | LedgerError,
  ): Promise<T> {
    checkText(id, 'id', 256);
    const operation = (claims: readonly StoredClaimRef[] | undefined) =>
      settleOperation<T>(this.scope, id, claims, fence, settlement, onUnknown);
    const first = await this.#queue.run<T | MoreClaims>(operation(this.#claims.get(id)));
    if (!('claims' in first)) return first;
    // A later generation has another id, so the claims of a reservation never change.
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
