// A process that loads the instrumented project and runs tests with one mutant after another.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import {
  BaseSequencer,
  createVitest,
  type TestModule,
  type TestSpecification,
  type Vitest,
} from 'vitest/node';
import { instrument, type Numbered } from './instrument.js';
import { mutantsIn } from './selection.js';

/** A request of the pass: run these test files, in this order, with this mutant on; −1 for none. */
export interface Request {
  readonly mutant: number;
  readonly files: readonly string[];
}

/** The result of one test file. */
export interface FileResult {
  readonly file: string;
  readonly milliseconds: number;
  readonly reached: readonly number[];
}

export interface Answer {
  /** The first test file that failed; 'elsewhere' if an error belongs to no file. */
  readonly failed?: string | undefined;
  readonly errors: readonly string[];
  readonly results: readonly FileResult[];
}

/**
 * Tests that are slow, not deterministic, or read the sources: a mutant that only these catch needs its own test.
 */
const LEFT_OUT =
  /^test\/(?:(?:docs|package|mutation|structure)\.test\.ts$|(?:.*\/)?(?:properties|round-trips|shapes|differential)\.test\.ts$)/;

const ROOT = new URL('../../../', import.meta.url);
const path = fileURLToPath(ROOT);
const nameOf = (id: string): string => relative(path, id).replaceAll('\\', '/');

/** Keeps the requested order: vitest would begin with the slowest file. */
class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

/** The test files that this run has finished: vitest also keeps those of earlier runs. */
let ended: TestModule[] = [];

async function load(): Promise<{ vitest: Vitest; count: number }> {
  const byFile = new Map<string, Numbered[]>();
  const mutants = await mutantsIn(ROOT);
  for (const [id, mutant] of mutants.entries())
    byFile.set(mutant.file, [...(byFile.get(mutant.file) ?? []), { id, mutant }]);
  const vitest = await createVitest(
    'test',
    {
      root: path,
      watch: false,
      bail: 1,
      maxWorkers: 1,
      reporters: [{ onTestModuleEnd: (module) => void ended.push(module) }],
      setupFiles: [fileURLToPath(new URL('scripts/mutation/switches.ts', ROOT))],
      sequence: { sequencer: InOrder },
    },
    {
      plugins: [
        {
          name: 'mutants',
          enforce: 'pre',
          transform(code, id) {
            const numbered = byFile.get(nameOf(id));
            return numbered === undefined ? undefined : { code: instrument(code, numbered), map: null };
          },
        },
      ],
    },
  );
  return { vitest, count: mutants.length };
}

const { vitest, count } = await load();
const specifications = new Map(
  (await vitest.globTestSpecifications())
    .map((specification) => [nameOf(specification.moduleId), specification] as const)
    .filter(([name]) => !LEFT_OUT.test(name)),
);

async function run({ mutant, files }: Request): Promise<Answer> {
  vitest.provide('mutation', { on: mutant, count });
  ended = [];
  const { unhandledErrors } = await vitest.runTestSpecifications(
    files.map((file) => specifications.get(file) as TestSpecification),
  );
  const failed = ended.find((module) => module.state() === 'failed');
  const errors = ended.flatMap((module) => [
    ...module.errors(),
    ...[...module.children.allTests('failed')].flatMap((test) => test.result().errors ?? []),
  ]);
  return {
    failed:
      failed !== undefined ? nameOf(failed.moduleId) : unhandledErrors.length > 0 ? 'elsewhere' : undefined,
    errors: [...errors, ...unhandledErrors].map((error) => inspect(error)),
    results: ended.map((module) => ({
      file: nameOf(module.moduleId),
      milliseconds: module.diagnostic().duration + module.diagnostic().collectDuration,
      reached: module.meta().reached ?? [],
    })),
  };
}

process.on('message', (request: Request) => {
  run(request).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ failed: 'elsewhere', errors: [String(error)], results: [] }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ files: [...specifications.keys()] });
