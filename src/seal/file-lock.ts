/// <reference types="node" />
import { createHash, randomUUID } from 'node:crypto';
import { link, open, readFile, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fail } from '../errors.js';
import { printable } from '../options.js';
import type { SealLock } from './store.js';

// The file `lock`. It is made in one step, with its content, so that a crash leaves no lock without a holder.

/** The suffix of a temporary file, before it is renamed or linked; a UUID follows. */
export const TEMPORARY = '.writing-';
/** The suffix of a guard; 32 hexadecimal digits follow. */
export const GUARD = '.removing-';

/** The holder of a lock. */
interface Holder {
  readonly token: string;
  readonly host: string;
  /**
   * The id that Linux gave this run of the machine; empty elsewhere. A copy of a machine has the same name, but another id. So
   * has this machine after a restart, but that cannot be told from here.
   */
  readonly boot: string;
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

/** The last time that a Date can hold. */
const LAST_DATE = 8.64e15;

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

/** Empty on systems without PID namespaces. */
const readNamespace = (): Promise<string> => readlink('/proc/self/ns/pid').catch(() => '');

const readBoot = (): Promise<string> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );

/** Takes the lock, also from a process that certainly no longer exists. */
export async function takeLock(path: string): Promise<SealLock> {
  const holder: Holder = {
    token: randomUUID(),
    host: hostname(),
    boot: await readBoot(),
    namespace: await readNamespace(),
    pid: process.pid,
    startedAt,
    startedAfterBoot,
  };
  if (!(await createLock(path, holder))) {
    await removeStale(path, holder);
    if (!(await createLock(path, holder))) await refuse(path);
  }
  return {
    check: async () => {
      if (!(await isHeld(path, holder))) await refuse(path);
    },
    release: async () => {
      if (await isHeld(path, holder)) await rm(path, { force: true });
    },
  };
}

/** Errors of file systems without hard links. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** Creates a lock with its content, unless there is one. */
async function createLock(path: string, holder: Holder): Promise<boolean> {
  const temporary = `${path}${TEMPORARY}${randomUUID()}`;
  const content = JSON.stringify(holder);
  try {
    await writeNew(temporary, content);
    await link(temporary, path);
    return true;
  } catch (error) {
    if (NO_LINKS.includes(codeOf(error) as string)) return createUnlinked(path, content);
    // A network drive may say that the name exists after it has made the link. A writer that has just taken the lock may have
    // removed the temporary file.
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return isHeld(path, holder);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Creates a lock without a hard link. A crash before its content is written leaves an empty one. */
async function createUnlinked(path: string, content: string): Promise<boolean> {
  try {
    await writeNew(path, content);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeNew(path: string, content: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The holder of a lock; `missing` if there is no lock, `damaged` if nobody can say who holds it. */
async function readHolder(path: string): Promise<Holder | 'missing' | 'damaged'> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Holder;
    const isWhole =
      [holder.token, holder.host, holder.boot, holder.namespace].every((text) => typeof text === 'string') &&
      Number.isSafeInteger(holder.pid) &&
      holder.pid > 0 &&
      Math.abs(holder.startedAt) <= LAST_DATE &&
      Number.isFinite(holder.startedAfterBoot);
    return isWhole ? holder : 'damaged';
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'missing' : 'damaged';
  }
}

async function isHeld(path: string, own: Holder): Promise<boolean> {
  const holder = await readHolder(path);
  return typeof holder === 'object' && holder.token === own.token;
}

/** Guards that processes may leave one after the other, each killed while it removed the same lock. */
const MAX_GUARDS = 64;

/**
 * Removes a lock whose process no longer exists. If two processes find it at once, neither must remove the new lock of the
 * other. Only the holder of its guard removes a lock, and the name of the guard is that of the lock's holder. If the holder of
 * the guard no longer exists either, the right goes to the holder of the guard of that one, and so on: no guard is removed
 * before its lock.
 */
async function removeStale(path: string, own: Holder): Promise<void> {
  const stale = await readHolder(path);
  if (stale === 'missing') return;
  if (stale === 'damaged' || isAlive(stale, own)) return refuse(path);
  const guards: string[] = [];
  for (let dead = stale; ; ) {
    const guard = `${path}${GUARD}${createHash('sha256').update(dead.token).digest('hex').slice(0, 32)}`;
    guards.push(guard);
    if (await createLock(guard, own)) break;
    const holder = await readHolder(guard);
    // Its holder is done with it, and with the lock.
    if (holder === 'missing') return;
    if (holder === 'damaged' || isAlive(holder, own) || guards.length >= MAX_GUARDS)
      refuseFor(guard, 'another process is replacing the lock of a process that no longer exists');
    dead = holder;
  }
  try {
    // If another process was faster, the lock is a new one.
    if (await isHeld(path, stale)) await rm(path, { force: true });
  } catch (error) {
    await rm(guards.pop() as string, { force: true });
    throw error;
  }
  for (const guard of guards) await rm(guard, { force: true });
}

/** Whether the process may still exist. For a process on another machine or in another container, this is unknown. */
function isAlive(holder: Holder, own: Holder): boolean {
  const isHere = holder.host === own.host && holder.boot === own.boot && holder.namespace === own.namespace;
  if (!isHere) return true;
  // The same id: this process, in any thread, or an earlier process with the same id.
  if (holder.pid === own.pid) return Math.abs(holder.startedAfterBoot - own.startedAfterBoot) < 2000;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function refuse(path: string): Promise<never> {
  const holder = await readHolder(path);
  if (holder === 'missing')
    fail(
      'ERR_SEAL_LOG_LOCKED',
      'store',
      'another writer has just held the lock of the log; open the log again',
    );
  if (holder === 'damaged')
    refuseFor(path, 'the log is locked by a file that cannot be read: it is damaged, or it is being written');
  const { pid, host, namespace, boot, startedAt: began } = holder;
  const where = `on the machine ${printable(host)}${namespace === '' ? '' : `, PID namespace ${printable(namespace)}`}`;
  const isOtherRun = host === hostname() && boot !== (await readBoot());
  const run = isOtherRun ? ', before this machine was restarted, or on a copy of it' : '';
  return refuseFor(
    path,
    `another writer has the log open: process ${pid} ${where}, started at ${new Date(began).toISOString()}${run}`,
  );
}

function refuseFor(path: string, reason: string): never {
  fail(
    'ERR_SEAL_LOG_LOCKED',
    'store',
    `${reason}. If you are sure that this process no longer exists, delete the file ${printable(path)} and open the log again: it has all committed entries`,
  );
}
