import type { MandateClaims } from '../claims/registered.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import {
  aString,
  checkDate,
  checkOptions,
  describeType,
  hasMethods,
  invalidArgument,
  isPlainObject,
  iteratorResult,
  readOptions,
  readValue,
  required,
} from '../options.js';
import { nextTurn } from '../primitives/turns.js';
import {
  createVerifier,
  type MandateVerifier,
  type VerifiedMandate,
  type VerifyMandateOptions,
} from './verify.js';

/** Options of {@link verifyMandates}; all optional. */
export interface VerifyMandatesOptions extends VerifyMandateOptions {
  /**
   * How many mandates are verified at the same time. Default 16. With 1, everything runs on the calling thread, which takes the
   * least processor time: for one process on each core.
   */
  concurrency?: number | undefined;
}

/** A mandate of an archive, and the time to use for its verification. */
export interface MandateAtTime {
  readonly mandate: string;
  /** For example the time at which it was used. It replaces the option `currentDate`. */
  readonly currentDate: Date;
}

/** The outcome for one of many mandates. `error` is what {@link verifyMandate} would have thrown. */
export type MandateOutcome<Payload extends object = MandateClaims> =
  | { readonly verified: true; readonly index: number; readonly result: VerifiedMandate<Payload> }
  | { readonly verified: false; readonly index: number; readonly error: Error & { readonly code: string } };

const MAX_CONCURRENCY = 1024;
/** The event loop gets a turn after this many outcomes. */
const TURN_AFTER = 16;

/**
 * Verifies many mandates, for example an archive, line by line. It verifies `concurrency` mandates at the same time and yields
 * the results and errors in order. It reads ahead and keeps no more than that, so memory does not grow with the archive.
 *
 * @example
 * ```ts
 * for await (const outcome of verifyMandates(lines, publicKeys)) {
 *   if (!outcome.verified) console.error(`line ${outcome.index + 1}: ${outcome.error.message}`);
 * }
 * ```
 *
 * @param mandates SD-JWTs in compact form: an array, a generator, the lines of a file. For an archive, each with the time at which
 * it was used: a mandate expires in minutes or days, and its record is kept for years.
 * @param keys As for {@link verifyMandate}.
 * @param options The options of {@link verifyMandate}, for every mandate, and `concurrency`.
 * @returns One outcome for each mandate, with an `index` that counts from 0. Leaving the loop early closes the source. If the
 * source throws, the loop throws the same error after the outcomes of the mandates before it.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID` at once, for options and keys.
 */
export function verifyMandates<Payload extends object = MandateClaims>(
  mandates: Iterable<string | MandateAtTime> | AsyncIterable<string | MandateAtTime>,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: VerifyMandatesOptions,
): AsyncGenerator<MandateOutcome<Payload>, void, undefined> {
  const { concurrency = 16, ...rest } = checkOptions(options, 'options');
  if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    invalidArgument('concurrency', `an integer from 1 to ${MAX_CONCURRENCY}`);
  }
  const verify = createVerifier<Payload>(keys, rest);
  return inOrder(iterate(mandates), verify, concurrency);
}

type Source = Iterator<unknown> | AsyncIterator<unknown>;

function iterate(mandates: unknown): Source {
  const source = mandates as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const iterator = readValue('mandates', (): unknown => {
    // A string is iterable too, character by character.
    if (typeof source !== 'object') return undefined;
    const open: unknown = source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator];
    return typeof open === 'function' ? open.call(source) : undefined;
  });
  if (hasMethods(iterator, ['next'])) return iterator as Source;
  return invalidArgument('mandates', `an iterable of mandates, got ${describeType(mandates)}`);
}

async function* inOrder<Payload extends object>(
  source: Source,
  verify: MandateVerifier<Payload>,
  concurrency: number,
): AsyncGenerator<MandateOutcome<Payload>, void, undefined> {
  const underWay: Promise<MandateOutcome<Payload>>[] = [];
  let index = 0;
  let exhausted = false;
  let failure: { readonly error: unknown } | undefined;
  let reading: Promise<undefined> | undefined;
  const read = async (): Promise<undefined> => {
    // "reading" must be set before a source can throw.
    await undefined;
    try {
      const { done, value } = iteratorResult<unknown>(await source.next(), 'mandates');
      if (done) exhausted = true;
      else underWay.push(outcomeOf(verifyItem(verify, value, index), index++));
    } catch (error) {
      exhausted = true;
      failure = { error };
    }
    reading = undefined;
  };
  try {
    for (;;) {
      if (!exhausted && underWay.length < concurrency) reading ??= read();
      const [first] = underWay;
      if (first === undefined && reading === undefined) break;
      // Whichever is first: a slow source must not delay verified results.
      const outcome = await Promise.race([first, reading].filter((promise) => promise !== undefined));
      if (outcome === undefined) continue;
      underWay.shift();
      // Without this, verifiers that answer synchronously would never let a timer run.
      if (outcome.index % TURN_AFTER === TURN_AFTER - 1) await nextTurn();
      yield outcome;
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    // The loop was left early: the source may still have a file open.
    if (!exhausted) await close(source, reading);
  }
}

const ITEM_READERS = { mandate: required(aString), currentDate: required(checkDate) };

/** A mandate, or a mandate with its time. Anything else is rejected like any other that is not a string. */
async function verifyItem<Payload extends object>(
  verify: MandateVerifier<Payload>,
  item: unknown,
  index: number,
): Promise<VerifiedMandate<Payload>> {
  if (!isPlainObject(item)) return verify(item as string);
  const { mandate, currentDate } = readOptions(item, ITEM_READERS, `mandates[${index}]`);
  return verify(mandate, currentDate);
}

/** Closes the source, after a pending read has finished. */
async function close(source: Source, reading: Promise<undefined> | undefined): Promise<void> {
  const closing = Promise.resolve(source.return?.());
  if (reading === undefined) await closing;
  else closing.catch(() => {});
}

const outcomeOf = <Payload extends object>(
  verification: Promise<VerifiedMandate<Payload>>,
  index: number,
): Promise<MandateOutcome<Payload>> =>
  verification.then(
    (result) => ({ verified: true, index, result }),
    (error: Error & { readonly code: string }) => ({ verified: false, index, error }),
  );
