// A copy of the project to break, and the runs of vitest in it.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Mutant } from './mutants.js';

/** Beyond it a run is taken for endless: several times what all tests take on a machine that does nothing else. */
const TIMEOUT = 900_000;

/**
 * Vitest also fails where it cannot start, or where its worker is gone before it has told what failed (seen with
 * `--bail`). Once proves nothing: it runs again. That it works without a mutant is seen before the pass and after it.
 */
const FAILED = /^\s*FAIL\s+(?:test\/(\S+))?|Unhandled (?:Error|Rejection)/m;
const ATTEMPTS = 3;

/**
 * What takes long, is different every time, or reads the sources: a mutant that only these catch needs a test of its own.
 */
const LEFT_OUT =
  /^(?:docs|package|mutation|structure)\.test\.ts$|(?:^|\/)(?:properties|round-trips|shapes|differential)\.test\.ts$/;

/** The outcome of a run: a test failed, none did, or it did not come to an end. */
export type Outcome = 'caught' | 'survived' | 'endless';

/** Which files of tests have caught the mutants of a file of sources so far. */
export class Catchers {
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #all = new Map<string, number>();

  count(source: string, test: string): void {
    const ofSource = this.#counts.get(source) ?? new Map<string, number>();
    this.#counts.set(source, ofSource);
    for (const counts of [ofSource, this.#all]) counts.set(test, (counts.get(test) ?? 0) + 1);
  }

  of(source: string): string[] {
    return mostFirst(this.#counts.get(source) ?? new Map());
  }

  ofAll(): string[] {
    return mostFirst(this.#all);
  }
}

const mostFirst = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].sort(([, a], [, b]) => b - a).map(([test]) => test);

/** A copy of the project, with the dependencies of the original. */
export class Workspace {
  readonly #root: string;
  readonly #tests: readonly string[];
  readonly #catchers: Catchers;

  private constructor(root: string, tests: readonly string[], catchers: Catchers) {
    this.#root = root;
    this.#tests = tests;
    this.#catchers = catchers;
  }

  static async create(project: string, catchers: Catchers): Promise<Workspace> {
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
      .filter((name) => name.endsWith('.test.ts') && !LEFT_OUT.test(name));
    return new Workspace(root, tests, catchers);
  }

  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }

  /** Runs the tests without any mutant. They must pass, or nothing that follows would mean anything. */
  async checkUnchanged(): Promise<void> {
    const { outcome } = await this.#run(this.#tests);
    if (outcome !== 'survived') throw new Error('a test fails without any mutant');
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
      for (const batch of this.#batches(mutant.file)) {
        const { outcome, failed } = await this.#run(batch);
        if (failed !== undefined) this.#catchers.count(mutant.file, failed);
        if (outcome !== 'survived') return outcome;
      }
      return 'survived';
    } finally {
      await writeFile(path, source);
    }
  }

  /** The tests, those first that most probably fail: vitest takes longer to start than most of them to run. */
  #batches(file: string): string[][] {
    const folder = dirname(file).slice('src/'.length);
    const caughtMost = this.#catchers.of(file).slice(0, 2);
    const beside = this.#tests.filter((test) => folder !== '' && test.startsWith(`${folder}/`));
    const before = this.#catchers.of(file).concat(this.#catchers.ofAll());
    const batches: string[][] = [];
    const taken = new Set<string>();
    for (const batch of [caughtMost, beside, before.slice(0, 8), this.#tests]) {
      const left = [...new Set(batch)].filter((test) => !taken.has(test));
      for (const test of left) taken.add(test);
      if (left.length > 0) batches.push(left);
    }
    return batches;
  }

  async #run(tests: readonly string[]): Promise<{ outcome: Outcome; failed?: string | undefined }> {
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const files = tests.map((name) => `test/${name}`);
    const options = ['run', '--bail', '1', '--no-color', '--maxWorkers', '1'];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { code, output } = await execute(this.#root, [vitest, ...options, ...files]);
      if (code === 0) return { outcome: 'survived' };
      if (code === undefined) return { outcome: 'endless' };
      const failed = FAILED.exec(output);
      if (failed !== null) return { outcome: 'caught', failed: failed[1] };
    }
    return { outcome: 'caught' };
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
