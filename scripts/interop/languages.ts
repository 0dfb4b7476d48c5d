import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that answers JSON lines, as described in interop/README.md. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** What a program is built with. */
export interface BuildTool {
  /** Checks for the toolchain. Throws if there is none; otherwise returns its name and version. */
  version(): Promise<string>;
  /** The oldest version that the dependencies work with. */
  readonly oldest: readonly [number, number];
}

/** One language of interop/. */
export interface Language extends BuildTool {
  readonly name: string;
  /** Builds the program in `folder`, from the locked dependencies. */
  build(source: string, folder: string): Promise<Command>;
  /** Whether its library has the deterministic variant of ML-DSA-65, so that its mandates equal ours byte for byte. */
  readonly deterministic: boolean;
  /** Whether its program knows the composite `ML-DSA-65-ES256` (SPEC.md §20). */
  readonly composite: boolean;
}

export const output = async (file: string, ...args: string[]): Promise<string> =>
  (await run(file, args)).stdout.trim();

const executable = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name);

const python: Language = {
  name: 'python',
  version: () =>
    output('python3', '-c', 'import ensurepip, sys, venv; print("Python", sys.version.split()[0])'),
  oldest: [3, 9],
  // cryptography signs with ML-DSA through OpenSSL, and offers the hedged variant only.
  deterministic: false,
  composite: false,
  async build(source, folder) {
    const binaries = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
    const interpreter = join(binaries, executable('python'));
    if (!existsSync(interpreter)) await run('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(interpreter, [...pip, '--requirement', join(source, 'requirements.txt')]);
    return { file: interpreter, args: ['-B', join(source, 'main.py')] };
  },
};

const go: Language = {
  name: 'go',
  version: () => output('go', 'version'),
  oldest: [1, 25],
  deterministic: true,
  composite: true,
  async build(source, folder) {
    const file = join(folder, executable('ap2pq'));
    await run('go', ['build', '-mod=readonly', '-o', file, '.'], { cwd: source });
    return { file, args: [] };
  },
};

const rust: Language = {
  name: 'rust',
  version: () => output('cargo', '--version'),
  oldest: [1, 87],
  deterministic: true,
  composite: false,
  async build(source, folder) {
    await run('cargo', ['build', '--release', '--locked', '--quiet', '--target-dir', folder], {
      cwd: source,
    });
    return { file: join(folder, 'release', executable('ap2pq')), args: [] };
  },
};

export const LANGUAGES: readonly Language[] = [python, go, rust];

/** The reason why a language cannot take part, or its toolchain. */
export type Toolchain = { readonly missing: string } | { readonly version: string };

export async function findToolchain({ version, oldest }: BuildTool): Promise<Toolchain> {
  let text: string;
  try {
    text = await version();
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    const said = stderr.trim().split('\n').at(-1);
    return {
      missing:
        code === 'ENOENT'
          ? 'no toolchain here'
          : `its toolchain fails: ${said || String(error).split('\n')[0]}`,
    };
  }
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const isTooOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  return isTooOld ? { missing: `${text} is older than ${oldest.join('.')}` } : { version: text };
}

export async function build(language: Language, sources: string, builds: string): Promise<Command> {
  const folder = join(builds, language.name);
  await mkdir(folder, { recursive: true });
  try {
    return await language.build(join(sources, language.name), folder);
  } catch (cause) {
    throw new Error(`${language.name} does not build: ${(cause as { stderr?: string }).stderr ?? cause}`, {
      cause,
    });
  }
}
