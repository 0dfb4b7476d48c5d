// The processes that run the tests, and which tests they run for a mutant.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, FileResult, Request } from './worker.js';

/** A test failed, none failed, none reaches the place, or the tests did not finish. */
export type Outcome = 'caught' | 'survived' | 'unreached' | 'endless';

/** A run is considered endless after this time plus several times the duration without a mutant. */
const PATIENCE = 60_000;
const TIMES = 5;

/** The approximate time before the first test of a file, in milliseconds. */
const START = 700;

/** One process that runs tests. A mutant that hangs, or ends the process, requires a new process. */
export class Runner {
  #child: ChildProcess | undefined;

  /** All test files. */
  async files(): Promise<readonly string[]> {
    const [child, files] = await start();
    this.#child = child;
    return files;
  }

  /** Undefined if no answer came. */
  async run(request: Request, milliseconds: number): Promise<Answer | undefined> {
    this.#child ??= (await start())[0];
    const child = this.#child;
    const answer = await new Promise<Answer | undefined>((resolve) => {
      const stop = () => resolve(undefined);
      const timer = setTimeout(stop, milliseconds);
      const end = (answer?: Answer) => {
        clearTimeout(timer);
        child.removeAllListeners('message').removeAllListeners('exit');
        resolve(answer);
      };
      child.once('message', (message) => end(message as Answer)).once('exit', () => end());
      child.send(request);
    });
    if (answer === undefined) this.stop();
    return answer;
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

/** A new process and its test files. */
async function start(): Promise<[ChildProcess, readonly string[]]> {
  const child = fork(fileURLToPath(new URL('worker.js', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const files = await new Promise<readonly string[]>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { files: string[] }).files));
    child.once('exit', (code) => reject(new Error(`the process that runs the tests ended with ${code}`)));
  });
  child.removeAllListeners('exit');
  return [child, files];
}

/** Data about the tests: the duration of each, the places that it reaches, and the mutants that it has caught. */
export class Tests {
  readonly #results: readonly FileResult[];
  readonly #caught = new Map<string, number>();

  constructor(results: readonly FileResult[]) {
    this.#results = results;
  }

  /** The files that reach the mutant, beginning with those that probably catch it soonest. */
  reaching(id: number, source: string): FileResult[] {
    const folder = source.slice('src/'.length, source.lastIndexOf('/') + 1);
    // Its catches in the same source and its proximity to the source, relative to its duration.
    const promise = ({ file, milliseconds }: FileResult): number => {
      const caught = this.#caught.get(`${source} ${file}`) ?? 0;
      const beside = folder !== '' && file.startsWith(`test/${folder}`) ? 1 : 0;
      return (0.2 + beside + caught) / (START + milliseconds);
    };
    return this.#results
      .filter(({ reached }) => reached.includes(id))
      .sort((a, b) => promise(b) - promise(a));
  }

  count(source: string, file: string): void {
    const key = `${source} ${file}`;
    this.#caught.set(key, (this.#caught.get(key) ?? 0) + 1);
  }
}

/** Runs the tests that reach a mutant, until one fails. */
export async function outcomeOf(id: number, source: string, tests: Tests, runner: Runner): Promise<Outcome> {
  const reaching = tests.reaching(id, source);
  if (reaching.length === 0) return 'unreached';
  const usual = reaching.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const request = { mutant: id, files: reaching.map(({ file }) => file) };
  const answer = await runner.run(request, PATIENCE + TIMES * usual);
  if (answer === undefined) return 'endless';
  if (answer.failed === undefined) return 'survived';
  tests.count(source, answer.failed);
  return 'caught';
}
