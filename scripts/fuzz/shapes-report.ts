// Time and memory against size, for each of the shapes.
import { fork } from 'node:child_process';
import { SHAPES } from './shapes.js';
import type { ShapeMeasure } from './shapes-worker.js';

/** Large enough that all allocations of a run fit into the young generation. */
const V8 = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];
/** The permitted growth of time for eight times the size: linear work takes 8 times as long, quadratic 64. */
const MOST_GROWTH = 24;
/** Milliseconds, below which the clock is too coarse. */
const LEAST = 0.2;

const run = (index: number): Promise<ShapeMeasure[]> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL('shapes-worker.js', import.meta.url), [String(index)], { execArgv: V8 });
    child.on('message', (measures) => resolve(measures as ShapeMeasure[]));
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the process of a shape ended with ${code}`)));
  });

const COLUMNS = [44, 10, 9, 9, 9, 7, 10] as const;
const row = (...cells: (string | number)[]): string =>
  cells
    .map((cell, index) =>
      index === 0 ? String(cell).padEnd(COLUMNS[0]) : String(cell).padStart(COLUMNS[index] ?? 0),
    )
    .join(' ');

/** The growth factor of the time, without the fixed cost of a call. */
function growthOf(measures: readonly ShapeMeasure[]): number {
  const [none = 0, first = 0, ...more] = measures.map(({ milliseconds }) => milliseconds);
  return ((more.at(-1) ?? 0) - none) / Math.max(LEAST, first - none);
}

/** Measures all shapes. False if one grows faster than its size, or does not end as expected. */
export async function measureShapes(): Promise<boolean> {
  console.log(
    row('shape', 'n: CPU ms', '2n', '4n', '8n', '8n / n', 'KiB at 8n'),
    ' verdict at the limit (8n)',
  );
  let passed = true;
  for (const [index, { name, limit, most, verdict }] of SHAPES.entries()) {
    const measures = await run(index);
    const last = measures.at(-1) as ShapeMeasure;
    const growth = growthOf(measures);
    const isLinear = growth <= MOST_GROWTH;
    const isExpected = last.verdict === verdict;
    passed &&= isLinear && isExpected;
    const times = measures.slice(1).map(({ milliseconds }) => milliseconds.toFixed(2));
    const remark = `${isLinear ? '' : '  GROWS TOO FAST'}${isExpected ? '' : `  EXPECTED ${verdict}`}`;
    const memory = (last.growth / 1024).toFixed(0);
    console.log(
      row(name, ...times, growth.toFixed(1), memory),
      ` ${last.verdict}, ${limit} ${most}${remark}`,
    );
  }
  return passed;
}
