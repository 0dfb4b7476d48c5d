import { looksLikePromise } from './brand.js';
import { fail, MandateError } from './errors.js';
import { DEFAULT_LIMITS, type MandateLimits } from './profile.js';
import { checkRuntime } from './runtime.js';

/** An error for an argument or option of the caller's. */
export function invalidArgument(parameter: string, expected: string): never {
  fail('ERR_MANDATE_ARGUMENT_INVALID', parameter, `"${parameter}" must be ${expected}`);
}

/**
 * A snapshot of a bag of options, `undefined` standing for an empty one. Every member that the bag has is in the snapshot, or
 * the bag is refused: a member that was not read would be a demand that is not made. So it must be a plain object (a Promise
 * that was not awaited, a Map, and an object that inherits its members have none of their own), without symbols, and
 * without members that are not enumerable. An accessor is read once, here. What the caller changes later, and what stands
 * on Object.prototype, is not an option.
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

/** A name for an error. One that looks like none may be anything: a key, pasted where a name belongs. */
const optionName = (name: string): string | undefined => (/^\w{1,40}$/.test(name) ? name : undefined);

/**
 * Refuses `undefined` for an option that demands something: it would silently be no demand. Such a value went missing, say
 * in the environment.
 */
export function refuseUndefined(options: object, demands: readonly string[]): void {
  for (const name of demands) {
    if (Object.hasOwn(options, name) && (options as Record<string, unknown>)[name] === undefined) {
      invalidArgument(name, 'given a value, or left out; it is undefined');
    }
  }
}

/** An object literal or `Object.create(null)`, of any realm, without symbols: all it holds is in its own members. */
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
    // A proxy that was revoked, or that throws.
    return false;
  }
}

/** Whether something that was thrown, by whomever, is an error of this library's. Never throws, as `instanceof` can. */
export function isMandateError(thrown: unknown): thrown is MandateError {
  try {
    return thrown instanceof MandateError && typeof thrown.code === 'string';
  } catch {
    return false;
  }
}

/** What a timer takes: beyond 31 bits it would fire at once. */
export function checkTimeout(milliseconds: unknown, parameter: string): void {
  if (
    Number.isSafeInteger(milliseconds) &&
    (milliseconds as number) > 0 &&
    (milliseconds as number) < 2 ** 31
  )
    return;
  invalidArgument(parameter, 'a positive integer of milliseconds, less than 2^31');
}

/** The time of a valid Date, in milliseconds. What only passes for a Date, and methods put over a Date's own, are not asked. */
export function timeOf(value: unknown): number | undefined {
  try {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? undefined : time;
  } catch {
    return undefined;
  }
}

/** The time of a Date that the caller gives, in milliseconds. */
export const checkDate = (value: unknown, parameter: string): number =>
  timeOf(value) ?? invalidArgument(parameter, 'a valid Date');

