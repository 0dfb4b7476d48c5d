import { looksLikePromise } from './brand.js';
import { fail, MandateError, type MandateErrorCode } from './errors.js';
import { DEFAULT_LIMITS, type MandateLimits } from './profile.js';
import { checkRuntime } from './runtime.js';

/** Throws the error for an argument or option of the caller. */
export function invalidArgument(parameter: string, expected: string): never {
  fail('ERR_MANDATE_ARGUMENT_INVALID', parameter, `"${parameter}" must be ${expected}`);
}

/**
 * Takes a snapshot of an options object; `undefined` stands for an empty one. Every member of the object is in the snapshot, or
 * the object is rejected: a member that is not read would be a demand that is not enforced. The object must therefore be a
 * plain object without symbols and without non-enumerable members. A Promise that was not awaited, a Map, and an object that
 * inherits its members have no own members. A getter is called once, here. Later changes by the caller, and members of
 * Object.prototype, are not options.
 */
export function checkOptions<T extends object>(options: T | undefined, parameter: string): T {
  checkRuntime();
  let hidden: string | undefined;
  try {
    if (options === undefined) return Object.create(null);
    if (isPlainObject(options)) {
      const snapshot: Record<string, unknown> = Object.assign(Object.create(null), options);
      hidden = Object.getOwnPropertyNames(options).find((name) => !Object.hasOwn(snapshot, name));
      if (hidden === undefined) return snapshot as T;
    }
  } catch (cause) {
    fail('ERR_MANDATE_ARGUMENT_INVALID', parameter, `"${parameter}" could not be read`, {
      cause,
    });
  }
  if (hidden === undefined) return invalidArgument(parameter, `a plain object, got ${describeType(options)}`);
  return invalidArgument(optionName(hidden) ?? parameter, 'an enumerable member: it would not be read');
}

/**
 * A name for an error message. If it does not look like a name, it may be anything, such as a key pasted in place of a name.
 */
const optionName = (name: string): string | undefined => (/^\w{1,40}$/.test(name) ? name : undefined);

/**
 * Rejects `undefined` for an option that demands something: it would silently disable the demand. Such a value is usually
 * missing, for example in the environment.
 */
export function refuseUndefined(options: object, demands: readonly string[]): void {
  for (const name of demands) {
    if (Object.hasOwn(options, name) && (options as Record<string, unknown>)[name] === undefined) {
      invalidArgument(name, 'given a value, or left out; it is undefined');
    }
  }
}

/**
 * Whether a value is an object literal or `Object.create(null)`, of any realm and without symbols. Such an object has only own
 * members.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (Array.isArray(value)) return false;
    const prototype = Object.getPrototypeOf(value);
    const isLiteral =
      prototype === null ||
      (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
    return isLiteral && Object.getOwnPropertySymbols(value).length === 0;
  } catch {
    // A proxy that is revoked or that throws.
    return false;
  }
}

/**
 * Returns the result of `read`, which reads a value of the caller. A getter or a proxy that throws is an error that names the
 * value.
 */
export function readValue<T>(
  parameter: string,
  read: () => T,
  code: MandateErrorCode = 'ERR_MANDATE_ARGUMENT_INVALID',
): T {
  try {
    return read();
  } catch (cause) {
    if (isMandateError(cause)) throw cause;
    return fail(code, parameter, `"${parameter}" could not be read`, { cause });
  }
}

/**
 * Copies an array of the caller; each element is read once. Returns `undefined` for anything else, and for a proxy that throws.
 */
