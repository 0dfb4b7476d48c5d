// The thread in which a target is fuzzed: if an input never ends, or uses all memory, only the thread dies.
import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.js';
import { loadLibrary } from './library.js';
import { seededRandom } from './random.js';
import { type Finding, Session, type Statistics } from './session.js';
import { type Input, outcomeOf } from './target.js';
import { targetsOf } from './targets.js';

export interface WorkerData {
  readonly target: string;
  readonly seed: string;
  readonly milliseconds: number;
  /** The number of the current input, its length, and its JSON. */
  readonly current: SharedArrayBuffer;
  /** Runs only this input instead. */
  readonly input?: Input;
}

export type Message = { readonly statistics: Statistics } | { readonly finding: Finding };

const { target: name, seed, milliseconds, current, input } = workerData as WorkerData;
const library = await loadLibrary();
const target = targetsOf(library).find((candidate) => candidate.name === name);
if (target === undefined) throw new Error(`no target is named "${name}"`);

const head = new Int32Array(current, 0, 2);
const body = Buffer.from(current, 8);
const announce = (announced: Input): void => {
  const length = body.write(JSON.stringify(announced));
  Atomics.store(head, 1, length);
  Atomics.add(head, 0, 1);
};
const send = (message: Message): void => parentPort?.postMessage(message);

if (input !== undefined) {
  announce(input);
  await outcomeOf(target, input, library);
} else {
  const coverage = new Coverage(new URL('../../../dist/', import.meta.url).href);
  const report = (finding: Finding): void => send({ finding });
  const session = new Session(target, library, seededRandom(seed), coverage, { report, announce });
  const timer = setInterval(() => send({ statistics: session.statistics }), 500);
  try {
    await session.run(milliseconds);
  } finally {
    clearInterval(timer);
    send({ statistics: session.statistics });
  }
}
