// A mutation pass over the verifier: takes away each check in turn and shows that a test fails without it.
//
//   npm run mutation -- [--list] [--verifier] [--only <part of a path>] [--every <n>] [--tolerate <n>]
//
// `--list` prints the mutants and runs nothing. `--verifier` takes the files that a verification goes through, and no others.
// `--every` takes each n-th mutant, for a pass that must not take long. With more survivors than are tolerated, 0 by default,
// the pass fails. It changes copies of the project, never the project itself.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Mutant } from './mutants.js';
import { isEquivalent, selectMutants, strayEquivalents } from './selection.js';
import { Catchers, Workspace } from './workspace.js';

const ROOT = new URL('../../../', import.meta.url);
const WORKERS = 2;

const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    verifier: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    tolerate: { type: 'string', default: '0' },
    every: { type: 'string', default: '1' },
  },
});

const describe = ({ file, line, original, becomes }: Mutant): string =>
  `${file}:${line}  ${original}  →  ${becomes}`;

/** Runs the mutants in as many copies of the project as there are workers, and returns the survivors. */
async function survivorsOf(mutants: readonly Mutant[]): Promise<Mutant[]> {
  if (mutants.length === 0) return [];
  const queue = mutants.values();
  const survivors: Mutant[] = [];
  const work = async (workspace: Workspace): Promise<void> => {
    for (const mutant of queue) {
      const outcome = await workspace.run(mutant);
      if (outcome === 'caught') continue;
      console.log(`${outcome.toUpperCase().padEnd(8)}  ${describe(mutant)}`);
      if (outcome === 'survived') survivors.push(mutant);
    }
  };
  const workspaces: Workspace[] = [];
  const catchers = new Catchers();
  try {
    while (workspaces.length < WORKERS)
      workspaces.push(await Workspace.create(fileURLToPath(ROOT), catchers));
    await workspaces[0]?.checkUnchanged();
    await Promise.all(workspaces.map(work));
    await workspaces[0]?.checkUnchanged();
  } finally {
    for (const workspace of workspaces) await workspace.remove();
  }
  return survivors;
}

const mutants = await selectMutants(ROOT, options);
const stray = strayEquivalents(mutants);
if (stray.length > 0) throw new Error(`scripts/mutation/equivalent.ts: ${stray.join('; ')}`);
if (options.list) {
  for (const mutant of mutants) console.log(describe(mutant));
} else {
  const every = Number(options.every);
  const sample = mutants.filter((_, index) => index % every === 0);
  const toRun = sample.filter((mutant) => !isEquivalent(mutant));
  const survived = (await survivorsOf(toRun)).length;
  const [equivalent, caught] = [sample.length - toRun.length, toRun.length - survived];
  console.log(
    `${sample.length} of ${mutants.length} checks, ${caught} caught, ${equivalent} equivalent, ${survived} survived`,
  );
  if (survived > Number(options.tolerate)) process.exitCode = 1;
}