export function copyArray(value: unknown): unknown[] | undefined {
  try {
    return Array.isArray(value) ? Array.from({ length: value.length }, (_, i) => value[i]) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value of the caller, such as a client or a store, has these methods. */
export function hasMethods(value: unknown, names: readonly string[]): boolean {
  try {
    return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
  } catch {
    return false;
  }
}

/** What `next` of an iterator of the caller has returned, or resolved with. */
export function iteratorResult<T>(next: unknown, parameter: string): IteratorResult<T> {
  if (typeof next === 'object' && next !== null) return next as IteratorResult<T>;
  return invalidArgument(parameter, `an iterable: "next" must return an object, got ${describeType(next)}`);
}

/** Whether a thrown value is an error of this library. Unlike `instanceof`, it never throws. */
export function isMandateError(thrown: unknown): thrown is MandateError {
  try {
    return thrown instanceof MandateError && typeof thrown.code === 'string';
  } catch {
    return false;
  }
}

/** Checks a delay for a timer. A timer with a delay of more than 31 bits would fire at once. */
export function checkTimeout(milliseconds: unknown, parameter: string): void {
  if (
    Number.isSafeInteger(milliseconds) &&
    (milliseconds as number) > 0 &&
    (milliseconds as number) < 2 ** 31
  )
    return;
  invalidArgument(parameter, 'a positive integer of milliseconds, less than 2^31');
}

/** The time of a valid Date in milliseconds. Objects that imitate a Date, and overridden methods of a Date, are not used. */
export function timeOf(value: unknown): number | undefined {
  try {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? undefined : time;
  } catch {
    return undefined;
  }
}

/** The time of a Date from the caller, in milliseconds. */
export const checkDate = (value: unknown, parameter: string): number =>
  timeOf(value) ?? invalidArgument(parameter, 'a valid Date');

/** Makes text that others wrote safe for a message or a log: it cannot break a line or imitate another part of the message. */
export function printable(text: string): string {
  if (/^[\w.:#/@+-]{1,200}$/.test(text)) return text;
  return JSON.stringify(text.slice(0, 200)).replace(/[^ -~]/g, '?');
}

/** Describes the type of a value for an error message, never its content. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  try {
    if (Array.isArray(value)) return 'an array';
    if (looksLikePromise(value)) return 'an instance of Promise (await it)';
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' && name !== 'Object' ? `an instance of ${name}` : 'an object';
  } catch {
    return 'an object that cannot be read';
  }
}

/** Rejects an unknown option name: a misspelled check would not be made. */
export function checkNames(options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    invalidArgument(optionName(name) ?? 'options', `a known option, one of ${names.join(', ')}`);
  }
}

/**
 * Reads one member of an options object.
 *
 * @param given A snapshot of the options, taken by {@link readOptions}.
 * @param name The member.
 * @param path The name used in errors.
 */
export type OptionReader<T> = (given: Readonly<Record<string, unknown>>, name: string, path: string) => T;

/** The options that a function takes, each with its reader. */
export type OptionReaders = Readonly<Record<string, OptionReader<unknown>>>;

/** The result of {@link readOptions}: every option, checked, with defaults filled in. */
export type Read<R extends OptionReaders> = { readonly [Name in keyof R]: ReturnType<R[Name]> };

/**
 * Reads the options of a function, once. A name that is not in the table is an error: a misspelled check would not be made
 * (SPEC.md R6.3).
 *
 * @param options The object that the caller passed.
 * @param readers The options that exist.
 * @param parameter The name of the whole object in errors.
 */
export function readOptions<R extends OptionReaders>(
  options: object | undefined,
  readers: R,
  parameter = 'options',
): Read<R> {
  const given = checkOptions(options, parameter) as Record<string, unknown>;
  checkNames(given, Object.keys(readers));
  return readSome(given, readers, parameter === 'options' ? '' : `${parameter}.`);
}

/** Reads some of the options of a function. The names are already checked. */
export function readSome<R extends OptionReaders>(given: object, readers: R, prefix = ''): Read<R> {
  const read: Record<string, unknown> = {};
  for (const name of Object.keys(readers))
    read[name] = (readers[name] as OptionReader<unknown>)(
      given as Record<string, unknown>,
      name,
      prefix + name,
    );
  return read as Read<R>;
}

/**
 * Reads what an earlier call returned, and the caller hands back, perhaps changed. Its members are read once, by `readers`;
 * others are left out.
 *
 * @param source Where the value comes from, such as `the result of verifyMandate`.
 */
export function readResult<R extends OptionReaders>(
  result: unknown,
  readers: R,
  parameter: string,
  source: string,
): Read<R> {
  if (!isPlainObject(result)) invalidArgument(parameter, `${source}, got ${describeType(result)}`);
  return readSome(checkOptions(result as object, parameter), readers, `${parameter}.`);
}

/** Checks a value, and returns it in the form that the library uses. */
export type Check<T> = (value: unknown, path: string) => T;

/** An option that may be absent or `undefined`; the default then applies. */
export const optional =
  <T, const D>(check: Check<T>, byDefault: D): OptionReader<T | D> =>
  (given, name, path) =>
    given[name] === undefined ? byDefault : check(given[name], path);

/** An option that demands something. It may be absent, but must not be `undefined`, which would silently disable the demand. */
export const demand =
  <T>(check: Check<T>): OptionReader<T | undefined> =>
  (given, name, path) => {
    if (!Object.hasOwn(given, name)) return undefined;
    if (given[name] === undefined) invalidArgument(path, 'given a value, or left out; it is undefined');
    return check(given[name], path);
  };

/** A required option. */
export const required =
  <T>(check: Check<T>): OptionReader<T> =>
  (given, name, path) =>
    check(given[name], path);

/** An option that another function checks later. */
export const unread: OptionReader<unknown> = (given, name) => given[name];

export const aBoolean: Check<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : invalidArgument(path, 'a boolean');

export const aString: Check<string> = (value, path) =>
  typeof value === 'string' ? value : invalidArgument(path, 'a string');

export const aNonEmptyString: Check<string> = (value, path) =>
  typeof value === 'string' && value !== '' ? value : invalidArgument(path, 'a non-empty string');

/** A function from the caller. Its TypeScript type is not verified. */
export const aFunction =
  <F>(): Check<F> =>
  (value, path) =>
    typeof value === 'function' ? (value as F) : invalidArgument(path, 'a function');

/** Milliseconds. */
export const aTimeout: Check<number> = (value, path) => {
  checkTimeout(value, path);
  return value as number;
};

/** A positive integer; `unit` names what it counts. */
export const aPositiveInteger =
  (unit: string): Check<number> =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) > 0
      ? (value as number)
      : invalidArgument(path, `a positive integer of ${unit}`);

/** A non-negative number; `unit` names what it counts. Infinity is allowed. */
export const aNonNegativeNumber =
  (unit: string): Check<number> =>
  (value, path) =>
    typeof value === 'number' && value >= 0
      ? value
      : invalidArgument(path, `a non-negative number of ${unit}`);

export const isString = (value: unknown): value is string => typeof value === 'string';

/** An array whose elements all pass a test. */
export const aListWhere =
  <T>(test: (element: unknown) => boolean, expected: string): Check<readonly T[]> =>
  (value, path) => {
    const copy = copyArray(value);
    return copy?.every(test) ? (copy as T[]) : invalidArgument(path, expected);
  };

/** An array; `check` checks each element. */
export const aListOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value, path) =>
    (copyArray(value) ?? invalidArgument(path, 'an array')).map((each, i) => check(each, `${path}[${i}]`));

/** One of the strings of a list; the error lists them. */
export const oneOf =
  <const T extends string>(...values: readonly T[]): Check<T> =>
  (value, path) =>
    values.includes(value as T) ? (value as T) : invalidArgument(path, `one of ${values.join(', ')}`);

/** The option `limits`. */
export const limitsOption: OptionReader<MandateLimits> = (given, name) =>
  resolveLimits(given[name] as Partial<MandateLimits> | undefined);

/** Reads the limits for a function that takes no other option. */
export const checkLimitsOption = (
  options: { limits?: Partial<MandateLimits> | undefined } | undefined,
): MandateLimits => readOptions(options, { limits: limitsOption }).limits;

const MAX_DEPTH = 512;

/** Merges the limits of the caller with the defaults. */
export function resolveLimits(limits: Partial<MandateLimits> | undefined): MandateLimits {
  if (limits === undefined) return DEFAULT_LIMITS;
  const given = checkOptions(limits, 'limits');
  checkNames(given, Object.keys(DEFAULT_LIMITS));
  const resolved = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof MandateLimits)[]) {
    const limit = given[name];
    if (limit === undefined) continue;
    if (name === 'callTimeout') checkTimeout(limit, 'limits.callTimeout');
    if (!Number.isSafeInteger(limit) || limit < 0) {
      invalidArgument(`limits.${name}`, 'a non-negative integer');
    }
    // With a greater limit, deep nesting could overflow the stack of some runtimes before the limit is reached.
    if (name === 'maxDepth' && limit > MAX_DEPTH) invalidArgument('limits.maxDepth', `at most ${MAX_DEPTH}`);
    resolved[name] = limit;
  }
  return resolved;
}