/** Text that others wrote, for a message or a log: nothing in it may break a line or pass for another part. */
export function printable(text: string): string {
  if (/^[\w.:#/@+-]{1,200}$/.test(text)) return text;
  return JSON.stringify(text.slice(0, 200)).replace(/[^ -~]/g, '?');
}

/** What a value is, for an error; never what it holds. */
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

/** Refuses an option name that does not exist: a misspelt check is a check that is not made. */
export function checkNames(options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    invalidArgument(optionName(name) ?? 'options', `a known option, one of ${names.join(', ')}`);
  }
}

/**
 * Reads one member of an options object.
 *
 * @param given A snapshot of the options, which {@link readOptions} has taken.
 * @param name The member.
 * @param path What errors call it.
 */
export type OptionReader<T> = (given: Readonly<Record<string, unknown>>, name: string, path: string) => T;

/** The options that a function takes, each with what reads it. */
export type OptionReaders = Readonly<Record<string, OptionReader<unknown>>>;

/** What {@link readOptions} returns: every option, checked, defaults in place. */
export type Read<R extends OptionReaders> = { readonly [Name in keyof R]: ReturnType<R[Name]> };

/**
 * Reads the options of a function, once. A name that is not in the table is an error: a misspelt check is a check that is
 * not made (SPEC.md R6.3).
 *
 * @param options What the caller passed.
 * @param readers The options that exist.
 * @param parameter What errors call the whole.
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

/** Reads some of the options of a function, whose names are checked already. */
export function readSome<R extends OptionReaders>(given: object, readers: R, prefix = ''): Read<R> {
  const read: Record<string, unknown> = {};
  for (const [name, reader] of Object.entries(readers))
    read[name] = reader(given as Record<string, unknown>, name, prefix + name);
  return read as Read<R>;
}

/** Checks a value, and returns it in the form that the library uses. */
export type Check<T> = (value: unknown, path: string) => T;

/** An option that may be left out, or be `undefined`: then the default holds. */
export const optional =
  <T, const D>(check: Check<T>, byDefault: D): OptionReader<T | D> =>
  (given, name, path) =>
    given[name] === undefined ? byDefault : check(given[name], path);

/** An option that demands something. It may be left out, and must not be `undefined`: that would silently be no demand. */
export const demand =
  <T>(check: Check<T>): OptionReader<T | undefined> =>
  (given, name, path) => {
    if (!Object.hasOwn(given, name)) return undefined;
    if (given[name] === undefined) invalidArgument(path, 'given a value, or left out; it is undefined');
    return check(given[name], path);
  };

/** An option that must be there. */
export const required =
  <T>(check: Check<T>): OptionReader<T> =>
  (given, name, path) =>
    check(given[name], path);

/** An option that another function checks, later. */
export const unread: OptionReader<unknown> = (given, name) => given[name];

export const aBoolean: Check<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : invalidArgument(path, 'a boolean');

export const aString: Check<string> = (value, path) =>
  typeof value === 'string' ? value : invalidArgument(path, 'a string');

export const aNonEmptyString: Check<string> = (value, path) =>
  typeof value === 'string' && value !== '' ? value : invalidArgument(path, 'a non-empty string');

/** A function of the caller's. Its type is the caller's word. */
export const aFunction =
  <F>(): Check<F> =>
  (value, path) =>
    typeof value === 'function' ? (value as F) : invalidArgument(path, 'a function');

/** Milliseconds. */
export const aTimeout: Check<number> = (value, path) => {
  checkTimeout(value, path);
  return value as number;
};

/** A positive whole number of something. */
export const aPositiveInteger =
  (unit: string): Check<number> =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) > 0
      ? (value as number)
      : invalidArgument(path, `a positive integer of ${unit}`);

/** A number of something, from 0; infinity too. */
export const aNonNegativeNumber =
  (unit: string): Check<number> =>
  (value, path) =>
    typeof value === 'number' && value >= 0
      ? value
      : invalidArgument(path, `a non-negative number of ${unit}`);

/** One of the strings of a list, or an error that lists them. */
export const oneOf =
  <const T extends string>(...values: readonly T[]): Check<T> =>
  (value, path) =>
    values.includes(value as T) ? (value as T) : invalidArgument(path, `one of ${values.join(', ')}`);

/** The option `limits`. */
export const limitsOption: OptionReader<MandateLimits> = (given, name) =>
  resolveLimits(given[name] as Partial<MandateLimits> | undefined);

/** The limits, for a function that takes no other option. */
export const checkLimitsOption = (
  options: { limits?: Partial<MandateLimits> | undefined } | undefined,
): MandateLimits => readOptions(options, { limits: limitsOption }).limits;

const MAX_DEPTH = 512;

/** The caller's limits over the defaults. */
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
    // Beyond this a runtime's stack could end before the nesting does.
    if (name === 'maxDepth' && limit > MAX_DEPTH) invalidArgument('limits.maxDepth', `at most ${MAX_DEPTH}`);
    resolved[name] = limit;
  }
  return resolved;
}
