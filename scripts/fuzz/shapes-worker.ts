// Runs one shape at several sizes. The process is started with enough memory that no garbage collection happens within a run:
// the reported memory is everything that a run allocates, and at least its peak.
import { loadLibrary } from './library.js';
import { type Measure, measure } from './measure.js';
import { type Shape, verdictOf } from './shapes/shape.js';
import { SHAPES } from './shapes.js';

export interface ShapeMeasure extends Measure {
  readonly size: number;
  readonly characters: number;
  readonly verdict: string;
}

/** Runs at each size, for the time and for the memory. The garbage collection before each makes the latter slow. */
const TIMED = 60;
const WEIGHED = 5;
/** Maximum milliseconds for one size; the very first run is for the compiler. */
const PATIENCE = 1500;
/** Fractions of the limit. The first is nearly zero: it measures the fixed cost of a call. */
const STEPS = [64, 8, 4, 2, 1];

const { api } = await loadLibrary();
const shape = SHAPES[Number(process.argv[2])] as Shape;

async function runs(text: string, times: number, before = () => {}): Promise<Measure[]> {
  const measures: Measure[] = [];
  const end = Date.now() + PATIENCE;
  while (measures.length < times && (measures.length < WEIGHED || Date.now() < end)) {
    before();
    measures.push(await measure((call) => call(() => verdictOf(shape, api, text))));
  }
  return measures;
}

const texts = STEPS.map((step) => Math.floor(shape.most / step)).map((size) => ({
  size,
  text: shape.make(size),
}));
for (const { text } of texts) await runs(text, TIMED);

const results: ShapeMeasure[] = [];
for (const { size, text } of texts) {
  const timed = await runs(text, TIMED);
  const weighed = await runs(text, WEIGHED, globalThis.gc);
  results.push({
    ...{ size, characters: text.length, verdict: await verdictOf(shape, api, text) },
    // The minimum, because other load on the machine can only make a run longer.
    milliseconds: Math.min(...timed.map(({ milliseconds }) => milliseconds)),
    growth: Math.max(...weighed.map(({ growth }) => growth)),
  });
}
process.send?.(results);
