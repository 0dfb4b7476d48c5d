// Builds kryoptic, a software token with PKCS #11 3.2, from crates.io with its own OpenSSL. The results are cached outside the
// project, and built only once.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CRATE = fileURLToPath(new URL('../../../scripts/hsm/token/', import.meta.url));
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ap2-pq-hsm');
const OPENSSL = join(CACHE, 'openssl-3.6.2');
const TOKEN = join(CACHE, 'target', 'release', 'libkryoptic_pkcs11.so');

/** Without it, bindgen finds no libclang: the one from PyPI, if the machine has none. */
const LIBCLANG = 'libclang==18.1.1';

/** The name of a missing tool, if any. */
export const missingTool = (): string | undefined =>
  process.platform === 'linux'
    ? ['cargo', 'gcc', 'make', 'perl', 'python3'].find(
        (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined,
      )
    : 'linux';

/** Runs a command with low priority, and returns its output. */
function run(cwd: string, command: readonly string[], env: Record<string, string> = {}): string {
  console.error(`  ${command.join(' ')}`);
  const { status, stdout, stderr } = spawnSync('nice', ['-n', '10', ...command], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${command.join(' ')}:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  return stdout;
}

/** The path of the shared object. The first build takes about ten minutes. */
export function buildToken(): string {
  if (existsSync(TOKEN)) return TOKEN;
  mkdirSync(CACHE, { recursive: true });
  buildOpenSsl();
  run(CRATE, ['cargo', 'build', '--release', '--locked', '--target-dir', join(CACHE, 'target')], {
    KRYOPTIC_OPENSSL_SOURCES: OPENSSL,
    // The libclang from PyPI does not include compiler headers.
    OSSL_BINDGEN_CLANG_ARGS: `-I${run(CACHE, ['gcc', '-print-file-name=include']).trim()}`,
    LIBCLANG_PATH: process.env.LIBCLANG_PATH ?? installLibclang(),
  });
  return TOKEN;
}

/** The crate of the source has neither tests nor documents, so that kryoptic cannot configure it itself. */
function buildOpenSsl(): void {
  if (existsSync(join(OPENSSL, 'libcrypto.a'))) return;
  const metadata = run(CRATE, ['cargo', 'metadata', '--locked', '--format-version', '1']);
  const { packages } = JSON.parse(metadata) as { packages: { name: string; manifest_path: string }[] };
  const source = packages.find(({ name }) => name === 'openssl-src')?.manifest_path as string;
  rmSync(OPENSSL, { recursive: true, force: true });
  cpSync(join(dirname(source), 'openssl'), OPENSSL, { recursive: true });
  const without = ['shared', 'module', 'tests', 'apps', 'docs', 'legacy', 'dso', 'engine', 'comp', 'zlib'];
  run(OPENSSL, ['perl', 'Configure', ...without.map((part) => `no-${part}`), '-fPIC']);
  run(OPENSSL, ['make', 'build_generated']);
  run(OPENSSL, ['make', `-j${availableParallelism()}`, 'libcrypto.a']);
}

function installLibclang(): string {
  const venv = join(CACHE, 'libclang');
  if (!existsSync(join(venv, 'lib'))) {
    run(CACHE, ['python3', '-m', 'venv', venv]);
    run(CACHE, [join(venv, 'bin', 'pip'), 'install', '--quiet', LIBCLANG]);
  }
  const [python = ''] = readdirSync(join(venv, 'lib'));
  return join(venv, 'lib', python, 'site-packages', 'clang', 'native');
}
