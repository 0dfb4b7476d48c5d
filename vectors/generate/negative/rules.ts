import { readFileSync } from 'node:fs';

const SPEC = new URL('../../../../SPEC.md', import.meta.url);

/** The section of SPEC.md that contains each of its numbered rules, such as `4.3`, or `6 step 8`. */
export function sectionsByRule(): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  let chapter = '';
  let section = '';
  for (const line of readFileSync(SPEC, 'utf8').split('\n')) {
    const heading = /^(#{2,3}) (?:(\d+(?:\.\d+)?) |Step (\d+):)/.exec(line);
    if (heading !== null) {
      const [, level, number, step] = heading;
      section = number ?? `${chapter} step ${step}`;
      if (level === '##') chapter = section;
    }
    for (const [, rule = ''] of line.matchAll(/\*\*(R\d+\.\d+)\*\*/g)) sections.set(rule, section);
  }
  return sections;
}
