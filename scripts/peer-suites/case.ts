/** The library's verdict on an input. */
export type Verdict =
  | { readonly accepts: true; readonly value?: unknown }
  | { readonly accepts: false; readonly code: string };

/** One input of a peer's suite, and the expected verdict. */
export interface Case {
  readonly id: string;
  /** `free` if the peer leaves it open. */
  readonly expected: 'accept' | 'reject' | 'free';
  /** The expected value of an accepted input, if the peer states it. */
  readonly value?: unknown;
  readonly judge: () => Verdict | Promise<Verdict>;
}

/** The content of a peer's suite. */
export interface Suite {
  readonly cases: readonly Case[];
  /** The number of inputs outside the scope of the profile, by reason. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** A suite under construction. */
export class SuiteBuilder {
  readonly cases: Case[] = [];
  readonly skipped = new Map<string, number>();
  readonly #ids = new Map<string, number>();

  /** Several calls of one test get numbers. */
  add(test: string, rest: Omit<Case, 'id'>): void {
    const count = (this.#ids.get(test) ?? 0) + 1;
    this.#ids.set(test, count);
    this.cases.push({ id: count === 1 ? test : `${test} #${count}`, ...rest });
  }

  skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }
}

/** The verdict of a function that throws the library's errors. Any other error is a bug of the library. */
export async function verdictOf(accept: () => unknown): Promise<Verdict> {
  try {
    return { accepts: true, value: await accept() };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && /^ERR_(MANDATE|JWT)_/.test(code)) return { accepts: false, code };
    throw error;
  }
}
