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

/** What failed, and what a runtime has no means for, by name. */
export function formatDetails(findings: readonly Findings[]): string {
  const lines: string[] = [];
  for (const { runtime, version, broken, suite } of findings) {
    for (const rule of broken) lines.push(`FAILED  ${runtime} ${version}: ${rule}`);
    for (const { backEnd, failed } of suite)
      for (const { name, error } of failed)
        lines.push(`FAILED  ${runtime} ${version}, ${backEnd}: ${name}: ${error}`);
    const reasons = suite.flatMap(({ absent }) => absent.map(({ reason }) => reason));
    if (reasons.length > 0)
      lines.push(`not offered  ${runtime} ${version}: ${[...new Set(reasons)].join('; ')}`);
  }
  return lines.join('\n');
}
