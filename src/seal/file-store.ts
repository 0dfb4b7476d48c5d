/// <reference types="node" />
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, readlink, rename, rm, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { fail } from '../errors.js';
import { invalidArgument, printable } from '../options.js';
import type { SealLock, SealStore } from './store.js';

export type { SealStore } from './store.js';

/** Options of {@link createFileStore}; all optional. */
export interface FileStoreOptions {
  /**
   * `full` (default): every file and folder is made durable with fsync. `none`: durability is left to the operating system, for
   * tests and for archives that can be sealed again. A power failure can then lose committed data.
   */
  durability?: 'full' | 'none' | undefined;
}

/** The suffix of a temporary file, before it is renamed; a UUID follows. */
const TEMPORARY = '.writing-';
/** The names of temporary files: only those that this store makes. */
const TEMPORARY_NAME =
  /^(checkpoint|checkpoint\.next|writer|\d{1,3})\.writing-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The maximum number of folders that wait to be made durable, so that memory does not grow with the log. */
const MAX_CHANGED_FOLDERS = 256;
const LOCK = 'lock';

/**
 * Creates a store in a folder. Each path is a file, as served by a web server or an object storage. A file is written under a
 * temporary name, made durable, and renamed, so that a crash leaves either the old file or the new one. The next opening
 * removes these temporary files, and no other file. A file `lock` excludes other writers, including other processes on this
 * machine.
 *
 * @param folder Created if missing.
 */
export function createFileStore(folder: string, options?: FileStoreOptions): SealStore {
  if (typeof folder !== 'string' || folder === '') return invalidArgument('folder', 'the path of a folder');
  const { durability = 'full' } = options ?? {};
  if (durability !== 'full' && durability !== 'none') invalidArgument('durability', '"full" or "none"');
  const isDurable = durability === 'full';
  const changedFolders = new Set<string>();
  const madeFolders = new Set<string>();
  let syncing: Promise<void> = Promise.resolve();

  /** Makes every changed folder durable, after pending operations. */
  const syncFolders = (): Promise<void> => {
    const synced = syncing.then(async () => {
      const folders = [...changedFolders];
      changedFolders.clear();
      try {
        if (isDurable) for (const each of folders) await syncFolder(each);
      } catch (error) {
        for (const each of folders) changedFolders.add(each);
        throw error;
      }
    });
    syncing = synced.catch(() => {});
    return synced;
  };

  const fileOf = (path: string): string => join(folder, ...path.split('/'));

  const makeFolder = async (path: string): Promise<void> => {
    if (madeFolders.has(path)) return;
    const first = await mkdir(path, { recursive: true });
    if (madeFolders.size >= 4096) madeFolders.clear();
    madeFolders.add(path);
    if (first === undefined) return;
    // A new folder must be durable in its parent, up to the first folder that already existed.
    for (let made = path; made.length >= first.length; made = dirname(made))
      changedFolders.add(dirname(made));
  };

  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    const file = fileOf(path);
    await makeFolder(dirname(file));
    const temporary = `${file}${TEMPORARY}${randomUUID()}`;
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      if (isDurable) await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    changedFolders.add(dirname(file));
    if (changedFolders.size >= MAX_CHANGED_FOLDERS) await syncFolders();
  };

  return {
    get: async (path) => {
      try {
        const { buffer, byteOffset, length } = await readFile(fileOf(path));
        return new Uint8Array(buffer, byteOffset, length);
      } catch (error) {
        if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
        throw error;
      }
    },
    put,
    flush: syncFolders,
    removePartials: async (path) => {
      await rm(`${fileOf(path)}.p`, { recursive: true, force: true });
      madeFolders.delete(`${fileOf(path)}.p`);
    },
    lock: async () => {
      await makeFolder(folder);
      const lock = await takeLock(join(folder, LOCK));
      try {
        await removeLeftOvers(folder);
      } catch (error) {
        await lock.release();
        throw error;
      }
      return lock;
    },
  };
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Makes the names in a folder durable. Windows cannot open a folder, and does not need to. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes temporary files of interrupted writes, only where a log writes: in its folder, and below `tile`. */
async function removeLeftOvers(folder: string): Promise<void> {
  const pending = [folder];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const entry of await readdir(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (entry.isDirectory() && (current !== folder || entry.name === 'tile')) pending.push(path);
      if (entry.isFile() && TEMPORARY_NAME.test(entry.name)) await rm(path, { force: true });
    }
  }
}

