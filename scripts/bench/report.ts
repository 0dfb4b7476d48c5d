// The results as text: markdown tables.
import { table } from '../table.js';
import type { BrowserBytes, Bytes } from './browser-bytes.js';
import type { DisclosureCosts } from './disclosures.js';
import type { Profile, Share } from './profile.js';
import { type Comparison, isReached, type Row, type Target } from './rows.js';

export const microseconds = (time: number): string =>
  time >= 1000 ? `${(time / 1000).toFixed(2)} ms` : `${time.toFixed(time < 10 ? 2 : 0)} µs`;

/** Wall-clock time and processor time. */
export const formatRows = (rows: readonly Row[]): string =>
  [
    formatComparisons('wall clock', rows, ({ clock }) => clock),
    formatComparisons('processor time, all threads', rows, ({ processor }) => processor),
  ].join('\n\n');

const formatComparisons = (
  measure: string,
  rows: readonly Row[],
  comparison: (row: Row) => Comparison,
): string =>
  table(
    ['back end', `figure, ${measure}`, 'ours', 'against', 'theirs', 'ratio (quartiles)', 'target', 'reached'],
    rows.map((row) => {
      const { ours, against, theirs, ratio, target } = comparison(row);
      return [
        row.backEnd,
        row.figure,
        time(target, ours),
        against,
        time(target, theirs),
        `${ratio.median.toFixed(3)} (${ratio.lower.toFixed(2)}–${ratio.upper.toFixed(2)})`,
        target === undefined ? 'printed' : `${target.relation} ${target.bound.toFixed(2)}`,
        { true: 'yes', false: 'NO', undefined: '–' }[String(isReached(comparison(row)))] as string,
      ];
    }),
  );

/** If the target is a speed, the speed beside the time. */
const time = (target: Target | undefined, value: number): string =>
  target?.relation === '≥' ? `${Math.round(1e6 / value)} per second` : microseconds(value);

export const formatDisclosures = (all: readonly DisclosureCosts[]): string =>
  table(
    [
      'back end',
      'disclosures',
      'characters',
      'processor time of a verifyMandate',
      'of each disclosure',
      'linear',
    ],
    all.flatMap(({ backEnd, costs, linear }) =>
      costs.map((cost, index) => [
        backEnd,
        String(cost.disclosures),
        String(cost.characters),
        microseconds(cost.microseconds),
        cost.perDisclosure === undefined ? '–' : microseconds(cost.perDisclosure),
        index < costs.length - 1 ? '' : linear ? 'yes' : 'NO',
      ]),
    ),
  );

export function formatBytes({ eager, lazy, eagerByPackage }: BrowserBytes): string {
  const cells = (name: string, bytes: Bytes): string[] => [
    name,
    ...[bytes.files, bytes.minified, bytes.gzip, bytes.brotli].map(String),
  ];
  const packages = Object.entries(eagerByPackage).sort(([, a], [, b]) => b - a);
  return [
    table(
      ['bytes that a browser loads to verify', 'files', 'minified', 'gzip', 'brotli'],
      [
        cells('at once', eager),
        ...Object.entries(lazy).map(([entry, bytes]) => cells(`more, where \`${entry}\` is needed`, bytes)),
      ],
    ),
    '',
    `At once, by package, minified: ${packages.map(([name, size]) => `${name} ${size}`).join(', ')}.`,
  ].join('\n');
}

const SHOWN = 25;

export const formatProfile = ({ title, calls, microseconds: whole, byFile, byFunction }: Profile): string =>
  [
    `${title}: ${microseconds(whole)} of the clock for each of ${calls} calls, one after ` +
      'the other, sampled. "run (native)" is a primitive at work on this thread, (idle) the wait for one on another thread.',
    '',
    table(['file', 'self time of a call', 'share'], byFile.slice(0, SHOWN).map(shareCells)),
    '',
    table(['function', 'self time of a call', 'share'], byFunction.slice(0, SHOWN).map(shareCells)),
  ].join('\n');

const shareCells = ({ place, microseconds: time, share }: Share): string[] => [
  place,
  microseconds(time),
  `${(share * 100).toFixed(1)} %`,
];
