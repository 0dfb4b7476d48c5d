// Mutants that no test can catch, because the program does the same with them as without. Each says why.

/** A mutant, named by its text, that is equivalent to the original. */
export interface Equivalent {
  readonly file: string;
  /** The line of the source on which it begins, trimmed. */
  readonly text: string;
  /** `original` and `becomes` as the mutation pass prints them. */
  readonly original: string;
  readonly becomes: string;
  readonly reason: string;
}

export const EQUIVALENT: readonly Equivalent[] = [];
