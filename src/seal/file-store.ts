/// <reference types="node" />
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invalidArgument } from '../options.js';
import { codeOf, GUARD, TEMPORARY, takeLock } from './file-lock.js';
import type { SealStore } from './store.js';

export type { SealStore } from './store.js';

/** Options of {@link createFileStore}; all optional. */
export interface FileStoreOptions {
  /**
   * `full` (default): every file and folder is made durable with fsync. `none`: durability is left to the operating system, for
   * tests and for archives that can be sealed again. A power failure can then lose committed data.
   */
  durability?: 'full' | 'none' | undefined;
}

const GUARD_NAME = `lock\\${GUARD}[0-9a-f]{32}`;
/** The names of temporary files: only those that this store makes. */
const TEMPORARY_NAME = new RegExp(
  `^((checkpoint|checkpoint\\.next|writer|lock|${GUARD_NAME}|\\d{1,3})\\${TEMPORARY}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|${GUARD_NAME})$`,
);
/** The maximum number of folders that wait to be made durable, so that memory does not grow with the log. */
const MAX_CHANGED_FOLDERS = 256;
const LOCK = 'lock';

/**
 * Creates a store in a folder. Each path is a file, as served by a web server or an object storage. A file is written under a
 * temporary name, made durable, and renamed, so that a crash leaves either the old file or the new one. The next opening
 * removes these temporary files, and no other file. A file `lock` excludes other writers, including other processes on this
 * machine. Never delete it while its writer may live, even if it is paused.
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
        await lock.release().catch(() => {});
        throw error;
      }
      return lock;
    },
  };
}

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
