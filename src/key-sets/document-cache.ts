import { withTimeLimit } from '../time-limit.js';

/** What was read of a document, and for how long it may be used. */
export interface ReadDocument<T> {
  readonly value: T;
  /** Milliseconds since it was fetched. */
  readonly maxAge: number;
  /** Milliseconds of the epoch, for a document that has an end of its own. */
  readonly end?: number | undefined;
}

/** One document, fetched when it is needed. */
export interface CachedDocument<T> {
  /** What was fetched, while it may be used; else what is fetched now. */
  get(): Promise<T>;
  /** Fetches now, unless the last attempt has just failed. */
  load(): Promise<T>;
  /** Fetches now. */
  reload(): Promise<T>;
  /** Whether what was fetched last may be used. */
  isFresh(): boolean;
  /** Whether what was fetched last is younger than so many milliseconds. */
  isYoungerThan(duration: number): boolean;
  /** Whether a fetch is under way. */
  isReloading(): boolean;
}

/** Strangers cause fetches: while a document cannot be had, they cause one in so many milliseconds. */
const FAILURE_BACKOFF = 1000;

/**
 * The cache of a document, for key sets and status lists. Whoever asks while a fetch is under way waits for that one, for so
 * long as it may take, and then fetches for itself. A clock that was set back makes nothing young.
 *
 * @param fetch Fetches and reads the document. It settles within `timeoutDuration`, as far as its runtime lets it.
 * @param timeoutDuration Milliseconds.
 */
export function cacheDocument<T>(
  fetch: () => Promise<ReadDocument<T>>,
  timeoutDuration: number,
): CachedDocument<T> {
  let kept: (ReadDocument<T> & { readonly at: number }) | undefined;
  let failure: { readonly error: unknown; readonly at: number } | undefined;
  let pending: Promise<T> | undefined;

  const start = (): Promise<T> => {
    const fetched = fetch()
      .then(
        (read) => {
          kept = { ...read, at: Date.now() };
          failure = undefined;
          return read.value;
        },
        (error) => {
          failure = { error, at: Date.now() };
          throw error;
        },
      )
      .finally(() => {
        if (pending === fetched) pending = undefined;
      });
    pending = fetched;
    return fetched;
  };

  const reload = async (): Promise<T> => {
    const underWay = pending;
    if (underWay === undefined || promisesBelongToRequests()) return start();
    let isLate = false;
    try {
      return await withTimeLimit(
        timeoutDuration,
        () => underWay,
        (cause, late) => {
          isLate = late;
          return cause as Error;
        },
      );
    } catch (error) {
      if (!isLate) throw error;
      if (pending === underWay) pending = undefined;
      return reload();
    }
  };

  const load = async (): Promise<T> => {
    if (failure !== undefined && isYounger(failure.at, FAILURE_BACKOFF)) throw failure.error;
    return reload();
  };
  const isYoungerThan = (duration: number): boolean => kept !== undefined && isYounger(kept.at, duration);
  const mayBeUsed = (read: typeof kept): read is NonNullable<typeof kept> =>
    read !== undefined &&
    isYounger(read.at, read.maxAge) &&
    (read.end === undefined || Date.now() < read.end);
  return {
    get: async () => (mayBeUsed(kept) ? kept.value : load()),
    load,
    reload,
    isFresh: () => mayBeUsed(kept),
    isYoungerThan,
    isReloading: () => pending !== undefined,
  };
}

const isYounger = (at: number, duration: number): boolean => {
  const age = Date.now() - at;
  return age >= 0 && age < duration;
};

/**
 * On Cloudflare Workers, and on Vercel's edge, a promise of one request may never settle for another: it ends with the
 * request that made it.
 */
const promisesBelongToRequests = (): boolean =>
  globalThis.navigator?.userAgent === 'Cloudflare-Workers' ||
  'WebSocketPair' in globalThis ||
  'EdgeRuntime' in globalThis;
