import { isUint8Array } from '../brand.js';
import { equal } from '../encoding/bytes.js';
import { fail } from '../errors.js';
import { hasMethods, invalidArgument, isMandateError, readValue } from '../options.js';

/**
 * The storage of a log: files, or objects of an object storage, under paths such as `tile/0/x001/067`. Content under `tile/`
 * never changes once a checkpoint covers it.
 *
 * Each method must answer: give your client a time limit, and reject after it. A log waits for its store as long as that takes,
 * because a write without an answer may still be made. It confirms nothing meanwhile.
 */
export interface SealStore {
  /** Returns the bytes under a path; `undefined` if there are none. */
  get(path: string): Promise<Uint8Array | undefined>;
  /**
   * Writes bytes under a path and replaces existing ones. A reader sees the old bytes or the new ones, never a part. When the
   * promise resolves, the bytes survive a crash, or they do after the next `flush`.
   */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** Resolves when all earlier writes survive a crash. Omit it if `put` already ensures that. */
  flush?(): Promise<void>;
  /**
   * Writes like `put`, but only if the current bytes are `previous`, and returns whether they were (If-None-Match if `previous` is
   * `undefined`). Without it, two writers notice each other only by reading.
   *
   * Compare a version, such as a generation or a revision: the one that the object had when this store last read or wrote
   * `previous`. The bytes alone, or an ETag that is a hash of them, do not suffice. If a tile was replaced and then written again
   * with its earlier bytes, a paused writer would overwrite it although it is committed.
   */
  replace?(path: string, bytes: Uint8Array, previous: Uint8Array | undefined): Promise<boolean>;
  /** Deletes the partial tiles of a path, under `path + '.p/'`. Without it, they remain. */
  removePartials?(path: string): Promise<void>;
  /** Excludes other writers until `release`; throws `ERR_SEAL_LOG_LOCKED`. Omit it if the caller excludes them. */
  lock?(): Promise<SealLock>;
}

/** The right to write. */
export interface SealLock {
  /** Throws `ERR_SEAL_LOG_LOCKED` if the lock was lost. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** Takes the lock of a store. What its methods throw is an error of the store, like that of the others. */
export async function takeLock(store: SealStore): Promise<SealLock> {
  const call = <T>(method: () => Promise<T>): Promise<T> => callStore('lock', async () => method());
  const lock = await call(async () => {
    const taken = await store.lock?.();
    const { check, release } = taken as SealLock;
    const isLock = typeof check === 'function' && typeof release === 'function';
    return isLock ? (taken as SealLock) : undefined;
  });
  if (lock === undefined)
    fail('ERR_SEAL_STORE_FAILED', 'lock', 'the store must return a lock with check and release');
  return { check: () => call(() => lock.check()), release: () => call(() => lock.release()) };
}

const METHODS = ['get', 'put'] as const;
const OPTIONAL_METHODS = ['flush', 'replace', 'removePartials', 'lock'] as const;

/** Rejects a value that is not a store. */
export function checkStore(store: unknown): SealStore {
  if (typeof store !== 'object' || store === null)
    return invalidArgument('store', 'an object with get and put');
  const methods = store as Record<string, unknown>;
  for (const name of METHODS) {
    if (!hasMethods(store, [name])) invalidArgument(`store.${name}`, 'a function');
  }
  for (const name of OPTIONAL_METHODS) {
    const method = readValue(`store.${name}`, () => methods[name]);
    if (method !== undefined && typeof method !== 'function') {
      invalidArgument(`store.${name}`, 'a function, or left out');
    }
  }
  return store as SealStore;
}

/** Calls a store. Its errors do not reject a record, and have their own code. */
export async function callStore<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (isMandateError(cause)) throw cause;
    fail('ERR_SEAL_STORE_FAILED', path, `the store failed on "${path}"`, { cause });
  }
}

/** The bytes under a path, or `undefined`. */
export async function getBytes(store: SealStore, path: string): Promise<Uint8Array | undefined> {
  const bytes = await callStore(path, () => store.get(path));
  if (bytes === undefined || isUint8Array(bytes)) return bytes;
  fail('ERR_SEAL_STORE_FAILED', path, `the store must return bytes or undefined for "${path}"`);
}

/** Writes bytes if those under the path are still `previous`, and returns whether they were. */
export async function swap(
  store: SealStore,
  path: string,
  bytes: Uint8Array,
  previous: Uint8Array | undefined,
): Promise<boolean> {
  if (store.replace !== undefined)
    return (await callStore(path, async () => store.replace?.(path, bytes, previous))) === true;
  if (!isSame(await getBytes(store, path), previous)) return false;
  await callStore(path, () => store.put(path, bytes));
  return true;
}

/** Whether both are the same bytes, or both are missing. */
export const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : equal(a, b);

/** Creates a store in memory, for tests and for logs that are saved elsewhere afterwards. */
export function createMemoryStore(): SealStore & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  let isLocked = false;
  return {
    entries,
    get: async (path) => entries.get(path)?.slice(),
    put: async (path, bytes) => {
      entries.set(path, bytes.slice());
    },
    removePartials: async (path) => {
      for (const other of entries.keys()) if (other.startsWith(`${path}.p/`)) entries.delete(other);
    },
    lock: async () => {
      if (isLocked) {
        fail('ERR_SEAL_LOG_LOCKED', 'store', 'another writer has the log open');
      }
      isLocked = true;
      return {
        check: async () => {},
        release: async () => {
          isLocked = false;
        },
      };
    },
  };
}
