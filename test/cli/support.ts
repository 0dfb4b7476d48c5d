// The command line as its users have it: dist/cli/main.js, in a process of its own. Everything that it prints is kept, for the test
// that looks for secrets in it.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/cli/run.js';

export const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'ap2-pq-cli-'));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything that was printed by anything in this file's tests. */
export const printed: string[] = [];

/** Runs the built program. */
export function ap2pq(
  words: readonly string[],
  { stdin = '', cwd }: { stdin?: string | Uint8Array; cwd?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      ...(cwd !== undefined && { cwd }),
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (code) => {
      const [stdout, stderr] = [Buffer.concat(out).toString(), Buffer.concat(err).toString()];
      printed.push(stdout, stderr);
      resolve({ code, stdout, stderr });
    });
    child.stdin.end(stdin);
  });
}

/** Runs a command line in this process, with streams that may say that they are terminals. */
export async function inProcess(
  words: readonly string[],
  {
    stdin = '',
    isTTY = false,
    env = {},
  }: { stdin?: string; isTTY?: boolean; env?: Record<string, string> } = {},
): Promise<Ran> {
  const texts = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof texts) => {
    const through = Object.assign(new PassThrough(), { isTTY });
    through.on('data', (chunk) => {
      texts[name] += chunk;
    });
    return through;
  };
  const streams = { stdout: stream('stdout'), stderr: stream('stderr') };
  const code = await run(words, { stdin: Readable.from([Buffer.from(stdin)]), ...streams, env });
  for (const each of Object.values(streams)) await new Promise((resolve) => each.end(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  printed.push(texts.stdout, texts.stderr);
  return { code, ...texts };
}
