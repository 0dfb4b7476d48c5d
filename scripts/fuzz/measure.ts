// Time and memory of one input. A shared machine makes everything slower now and then, and a collection of garbage hits
// some input or other: what looks like a new worst is measured again, and the least of it counts.
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Call } from './target.js';

export interface Measure {
  readonly milliseconds: number;
  /** Bytes by which the heap and what hangs on it grew. A collection in between hides some. */
  readonly growth: number;
}

/** Measures the calls of the library that an input makes. */
export async function measure(run: (call: Call) => Promise<unknown>): Promise<Measure> {
  let milliseconds = 0;
  let growth = 0;
  await run(async (operation) => {
    const before = heapBytes();
    const start = performance.now();
    try {
      return await operation();
    } finally {
      milliseconds += performance.now() - start;
      growth += Math.max(0, heapBytes() - before);
    }
  });
  return { milliseconds, growth };
}

function heapBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

const AGAIN = 3;

/** The least of a first measure and a few more. */
export async function confirm(first: Measure, run: (call: Call) => Promise<unknown>): Promise<Measure> {
  let { milliseconds, growth } = first;
  for (let times = 0; times < AGAIN; times++) {
    const again = await measure(run);
    milliseconds = Math.min(milliseconds, again.milliseconds);
    growth = Math.min(growth, again.growth);
  }
  return { milliseconds, growth };
}
