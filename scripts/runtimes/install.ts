// Runtimes from the registries, each in a folder of its own.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { RUNTIMES } from './paths.js';
import type { NpmRuntime } from './versions.js';

/** Installs a runtime that is an npm package, unless it is there, and returns its executable. */
export async function installFromNpm({ package: name, version }: NpmRuntime): Promise<string> {
  const directory = `${RUNTIMES}${name}-${version}`;
  const executable = `${directory}/node_modules/.bin/${name}`;
  if (!existsSync(executable)) {
    await mkdir(directory, { recursive: true });
    await writeFile(`${directory}/package.json`, '{ "private": true }\n');
    // Bun, Deno and Node put their executable in place after the installation.
    run(
      'npm',
      ['install', '--no-audit', '--no-fund', '--ignore-scripts=false', `${name}@${version}`],
      directory,
    );
  }
  return executable;
}

const CHROMIUM = '/usr/bin/chromium';

/** Chromium, from the system's packages where it is missing. */
export function installChromium(): string {
  if (!existsSync(CHROMIUM)) {
    run('apt-get', ['update', '-qq'], '/');
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], '/');
  }
  return CHROMIUM;
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
