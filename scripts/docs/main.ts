// Writes what is generated in the documents, and checks their links.
//
//   npm run docs [-- --check]
// `--check` writes nothing and fails if a document is not up to date. Every link of a document must lead to a file, and to a
// heading of it if it names one; every document below docs/ must be within two clicks of README.md. The examples in comments of
// src/ must type-check.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { parseArgs } from 'node:util';
import { withTranscripts } from '../cli/transcript.js';
import { differencesPage } from './ap2-differences.js';
import { problemsOfExamples } from './api-examples.js';
import { withAppendices } from './appendices.js';
import { auditPage } from './audit.js';
import { errorsPage } from './errors.js';
import { withExamples, withFiles } from './examples.js';
import { anchorsOf, linksOf } from './links.js';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const ROOT = new URL('../../../', import.meta.url);

const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const problems: string[] = [];

/** All documents, by their paths below the project. */
function documents(): string[] {
  const below = (folder: string): string[] =>
    (readdirSync(new URL(folder, ROOT), { recursive: true }) as string[])
      .map((name) => `${folder}${name.replaceAll('\\', '/')}`)
      .filter((name) => name.endsWith('.md'));
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  return [...top, 'vectors/README.md', 'interop/README.md', ...below('docs/')].sort();
}

function put(path: string, text: string): void {
  const isCurrent = existsSync(new URL(path, ROOT)) && read(path) === text;
  if (isCurrent) return;
  if (values.check) problems.push(`${path} is not up to date: npm run docs`);
  else writeFileSync(new URL(path, ROOT), text);
}

put('docs/errors.md', errorsPage());
put('SPEC.md', withAppendices(read('SPEC.md')));
put('docs/ap2-differences.md', differencesPage());
const audit = auditPage(read('SPEC.md'));
put('docs/audit.md', audit.page);
problems.push(...audit.problems);
for (const path of documents().filter((name) => !name.startsWith('docs/api/'))) {
  const examples = withExamples(read(path), (name) => read(`examples/${name}`));
  put(path, withTranscripts(withFiles(examples, read)));
}

const pages = documents();
const links = new Map(pages.map((path) => [path, linksOf(path, read(path))]));
for (const [path, targets] of links) {
  for (const { target, anchor } of targets) {
    if (!existsSync(new URL(target, ROOT))) problems.push(`${path}: ${target} does not exist`);
    else if (anchor !== undefined && target.endsWith('.md') && !anchorsOf(read(target)).has(anchor))
      problems.push(`${path}: ${target} has no heading #${anchor}`);
  }
}

const near = new Set(['README.md']);
for (let click = 0; click < 2; click++)
  for (const path of [...near])
    for (const { target } of links.get(path) ?? []) near.add(posix.normalize(target));
for (const path of pages.filter((name) => name.startsWith('docs/')))
  if (!near.has(path)) problems.push(`${path} is more than two clicks away from README.md`);

problems.push(...(await problemsOfExamples()));

for (const problem of problems) console.error(problem);
console.log(`${pages.length} documents, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
