import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Findings, Job } from './worker.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

const living = new Set<ChildProcess>();

/** Kills the workers that a failed scenario has left: a live worker keeps this process alive. */
export function killWorkers(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** A worker that is ready to begin. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  readonly #end: Promise<Findings | undefined>;

  constructor(job: Job) {
    this.#child = fork(WORKER, [JSON.stringify(job)]);
    living.add(this.#child);
    this.#child.once('exit', () => living.delete(this.#child));
    let findings: Findings | undefined;
    this.#ready = new Promise((resolve, reject) => {
      this.#child.on('message', (message) => {
        if (message === 'ready') resolve();
        else findings = message as Findings;
      });
      this.#child.once('exit', () => reject(new Error('a worker ended before it began')));
    });
    // If a worker is killed before it is ready, nobody may be waiting.
    this.#ready.catch(() => {});
    this.#end = once(this.#child, 'exit').then(() => findings);
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  begin(): void {
    this.#child.send('begin', () => {});
  }

  /** As the system does when memory runs out: no handler runs and no buffer is flushed. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Its result, or `undefined` if it did not finish. */
  end(): Promise<Findings | undefined> {
    return this.#end;
  }
}

/** The results of all workers, and their total duration. */
export interface Joint extends Findings {
  readonly milliseconds: number;
}

/** Runs all jobs concurrently, starting when all are ready. */
export async function runTogether(jobs: readonly Job[]): Promise<Joint> {
  const workers = jobs.map((job) => new Worker(job));
  try {
    await Promise.all(workers.map((worker) => worker.ready()));
    const start = performance.now();
    for (const worker of workers) worker.begin();
    const findings = await Promise.all(workers.map((worker) => worker.end()));
    const milliseconds = performance.now() - start;
    return { ...join(findings), milliseconds };
  } finally {
    for (const worker of workers) worker.kill();
  }
}

export function join(findings: readonly (Findings | undefined)[]): Findings {
  const all = findings.map((each) => {
    if (each === undefined) throw new Error('a worker did not come to its end');
    return each;
  });
  return {
    times: all.flatMap(({ times }) => times),
    processor: all.reduce((sum, { processor }) => sum + processor, 0),
    unknown: all.reduce((sum, { unknown }) => sum + unknown, 0),
    unreached: all.reduce((sum, { unreached }) => sum + unreached, 0),
  };
}
