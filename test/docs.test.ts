// What the documents say is true of the code.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as api from '../src/index.js';
import { LEDGER_ERROR_CODES } from '../src/ledger/index.js';
import { readJson } from './support.js';

const ROOT = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const readme = read('README.md');
const run = promisify(execFile);

test('SPEC.md names every error code, before the appendix that lists them', () => {
  const [body = ''] = read('SPEC.md').split('## Appendix C');
  for (const code of Object.keys({ ...api.MANDATE_ERROR_CODES, ...LEDGER_ERROR_CODES }))
    expect(body, code).toContain(`\`${code}\``);
});

test('SPEC.md gives no number to two rules, and cites only rules that it has', () => {
  const spec = read('SPEC.md');
  const rules = [...spec.matchAll(/\*\*(R\d+\.\d+)\*\*/g)].map(([, rule]) => rule);
  expect(rules.length).toBeGreaterThan(300);
  expect(new Set(rules).size).toBe(rules.length);
  for (const [rule] of spec.matchAll(/\bR\d+\.\d+\b/g)) expect(rules, rule).toContain(rule);
});

test('SPEC.md names no file of this implementation', () => {
  expect(read('SPEC.md')).not.toMatch(/\b(?:src|test|scripts|docs|interop|examples)\/|\.ts\b/);
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

test('README.md has at most 150 lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(151);
});

test('the generated parts of the documents are current, and their links lead somewhere', async () => {
  const script = fileURLToPath(new URL('build/scripts/docs/main.js', ROOT));
  const { stdout } = await run(process.execPath, [script, '--check']).catch((error) => {
    throw new Error(error.stderr);
  });
  expect(stdout).toMatch(/ 0 problems/);
});

describe('the examples print what their comments say', () => {
  const names = readdirSync(new URL('examples/', ROOT)).filter((name) => name.endsWith('.mjs'));

  test.each(names)('%s', async (name) => {
    const { stdout } = await run(process.execPath, [fileURLToPath(new URL(`examples/${name}`, ROOT))]);
    const printed = [...read(`examples/${name}`).matchAll(/console\.log\(.*\); \/\/ (.*?)(?: ?…)?$/gm)];
    expect(printed.length).toBeGreaterThan(0);
    for (const [, text = ''] of printed) expect(stdout).toContain(text);
  });

  test('each of them stands in a document', () => {
    const documents = [
      'README.md',
      ...readdirSync(new URL('docs/guides/', ROOT)).map((name) => `docs/guides/${name}`),
      'docs/runtimes.md',
    ];
    const text = documents.map(read).join('');
    for (const name of names) expect(text, name).toContain(`<!-- example: ${name} -->`);
  });
});

test('every file that CONTRIBUTING.md maps exists, and every folder of src/ is on the map', () => {
  const contributing = read('CONTRIBUTING.md');
  const sources = (readdirSync(new URL('src', ROOT), { recursive: true }) as string[])
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'));
  const mapped = new Set(contributing.match(/(?:[\w-]+\/)+[\w-]+\.ts/g));
  for (const path of mapped)
    expect(sources.includes(path) || existsSync(new URL(path, ROOT)), path).toBe(true);
  // One line for each folder. A tool that fills paragraphs once joined them.
  const map = /^```text\nsrc\/\n[\s\S]*?^```$/m.exec(contributing)?.[0].split('\n') ?? [];
  const lines = map.map((line) => /^ {2}(\S+\/) +\S/.exec(line)?.[1]);
  for (const folder of new Set(sources.map((path) => path.replace(/[^/]*$/, '')))) {
    // `ap2/` has only the entry point.
    if (folder !== '' && folder !== 'ap2/') expect(lines, folder).toContain(folder);
  }
});

test('docs/errors.md says of JOSEError what is true', async () => {
  const { JOSEError } = await import('jose/errors');
  const { LedgerError, LedgerStoreError } = await import('../src/ledger/index.js');
  const page = read('docs/errors.md');
  expect(api.MandateError.prototype).toBeInstanceOf(JOSEError);
  expect(LedgerError.prototype).toBeInstanceOf(JOSEError);
  expect(LedgerStoreError.prototype).not.toBeInstanceOf(JOSEError);
  expect(page).not.toMatch(/Every error extends/);
  expect(page).toContain('extend `Error` alone. `LedgerStoreError`');
});

test('docs/dependencies.md justifies every dependency and no other', () => {
  const { dependencies, peerDependencies, devDependencies } = readJson('../package.json');
  const section = read('docs/dependencies.md');
  const published = section.split('| for development')[0] as string;
  const table = [...published.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
  expect(table.sort()).toEqual([...Object.keys(dependencies), ...Object.keys(peerDependencies)].sort());
  for (const name of Object.keys(devDependencies)) expect(section, name).toContain(`\`${name}\``);
});
