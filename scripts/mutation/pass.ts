// The processes that run the tests, and which tests they run for a mutant.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, FileResult, Request } from './worker.js';

/** A test failed, none did, none reaches the place, or they did not come to an end. */
export type Outcome = 'caught' | 'survived' | 'unreached' | 'endless';

/** Beyond it a run is taken for endless, with what the tests take without a mutant, several times. */
const PATIENCE = 60_000;
const TIMES = 5;

/** What a file of tests takes before its first test, about, in milliseconds. */
const START = 700;

/** One process that runs tests. A mutant that does not end, or ends the process, costs a new process. */
export class Runner {
  #child: ChildProcess | undefined;

  /** The files of tests that there are. */
  async files(): Promise<readonly string[]> {
    const [child, files] = await start();
    this.#child = child;
    return files;
  }

  /** Undefined where no answer came. */
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

/** A new process, and the files of tests that it has. */
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

/** What is known of the tests: what each takes and reaches, and what it has caught. */
export class Tests {
  readonly #results: readonly FileResult[];
  readonly #caught = new Map<string, number>();

  constructor(results: readonly FileResult[]) {
    this.#results = results;
  }

  /** The files that reach the mutant, those first that most probably catch it soon. */
  reaching(id: number, source: string): FileResult[] {
    const folder = source.slice('src/'.length, source.lastIndexOf('/') + 1);
    // What it caught in the same source, and that it stands beside it, for what it takes.
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
