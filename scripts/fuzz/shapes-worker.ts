// Runs one shape at several sizes. The process is started with so much room that garbage need not be collected within a
// run: the memory reported is all that a run allocates, and no less than what it ever needs at a time.
import { loadLibrary } from './library.js';
import { type Measure, measure } from './measure.js';
import { type Shape, verdictOf } from './shapes/shape.js';
import { SHAPES } from './shapes.js';

export interface ShapeMeasure extends Measure {
  readonly size: number;
  readonly characters: number;
  readonly verdict: string;
}

/** Runs at each size, for the time and for the memory. Collecting before each is what makes the latter slow. */
const TIMED = 60;
const WEIGHED = 5;
/** Milliseconds for one size, at the most; the first of all is for the compiler. */
const PATIENCE = 1500;
/** Parts of the limit. The first is next to nothing: what it takes, every call takes. */
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
    // The least, as the machine has other things to do: whatever else it did, only made a run longer.
    milliseconds: Math.min(...timed.map(({ milliseconds }) => milliseconds)),
    growth: Math.max(...weighed.map(({ growth }) => growth)),
  });
}
process.send?.(results);
