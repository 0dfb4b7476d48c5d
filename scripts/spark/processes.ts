// Processes in Linux's /proc: their parents, and their processor time.
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS = 100;

/** The fields of /proc/PID/stat after the name, which may contain anything. */
function fieldsOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** All descendants of a process, the nearest first. */
export function descendantsOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const parent = Number(fieldsOf(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const pending = [root];
  for (let pid = pending.shift(); pid !== undefined; pid = pending.shift()) {
    const below = children.get(pid) ?? [];
    found.push(...below);
    pending.push(...below);
  }
  return found;
}

/** Processor seconds of a process and of its ended children. */
export function processorSeconds(pid: number): number {
  const [user = 0, system = 0, usersOfChildren = 0, systemsOfChildren = 0] = (fieldsOf(pid) ?? [])
    .slice(11, 15)
    .map(Number);
  return (user + system + usersOfChildren + systemsOfChildren) / TICKS;
}

/** Kills processes immediately, like a power failure. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has already ended.
    }
  }
}
