// Node, Bun and Deno: the suite as a script.
import { spawnSync } from 'node:child_process';
import type { Answers } from './findings.js';
import { BUNDLE } from './paths.js';

const TIMEOUT = 300_000;

/** Deno gets no permissions: the library needs none. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  deno: ['run', '--no-prompt', '--no-remote', '--no-config'],
};

export function askOnCommandLine(name: string, executable: string): Answers {
  const version = run(executable, ['--version']).stdout;
  const script = (file: string) => run(executable, [...(ARGUMENTS[name] ?? []), `${BUNDLE}${file}.mjs`]);
  const automatic = script('print-automatic');
  return {
    version: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? version,
    automatic: JSON.parse(automatic.stdout),
    warnings: automatic.stderr.trim(),
    suite: JSON.parse(script('print-suite').stdout),
  };
}

function run(executable: string, args: readonly string[]): { stdout: string; stderr: string } {
  const { status, stdout, stderr, error } = spawnSync(executable, args, {
    cwd: BUNDLE,
    encoding: 'utf8',
    timeout: TIMEOUT,
    maxBuffer: 2 ** 26,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
  });
  if (status !== 0) throw new Error(`${executable} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return { stdout, stderr };
}
