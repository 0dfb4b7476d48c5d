// Runs one shape at several sizes. Garbage is collected before each run, and the heap is so large that none has to be
// within one: the memory reported is all that a verification allocates, no less than what it ever needs at a time.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { loadLibrary } from './library.js';
import type { Measure } from './measure.js';
import { measure } from './measure.js';
import type { Shape } from './shapes/shape.js';
import { verdictOf } from './shapes/shape.js';
import { SHAPES } from './shapes.js';

export interface ShapeMeasure extends Measure {
  readonly size: number;
  readonly characters: number;
  readonly verdict: string;
}

const RUNS = 15;
const STEPS = [8, 4, 2, 1];

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const { api } = await loadLibrary();

async function measureAt(shape: Shape, size: number): Promise<ShapeMeasure> {
  const text = shape.make(size);
  let verdict = '';
  const measures: Measure[] = [];
  while (measures.length < RUNS) {
    collect();
    measures.push(
      await measure(async (call) => {
        verdict = await call(() => verdictOf(shape, api, text));
      }),
    );
  }
  // The least, as the machine has other things to do: whatever else it did, only made a run longer.
  const least = (of: (entry: Measure) => number): number => Math.min(...measures.map(of));
  return {
    ...{ size, characters: text.length, verdict },
    milliseconds: least(({ milliseconds }) => milliseconds),
    growth: least(({ growth }) => growth),
  };
}

const shape = SHAPES[workerData as number] as Shape;
// Twice, so that what is measured runs compiled.
let measures: ShapeMeasure[] = [];
for (let round = 0; round < 2; round++) {
  measures = [];
  for (const step of STEPS) measures.push(await measureAt(shape, Math.floor(shape.most / step)));
}
parentPort?.postMessage(measures);
