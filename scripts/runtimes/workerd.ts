// workerd: the suite as a worker that answers on a local socket.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Answers } from './findings.js';
import { BUNDLE } from './paths.js';

const TIMEOUT = 300_000;

/** Since August 2026 a worker has some of Node's modules, unless its owner turns them off. */
export const WORKER_FLAGS = [
  { title: 'workerd', flags: [], hasNode: true },
  {
    title: "workerd, without Node's modules",
    flags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
    hasNode: false,
  },
] as const;

/** A configuration for the modules of the bundle, with the flags that a worker can be given. */
const configuration = (files: readonly string[], flags: readonly string[]): string => `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "suite", worker = .suite)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")]
);

const suite :Workerd.Worker = (
  modules = [
${['worker.mjs', ...files.filter((file) => file !== 'worker.mjs' && !file.startsWith('print-'))]
  .map((file) => `    (name = "${file}", esModule = embed "${file}")`)
  .join(',\n')}
  ],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = [${flags.map((flag) => `"${flag}"`).join(', ')}]
);
`;

export async function askWorkerd(
  executable: string,
  version: string,
  files: readonly string[],
  flags: readonly string[],
): Promise<Answers> {
  const file = `${BUNDLE}worker.capnp`;
  await writeFile(file, configuration(files, flags));
  // What it listens on comes through a descriptor of its own.
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
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (!response.ok) throw new Error(`workerd: ${await response.text()}${output}`);
      return response.json();
    };
    const automatic = await ask('automatic');
    const warnings = output.trim();
    return { version, automatic, warnings, suite: await ask('suite') };
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
