// Installs runtimes from the registries, each in its own folder.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { RUNTIMES } from './paths.js';
import type { NpmRuntime } from './versions.js';

/** Installs a runtime that is an npm package, if missing, and returns its executable. */
export async function installFromNpm({ package: name, version }: NpmRuntime): Promise<string> {
  const directory = await installPackages(`${name}-${version}`, [`${name}@${version}`]);
  return `${directory}node_modules/.bin/${name}`;
}

/** Installs packages into a separate folder, if missing, and returns it, with a slash at the end. */
export async function installPackages(folder: string, packages: readonly string[]): Promise<string> {
  const directory = `${RUNTIMES}${folder}/`;
  const complete = `${directory}installed`;
  if (!existsSync(complete)) {
    await mkdir(directory, { recursive: true });
    await writeFile(`${directory}package.json`, '{ "private": true }\n');
    // Bun, Deno and Node add their executable after the installation.
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts=false', ...packages], directory);
    await writeFile(complete, `${packages.join('\n')}\n`);
  }
  return directory;
}

const CHROMIUM = '/usr/bin/chromium';
const FIREFOX = '/usr/bin/firefox-esr';
/** WebKitGTK's MiniBrowser, in a folder named after the machine's architecture. */
const LIBRARIES = '/usr/lib';
const MINI_BROWSER = 'webkit2gtk-4.1/MiniBrowser';

/** Chromium, installed from the system's packages if missing. */
export const installChromium = (): string => installFromApt(CHROMIUM, ['chromium']);

/** Firefox, the same way. */
export const installFirefox = (): string => installFromApt(FIREFOX, ['firefox-esr']);

/** WebKitGTK, the same way, and a virtual screen for it. */
export async function installWebKitGtk(): Promise<string> {
  const find = async (): Promise<string | undefined> =>
    (await readdir(LIBRARIES)).map((name) => `${LIBRARIES}/${name}/${MINI_BROWSER}`).find(existsSync);
  installFromApt('/usr/bin/Xvfb', ['xvfb']);
  if ((await find()) === undefined) apt(['webkit2gtk-driver']);
  const found = await find();
  if (found === undefined) throw new Error(`${MINI_BROWSER} is not among what was installed`);
  return found;
}

function installFromApt(executable: string, packages: readonly string[]): string {
  if (!existsSync(executable)) apt(packages);
  return executable;
}

function apt(packages: readonly string[]): void {
  run('apt-get', ['update', '-qq'], '/');
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], '/');
}

function run(command: string, args: readonly string[], cwd: string): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
