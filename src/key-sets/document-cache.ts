import { withTimeLimit } from '../time-limit.js';

/** A document as read, and how long it may be used. */
export interface ReadDocument<T> {
  readonly value: T;
  /** Milliseconds since the fetch. */
  readonly maxAge: number;
  /** The time when the document expires, in milliseconds since the epoch, if it has its own expiry. */
  readonly end?: number | undefined;
}

/** One document, fetched when it is needed. */
export interface CachedDocument<T> {
  /** Returns the cached document while it may be used; otherwise fetches it. */
  get(): Promise<T>;
  /** Fetches the document, unless the last attempt has just failed. */
  load(): Promise<T>;
  /** Fetches the document. */
  reload(): Promise<T>;
  /** Whether the cached document may be used. */
  isFresh(): boolean;
  /** Whether the cached document is younger than this number of milliseconds. */
  isYoungerThan(duration: number): boolean;
  /** Whether a fetch is in progress. */
  isReloading(): boolean;
}

/** Untrusted tokens cause fetches. While fetches of a document fail, at most one is made in this number of milliseconds. */
const FAILURE_BACKOFF = 1000;

/**
 * The cache of a document, for key sets and status lists. A call during a fetch waits for that fetch, within the time limit,
 * and then fetches by itself if necessary. If the clock is set back, a document does not become younger.
 *
 * @param fetch Fetches and reads the document. It settles within `timeoutDuration`, as far as the runtime allows.
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
 * On Cloudflare Workers and Vercel's edge runtime, a promise of one request may never settle for another request: it ends with
 * the request that created it.
 */
const promisesBelongToRequests = (): boolean =>
  globalThis.navigator?.userAgent === 'Cloudflare-Workers' ||
  'WebSocketPair' in globalThis ||
  'EdgeRuntime' in globalThis;
