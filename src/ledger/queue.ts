import { isError } from '../brand.js';
import { LedgerError } from '../errors.js';
import { isMandateError, timeOf } from '../options.js';
import { Draft, unreadable } from './draft.js';
import {
  type LedgerRead,
  type LedgerStore,
  LedgerStoreError,
  type LedgerStoreFailure,
  type LedgerView,
} from './store/store.js';

/** One operation of the ledger: pure, synchronous and repeatable. */
export interface Operation<T> {
  readonly reads: readonly LedgerRead[];
  /** Whether all earlier, unanswered transactions must be excluded. */
  readonly fence: boolean;
  /** The id for the error, if the outcome remains unknown. */
  readonly reservation: string | undefined;
  /** Returns a result or the error of the operation; its changes are kept in both cases. Throws to discard its changes. */
  readonly run: (draft: Draft, now: number) => T | LedgerError;
}

interface Waiting {
  readonly operation: Operation<unknown>;
  readonly deadline: number;
  readonly settle: (outcome: Outcome) => void;
  /** An earlier transaction with it may have taken effect, or may still do so. */
  isUncertain: boolean;
  /** It was decided in the current transaction, which may take effect at any moment. */
  isDecided: boolean;
  /** Its caller has an answer, so it must not change anything any more. */
  isOver: boolean;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** The number of operations that share one transaction, and so one fsync. */
const MAX_OPERATIONS = 64;
/** Milliseconds between attempts if the store does not answer. */
const FIRST_PAUSE = 10;
const LAST_PAUSE = 200;

/**
 * Combines waiting operations into transactions. During a transaction, new operations wait for the next one. A busy process
 * therefore commits many operations with one fsync, and an idle one commits at once.
 */
export class Queue {
  readonly #store: LedgerStore;
  readonly #clock: (() => number) | undefined;
  readonly #timeLimit: number;
  readonly #waiting: Waiting[] = [];
  /** Groups of the current transactions: two transactions of one process must not compete in the store. */
  readonly #busy = new Set<string>();
  #running = 0;
  #pause = 0;
  #isPaused = false;
  #isScheduled = false;

  constructor(store: LedgerStore, clock: (() => number) | undefined, timeLimit: number) {
    this.#store = store;
    this.#clock = clock;
    this.#timeLimit = timeLimit;
  }

  /** Runs an operation, and repeats it while its outcome is unknown, until the time limit. */
  run<T>(operation: Operation<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const entry: Waiting = {
        operation,
        deadline: performance.now() + this.#timeLimit,
        isUncertain: false,
        isDecided: false,
        isOver: false,
        settle: (outcome) => {
          if (entry.isOver) return;
          entry.isOver = true;
          clearTimeout(timer);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.value as T);
        },
      };
      const timer = setTimeout(() => this.#onTimeLimit(entry), this.#timeLimit);
      this.#waiting.push(entry);
      this.#schedule();
    });
  }

  #onTimeLimit(entry: Waiting): void {
    const { operation, isUncertain, isDecided } = entry;
    entry.settle({
      error: isUncertain || isDecided ? outcomeUnknown(operation) : notReached(this.#store),
    });
    const index = this.#waiting.indexOf(entry);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /**
   * Lets calls in the same turn of the event loop share a transaction. A microtask would be too early: a caller sends its next
   * operation a few microtasks after the answer to the last one. A synchronous store would also block everything else.
   */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    nextTurn(() => {
      this.#isScheduled = false;
      while (!this.#isPaused && this.#running < this.#store.parallel) {
        const batch = this.#take();
        if (batch.length === 0) return;
        void this.#transact(batch);
      }
    });
  }

  /** Takes the next operations, oldest first, without those whose groups are in use or needed by an older operation. */
  #take(): Waiting[] {
    const batch: Waiting[] = [];
    const groups = new Set<string>();
    const passedOver = new Set<string>();
    const left: Waiting[] = [];
    for (const entry of this.#waiting) {
      const names = entry.operation.reads.map(({ group }) => group);
      const size = groups.size + names.filter((name) => !groups.has(name)).length;
      const fits = batch.length < MAX_OPERATIONS && (size <= this.#store.maxGroups || batch.length === 0);
      if (fits && !names.some((name) => this.#busy.has(name) || passedOver.has(name))) {
        batch.push(entry);
        for (const name of names) groups.add(name);
      } else {
        left.push(entry);
        for (const name of names) passedOver.add(name);
      }
    }
    this.#waiting.splice(0, this.#waiting.length, ...left);
    return batch;
  }

  async #transact(batch: readonly Waiting[]): Promise<void> {
    const reads = mergeReads(batch);
    this.#running++;
    for (const { group } of reads) this.#busy.add(group);
    const decided: { outcomes?: readonly Outcome[]; isOver?: boolean } = {};
    let failure: unknown;
    try {
      await this.#store.transact(
        reads,
        (view, now) => {
          // A store that calls the step after its answer must not change anything by that.
          if (decided.isOver === true) return [];
          checkAnswer(this.#store, reads, view, now);
          const draft = new Draft(view);
          decided.outcomes = batch.map((entry) => perform(entry, draft, () => this.#clock?.() ?? now));
          return draft.changes();
        },
        {
          timeLimit: timeForStore(batch),
          fence: batch.some(({ operation, isUncertain }) => operation.fence || isUncertain),
        },
      );
      if (decided.outcomes === undefined) throw brokenRule(this.#store, 'it did not call the step');
    } catch (error) {
      failure = error ?? new Error('the store threw nothing');
    }
    decided.isOver = true;
    this.#running--;
    for (const { group } of reads) this.#busy.delete(group);
    for (const entry of batch) entry.isDecided = false;
    if (failure === undefined) {
      this.#pause = 0;
      for (const [index, entry] of batch.entries()) entry.settle(decided.outcomes?.[index] as Outcome);
    } else {
      this.#onFailure(batch, failure);
    }
    this.#schedule();
  }

  #onFailure(batch: readonly Waiting[], error: unknown): void {
    const failure: LedgerStoreFailure = error instanceof LedgerStoreError ? error.failure : 'unknown';
    const isPassing = failure === 'unavailable' || failure === 'unknown';
    for (const entry of batch) {
      if (failure === 'unknown') entry.isUncertain = true;
      // The failure of this transaction does not show the effect of an earlier one, so the operation is repeated.
      if (isPassing || (entry.isUncertain && failure === 'failed')) this.#again(entry);
      else entry.settle({ error: storeFailed(failure, error) });
    }
    this.#rest();
  }

  #again(entry: Waiting): void {
    if (!entry.isOver) this.#waiting.unshift(entry);
  }

  /** Waits between calls to a store that keeps failing. */
  #rest(): void {
    this.#pause = Math.min(LAST_PAUSE, Math.max(FIRST_PAUSE, this.#pause * 2));
    this.#isPaused = true;
    setTimeout(() => {
      this.#isPaused = false;
      this.#schedule();
    }, this.#pause);
  }
}

