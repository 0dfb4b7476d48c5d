// Tests the package as its users get it: packed, installed into a separate project, type-checked and loaded in every way.
//
//   npm run consumer
//
// Installs what is needed into build/consumer. Several versions of TypeScript compile test/consumer, library declarations
// included; Node, tsx and Jest load the package under CommonJS. Fails if any step fails.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { installFromNpm } from '../runtimes/install.js';
import { NODE_24, NPM_RUNTIMES } from '../runtimes/versions.js';
import { writeDeclarations } from './declarations.js';
import { TOOLS, TYPESCRIPTS } from './versions.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PROJECT = `${ROOT}build/consumer/`;
/** The headers of one version of Node do not work for another. */
const { npm_config_nodedir: _, ...ENVIRONMENT } = process.env;

interface Outcome {
  readonly what: string;
  readonly error: string | undefined;
}

function run(command: string, args: readonly string[], env: object = {}): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: PROJECT,
    encoding: 'utf8',
    env: { ...ENVIRONMENT, ...env },
  });
  return status === 0 ? undefined : (error?.message ?? `${stdout}${stderr}`);
}

async function install(): Promise<void> {
  await rm(PROJECT, { recursive: true, force: true });
  await mkdir(PROJECT, { recursive: true });
  await cp(`${ROOT}test/consumer`, PROJECT, { recursive: true });
  const pack = spawnSync('npm', ['pack', '--json', '--pack-destination', PROJECT], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (pack.status !== 0) throw new Error(pack.stderr);
  const [{ filename }] = JSON.parse(pack.stdout.slice(pack.stdout.indexOf('[\n')));
  const packages = [...TYPESCRIPTS.map((version) => `ts-${version}@npm:typescript@${version}`), ...TOOLS];
  const failure = run('npm', ['install', '--no-audit', '--no-fund', `./${filename}`, ...packages]);
  if (failure !== undefined) throw new Error(failure);
}

/** One program of test/consumer, with the globals that a user of it has. */
interface Program {
  readonly file: string;
  readonly types: readonly string[];
  readonly lib: readonly string[];
  /** Declarations that the oldest TypeScript here cannot read, even without ours. */
  readonly skipLibCheck: boolean;
}

const PROGRAMS: readonly Program[] = [
  { file: 'consumer.ts', types: [], lib: ['ES2022', 'DOM'], skipLibCheck: false },
  { file: 'types/adapter.ts', types: [], lib: ['ES2022', 'DOM'], skipLibCheck: true },
  { file: 'types/fetch.ts', types: [], lib: ['ES2022', 'DOM'], skipLibCheck: false },
  { file: 'types/fetch.ts', types: ['bun'], lib: ['ES2022'], skipLibCheck: true },
  { file: 'types/fetch.ts', types: ['node'], lib: ['ES2022'], skipLibCheck: true },
];

async function compile(version: string, { file, types, lib, skipLibCheck }: Program): Promise<Outcome> {
  const compilerOptions = {
    ...{ target: 'ES2022', module: 'NodeNext', strict: true, exactOptionalPropertyTypes: true },
    ...{ declaration: true, rootDir: '.', outDir: 'compiled', lib, types, skipLibCheck },
  };
  await writeFile(
    `${PROJECT}tsconfig.program.json`,
    JSON.stringify({ compilerOptions, files: [`./${file}`] }),
  );
  const error = run(process.execPath, [`node_modules/ts-${version}/bin/tsc`, '-p', 'tsconfig.program.json']);
  return {
    what: `TypeScript ${version}: ${file}${types.length === 0 ? '' : `, @types/${types}`}`,
    error,
  };
}

/** The package required by Node, by tsx and by Jest. */
async function load(version: string): Promise<Outcome[]> {
  const node = await installFromNpm({ package: 'node', version });
  const jest = (config: string, ...flags: string[]) => [
    ...[...flags, 'node_modules/jest/bin/jest.js', '--rootDir', 'commonjs/jest'],
    ...['--config', `commonjs/jest/${config}.config.cjs`],
  ];
  const ways: Record<string, readonly string[]> = {
    require: ['commonjs/required.cjs'],
    tsx: ['node_modules/tsx/dist/cli.mjs', 'commonjs/imported.ts'],
    // Jest on the oldest Node, and on the oldest in which it requires ES modules itself.
    ...(version.startsWith('20.') && { 'Jest, ES modules compiled': jest('transformed') }),
    ...(version === NODE_24 && {
      'Jest, --experimental-vm-modules': jest('native', '--experimental-vm-modules'),
    }),
  };
  return Object.entries(ways).map(([way, args]) => ({
    what: `Node ${version}, CommonJS: ${way}`,
    error: run(node, args, { NODE_OPTIONS: '', FORCE_COLOR: '0' }),
  }));
}

await install();
const declarations = (await writeDeclarations(ROOT, PROJECT)).map(
  (file): Program => ({ file, types: [], lib: ['ES2022', 'DOM'], skipLibCheck: false }),
);
const outcomes: Outcome[] = [];
for (const version of TYPESCRIPTS) {
  for (const program of [...PROGRAMS, ...declarations]) outcomes.push(await compile(version, program));
}
outcomes.push({ what: 'import, as an ES module', error: run(process.execPath, ['consumer.mjs']) });
for (const runtime of NPM_RUNTIMES) {
  if (runtime.package === 'node') outcomes.push(...(await load(runtime.version)));
}
for (const { what, error } of outcomes)
  console.log(error === undefined ? `ok      ${what}` : `FAILED  ${what}\n${error}`);
if (outcomes.some(({ error }) => error !== undefined)) process.exitCode = 1;
