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

const MAX_CALLS = 400;

/** Microseconds since `start`. */
const since = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1000;

/** The latency of single calls, one after the other: the median of each round. */
export function latencies<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  effort: Effort,
): Promise<Rounds<Name>> {
  return interleave(contenders, effort, async (contender, calls) => {
    const times: number[] = [];
    for (let call = 0; call < calls; call++) {
      const start = process.hrtime.bigint();
      await contender();
      times.push(since(start));
    }
    return median(times);
  });
}

/**
 * The time of the processor that calls take, one after the other. A long call is interrupted more often than a short one, where
 * the machine has other things to do: compared by the clock it would seem longer still.
 */
export function processorTimes<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  effort: Effort,
): Promise<Rounds<Name>> {
  return interleave(contenders, effort, async (contender, calls) => {
    const start = process.cpuUsage();
    for (let call = 0; call < calls; call++) await contender();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / calls;
  });
}

/** The time of whole batches, divided by the calls in one. */
export async function timesInBatches<Name extends string>(
  batches: Readonly<Record<Name, Contender>>,
  callsInBatch: number,
  effort: Effort,
): Promise<Rounds<Name>> {
  return interleave(batches, effort, async (batch, repetitions) => {
    const start = process.hrtime.bigint();
    for (let repetition = 0; repetition < repetitions; repetition++) await batch();
    return since(start) / (repetitions * callsInBatch);
  });
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
  run: (contender: Contender, calls: number) => Promise<number>,
): Promise<Rounds<Name>> {
  const names = Object.keys(contenders) as Name[];
  const calls = new Map<Name, number>();
  for (const name of names) calls.set(name, callsFor(slice, await warm(contenders[name], warmUp)));
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffle(names)) {
      results[name].push(await run(contenders[name], calls.get(name) as number));
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
