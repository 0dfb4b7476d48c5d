// Supervises the workers: an input that never ends, or uses all memory, is a finding like any other.
import { Worker } from 'node:worker_threads';
import { type Finding, type Statistics, TIME_LIMIT } from './session.js';
import type { Input } from './target.js';
import type { Message, WorkerData } from './worker.js';

const LARGEST_INPUT = 8 * 2 ** 20;
const MEMORY_MEGABYTES = 1024;
const POLL = 100;
/** The maximum number of workers that one target may lose. */
const MOST_ROUNDS = 8;

export interface Report {
  readonly target: string;
  readonly seconds: number;
  readonly statistics: Statistics;
  readonly findings: readonly Finding[];
  /** Peak memory of the process in bytes, including the fuzzer's own. */
  readonly resident: number;
}

/** What ended a worker. */
type End =
  | { readonly how: 'done' }
  | { readonly how: 'hang' | 'crash'; readonly why: string; readonly input: Input };

/** Fuzzes one target for a given time. After a hang, it continues from another seed for the remaining time. */
export async function fuzzTarget(target: string, seed: string, milliseconds: number): Promise<Report> {
  const start = Date.now();
  const findings: Finding[] = [];
  const parts: Statistics[] = [];
  let resident = 0;
  const sample = setInterval(() => {
    resident = Math.max(resident, process.memoryUsage.rss());
  }, POLL);
  for (let round = 0; round < MOST_ROUNDS && Date.now() - start < milliseconds; round++) {
    let last: Statistics | undefined;
    const left = milliseconds - (Date.now() - start);
    const end = await runWorker(
      { target, seed: `${seed} ${target} ${round}`, milliseconds: left },
      (message) => {
        if ('finding' in message) findings.push(message.finding);
        else last = message.statistics;
      },
    );
    if (last !== undefined) parts.push(last);
    if (end.how === 'done') break;
    if (end.how === 'crash' || (await isHang(target, end.input)))
      findings.push({ target, finding: end.why, input: end.input });
  }
  clearInterval(sample);
  return { target, seconds: (Date.now() - start) / 1000, statistics: sum(parts), findings, resident };
}

/** A busy machine can delay a worker: an input counts as hanging only if it hangs alone, and more than once. */
async function isHang(target: string, input: Input): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    if ((await runWorker({ target, seed: '', milliseconds: 0, input }, () => {})).how === 'done')
      return false;
  }
  return true;
}

function runWorker(data: Omit<WorkerData, 'current'>, onMessage: (message: Message) => void): Promise<End> {
  const current = new SharedArrayBuffer(8 + LARGEST_INPUT);
  const head = new Int32Array(current, 0, 2);
  const underWay = (): Input =>
    JSON.parse(Buffer.from(current).toString('utf8', 8, 8 + (head[1] as number)) || 'null');
  const worker = new Worker(new URL('worker.js', import.meta.url), {
    workerData: { ...data, current },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MEGABYTES },
  });
  worker.on('message', onMessage);
  return new Promise((resolve, reject) => {
    let seen = -1;
    let since = Date.now();
    const poll = setInterval(() => {
      const number = Atomics.load(head, 0);
      if (number !== seen || number === 0) [seen, since] = [number, Date.now()];
      // Twice the limit: below it, the worker itself measures.
      else if (Date.now() - since > 2 * TIME_LIMIT) finish({ how: 'hang', why: 'hang', input: underWay() });
    }, POLL);
    const finish = (end: End): void => {
      clearInterval(poll);
      resolve(end);
      if (end.how === 'hang') void worker.terminate();
    };
    worker.on('error', (error) => {
      // Anything else is an error of the fuzzer itself.
      if ((error as { code?: string }).code !== 'ERR_WORKER_OUT_OF_MEMORY') reject(error);
      else finish({ how: 'crash', why: `needed more than ${MEMORY_MEGABYTES} MiB`, input: underWay() });
    });
    worker.on('exit', () => finish({ how: 'done' }));
  });
}

function sum(parts: readonly Statistics[]): Statistics {
  const most = (of: (part: Statistics) => number): number => Math.max(0, ...parts.map(of));
  const total = (of: (part: Statistics) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const codes = new Set(parts.flatMap(({ refused }) => Object.keys(refused)));
  return {
    inputs: total(({ inputs }) => inputs),
    accepted: total(({ accepted }) => accepted),
    refused: Object.fromEntries([...codes].map((code) => [code, total(({ refused }) => refused[code] ?? 0)])),
    worstMilliseconds: most(({ worstMilliseconds }) => worstMilliseconds),
    worstPerCharacter: most(({ worstPerCharacter }) => worstPerCharacter),
    worstGrowth: most(({ worstGrowth }) => worstGrowth),
    blocks: most(({ blocks }) => blocks),
    corpus: most(({ corpus }) => corpus),
  };
}
