// The appendix of SPEC.md that lists every error code with the rules that name it.
import { MANDATE_ERROR_CODES } from 'ap2-pq';
import { LEDGER_ERROR_CODES } from 'ap2-pq/ledger';

const MARKED = /<!-- codes:begin -->\n[\s\S]*<!-- codes:end -->/;
const RULE = /\*\*(R\d+\.\d+)\*\*/g;

/** SPEC.md with its appendix of codes as the rules have them. A code belongs to the rule that stands last before it. */
export function withCodes(spec: string): string {
  const body = spec.replace(MARKED, '');
  const rows = [...Object.keys(MANDATE_ERROR_CODES), ...Object.keys(LEDGER_ERROR_CODES)].map((code) => {
    const rules = new Set<string>();
    for (const { index } of body.matchAll(new RegExp(`\`${code}\``, 'g'))) {
      const rule = [...body.slice(0, index).matchAll(RULE)].at(-1)?.[1];
      if (rule !== undefined) rules.add(rule);
    }
    return `| \`${code}\` | ${[...rules].join(', ')} |\n`;
  });
  return spec.replace(
    MARKED,
    () => `<!-- codes:begin -->\n| code | rules |\n| --- | --- |\n${rows.join('')}<!-- codes:end -->`,
  );
}
