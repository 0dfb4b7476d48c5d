import { isUint8Array } from '../brand.js';
import { fail } from '../errors.js';
import { invalidArgument, isMandateError } from '../options.js';

/**
 * Where a log is kept: files, or objects of an object storage, under paths such as `tile/0/x001/067`. What is under a path
 * that begins with `tile/` never changes once a checkpoint covers it.
 */
export interface SealStore {
  /** The bytes under a path; `undefined` where there is nothing. */
  get(path: string): Promise<Uint8Array | undefined>;
  /**
   * Writes the bytes under a path, in place of what is there. Whoever reads sees the old bytes or the new, never a part. When
   * it resolves, the bytes survive a crash, or do so after the next `flush`.
   */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** Resolves when everything that was put before survives a crash. Left out where `put` does that. */
  flush?(): Promise<void>;
  /**
   * Writes like `put`, but only where `previous` is what is there, and says whether it was (If-Match). Left out, two
   * writers notice each other by reading alone.
   */
  replace?(path: string, bytes: Uint8Array, previous: Uint8Array | undefined): Promise<boolean>;
  /** Deletes the partial tiles of a path, those under `path + '.p/'`. Left out, they stay. */
  removePartials?(path: string): Promise<void>;
  /** Keeps other writers out until `release`; throws `ERR_SEAL_LOG_LOCKED`. Left out where the caller sees to it. */
  lock?(): Promise<SealLock>;
}

/** The right to write. */
export interface SealLock {
  /** Throws `ERR_SEAL_LOG_LOCKED` where the lock was lost. */
  check(): Promise<void>;
  release(): Promise<void>;
}

const METHODS = ['get', 'put'] as const;
const OPTIONAL_METHODS = ['flush', 'replace', 'removePartials', 'lock'] as const;

/** Refuses a value that is not a store. */
export function checkStore(store: unknown): SealStore {
  if (typeof store !== 'object' || store === null)
    return invalidArgument('store', 'an object with get and put');
  const methods = store as Record<string, unknown>;
  for (const name of METHODS) {
    if (typeof methods[name] !== 'function') invalidArgument(`store.${name}`, 'a function');
  }
  for (const name of OPTIONAL_METHODS) {
    if (methods[name] !== undefined && typeof methods[name] !== 'function') {
      invalidArgument(`store.${name}`, 'a function, or left out');
    }
  }
  return store as SealStore;
}

/** Calls a store. What it throws is not a refusal of anything, and is told apart. */
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
  fail('ERR_SEAL_STORE_FAILED', path, `the store must give bytes or undefined for "${path}"`);
}

/** A store in memory: for tests, and for logs that are written elsewhere afterwards. */
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
