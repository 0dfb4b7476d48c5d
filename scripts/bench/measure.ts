// Interleaved rounds: every contender runs in every round, in an order that changes, so that what else the machine does
// falls on all of them alike.
import { shuffle } from './shuffle.js';
import { median } from './statistics.js';

/** One call of what is measured. What it resolves to is not looked at: a contender that fails must throw. */
export type Contender = () => unknown;

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** Milliseconds that one contender takes of one round, about. */
  readonly slice: number;
  /** Milliseconds that one contender runs before anything is counted. */
  readonly warmUp: number;
}

/** Microseconds of each contender, one figure for each round. */
export type Rounds<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** What one round of a contender took: microseconds of a call, by the clock and of the processor, on all threads. */
interface Times {
  readonly clock: number;
  readonly processor: number;
}

/** The rounds by the clock, and the same rounds by the time of the processor. */
export interface Measured<Name extends string> {
  readonly clock: Rounds<Name>;
  readonly processor: Rounds<Name>;
}

const MAX_CALLS = 400;

/** Microseconds since `start`. */
const since = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1000;

/** The latency of single calls, one after the other: the median of each round. Of the processor's time it is the mean. */
export function latencies<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  effort: Effort,
): Promise<Measured<Name>> {
  return interleave(contenders, effort, async (contender, calls) => {
    const times: number[] = [];
    const processor = processorTime();
    for (let call = 0; call < calls; call++) {
      const start = process.hrtime.bigint();
      await contender();
      times.push(since(start));
    }
    return { clock: median(times), processor: processor() / calls };
  });
}

/** The time of whole batches, divided by the calls in one. */
export async function timesInBatches<Name extends string>(
  batches: Readonly<Record<Name, Contender>>,
  callsInBatch: number,
  effort: Effort,
): Promise<Measured<Name>> {
  return interleave(batches, effort, async (batch, repetitions) => {
    const calls = repetitions * callsInBatch;
    const processor = processorTime();
    const start = process.hrtime.bigint();
    for (let repetition = 0; repetition < repetitions; repetition++) await batch();
    return { clock: since(start) / calls, processor: processor() / calls };
  });
}

/** Starts to count; the function returns the microseconds of the processor since, of all threads of this process. */
function processorTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
}

/** A batch of calls of which so many are in flight at any time. */
export const inFlight = (contender: Contender, width: number, calls: number): Contender => {
  return async () => {
    let left = calls;
    const lane = async (): Promise<void> => {
      while (left-- > 0) await contender();
    };
    await Promise.all(Array.from({ length: width }, lane));
  };
};

async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { rounds, slice, warmUp }: Effort,
  run: (contender: Contender, calls: number) => Promise<Times>,
): Promise<Measured<Name>> {
  const names = Object.keys(contenders) as Name[];
  const calls = new Map<Name, number>();
  for (const name of names) calls.set(name, callsFor(slice, await warm(contenders[name], warmUp)));
  const empty = (): Record<Name, number[]> =>
    Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const results = { clock: empty(), processor: empty() };
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffle(names)) {
      const { clock, processor } = await run(contenders[name], calls.get(name) as number);
      results.clock[name].push(clock);
      results.processor[name].push(processor);
    }
  }
  return results;
}

/** Runs a contender until its code is compiled, and returns what a call took in the second half. */
async function warm(contender: Contender, milliseconds: number): Promise<number> {
  const times: number[] = [];
  const start = process.hrtime.bigint();
  while (since(start) < milliseconds * 1000 || times.length < 4) {
    const call = process.hrtime.bigint();
    await contender();
    times.push(since(call));
  }
  return median(times.slice(times.length / 2));
}

const callsFor = (slice: number, microseconds: number): number =>
  Math.min(MAX_CALLS, Math.max(1, Math.round((slice * 1000) / microseconds)));
