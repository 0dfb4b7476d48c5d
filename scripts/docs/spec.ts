// SPEC.md as data: its rules, with the section and the text of each.

/** One numbered rule of SPEC.md. */
export interface Rule {
  /** Such as `R4.11`. */
  readonly id: string;
  /** Its section, such as `4.3`, or `6 step 8`. */
  readonly section: string;
  /** Where it begins and ends in SPEC.md. */
  readonly start: number;
  readonly end: number;
}

const HEADING = /^(#{2,3}) (?:(\d+(?:\.\d+)?) |Step (\d+):|(.*))/;
const RULE = /\*\*(R\d+\.\d+)\*\*/;

/** A rule ends before an empty line, a heading, or another item of a list. */
const ENDS_RULE = /^(?:$|#|- |\|)/;

/** All rules, in the order of the text. */
export function rulesOf(spec: string): Rule[] {
  const rules: { id: string; section: string; start: number; end: number }[] = [];
  let chapter = '';
  let section = '';
  let isInRule = false;
  let at = 0;
  for (const line of spec.split('\n')) {
    const [, level, number, step] = HEADING.exec(line) ?? [];
    if (level === '##') chapter = number ?? '';
    if (level !== undefined) section = number ?? (step === undefined ? '' : `${chapter} step ${step}`);
    const [, id] = RULE.exec(line) ?? [];
    if (id !== undefined) rules.push({ id, section, start: at, end: at });
    isInRule = id !== undefined || (isInRule && !ENDS_RULE.test(line));
    at += line.length + 1;
    const last = rules.at(-1);
    if (isInRule && last !== undefined) last.end = at;
  }
  return rules;
}

/** The sections of SPEC.md by number, with their titles. */
export function sectionTitles(spec: string): ReadonlyMap<string, string> {
  const titles = new Map<string, string>();
  let chapter = '';
  for (const line of spec.split('\n')) {
    const [, , number, step] = HEADING.exec(line) ?? [];
    if (number !== undefined) titles.set(number, line.replace(/^#+ [\d.]+ /, ''));
    if (number !== undefined && line.startsWith('## ')) chapter = number;
    if (step !== undefined) titles.set(`${chapter} step ${step}`, line.replace(/^#+ Step \d+: /, ''));
  }
  return titles;
}

/** The section that a place in SPEC.md belongs to: `§5.4`, or `§6 step 9`. */
export function sectionAt(spec: string, index: number): string {
  const numbers = [...sectionTitles(spec.slice(0, index)).keys()];
  return `§${numbers.at(-1) ?? ''}`;
}

/** The parts of a rule number, for sorting: R10.5 comes before R10.12. */
export const byNumber = (left: string, right: string): number => {
  const [a = 0, b = 0] = left.slice(1).split('.').map(Number);
  const [c = 0, d = 0] = right.slice(1).split('.').map(Number);
  return a - c || b - d;
};