/** Node, Bun and Deno have setImmediate, which is a millisecond faster than a timer of 0 milliseconds. */
const nextTurn: (callback: () => void) => void =
  (globalThis as { setImmediate?: (callback: () => void) => void }).setImmediate ??
  ((callback) => setTimeout(callback, 0));

function perform(entry: Waiting, draft: Draft, now: () => number): Outcome {
  // The caller was told that nothing was changed, or that the outcome is unknown. That must remain true.
  if (entry.isOver) return { value: undefined };
  entry.isDecided = true;
  try {
    const value = entry.operation.run(draft, now());
    draft.keep();
    return value instanceof LedgerError ? { error: value } : { value };
  } catch (error) {
    draft.drop();
    // Any other error comes from a value that has not the form in which this library writes it.
    return { error: error instanceof LedgerError || isMandateError(error) ? error : unreadable(error) };
  }
}

/** Rejects an answer of a store that is not what its transaction asked for. Nothing is changed then. */
function checkAnswer(store: LedgerStore, reads: readonly LedgerRead[], view: LedgerView, now: number): void {
  const isComplete =
    typeof view?.get === 'function' && reads.every(({ group }) => typeof view.get(group)?.get === 'function');
  if (!isComplete) throw brokenRule(store, 'it does not return every group of the transaction');
  if (typeof now !== 'number' || timeOf(new Date(now)) === undefined)
    throw brokenRule(store, 'its clock returns no time');
}

const brokenRule = ({ name }: LedgerStore, what: string): LedgerStoreError =>
  new LedgerStoreError('failed', `${name}: the store breaks a rule of LedgerStore: ${what}`);

/** A little less than the callers' time limit, so that the store can still report what it knows about the outcome. */
function timeForStore(batch: readonly Waiting[]): number {
  const left = Math.max(...batch.map(({ deadline }) => deadline)) - performance.now();
  return Math.max(1, Math.floor(left * 0.9));
}

/** All reads of the operations of a transaction, each group once. */
function mergeReads(batch: readonly Waiting[]): LedgerRead[] {
  const merged = new Map<string, Set<string> | 'all'>();
  for (const { group, fields } of batch.flatMap(({ operation }) => operation.reads)) {
    const known = merged.get(group);
    if (fields === 'all' || known === 'all') merged.set(group, 'all');
    else merged.set(group, new Set([...(known ?? []), ...fields]));
  }
  return [...merged].map(([group, fields]) => ({ group, fields: fields === 'all' ? fields : [...fields] }));
}

const outcomeUnknown = ({ reservation }: Operation<unknown>): LedgerError =>
  new LedgerError(
    'ERR_LEDGER_OUTCOME_UNKNOWN',
    'store',
    'the store did not answer, and it is unknown whether the change was made. Charge nothing; repeat the same call, which is safe, or ask' +
      (reservation === undefined ? ' with "find"' : ` with "status" for "${reservation}"`),
    { reservation },
  );

/** The store could not be reached. */
export const notReached = ({ name }: LedgerStore, cause?: unknown): LedgerError =>
  new LedgerError(
    'ERR_LEDGER_TIMEOUT',
    'store',
    `${name} was not reached in time; nothing was changed, and the same call may be repeated`,
    cause === undefined ? {} : { cause },
  );

const CODES = {
  unavailable: 'ERR_LEDGER_STORE_FAILED',
  failed: 'ERR_LEDGER_STORE_FAILED',
  unknown: 'ERR_LEDGER_OUTCOME_UNKNOWN',
  'not-durable': 'ERR_LEDGER_STORE_NOT_DURABLE',
  emptied: 'ERR_LEDGER_STORE_EMPTIED',
  'too-new': 'ERR_LEDGER_SCHEMA_TOO_NEW',
} as const;

/** The error for the caller, with the store's error as its cause. */
export const storeFailed = (failure: LedgerStoreFailure, cause: unknown): LedgerError =>
  new LedgerError(CODES[failure], 'store', isError(cause) ? cause.message : 'the store failed', {
    cause,
  });
