/** What the library makes of an input. */
export type Verdict =
  | { readonly accepts: true; readonly value?: unknown }
  | { readonly accepts: false; readonly code: string };

/** One input of a peer's suite, and what the peer expects of it. */
export interface Case {
  readonly id: string;
  /** `free` where the peer leaves it open. */
  readonly expected: 'accept' | 'reject' | 'free';
  /** What an accepted input must come to, where the peer says so. */
  readonly value?: unknown;
  readonly judge: () => Verdict | Promise<Verdict>;
}

/** What was found in a peer's suite. */
export interface Suite {
  readonly cases: readonly Case[];
  /** Inputs that the profile has nothing to say about, counted by the reason. */
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

/** The verdict of a function that throws the library's errors. Another error is a fault of the library. */
export async function verdictOf(accept: () => unknown): Promise<Verdict> {
  try {
    return { accepts: true, value: await accept() };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && /^ERR_(MANDATE|JWT)_/.test(code)) return { accepts: false, code };
    throw error;
  }
}
