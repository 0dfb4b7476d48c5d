// What the documents say is true of the code.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import * as ap2 from '../src/ap2/index.js';
import * as api from '../src/index.js';
import { readJson } from './support.js';

const ROOT = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const readme = read('README.md');

test('README.md lists every error code, with its meaning', () => {
  const rows = Object.entries(api.MANDATE_ERROR_CODES).map(
    ([code, meaning]) => `| \`${code}\` | ${meaning} |\n`,
  );
  const table = `| code | meaning |\n| --- | --- |\n${rows.join('')}`;
  expect(readme).toContain(`<!-- error-codes:begin -->\n${table}<!-- error-codes:end -->`);
});

test('SPEC.md names every error code', () => {
  const spec = read('SPEC.md');
  for (const code of Object.keys(api.MANDATE_ERROR_CODES)) expect(spec, code).toContain(code);
});

test('SPEC.md §11 has the keys and fingerprints of the vectors', () => {
  const spec = read('SPEC.md');
  const { mldsa65, ecdsaP256 } = readJson('../vectors/keys.json');
  const { vectors } = readJson('../vectors/mandate-level.json');
  expect(spec).toContain(mldsa65.seed);
  expect(spec).toContain(ecdsaP256.scalar);
  for (const { id, jcsBytes, fingerprint } of vectors) {
    expect(spec).toMatch(new RegExp(`^\\| ${id} \\|.*\\| ${jcsBytes} \\| \`${fingerprint}\` \\|$`, 'm'));
  }
});

test('README.md shows everything that is exported', () => {
  for (const name of [...Object.keys(api), ...Object.keys(ap2)]) {
    if (name !== 'MANDATE_ERROR_CODES') expect(readme, name).toContain(name);
  }
});

const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] as string);

test('there are examples in README.md', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(4);
});

describe('the examples of README.md', () => {
  const directory = new URL('build/readme/', ROOT);
  const run = promisify(execFile);

  beforeAll(async () => {
    mkdirSync(directory, { recursive: true });
    const compilerOptions = {
      noUnusedLocals: false,
      rootDir: '.',
      composite: false,
      types: ['node'],
      outDir: '.',
    };
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions,
      include: ['*.ts'],
      exclude: [],
      references: [],
    };
    writeFileSync(new URL('tsconfig.json', directory), JSON.stringify(config));
    blocks.forEach((block, index) => {
      writeFileSync(new URL(`example-${index + 1}.ts`, directory), block);
    });
    const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', ROOT));
    await run(process.execPath, [tsc, '-p', fileURLToPath(directory)]).catch((error) => {
      throw new Error(`the examples do not compile:\n${error.stdout}`);
    });
  }, 60_000);

  test.each(blocks.map((block, index) => [index + 1, block] as const))(
    'example %i compiles and runs',
    async (n, block) => {
      const { stdout } = await run(process.execPath, [fileURLToPath(new URL(`example-${n}.js`, directory))]);
      for (const [, printed = ''] of block.matchAll(/console\.log\(.*\); \/\/ (.*?)(?: …)?$/gm)) {
        expect(stdout).toContain(printed);
      }
    },
  );
});

test('every file that CONTRIBUTING.md maps exists, and every folder of src/ is on the map', () => {
  const contributing = read('CONTRIBUTING.md');
  const sources = (readdirSync(new URL('src', ROOT), { recursive: true }) as string[])
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'));
  const mapped = new Set(contributing.match(/(?:[\w-]+\/)+[\w-]+\.ts/g));
  for (const path of mapped)
    expect(sources.includes(path) || existsSync(new URL(path, ROOT)), path).toBe(true);
  for (const folder of new Set(sources.map((path) => path.replace(/[^/]*$/, '')))) {
    expect(contributing, folder).toContain(folder);
  }
});

test('local links lead somewhere', () => {
  for (const document of [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'SPEC.md',
    'CHANGELOG.md',
    'LIMITS.md',
    'vectors/README.md',
  ]) {
    const base = new URL(document, ROOT);
    for (const [, target = ''] of read(document).matchAll(/\]\(((?!https?:|#)[^)#]+)/g)) {
      expect(existsSync(new URL(target, base)), `${document}: ${target}`).toBe(true);
    }
  }
});

test('README.md justifies every dependency and no other', () => {
  const { dependencies, peerDependencies, devDependencies } = readJson('../package.json');
  const section = readme.split('## Dependencies')[1]?.split('\n## ')[0] as string;
  const table = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
  expect(table.sort()).toEqual([...Object.keys(dependencies), ...Object.keys(peerDependencies)].sort());
  for (const name of Object.keys(devDependencies)) expect(section, name).toContain(`\`${name}\``);
});
