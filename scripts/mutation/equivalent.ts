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

const BEYOND_THE_END =
  'Beyond the end of a text there is no character: nothing is counted, and the loop ends.';

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'src/json/parse.ts',
    text: 'for (let i = 0; i < text.length; i++) {',
    original: 'i < text.length',
    becomes: 'i <= text.length',
    reason: BEYOND_THE_END,
  },
  {
    file: 'src/json/parse.ts',
    text: 'if (++depth > deepest) deepest = depth;',
    original: '++depth > deepest',
    becomes: '++depth >= deepest',
    reason: 'Sets the deepest to what it is already.',
  },
  {
    file: 'src/jws/signatures.ts',
    text: "if (verifier === undefined) return { status: 'not-checked' };",
    original: 'verifier === undefined',
    becomes: 'false',
    reason:
      'Calling undefined throws, which is a signature that was not checked, too; needed ones are never undefined.',
  },
];
