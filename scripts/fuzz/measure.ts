// Time and memory of one input. Time is that of the processor, all threads of the process together: on a machine that has
// other things to do, a clock would measure those. What looks like a new worst is measured again: of the times the least
// counts, as everything else only makes things slower; of the memory the most, as a collection of garbage only hides some.
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
    const start = processorMilliseconds();
    try {
      return await operation();
    } finally {
      milliseconds += processorMilliseconds() - start;
      growth += Math.max(0, heapBytes() - before);
    }
  });
  return { milliseconds, growth };
}

function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function heapBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

const AGAIN = 3;

/** A first measure, and a few more. */
export async function confirm(first: Measure, run: (call: Call) => Promise<unknown>): Promise<Measure> {
  let { milliseconds, growth } = first;
  for (let times = 0; times < AGAIN; times++) {
    const again = await measure(run);
    milliseconds = Math.min(milliseconds, again.milliseconds);
    growth = Math.max(growth, again.growth);
  }
  return { milliseconds, growth };
}
