// docs/audit.md: for each rule of SPEC.md, the files, tests and vectors that cover it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { HELD_BY, NOT_TESTABLE, READING } from './audit-map.js';
import { byNumber, type Rule, rulesOf, sectionTitles } from './spec.js';

const ROOT = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** Vectors whose cases name their rule. The id of a case begins with its group. */
const VECTORS = ['negative', 'credential', 'purchases', 'status-lists'];

/** The list of rules that no case of negative.json can break; it covers none of them. */
const LIST_OF_EXCEPTIONS = /\/\*\*\n \* Rules of SPEC\.md §10 about[\s\S]*?\n\];\n/;

/** Rules that a file cites: `R4.7`, and all of `R8.4 to R8.9`. */
function citedRules(content: string, ids: readonly string[]): Set<string> {
  const text = content.replace(LIST_OF_EXCEPTIONS, '');
  const cited = new Set(text.match(/\bR\d+\.\d+\b/g));
  for (const [, first = '', last = ''] of text.matchAll(/\b(R\d+\.\d+) to (R\d+\.\d+)\b/g))
    for (const id of ids) if (byNumber(first, id) <= 0 && byNumber(id, last) <= 0) cited.add(id);
  return cited;
}

/** Which files of a folder cite each rule. Paths are below the folder. */
function citations(folder: string, ids: readonly string[]): ReadonlyMap<string, string[]> {
  const files = (readdirSync(new URL(folder, ROOT), { recursive: true }) as string[])
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const byRule = new Map<string, string[]>();
  for (const file of files) for (const id of citedRules(read(`${folder}${file}`), ids)) add(byRule, id, file);
  return byRule;
}

/** The number of cases for each rule, by group. */
function vectorGroups(): ReadonlyMap<string, string[]> {
  const counts = new Map<string, Map<string, number>>();
  for (const name of VECTORS) {
    const { cases }: { cases: { id: string; rule: string }[] } = JSON.parse(read(`vectors/${name}.json`));
    for (const { id, rule } of cases) {
      const group = name === 'negative' ? (id.split('/')[0] as string) : `${name}.json`;
      const ofRule = counts.get(rule) ?? new Map<string, number>();
      counts.set(rule, ofRule.set(group, (ofRule.get(group) ?? 0) + 1));
    }
  }
  return new Map(
    [...counts].map(([rule, groups]) => [rule, [...groups].map(([group, count]) => `${group} (${count})`)]),
  );
}

const add = (map: Map<string, string[]>, key: string, value: string): void => {
  map.set(key, [...(map.get(key) ?? []), value]);
};

const code = (names: readonly string[] | undefined): string =>
  (names ?? []).map((name) => `\`${name}\``).join(', ');

export interface Audit {
  readonly page: string;
  /** What is wrong: a section without files, a file that does not exist, a rule that nothing covers. */
  readonly problems: readonly string[];
}

