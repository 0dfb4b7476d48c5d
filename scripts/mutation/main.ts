// A mutation pass over the verifier: takes away each check in turn and shows that a test fails without it.
//
//   npm run mutation -- [--list] [--verifier] [--only <part of a path>] [--every <n>] [--tolerate <n>]
//
// `--list` prints the mutants and runs nothing. `--verifier` takes the files that a mandate goes through when it is
// verified, and no others. `--every` takes each n-th mutant, for a pass that must not take long. With more survivors than are tolerated, 0 by default, the pass fails. It changes copies of the
// project, never the project itself.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EQUIVALENT, type Equivalent } from './equivalent.js';
import { type Mutant, mutantsOf } from './mutants.js';
import { Workspace } from './workspace.js';

const ROOT = new URL('../../../', import.meta.url);
const WORKERS = 2;

/** The way of a mandate through verifyMandate; see CONTRIBUTING.md. */
const VERIFIER: readonly RegExp[] = [
  /^src\/encoding\/(?:base64url|parse-json|read-json)\.ts$/,
  /^src\/jws\/(?:compact|header|identity|mandate-id|policy|signatures|signing-input|verdict|verify)\.ts$/,
  /^src\/keys\/(?:algorithms|forms|jwk|jwk-cache|resolve-keys|timed|verifier)\.ts$/,
  /^src\/sd-jwt\/(?:compact|disclosures|verify)\.ts$/,
  /^src\/claims\/(?:duration|registered|retention|rfc3339|token-type|validate)\.ts$/,
  /^src\/key-binding\/(?:confirmation|hash|verify)\.ts$/,
  /^src\/revocation\/check\.ts$/,
  /^src\/mandate\/verify(?:-many)?\.ts$/,
  /^src\/ap2\/chain\/(?:authenticate|compact|delegate-payload|evaluate|hops|verify)\.ts$/,
  /^src\/time-limit\.ts$/,
];

const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    verifier: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    tolerate: { type: 'string', default: '0' },
    every: { type: 'string', default: '1' },
  },
});

async function allMutants(): Promise<Mutant[]> {
  const names = (await readdir(new URL('src', ROOT), { recursive: true })) as string[];
  const files = names.map((name) => `src/${name.replaceAll('\\', '/')}`).sort();
  const mutants: Mutant[] = [];
  for (const file of files) {
    if (!file.endsWith('.ts') || !file.includes(options.only)) continue;
    if (!options.verifier || VERIFIER.some((pattern) => pattern.test(file)))
      mutants.push(...mutantsOf(file, await readFile(new URL(file, ROOT), 'utf8')));
  }
  return mutants;
}

const isOf = (mutant: Mutant, { file, text, original, becomes }: Equivalent): boolean =>
  mutant.file === file && mutant.text === text && mutant.original === original && mutant.becomes === becomes;

/** An entry that names no mutant, or several, would excuse something that nobody has looked at. */
function checkEquivalents(mutants: readonly Mutant[]): void {
  const files = new Set(mutants.map(({ file }) => file));
  for (const entry of EQUIVALENT.filter(({ file }) => files.has(file))) {
    const count = mutants.filter((mutant) => isOf(mutant, entry)).length;
    if (count !== 1)
      throw new Error(
        `${entry.file}: "${entry.original}" is on the list of equivalents, and ${count} mutants`,
      );
  }
}

const describe = ({ file, line, original, becomes }: Mutant): string =>
  `${file}:${line}  ${original}  →  ${becomes}`;

/** Runs the mutants in as many copies of the project as there are workers, and returns the survivors. */
async function survivorsOf(mutants: readonly Mutant[]): Promise<Mutant[]> {
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
  try {
    while (workspaces.length < WORKERS) workspaces.push(await Workspace.create(fileURLToPath(ROOT)));
    await workspaces[0]?.checkUnchanged();
    await Promise.all(workspaces.map(work));
    await workspaces[0]?.checkUnchanged();
  } finally {
    for (const workspace of workspaces) await workspace.remove();
  }
  return survivors;
}

const mutants = await allMutants();
checkEquivalents(mutants);
if (options.list) {
  for (const mutant of mutants) console.log(describe(mutant));
} else {
  const every = Number(options.every);
  const sample = mutants.filter((_, index) => index % every === 0);
  const toRun = sample.filter((mutant) => !EQUIVALENT.some((entry) => isOf(mutant, entry)));
  const survived = (await survivorsOf(toRun)).length;
  const [equivalent, caught] = [sample.length - toRun.length, toRun.length - survived];
  console.log(
    `${sample.length} of ${mutants.length} checks, ${caught} caught, ${equivalent} equivalent, ${survived} survived`,
  );
  if (survived > Number(options.tolerate)) process.exitCode = 1;
}