/** The holder of the lock. */
interface Holder {
  readonly token: string;
  readonly host: string;
  /** The PID namespace, as Linux names it. A container has its own, and often the host name of its machine. */
  readonly namespace: string;
  readonly pid: number;
  /** The start time of its process, in milliseconds since the epoch: for people. */
  readonly startedAt: number;
  /** The same by the monotonic clock, which nobody can set: process ids are reused. */
  readonly startedAfterBoot: number;
}

const uptime = process.uptime() * 1000;
const startedAfterBoot = Math.round(Number(process.hrtime.bigint()) / 1e6 - uptime);
const startedAt = Math.round(Date.now() - uptime);

/** Empty on systems without PID namespaces. */
const readNamespace = (): Promise<string> => readlink('/proc/self/ns/pid').catch(() => '');

async function takeLock(path: string): Promise<SealLock> {
  const holder: Holder = {
    token: randomUUID(),
    host: hostname(),
    namespace: await readNamespace(),
    pid: process.pid,
    startedAt,
    startedAfterBoot,
  };
  if (!(await createLock(path, holder))) {
    await removeStale(path, holder);
    if (!(await createLock(path, holder))) refuse(path, await readHolder(path));
  }
  return {
    check: async () => {
      const found = await readHolder(path);
      if (found?.token !== holder.token) refuse(path, found);
    },
    release: async () => {
      const found = await readHolder(path);
      if (found?.token === holder.token) await unlink(path);
    },
  };
}

async function createLock(path: string, holder: Holder): Promise<boolean> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'wx');
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await handle.writeFile(JSON.stringify(holder));
    await handle.sync();
  } finally {
    await handle.close();
  }
  return true;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Holder;
    const isWhole =
      typeof holder.token === 'string' &&
      typeof holder.host === 'string' &&
      typeof holder.namespace === 'string' &&
      Number.isSafeInteger(holder.pid) &&
      Number.isFinite(holder.startedAt) &&
      Number.isFinite(holder.startedAfterBoot);
    return isWhole ? holder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes a lock whose process no longer exists. If two processes find it at once, neither must remove the new lock of the
 * other. The process that removes it therefore briefly holds a second lock.
 */
async function removeStale(path: string, own: Holder): Promise<void> {
  const guard = `${path}.removing`;
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(guard, 'wx');
  } catch (error) {
    if (codeOf(error) === 'EEXIST')
      refuseFor(guard, 'another process is replacing the lock of a process that no longer exists');
    throw error;
  }
  try {
    const holder = await readHolder(path);
    if (holder === undefined || isAlive(holder, own)) refuse(path, holder);
    await unlink(path);
  } finally {
    await handle.close();
    await unlink(guard);
  }
}

/** Whether the process may still exist. For a process on another machine or in another container, this is unknown. */
function isAlive(holder: Holder, own: Holder): boolean {
  if (holder.host !== own.host || holder.namespace !== own.namespace) return true;
  // The same id: this process, in any thread, or an earlier process with the same id.
  if (holder.pid === own.pid) return Math.abs(holder.startedAfterBoot - own.startedAfterBoot) < 2000;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function refuse(path: string, holder: Holder | undefined): never {
  if (holder === undefined)
    refuseFor(
      path,
      'the log is locked by a file that cannot be read: a crash truncated it, or it is being written',
    );
  const { pid, host, namespace, startedAt: began } = holder;
  const where = `on the machine ${printable(host)}${namespace === '' ? '' : `, PID namespace ${printable(namespace)}`}`;
  refuseFor(
    path,
    `another writer has the log open: process ${pid} ${where}, started at ${new Date(began).toISOString()}`,
  );
}

function refuseFor(path: string, reason: string): never {
  fail(
    'ERR_SEAL_LOG_LOCKED',
    'store',
    `${reason}. If you are sure that this process no longer exists, delete the file ${printable(path)} and open the log again: it has all committed entries`,
  );
}
