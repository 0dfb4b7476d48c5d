// docs/audit.md: for each rule of SPEC.md, the files, tests and vectors that cover it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { HELD_BY, NOT_TESTABLE } from './audit-map.js';
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
    const citing = (sources.get(id) ?? []).filter((file) => !file.startsWith('ledger/conformance/'));
    return `| ${id} | ${code(citing)} | ${reason ?? code(holding)} | ${(vectors.get(id) ?? []).join(', ')} |`;
  };

  const titles = sectionTitles(spec);
  const sections = [...new Set(rules.map(({ section }) => section))].map((section) => {
    const files = HELD_BY[section];
    if (files === undefined) problems.push(`audit: no files are listed for section ${section} of SPEC.md`);
    const held = (files ?? []).length > 0 ? `In \`src/\`: ${code(files)}.\n\n` : '';
    const rows = rules.filter((rule) => rule.section === section).map(row);
    return (
      `### §${section} ${titles.get(section)}\n\n${held}` +
      `| rule | cited in \`src/\` | cited in \`test/\` | vectors |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
    );
  });
  return { page: `${INTRODUCTION}\n${sections.join('\n')}`, problems };
}

const INTRODUCTION = `# Audit map

Where each rule of [SPEC.md](../SPEC.md) is, in code, tests and vectors. In a clone, \`npm run docs\` makes this page.

## One afternoon

Read each section of SPEC.md beside its files. They are ordered by risk: what is signed, which checks decide, what a holder can change.

| step | SPEC.md | files in \`src/\` | question |
| --- | --- | --- | --- |
| 1 | [§5.1 to §5.3](../SPEC.md#51-the-pq-signing-input), [Appendix A](../SPEC.md#appendix-a-worked-bytes) | \`jws/signing-input.ts\`, \`jws/sign.ts\` | What is signed? Do the bytes of Appendix A match? |
| 2 | [§2.2](../SPEC.md#22-strict-base64url), [§2.3](../SPEC.md#23-strict-json) | \`encoding/base64url.ts\`, \`encoding/read-json.ts\` | Does each value have exactly one encoding? |
| 3 | [§4](../SPEC.md#4-the-protected-header) | \`jws/header.ts\` | Can two parsers read different headers? |
| 4 | [§6](../SPEC.md#6-verifying) | \`mandate/verify.ts\` | Is every step present and in order? |
| 5 | [§6 steps 3 to 7](../SPEC.md#step-3-the-policy), [§7](../SPEC.md#7-policy) | \`jws/verify.ts\`, \`jws/signatures.ts\`, \`jws/policy.ts\` | Can a mandate pass with a signature that is missing or wrong? |
| 6 | [§6 step 8](../SPEC.md#step-8-disclosures) | \`sd-jwt/disclosures.ts\` | What can a holder add, hide or move? |
| 7 | [§6 step 9](../SPEC.md#step-9-claims) | \`claims/validate.ts\` and its neighbours | Is every demand of the caller enforced? |
| 8 | [§8.4](../SPEC.md#84-resolving-keys), [§8.5](../SPEC.md#85-fetching-keys) | \`keys/resolve-keys.ts\`, \`key-sets/fetch-document.ts\` | Can the mandate choose its own key? |
| 9 | [§12](../SPEC.md#12-security-considerations) | | What does the profile not provide? |

With a second afternoon: [§10](../SPEC.md#10-key-binding-and-delegation-chains) beside \`key-binding/verify.ts\`,
\`ap2/chain/verify.ts\`
and \`ap2/chain/evaluate.ts\`. Then [§16](../SPEC.md#16-consuming-mandates) beside \`ledger/reserve.ts\` and \`ledger/settle.ts\`.

Three commands help, in a clone:

- \`npm run trace -- --entries\` prints the files of each call in the order in which they run.
- \`npm run mutation -- --verifier\` removes each check of the verifier in turn. A test must fail each time.
- \`npm run vectors:check\` generates the vectors again and compares them.

## How to read the tables

"cited" means that the file names the rule by its number, in a comment or in the name of a test. A file of \`src/\` that names no rule
is found by its section. Files under \`ledger/conformance/\` are tests in \`src/\`: the suite that every store of a ledger must pass.

"vectors" has the groups of \`vectors/negative.json\` with the number of cases that break the rule, and other files of vectors by name.
[What each group is about](corpus.md). \`vectors/token-level.json\` and \`vectors/chains.json\` cover the same rules from the
other side: valid tokens are accepted, byte for byte.

## Every rule
`;
