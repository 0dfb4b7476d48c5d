// Where the time of one call goes: a sampling profile, self time by function and by package.
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import type { Contender } from './measure.js';

const SAMPLING_INTERVAL = 50;

/** Microseconds of one call that were spent in one place. */
export interface Share {
  readonly place: string;
  readonly microseconds: number;
  /** The share of the total, 0 to 1. */
  readonly share: number;
}

export interface Profile {
  readonly title: string;
  readonly calls: number;
  /** Wall-clock time of one call under the profiler. */
  readonly microseconds: number;
  readonly byFunction: readonly Share[];
  readonly byFile: readonly Share[];
}

/** Makes sequential calls for a number of seconds. */
export async function profileCalls(title: string, call: Contender, seconds: number): Promise<Profile> {
  const run = async (milliseconds: number): Promise<number> => {
    const end = performance.now() + milliseconds;
    let calls = 0;
    for (; performance.now() < end; calls++) await call();
    return calls;
  };
  await run(seconds * 250);
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL });
  await session.post('Profiler.start');
  const start = performance.now();
  const calls = await run(seconds * 1000);
  const milliseconds = performance.now() - start;
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return {
    title,
    calls,
    microseconds: (milliseconds * 1000) / calls,
    byFunction: shares(profile, calls, describeFunction),
    byFile: shares(profile, calls, describeFile),
  };
}

function shares(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  calls: number,
  describe: (frame: Frame) => string,
): Share[] {
  const measured = nodes.filter(({ callFrame }) => callFrame.url !== 'node:inspector');
  const places = new Map(measured.map(({ id, callFrame }) => [id, describe(callFrame)]));
  const times = new Map<string, number>();
  let total = 0;
  samples.forEach((id, index) => {
    const place = places.get(id);
    if (place === undefined) return;
    // A sample's delta is the time since the one before; a clock that stepped back counts for nothing.
    const time = Math.max(0, timeDeltas[index] as number);
    times.set(place, (times.get(place) ?? 0) + time);
    total += time;
  });
  return [...times]
    .map(([place, time]) => ({ place, microseconds: time / calls, share: time / total }))
    .sort((a, b) => b.microseconds - a.microseconds);
}

type Frame = Profiler.ProfileNode['callFrame'];

/** V8's own entries, such as (idle), and functions that are not JavaScript have no file. */
const describeNative = ({ functionName }: Frame): string =>
  functionName.startsWith('(') ? functionName : `${functionName} (native)`;

const describeFile = (frame: Frame): string =>
  frame.url === '' ? describeNative(frame) : shorten(frame.url);

const describeFunction = (frame: Frame): string =>
  frame.url === ''
    ? describeNative(frame)
    : `${frame.functionName || '(anonymous)'} ${shorten(frame.url)}:${frame.lineNumber + 1}`;

const shorten = (url: string): string => url.replace(/^.*?\/(?=(?:node_modules|dist|build)\/)/, '');
