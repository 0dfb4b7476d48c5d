// Block coverage of the library as reported by V8. An input that reaches a new block is worth keeping. One check costs about a
// millisecond, so the fuzzer checks once for many inputs.
import inspector from 'node:inspector';

export class Coverage {
  readonly #session = new inspector.Session();
  readonly #seen = new Set<string>();
  readonly #under: string;

  /** Of the files below a URL. */
  constructor(under: string) {
    this.#under = under;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** The blocks that were run since the last check, and never before the last {@link remember}. */
  look(): string[] {
    const fresh: string[] = [];
    for (const { url, functions } of this.#take()) {
      if (!url.startsWith(this.#under)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          const block = `${url}:${startOffset}-${endOffset}`;
          if (count > 0 && !this.#seen.has(block)) fresh.push(block);
        }
      }
    }
    return fresh;
  }

  remember(blocks: readonly string[]): void {
    for (const block of blocks) this.#seen.add(block);
  }

  get size(): number {
    return this.#seen.size;
  }

  #take(): inspector.Profiler.ScriptCoverage[] {
    let result: inspector.Profiler.ScriptCoverage[] = [];
    // In the same process, the answer comes before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error;
      result = answer.result;
    });
    return result;
  }
}
