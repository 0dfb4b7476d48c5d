// Time and memory of one input. Time is processor time of all threads of the process: a wall clock would include other load on
// the machine. An apparent new maximum is measured again. The least time counts, because other load only makes a run slower;
// the most memory counts, because garbage collection only hides some.
import { getHeapStatistics } from 'node:v8';
import type { Call } from './target.js';

export interface Measure {
  readonly milliseconds: number;
  /** The growth of the heap and its external memory in bytes. A collection in between hides some. */
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
