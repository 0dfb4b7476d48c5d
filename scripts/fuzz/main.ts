// Runs hostile input for a chosen time: for every input, the outcome must promptly be a documented error or a verified result.
//
//   npm run fuzz -- [--minutes <n>] [--target <name>]… [--seed <text>] [--list]
//   npm run fuzz -- --shapes
//
// The minutes, 1 by default, are shared among the targets. Findings are written to test/regressions, where
// test/regressions.test.ts runs them from then on; with findings the exit code is 1. `--shapes` instead measures time and
// memory against size, for shapes designed to be slow, and fails if one grows faster than its size.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadLibrary } from './library.js';
import { type Finding, kindOf } from './session.js';
import { measureShapes } from './shapes-report.js';
import { fuzzTarget, type Report } from './supervisor.js';
import { targetsOf } from './targets.js';

const REGRESSIONS = new URL('../../../test/regressions/', import.meta.url);

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: randomBytes(6).toString('hex') },
    list: { type: 'boolean', default: false },
    shapes: { type: 'boolean', default: false },
  },
});

/** One file for each kind of finding. Existing files are not changed. */
async function keep({ target, finding, input }: Finding): Promise<string> {
  const text = `${JSON.stringify({ target, finding, input }, null, 2)}\n`;
  const name = `${target}-${createHash('sha256').update(kindOf(finding)).digest('hex').slice(0, 12)}.json`;
  await mkdir(REGRESSIONS, { recursive: true });
  await writeFile(new URL(name, REGRESSIONS), text, { flag: 'wx' }).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return name;
}

const ROW = [12, 9, 7, 9, 6, 7, 9, 8, 7, 8, 9] as const;
const row = (...cells: (string | number)[]): string =>
  cells
    .map((cell, index) =>
      index === 0 ? String(cell).padEnd(ROW[0]) : String(cell).padStart(ROW[index] ?? 9),
    )
    .join(' ');

function rowOf({ target, seconds, statistics, findings, resident }: Report): string {
  const { inputs, accepted, refused, worstMilliseconds, worstPerCharacter, worstGrowth, blocks } = statistics;
  const perSecond = Math.round(inputs / seconds);
  const codes = Object.keys(refused).length;
  const worst = [
    worstMilliseconds.toFixed(1),
    worstPerCharacter.toFixed(0),
    (worstGrowth / 1024).toFixed(0),
    (resident / 2 ** 20).toFixed(0),
  ];
  return row(target, inputs, perSecond, accepted, codes, blocks, ...worst, findings.length);
}

async function fuzz(names: readonly string[]): Promise<boolean> {
  const milliseconds = (Number(options.minutes) * 60_000) / names.length;
  console.log(
    `seed ${options.seed}, ${(milliseconds / 1000).toFixed(0)} s for each of ${names.length} targets\n`,
  );
  console.log(
    row(
      'target',
      'inputs',
      'per s',
      'accepted',
      'codes',
      'blocks',
      'CPU ms',
      'ns/char',
      'KiB',
      'MiB',
      'findings',
    ),
  );
  const reports: Report[] = [];
  for (const name of names) {
    const report = await fuzzTarget(name, options.seed, milliseconds);
    console.log(rowOf(report));
    for (const finding of report.findings) {
      console.log(`  FINDING ${finding.finding.split('\n')[0]}\n    test/regressions/${await keep(finding)}`);
    }
    reports.push(report);
  }
  const inputs = reports.reduce((all, { statistics }) => all + statistics.inputs, 0);
  const findings = reports.reduce((all, report) => all + report.findings.length, 0);
  console.log(`\n${inputs} inputs, ${findings} findings`);
  return findings === 0;
}

const known = targetsOf(await loadLibrary()).map(({ name }) => name);
const names = options.target ?? known;
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined || !(Number(options.minutes) > 0)) {
  console.error(
    unknown === undefined ? '--minutes must be a positive number' : `no target is named "${unknown}"`,
  );
  process.exitCode = 2;
} else if (options.list) {
  console.log(known.join('\n'));
} else {
  const passed = options.shapes ? await measureShapes() : await fuzz(names);
  process.exitCode = passed ? 0 : 1;
}
