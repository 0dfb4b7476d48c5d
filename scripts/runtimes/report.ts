// The findings as a markdown table.
import type { BackEnds } from 'ap2-pq';
import { table } from '../table.js';
import type { BackEndReport, Findings } from './findings.js';

export const formatFindings = (findings: readonly Findings[]): string =>
  table(
    ['runtime', 'version', 'chosen for ES256, ML-DSA-65', 'back end', 'ES256', 'ML-DSA-65', 'passed'],
    findings.flatMap(({ runtime, version, automatic, suite }) =>
      suite.map((report, index) => [
        ...(index === 0 ? [runtime, version, named(automatic.backEnds)] : ['', '', '']),
        report.backEnd,
        ...(['es256', 'mldsa65'] as const).map((primitive) =>
          report.offers.includes(primitive) ? 'yes' : '–',
        ),
        passed(report),
      ]),
    ),
  );

const named = ({ es256, mldsa65 }: BackEnds): string => `${es256}, ${mldsa65}`;

function passed({ offers, passed: count, failed, absent }: BackEndReport): string {
  if (offers.length === 0) return '–';
  const missing = absent.length === 0 ? '' : `, ${absent.length} not offered`;
  return `${count}/${count + failed.length}${missing}`;
}

/** More failures of one back end than this probably have one cause; all of them are in the JSON. */
const SHOWN = 10;

/** The failed checks, and those that a runtime cannot run, by name. */
export function formatDetails(findings: readonly Findings[]): string {
  const lines: string[] = [];
  for (const { runtime, version, broken, suite } of findings) {
    const where = `${runtime} ${version}`;
    lines.push(...broken.map((rule) => `FAILED  ${where}: ${rule}`));
    for (const { backEnd, failed } of suite) {
      const shown = failed.slice(0, SHOWN).map(({ name, error }) => `${name}: ${error}`);
      if (failed.length > SHOWN) shown.push(`and ${failed.length - SHOWN} more`);
      lines.push(...shown.map((line) => `FAILED  ${where}, ${backEnd}: ${line}`));
    }
    const reasons = new Set(suite.flatMap(({ absent }) => absent.map(({ reason }) => reason)));
    if (reasons.size > 0) lines.push(`not offered  ${where}: ${[...reasons].join('; ')}`);
  }
  return lines.join('\n');
}
