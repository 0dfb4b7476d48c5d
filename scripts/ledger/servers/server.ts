import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that we start on a loopback port, with its own directory. */
export interface Server {
  readonly name: string;
  readonly version: string;
  readonly port: number;
  /** Kills it without warning and restarts it. */
  crash(): Promise<void>;
  /** The size of its data in bytes. */
  size(): Promise<number>;
  stop(): Promise<void>;
}

/** The reason why something cannot run on this machine. */
export class NotAvailable extends Error {}

/** Runs a command and returns its output. */
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

/** Installs Debian packages, if the command is missing. */
export function install(isThere: () => boolean, packages: readonly string[]): void {
  if (isThere()) return;
  if (process.getuid?.() !== 0) throw new NotAvailable(`${packages.join(', ')}: not installed, and not root`);
  run('apt-get', ['update', '-qq']);
  // Do not create a cluster or start a service: our servers run in their own directories.
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
   * Starts it and waits until `isReady` holds. If it exits, it is restarted, as a supervisor would do: PostgreSQL does not
   * start while processes of a killed instance remain.
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
