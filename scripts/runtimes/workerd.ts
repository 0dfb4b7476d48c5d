// workerd: the suite as a worker that answers on a local socket.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Answers } from './findings.js';
import { BUNDLE } from './paths.js';

const TIMEOUT = 300_000;

/** Since August 2026, a worker has some Node modules unless its owner disables them. */
export const WORKER_FLAGS = [
  { title: 'workerd', flags: [], hasNode: true },
  {
    title: "workerd, without Node's modules",
    flags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
    hasNode: false,
  },
] as const;

/** A configuration for the modules of the bundle, with the flags that a worker can be given. */
const configuration = (main: string, files: readonly string[], flags: readonly string[]): string => `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "suite", worker = .suite)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")]
);

const suite :Workerd.Worker = (
  modules = [
${[main, ...files.filter((file) => file !== main && !file.startsWith('print-'))]
  .map((file) => `    (name = "${file}", esModule = embed "${file}")`)
  .join(',\n')}
  ],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = [${flags.map((flag) => `"${flag}"`).join(', ')}],
  globalOutbound = "suite"
);
`;

export async function askWorkerd(
  executable: string,
  version: string,
  files: readonly string[],
  flags: readonly string[],
): Promise<Answers> {
  const answers = await serve(executable, configuration('worker.mjs', files, flags), async (get, output) => {
    const json = async (path: string) => JSON.parse(await get(path, TIMEOUT));
    const automatic = await json('automatic');
    const warnings = output().trim();
    return { version, automatic, warnings, suite: await json('suite') };
  });
  return { ...answers, broken: await askModuleLevel(executable, files, flags) };
}

/** A worker configuration before 2024-11: `cache` throws, and promises of another request can settle. */
const OLD_FLAGS = ['cache_option_disabled', 'no_handle_cross_request_promise_resolution'];

/**
 * The failed checks for a key set and a status check at module level: a request that is answered early must not block later
 * requests.
 */
async function askModuleLevel(
  executable: string,
  files: readonly string[],
  flags: readonly string[],
): Promise<string[]> {
  const broken: string[] = [];
  for (const more of [[], OLD_FLAGS]) {
    const config = configuration('module-level.mjs', files, [...flags, ...more]);
    await serve(executable, config, async (get) => {
      await get('prepare', TIMEOUT);
      await get('early', TIMEOUT);
      // The second request is the first to ask for the status list, and does not get it.
      await get('early', TIMEOUT);
      const asked = await get('later', 30_000);
      if (JSON.parse(asked).length !== 2) throw new Error(`not everything was fetched: ${asked}`);
    }).catch((error) => {
      broken.push(`a key set and a status check at module level, ${more.join(' ') || 'new'}: ${error}`);
    });
  }
  return broken;
}

type Get = (path: string, timeout: number) => Promise<string>;

/** Runs a configuration while `use` needs it. */
async function serve<T>(
  executable: string,
  config: string,
  use: (get: Get, output: () => string) => Promise<T>,
): Promise<T> {
  const file = `${BUNDLE}worker.capnp`;
  await writeFile(file, config);
  // Its address is reported through a separate descriptor.
  const server = spawn(executable, ['serve', '--control-fd=3', file], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream?.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  try {
    const port = await listening(server, () => output);
    const get = async (path: string, timeout: number) => {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
        signal: AbortSignal.timeout(timeout),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`workerd: ${text}${output}`);
      return text;
    };
    return await use(get, () => output);
  } finally {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
}

async function listening(server: ChildProcess, output: () => string): Promise<number> {
  const control = server.stdio[3] as Readable;
  control.setEncoding('utf8');
  let text = '';
  for await (const chunk of control) {
    text += chunk;
    for (const line of text.split('\n').filter((each) => each.endsWith('}'))) {
      const message = JSON.parse(line);
      if (message.event === 'listen') return message.port;
    }
  }
  throw new Error(`workerd does not listen: ${output()}`);
}
