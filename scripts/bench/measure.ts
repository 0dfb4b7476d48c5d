// Interleaved rounds: every contender runs in every round, in a changing order, so that other load on the machine affects all
// of them equally.
import { shuffle } from './shuffle.js';
import { median } from './statistics.js';

/** One measured call. Its result is ignored: a contender that fails must throw. */
export type Contender = () => unknown;

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** The approximate milliseconds of one contender in one round. */
  readonly slice: number;
  /** Warm-up milliseconds of one contender. */
  readonly warmUp: number;
}

/** Microseconds of each contender, one figure for each round. */
export type Rounds<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** The result of one round of a contender: microseconds of a call, as wall-clock time and as processor time on all threads. */
interface Times {
  readonly clock: number;
  readonly processor: number;
}

/** The rounds in wall-clock time, and the same rounds in processor time. */
export interface Measured<Name extends string> {
  readonly clock: Rounds<Name>;
  readonly processor: Rounds<Name>;
}

const MAX_CALLS = 400;

/** Microseconds since `start`. */
const since = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1000;

/** The latency of single sequential calls: the median of each round. For processor time, the mean. */
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

/** Starts counting; the returned function gives the processor microseconds since then, for all threads of this process. */
function processorTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
}

/** A batch of calls with a fixed number in flight. */
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

/** Runs a contender until its code is compiled, and returns the time of a call in the second half. */
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