/** The page, from SPEC.md and what cites its rules. */
export function auditPage(spec: string): Audit {
  const rules = rulesOf(spec);
  const ids = rules.map(({ id }) => id);
  const sources = citations('src/', ids);
  const tests = citations('test/', ids);
  const conformance = citations('src/ledger/conformance/', ids);
  const vectors = vectorGroups();
  const problems: string[] = [];

  for (const [section, files] of Object.entries(HELD_BY)) {
    if (!rules.some((rule) => rule.section === section))
      problems.push(`audit: SPEC.md has no rule in section ${section}`);
    for (const file of files)
      if (!existsSync(new URL(`src/${file}`, ROOT))) problems.push(`audit: src/${file} does not exist`);
  }

  const row = ({ id }: Rule): string => {
    const holding = [
      ...(tests.get(id) ?? []),
      ...(conformance.get(id) ?? []).map((file) => `ledger/conformance/${file}`),
    ];
    const isHeld = holding.length > 0 || vectors.has(id);
    const reason = NOT_TESTABLE[id];
    if (!isHeld && reason === undefined) problems.push(`audit: neither a test nor a vector cites ${id}`);
    if (isHeld && reason !== undefined) problems.push(`audit: ${id} is cited, and listed as not testable`);
    return `${reason ?? code(holding)} | ${(vectors.get(id) ?? []).join(', ')} |`;
  };

  /** The files of a section, those that cite its rules included, with the rules that each cites. */
  const filesOf = (section: string, listed: readonly string[]): string => {
    const cited = new Map<string, string[]>(listed.map((file) => [file, []]));
    for (const rule of rules.filter((each) => each.section === section))
      for (const file of sources.get(rule.id) ?? [])
        if (!file.startsWith('ledger/conformance/')) add(cited, file, rule.id);
    if (cited.size === 0) return '';
    const names = [...cited].map(([file, named]) => {
      const numbers = named.length === 0 ? '' : ` (${named.join(', ')})`;
      return `\`${file}\`${numbers}`;
    });
    return `In \`src/\`: ${names.join(', ')}.\n\n`;
  };

  for (const { files } of READING)
    for (const file of files)
      if (!existsSync(new URL(`src/${file}`, ROOT))) problems.push(`audit: src/${file} does not exist`);
  const order = READING.map(({ sections }) => sections.map(([, anchor]) => anchor).join(' '));
  if (readingInSpec(spec).join('\n') !== order.join('\n'))
    problems.push('audit: the order of reading in SPEC.md is not that of audit-map.ts');

  const titles = sectionTitles(spec);
  const sections = [...new Set(rules.map(({ section }) => section))].map((section) => {
    const files = HELD_BY[section];
    if (files === undefined) problems.push(`audit: no files are listed for section ${section} of SPEC.md`);
    const rows: { ids: string[]; cells: string }[] = [];
    for (const rule of rules.filter((each) => each.section === section)) {
      const cells = row(rule);
      const last = rows.at(-1);
      if (last?.cells === cells) last.ids.push(rule.id);
      else rows.push({ ids: [rule.id], cells });
    }
    const lines = rows.map(({ ids: each, cells }) => `| ${each.join(', ')} | ${cells}`);
    return (
      `### §${section} ${titles.get(section)}\n\n${filesOf(section, files ?? [])}` +
      `| rules | tests | vectors |\n| --- | --- | --- |\n${lines.join('\n')}\n`
    );
  });
  return { page: `${INTRODUCTION}\n${sections.join('\n')}`, problems };
}

/** The anchors of each step of the reading order in SPEC.md. */
function readingInSpec(spec: string): string[] {
  const [, list = ''] = /^For an audit, read in this order.*?\n\n([\s\S]*?)\n\n## /m.exec(spec) ?? [];
  return list
    .split(/^\d+\. /m)
    .slice(1)
    .map((step) => Array.from(step.matchAll(/\]\(#([^)]+)\)/g), ([, anchor]) => anchor).join(' '));
}

function readingTable(): string {
  const rows = READING.map(({ sections, files, question }, index) => {
    const links = sections.map(([title, anchor]) => `[${title}](../SPEC.md#${anchor})`);
    return `| ${index + 1} | ${links.join(', ')} | ${code(files)} | ${question} |`;
  });
  return `| step | SPEC.md | files in \`src/\` | question |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

const INTRODUCTION = `# Audit map

Where each rule of [SPEC.md](../SPEC.md) is, in code, tests and vectors. In a clone, \`npm run docs\` makes this page.

## One afternoon

Read each section of SPEC.md beside its files. They are ordered by risk: what is signed, which checks decide, what a holder can change.

${readingTable()}

With a second afternoon: [§10](../SPEC.md#10-key-binding-and-delegation-chains) beside \`ap2/chain/verify.ts\` and
\`ap2/chain/evaluate.ts\`. Then [§16](../SPEC.md#16-consuming-mandates) beside \`ledger/reserve.ts\` and \`ledger/settle.ts\`.

Three commands help, in a clone:

- \`npm run trace -- --entries\` prints the files of each call in the order in which they run.
- \`npm run mutation -- --verifier\` removes each check of the verifier in turn. A test must fail each time.
- \`npm run vectors:check\` generates the vectors again and compares them.

## How to read the tables

A section lists its files of \`src/\`, and behind a file the rules that it names by number. A row has the tests that name the rule,
in a comment or in the name of a test. Neighbours with the same tests and vectors share a row. Files under
\`ledger/conformance/\` are tests in \`src/\`: the suite that every store of a ledger must pass.

"vectors" has the groups of \`vectors/negative.json\` with the number of cases that break the rule, and other files of vectors by name.
[What each group is about](corpus.md). \`vectors/token-level.json\` and \`vectors/chains.json\` cover the same rules from the
other side: valid tokens are accepted, byte for byte.

## Every rule
`;
