import { errors } from 'jose';
import type { Library } from './library.js';
import type { Random } from './random.js';

/** The parts of an input, in a form that can be stored as JSON. Bytes are written as the characters U+0000 to U+00FF. */
export type Input = string | number | boolean | null | readonly Input[] | { readonly [name: string]: Input };

/** Calls the library. */
export type Call = <T>(operation: () => T | Promise<T>) => Promise<T>;

export const callDirectly: Call = async (operation) => operation();

/**
 * A function that takes hostile input. `run` returns for a verified result and throws for a rejection, which must be
 * documented. It throws {@link Disagreement} if the outcome is one of the two but wrong.
 */
export interface Target<I extends Input = Input> {
  readonly name: string;
  /** Valid inputs, and others worth starting from. */
  seeds(): Promise<I[]>;
  /** A new input, derived from a kept one, from two, or from nothing. */
  mutate(input: I, other: I, random: Random): I;
  /** Characters that reach the library, if different from those of the input as JSON. */
  size?(input: I): number;
  /** Runs the library on an input through `call`, so that the target's own work is not measured. */
  run(input: I, call: Call): Promise<void>;
}

/** The library accepted what it must reject, rejected what it must accept, or returned something other than what was signed. */
export class Disagreement extends Error {}

export interface Outcome {
  /** `accepted`, or the code of the rejection. */
  readonly verdict: string;
  /** The reason why it is a finding. */
  readonly finding?: string;
}

const CLAIM_CODES = ['ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'];
const LONGEST_MESSAGE = 1000;

/** Runs one input. Every outcome other than a documented error or a verified result is a finding. */
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

/** The reason why the thrown value is not a documented error. */
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

/** The bytes that an input's text represents. */
export const bytesOf = (latin1: string): Uint8Array => Buffer.from(latin1, 'latin1');
export const latin1Of = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('latin1');
