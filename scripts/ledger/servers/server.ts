import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server of ours on a loopback port, with a directory of its own. */
export interface Server {
  readonly name: string;
  readonly version: string;
  readonly port: number;
  /** Kills it without warning and starts it again. */
  crash(): Promise<void>;
  /** Bytes that it uses for what it keeps. */
  size(): Promise<number>;
  stop(): Promise<void>;
}

/** Why something cannot be run on this machine. */
export class NotAvailable extends Error {}

/** Runs a command to its end, and returns what it printed. */
export function run(
  command: string,
  args: readonly string[],
  options: { uid?: number; gid?: number } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status === 0) return stdout;
  throw new NotAvailable(
    `${command} ${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`,
  );
}

/** Installs packages of Debian, if the command is missing. */
export function install(isThere: () => boolean, packages: readonly string[]): void {
  if (isThere()) return;
  if (process.getuid?.() !== 0) throw new NotAvailable(`${packages.join(', ')}: not installed, and not root`);
  run('apt-get', ['update', '-qq']);
  // No cluster is created and no service is started for what runs in directories of ours.
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  run('env', ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', ...args]);
  if (!isThere()) throw new NotAvailable(`${packages.join(', ')}: installed, but not found`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A program in the foreground, by its process id. */
export class Daemon {
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #user: { uid?: number; gid?: number };
  #child: ChildProcess | undefined;
  #log = '';

  constructor(command: string, args: readonly string[], user: { uid?: number; gid?: number } = {}) {
    this.#command = command;
    this.#args = args;
    this.#user = user;
  }

  /**
   * Starts it and waits until `isReady` holds. One that ends is started again, as a supervisor would do: PostgreSQL does not start
   * before the last process of one that was killed is gone.
   */
  async start(isReady: () => Promise<boolean>): Promise<void> {
    let child = this.#spawn();
    for (let attempt = 0; attempt < 600; attempt++) {
      if (await isReady()) return;
      await sleep(100);
      if (child.exitCode !== null) child = this.#spawn();
    }
    await this.end('SIGKILL');
    throw new NotAvailable(`${this.#command} did not start: ${this.#log.trim()}`);
  }

  #spawn(): ChildProcess {
    const child = spawn(this.#command, this.#args, { ...this.#user, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = (chunk: Buffer) => {
      this.#log = `${this.#log}${chunk}`.slice(-4000);
    };
    child.stdout?.on('data', log);
    child.stderr?.on('data', log);
    this.#child = child;
    return child;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

/** Whether something listens on a port. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connectTcp(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
