/** What came of one file of vectors. Every case of the file is in exactly one of the first two counts. */
export interface Report {
  readonly file: string;
  readonly cases: number;
  readonly ran: number;
  /** Cases that are none of this back end's business, by the reason. */
  readonly out: Readonly<Record<string, number>>;
  /** Of those that ran: valid elsewhere, and refused here for their context. */
  readonly otherContext: number;
  /** Of those that ran and had to be refused: how many by an exception. */
  readonly byException: number;
  readonly failures: readonly string[];
}

export class Counter {
  readonly #file: string;
  readonly #out: Record<string, number> = {};
  readonly #failures: string[] = [];
  #ran = 0;
  #otherContext = 0;
  #byException = 0;

  constructor(file: string) {
    this.#file = file;
  }

  leaveOut(reason: string): void {
    this.#out[reason] = (this.#out[reason] ?? 0) + 1;
  }

  countOtherContext(): void {
    this.#otherContext++;
  }

  /** Runs one case. `expected` is what `run` must return, or `undefined` where it must not succeed. */
  async expect<T>(id: string, run: () => T | Promise<T>, expected: T | undefined): Promise<void> {
    this.#ran++;
    let actual: T | undefined;
    let exception: unknown;
    try {
      actual = await run();
    } catch (error) {
      exception = error;
    }
    if (exception !== undefined && expected === undefined) this.#byException++;
    const holds = expected === undefined ? exception !== undefined || actual === false : actual === expected;
    if (!holds) this.#failures.push(`${id}: got ${exception ?? actual}`);
  }

  report(cases: number): Report {
    return {
      file: this.#file,
      cases,
      ran: this.#ran,
      out: this.#out,
      otherContext: this.#otherContext,
      byException: this.#byException,
      failures: this.#failures,
    };
  }
}

export function describeReport(
  backEnd: string,
  { file, cases, ran, out, otherContext, byException, failures }: Report,
): string {
  const left = Object.entries(out).map(([reason, count]) => `${count} out: ${reason}`);
  const context = otherContext > 0 ? [`${otherContext} valid under another context, and refused`] : [];
  const thrown = byException > 0 ? [`${byException} refused by an exception`] : [];
  const result = `${ran - failures.length} of ${ran} hold, of ${cases} cases in the file`;
  return `${backEnd}: ${file}: ${[result, ...context, ...thrown, ...left].join('; ')}`;
}
