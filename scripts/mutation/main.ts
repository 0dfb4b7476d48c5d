// A mutation pass over the verifier: removes each check in turn, and shows that a test then fails.
//
//   npm run mutation -- [--list] [--verifier] [--only <part of a path>]… [--from <n>] [--every <n>] [--tolerate <n>]
//
// `--list` prints the mutants and runs nothing. `--verifier` takes the files that a verification goes through, and no others.
// `--only`, given several times, takes the files in that order. `--from` continues a pass after so many mutants.
// `--every` takes each n-th mutant, for a pass that must not take long. With more survivors than are tolerated, 0 by default,
// the pass fails.
//
// The sources are compiled once, with a switch at the place of every mutant. All tests run once with no mutant on: they must
// pass, and show which places each test file reaches. For each mutant, only the files that reach it run.
import { parseArgs } from 'node:util';
import type { Mutant } from './mutants.js';
import { outcomeOf, Runner, Tests } from './pass.js';
import { isEquivalent, mutantsIn, select, strayEquivalents } from './selection.js';

const ROOT = new URL('../../../', import.meta.url);
const WORKERS = 2;
const HOUR = 3_600_000;
const NONE = -1;
/** After so many mutants a line says how far the pass is. */
const PROGRESS = 50;

const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    verifier: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [''] },
    from: { type: 'string', default: '0' },
    tolerate: { type: 'string', default: '0' },
    every: { type: 'string', default: '1' },
  },
});

const describe = ({ file, line, original, becomes }: Mutant): string =>
  `${file}:${line}  ${original}  →  ${becomes}`;

/** Runs all tests without a mutant, a share in each process. */
async function runUnchanged(runners: readonly Runner[]): Promise<Tests> {
  const [files = []] = await Promise.all(runners.map((runner) => runner.files()));
  const answers = await Promise.all(
    runners.map((runner, share) =>
      runner.run({ mutant: NONE, files: files.filter((_, index) => index % runners.length === share) }, HOUR),
    ),
  );
  for (const answer of answers) {
    if (answer?.failed !== undefined || answer === undefined)
      throw new Error(`${answer?.failed} fails without any mutant: ${answer?.errors.join('; ')}`);
  }
  return new Tests(answers.flatMap((answer) => answer?.results ?? []));
}

/** Runs the mutants in as many processes as there are workers, and returns the number of survivors. */
async function run(mutants: ReadonlyMap<number, Mutant>): Promise<number> {
  const runners = Array.from({ length: WORKERS }, () => new Runner());
  try {
    const tests = await runUnchanged(runners);
    console.log(`all tests pass without a mutant (${seconds()} s)`);
    const queue = mutants.entries();
    let survived = 0;
    let done = 0;
    const work = async (runner: Runner): Promise<void> => {
      for (const [id, mutant] of queue) {
        const outcome = await outcomeOf(id, mutant.file, tests, runner);
        if (outcome === 'survived' || outcome === 'unreached') survived++;
        if (++done % PROGRESS === 0)
          console.log(`${done} of ${mutants.size}, to ${mutant.file} (${seconds()} s)`);
        if (outcome !== 'caught') console.log(`${outcome.toUpperCase().padEnd(9)} ${describe(mutant)}`);
      }
    };
    await Promise.all(runners.map(work));
    return survived;
  } finally {
    for (const runner of runners) runner.stop();
  }
}

const began = performance.now();
const seconds = (): number => Math.round((performance.now() - began) / 1000);

const all = await mutantsIn(ROOT);
const stray = strayEquivalents(all);
if (stray.length > 0) throw new Error(`scripts/mutation/equivalent.ts: ${stray.join('; ')}`);
const selected = select(all, options);
if (options.list) {
  for (const [, mutant] of selected) console.log(describe(mutant));
} else {
  const every = Number(options.every);
  const sample = selected.slice(Number(options.from)).filter((_, index) => index % every === 0);
  const toRun = new Map(sample.filter(([, mutant]) => !isEquivalent(mutant)));
  const survived = toRun.size === 0 ? 0 : await run(toRun);
  const [equivalent, caught] = [sample.length - toRun.size, toRun.size - survived];
  console.log(
    `${sample.length} of ${selected.length} checks, ${caught} caught, ${equivalent} equivalent, ${survived} survived (${seconds()} s)`,
  );
  if (survived > Number(options.tolerate)) process.exitCode = 1;
}
