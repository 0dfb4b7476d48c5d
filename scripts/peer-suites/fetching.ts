import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { preparePython } from '../interop-ap2/python.js';

const execute = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const LOCKS = join(ROOT, 'interop', 'peers');
/** Fetched files are not kept in the project. */
export const FETCHED = join(ROOT, 'build', 'peer-suites');
/** For a registry that does not answer, or a suite that does not end. */
const TIME_LIMIT = 240_000;

export async function run(
  file: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  try {
    const options = { cwd, maxBuffer: 2 ** 26, timeout: TIME_LIMIT, env: { ...process.env, ...env } };
    return (await execute(file, args, options)).stdout;
  } catch (cause) {
    const { stderr, stdout } = cause as { stderr?: string; stdout?: string };
    throw new Error(`"${file} ${args.join(' ')}" failed\n${stderr || stdout || cause}`, { cause });
  }
}

/** The folder and the version of a Go module that interop/go locks. */
export async function fetchGoModule(module: string): Promise<{ folder: string; version: string }> {
  const answer = await run('go', ['mod', 'download', '-json', module], join(ROOT, 'interop', 'go'));
  const { Dir: folder, Version } = JSON.parse(answer) as { Dir: string; Version: string };
  return { folder, version: Version.slice(1) };
}

interface CargoPackage {
  readonly name: string;
  readonly version: string;
  readonly manifest_path: string;
}

/** The folders of crates that interop/rust locks. */
export async function fetchCrates(names: readonly string[]): Promise<Map<string, string>> {
  const args = ['metadata', '--format-version', '1', '--locked'];
  const { packages } = JSON.parse(await run('cargo', args, join(ROOT, 'interop', 'rust'))) as {
    packages: CargoPackage[];
  };
  return new Map(
    names.map((name) => {
      const found = packages.find((crate) => crate.name === name);
      if (found === undefined) throw new Error(`interop/rust/Cargo.lock has lost the crate "${name}"`);
      return [`${name} ${found.version}`, dirname(found.manifest_path)];
    }),
  );
}

/** The folder in which the packages of interop/peers/npm are installed. */
export async function fetchNpm(): Promise<string> {
  const folder = join(FETCHED, 'npm');
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    await cp(join(LOCKS, 'npm', file), join(folder, file));
  await run('npm', ['ci', '--ignore-scripts'], folder);
  return folder;
}

/** Runs the tests that an npm package ships, with the recorder, and returns the file of calls. */
export async function recordNpm(peer: string, name: string, installed: string): Promise<string> {
  const folder = join(FETCHED, peer);
  const calls = join(FETCHED, `${peer}.jsonl`);
  await rm(folder, { recursive: true, force: true });
  await rm(calls, { force: true });
  const own = (source: string): boolean => !source.endsWith('vitest.config.mts');
  await cp(join(installed, 'node_modules', name), folder, { recursive: true, filter: own });
  await symlink(join(installed, 'node_modules'), join(folder, 'node_modules'), 'junction');
  // Its own configuration names a file that is not in the package.
  await writeFile(join(folder, 'tsconfig.json'), '{}');
  const test = {
    include: ['**/*.spec.ts'],
    exclude: ['node_modules/**'],
    setupFiles: [join(LOCKS, 'npm', 'record.ts')],
  };
  const config = join(folder, 'vitest.config.mjs');
  await writeFile(config, `export default ${JSON.stringify({ root: folder, test })};\n`);
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  await run(process.execPath, [vitest, 'run', '--config', config], ROOT, {
    RECORD_PEER: peer,
    RECORD_FILE: calls,
    RECORD_PACKAGE: folder,
  });
  return calls;
}

/** The source distributions of interop/peers/python, unpacked, and an interpreter for their tests. */
export async function fetchPython(): Promise<{ readonly interpreter: string; readonly folder: string }> {
  const interpreter = await preparePython(join(LOCKS, 'python', 'requirements.txt'), join(FETCHED, 'venv'));
  const folder = join(FETCHED, 'sdists');
  await mkdir(folder, { recursive: true });
  const source = ['--no-deps', '--no-build-isolation', '--no-binary', ':all:'];
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--require-hashes'];
  const wanted = ['--dest', folder, '--requirement', join(LOCKS, 'python', 'sdists.txt')];
  await run(interpreter, [...pip, ...source, ...wanted], folder);
  return { interpreter, folder };
}

/** Runs tests that a source distribution ships, with the recorder, and returns the file of calls. */
export async function recordPython(
  peer: string,
  release: string,
  tests: readonly string[],
  { interpreter, folder }: { readonly interpreter: string; readonly folder: string },
): Promise<string> {
  const calls = join(FETCHED, `${peer}.jsonl`);
  const unpack = 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(filter="data")';
  await run(interpreter, ['-c', unpack, `${release}.tar.gz`], folder);
  const pytest = ['-B', '-m', 'pytest', '-q', '-p', 'record', '-p', 'no:cacheprovider', ...tests];
  const sources = join(folder, release);
  await run(interpreter, pytest, sources, {
    RECORD_PEER: peer,
    RECORD_FILE: calls,
    PYTHONPATH: [join(LOCKS, 'python'), join(sources, 'src'), sources].join(
      process.platform === 'win32' ? ';' : ':',
    ),
  });
  return calls;
}
