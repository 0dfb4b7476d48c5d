// A copy of the project to break, and the runs of vitest in it.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Mutant } from './mutants.js';

/** Beyond it a run is taken for endless: several times what the slowest takes alone. */
const TIMEOUT = 240_000;

/**
 * Vitest also fails where it cannot start, or where its worker is gone before it has told what failed (seen with
 * `--bail`). Once proves nothing: it runs again. That it works without a mutant is seen before the pass and after it.
 */
const FAILED = /^\s*FAIL\s|Unhandled (?:Error|Rejection)/m;
const ATTEMPTS = 3;

/** Whose tests fail first, where they do not stand in the folder of the source; the others run only on what these let through. */
const LIKELY: readonly [prefix: string, tests: readonly string[]][] = [
  ['src/ap2/', ['ap2/']],
  ['src/options.ts', ['sd-jwt/structure', 'claims/', 'mandate/sign', 'keys/keys']],
  ['src/claims/lifetime.ts', ['revocation/']],
  ['src/claims/retention.ts', ['revocation/']],
  ['src/encoding/base64url.ts', ['sd-jwt/', 'keys/keys']],
  ['src/encoding/i-json.ts', ['mandate/sign']],
  ['src/encoding/', ['sd-jwt/', 'jws/header', 'regressions', 'keys/']],
  ['src/jws/compact.ts', ['sd-jwt/structure', 'adapters/', 'mandate/sign']],
  ['src/jws/sign.ts', ['mandate/sign', 'keys/keys']],
  ['src/jws/verdict.ts', ['revocation/']],
  ['src/jws/', ['jws/', 'keys/keys']],
  ['src/key-binding/', ['key-binding/', 'ap2/chain']],
  ['src/keys/', ['keys/', 'primitives/back-ends']],
  ['src/mandate/', ['mandate/', 'sd-jwt/structure']],
  ['src/primitives/expanded-ml-dsa-65.ts', ['keys/expanded']],
  ['src/primitives/exported-jwk.ts', ['primitives/exported']],
  ['src/primitives/', ['primitives/back-ends', 'keys/keys']],
  ['src/sd-jwt/pack.ts', ['mandate/sign']],
];

/**
 * What takes long, is different every time, or reads the sources: a mutant that only these catch needs a test of its own.
 */
const LEFT_OUT: readonly string[] = [
  'docs',
  'package',
  'properties',
  'round-trips',
  'shapes',
  'differential',
  'mutation',
  'structure',
];

/** The outcome of a run: a test failed, none did, or it did not come to an end. */
export type Outcome = 'caught' | 'survived' | 'endless';

/** A copy of the project, with the dependencies of the original. */
export class Workspace {
  readonly #root: string;
  readonly #tests: readonly string[];

  private constructor(root: string, tests: readonly string[]) {
    this.#root = root;
    this.#tests = tests;
  }

  static async create(project: string): Promise<Workspace> {
    const root = await mkdtemp(join(tmpdir(), 'mutation-'));
    const left = ['node_modules', 'build', '.git'].map((name) => join(project, name));
    await cp(project, root, {
      recursive: true,
      filter: (path) => !left.includes(path.replace(/[\\/]$/, '')),
    });
    // One link per package: vitest keeps its cache in node_modules, and two copies must not share it.
    await mkdir(join(root, 'node_modules'));
    for (const name of await readdir(join(project, 'node_modules'))) {
      if (!name.startsWith('.'))
        await symlink(join(project, 'node_modules', name), join(root, 'node_modules', name), 'junction');
    }
    const tests = ((await readdir(join(root, 'test'), { recursive: true })) as string[])
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => name.endsWith('.test.ts') && !LEFT_OUT.includes(basename(name, '.test.ts')));
    return new Workspace(root, tests);
  }

  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }

  /** Runs the tests without any mutant. They must pass, or nothing that follows would mean anything. */
  async checkUnchanged(): Promise<void> {
    if ((await this.#run(this.#tests)) !== 'survived') throw new Error('a test fails without any mutant');
  }

  /** Runs the tests with a mutant, until one fails. */
  async run(mutant: Mutant): Promise<Outcome> {
    const path = join(this.#root, mutant.file);
    const source = await readFile(path, 'utf8');
    const [before, after] = [source.slice(0, mutant.start), source.slice(mutant.end)];
    if (source.split('\n')[mutant.line - 1]?.trim() !== mutant.text)
      throw new Error(`${mutant.file} has changed`);
    await writeFile(path, before + mutant.replacement + after);
    try {
      const [first, rest] = this.#order(mutant.file);
      const outcome = first.length > 0 ? await this.#run(first) : 'survived';
      return outcome === 'survived' ? await this.#run(rest) : outcome;
    } finally {
      await writeFile(path, source);
    }
  }

  #order(file: string): [first: string[], rest: string[]] {
    const [, folder] = file.split('/');
    const likely = LIKELY.find(([prefix]) => file.startsWith(prefix))?.[1] ?? [`${folder}/`];
    const isLikely = (test: string) => likely.some((prefix) => test.startsWith(prefix));
    return [this.#tests.filter(isLikely), this.#tests.filter((test) => !isLikely(test))];
  }

  async #run(tests: readonly string[]): Promise<Outcome> {
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const files = tests.map((name) => `test/${name}`);
    const options = ['run', '--bail', '1', '--no-color', '--maxWorkers', '1'];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { code, output } = await execute(this.#root, [vitest, ...options, ...files]);
      if (code === 0) return 'survived';
      if (code === undefined) return 'endless';
      if (FAILED.test(output)) return 'caught';
    }
    return 'caught';
  }
}

/** Runs Node. `code` is undefined where it had to be stopped. */
function execute(
  cwd: string,
  args: readonly string[],
): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? undefined, output }));
  });
}
