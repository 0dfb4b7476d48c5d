// Time and memory against size, for each of the shapes.
import { Worker } from 'node:worker_threads';
import { SHAPES } from './shapes.js';
import type { ShapeMeasure } from './shapes-worker.js';

const HEAP_MEGABYTES = 1024;
/** Eight times the size may take so many times the time: quadratic work would take 64 times, linear takes 8. */
const MOST_GROWTH = 24;
/** Below so many milliseconds, what is measured is the clock. */
const LEAST = 1;

const run = (index: number): Promise<ShapeMeasure[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('shapes-worker.js', import.meta.url), {
      workerData: index,
      resourceLimits: { maxYoungGenerationSizeMb: HEAP_MEGABYTES, maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
    worker.on('message', resolve);
    worker.on('error', reject);
  });

const COLUMNS = [44, 10, 9, 9, 9, 7, 9] as const;
const row = (...cells: (string | number)[]): string =>
  cells
    .map((cell, index) =>
      index === 0 ? String(cell).padEnd(COLUMNS[0]) : String(cell).padStart(COLUMNS[index] ?? 0),
    )
    .join(' ');

/** Measures all shapes. False where one grows faster than its size, or does not end as it should. */
export async function measureShapes(): Promise<boolean> {
  console.log(
    row('shape', 'n: CPU ms', '2n', '4n', '8n', '8n / n', 'KiB at 8n'),
    ' verdict at the limit (8n)',
  );
  let passed = true;
  for (const [index, { name, limit, most, verdict }] of SHAPES.entries()) {
    const measures = await run(index);
    const [first, last] = [measures[0] as ShapeMeasure, measures.at(-1) as ShapeMeasure];
    const ratio = last.milliseconds / first.milliseconds;
    const isLinear = ratio <= MOST_GROWTH || last.milliseconds < LEAST;
    const isExpected = last.verdict === verdict;
    passed &&= isLinear && isExpected;
    const times = measures.map(({ milliseconds }) => milliseconds.toFixed(2));
    const remark = `${isLinear ? '' : '  GROWS TOO FAST'}${isExpected ? '' : `  EXPECTED ${verdict}`}`;
    const memory = (last.growth / 1024).toFixed(0);
    console.log(row(name, ...times, ratio.toFixed(1), memory), ` ${last.verdict}, ${limit} ${most}${remark}`);
  }
  return passed;
}
