import type { Outcome } from './cases.js';

/** The number of passed points for each group, one column per language. */
export function table(outcomes: ReadonlyMap<string, readonly Outcome[]>): string {
  const groups = [...new Set([...outcomes.values()].flat().map(({ group }) => group))];
  const rows = groups.map((group) => [
    group,
    ...[...outcomes.values()].map((list) => score(list.filter((outcome) => outcome.group === group))),
  ]);
  const total = ['total', ...[...outcomes.values()].map(score)];
  const lines = [['', ...outcomes.keys()], ...rows, total];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length))) ?? [];
  return lines
    .map((line) => line.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join('  '))
    .join('\n');
}

const pad = (cell: string, column: number, width: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

const score = (outcomes: readonly Outcome[]): string => {
  if (outcomes.length === 0) return '–';
  return `${outcomes.filter(({ failure }) => failure === undefined).length}/${outcomes.length}`;
};
