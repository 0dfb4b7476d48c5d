// Other languages against our vectors, and our library against what they sign.
//
//   npm run interop -- [--list] [--require python,go,rust]
// Builds the programs of interop/ if their toolchains are present, and reports those that are missing. A missing language that
// is required is a failure. `--list` prints each case. Exits with 1 on any mismatch.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Case, Outcome } from './cases.js';
import { compositeCases } from './composite.js';
import { build, type Command, findToolchain, LANGUAGES, type Language } from './languages.js';
import { jcsCases, mandateLevelCases } from './mandate-level.js';
import { ask } from './program.js';
import { type SignedMandate, signingCases } from './signing.js';
import { table } from './table.js';
import { type NegativeCase, readVectors } from './vectors.js';
import { concernsVerifier, foreignCases, negativeCases, policyCases, tokenLevelCases } from './verifying.js';

const ROOT = new URL('../../../', import.meta.url);
const SOURCES = fileURLToPath(new URL('interop', ROOT));
const BUILDS = fileURLToPath(new URL('build/interop', ROOT));

const { values: options } = parseArgs({
  options: { list: { type: 'boolean', default: false }, require: { type: 'string', default: '' } },
});
const required = options.require.split(',').filter(Boolean);
const unknown = required.filter((name) => LANGUAGES.every((language) => language.name !== name));
if (unknown.length > 0) throw new Error(`--require knows no ${unknown.join(', ')}`);

async function buildAll(): Promise<Map<Language, Command>> {
  const commands = new Map<Language, Command>();
  for (const language of LANGUAGES) {
    const toolchain = await findToolchain(language);
    if ('missing' in toolchain) {
      const isRequired = required.includes(language.name);
      console.log(
        `${language.name}: NOT RUN, ${toolchain.missing}${isRequired ? ', and it is required' : ''}`,
      );
      if (isRequired) process.exitCode = 1;
      continue;
    }
    commands.set(language, await build(language, SOURCES, BUILDS));
    console.log(`${language.name}: built with ${toolchain.version}`);
  }
  return commands;
}

async function runCases(command: Command, cases: readonly Case[]): Promise<Outcome[]> {
  const answers = await ask(
    command,
    cases.map(({ request }) => request),
  );
  const outcomes: Outcome[] = [];
  for (const [index, { judge }] of cases.entries()) outcomes.push(...(await judge(answers[index] ?? {})));
  return outcomes;
}

function describeCorpus(cases: readonly NegativeCase[]): string {
  const count = cases.filter(concernsVerifier).length;
  return `negative corpus: ${count} of ${cases.length} cases concern a plain verifier, the others options of ap2-pq`;
}

const vectors = await readVectors(ROOT);
const commands = await buildAll();
const outcomes = new Map<string, Outcome[]>();
const signed: SignedMandate[] = [];
for (const [language, command] of commands) {
  const cases = [
    ...jcsCases(vectors),
    ...mandateLevelCases(vectors, language),
    ...tokenLevelCases(vectors),
    ...policyCases(vectors),
    ...negativeCases(vectors.negative ?? []),
    ...signingCases(vectors, language, signed),
    ...(await compositeCases(language)),
  ];
  outcomes.set(language.name, await runCases(command, cases));
}
// Once all have signed, each verifies what the others signed.
for (const [{ name }, command] of commands) {
  outcomes.get(name)?.push(...(await runCases(command, foreignCases(signed, name, vectors))));
}

const failures = [...outcomes]
  .flatMap(([name, list]) => list.map((outcome) => ({ name, ...outcome })))
  .filter(({ failure }) => failure !== undefined);
if (options.list) {
  for (const [name, list] of outcomes) {
    for (const { group, id, failure } of list)
      console.log(`${failure ? 'FAILS' : 'ok   '} ${name}: ${group}: ${id}`);
  }
}
for (const { name, group, id, failure } of failures)
  console.log(`MISMATCH ${name}: ${group}: ${id}: ${failure}`);
console.log(
  vectors.negative
    ? describeCorpus(vectors.negative)
    : 'vectors/negative.json is not there: its cases were not run',
);
if (outcomes.size > 0) console.log(`\n${table(outcomes)}\n`);
console.log(`${failures.length} mismatches in ${outcomes.size} of ${LANGUAGES.length} languages`);
if (failures.length > 0) process.exitCode = 1;
