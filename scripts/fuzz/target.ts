import { errors } from 'jose';
import type { Library } from './library.js';
import type { Random } from './random.js';

/** What an input is made of, so that it can be kept as JSON. Bytes are written as the characters U+0000 to U+00FF. */
export type Input = string | number | boolean | null | readonly Input[] | { readonly [name: string]: Input };

/** Calls the library. */
export type Call = <T>(operation: () => T | Promise<T>) => Promise<T>;

export const callDirectly: Call = async (operation) => operation();

/**
 * Something that takes hostile input. `run` ends well for a verified result and throws for a refusal; a refusal has to be
 * documented. It throws {@link Disagreement} where what the library did is wrong although it is neither of the two.
 */
export interface Target<I extends Input = Input> {
  readonly name: string;
  /** Valid inputs, and others worth starting from. */
  seeds(): Promise<I[]>;
  /** A new input, of one that was worth keeping, of another, or of nothing. */
  mutate(input: I, other: I, random: Random): I;
  /** Characters that reach the library, where they are not those of the input as JSON. */
  size?(input: I): number;
  /** Runs the library on an input, through `call`, so that what the target does beside is not measured. */
  run(input: I, call: Call): Promise<void>;
}

/** The library accepted what it must refuse, refused what it must accept, or returned something else than was signed. */
export class Disagreement extends Error {}

export interface Outcome {
  /** `accepted`, or the code of the refusal. */
  readonly verdict: string;
  /** What makes it a finding. */
  readonly finding?: string;
}

const CLAIM_CODES = ['ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'];
const LONGEST_MESSAGE = 1000;

/** Runs one input. Every outcome but a documented error or a verified result is a finding. */
export async function outcomeOf<I extends Input>(
  target: Target<I>,
  input: I,
  { api }: Pick<Library, 'api'>,
  call: Call = callDirectly,
): Promise<Outcome> {
  try {
    await target.run(input, call);
    return { verdict: 'accepted' };
  } catch (error) {
    const finding = undocumented(error, api);
    const verdict = finding === undefined ? (error as errors.JOSEError).code : 'finding';
    return finding === undefined ? { verdict } : { verdict, finding };
  }
}

/** Why what was thrown is no documented error. */
function undocumented(error: unknown, api: Library['api']): string | undefined {
  if (!(error instanceof Error)) return `threw what is no error: ${typeof error}`;
  if (!(error instanceof errors.JOSEError)) return `${error.name}: ${error.message}\n${error.stack}`;
  const { code, message } = error;
  if (!Object.hasOwn(api.MANDATE_ERROR_CODES, code) && !CLAIM_CODES.includes(code))
    return `undocumented code ${code}: ${message}`;
  if (message === '') return `${code} without a message`;
  if (message.length > LONGEST_MESSAGE) return `${code} with a message of ${message.length} characters`;
  if (/[\p{Cc}\u2028\u2029]/u.test(message)) return `${code} with control characters in its message`;
  return undefined;
}

/** The bytes that an input's text stands for. */
export const bytesOf = (latin1: string): Uint8Array => Buffer.from(latin1, 'latin1');
export const latin1Of = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('latin1');
