// The generated appendices of SPEC.md: error codes with the rules that name them, and rules by number.
import { MANDATE_ERROR_CODES } from 'ap2-pq';
import { LEDGER_ERROR_CODES } from 'ap2-pq/ledger';
import { byNumber, type Rule, rulesOf, sectionAt } from './spec.js';

const CODES = /<!-- codes:begin -->\n[\s\S]*<!-- codes:end -->/;
const RULES = /<!-- rules:begin -->\n[\s\S]*<!-- rules:end -->/;

/** SPEC.md with regenerated appendices of codes and rules. */
export function withAppendices(spec: string): string {
  const body = spec.replace(CODES, '').replace(RULES, '');
  const rules = rulesOf(body);
  return spec
    .replace(CODES, () => `<!-- codes:begin -->\n${codesTable(body, rules)}<!-- codes:end -->`)
    .replace(RULES, () => `<!-- rules:begin -->\n${rulesTable(rules)}<!-- rules:end -->`);
}

/** A code belongs to the rules that name it; outside of a rule, to its section. */
function codesTable(body: string, rules: readonly Rule[]): string {
  const rows = [...Object.keys(MANDATE_ERROR_CODES), ...Object.keys(LEDGER_ERROR_CODES)].map((code) => {
    const places = [...body.matchAll(new RegExp(`\`${code}\``, 'g'))].map(
      ({ index }) =>
        rules.find(({ start, end }) => start <= index && index < end)?.id ?? sectionAt(body, index),
    );
    return `| \`${code}\` | ${[...new Set(places)].join(', ')} |\n`;
  });
  return `| code | rules |\n| --- | --- |\n${rows.join('')}`;
}

/** Consecutive rules in one section share a row. */
function rulesTable(rules: readonly Rule[]): string {
  const runs: { first: string; last: string; section: string }[] = [];
  for (const { id, section } of rules.toSorted((left, right) => byNumber(left.id, right.id))) {
    const run = runs.at(-1);
    const isNext = run?.section === section && followsOn(run.last, id);
    if (run !== undefined && isNext) run.last = id;
    else runs.push({ first: id, last: id, section });
  }
  const rows = runs.map(
    ({ first, last, section }) => `| ${first === last ? first : `${first} to ${last}`} | ${section} |\n`,
  );
  return `| rules | section |\n| --- | --- |\n${rows.join('')}`;
}

function followsOn(last: string, next: string): boolean {
  const [chapter, number] = last.split('.');
  return next === `${chapter}.${Number(number) + 1}`;
}
