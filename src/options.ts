import { looksLikePromise } from './brand.js';
import { MandateError } from './errors.js';
import type { MandateLimits } from './profile.js';
import { DEFAULT_LIMITS } from './profile.js';
import { checkRuntime } from './runtime.js';

/** An error for an argument or option of the caller's. */
export function invalidArgument(parameter: string, expected: string): never {
  throw new MandateError('ERR_MANDATE_ARGUMENT_INVALID', parameter, `"${parameter}" must be ${expected}`);
}

/**
 * A snapshot of a bag of options, `undefined` standing for an empty one. Every member that the bag has is in the snapshot, or
 * the bag is refused: a member that was not read would be a demand that is not made. So it must be a plain object (a Promise
 * that was not awaited, a Map, and an object that inherits its members have none of their own), without symbols, and
 * without members that are not enumerable. An accessor is read once, here. What the caller changes later, and what stands
 * on Object.prototype, is no option.
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
    throw new MandateError('ERR_MANDATE_ARGUMENT_INVALID', parameter, `"${parameter}" could not be read`, {
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
      invalidArgument(name, 'left out where nothing is demanded; it is undefined');
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

const MAX_DEPTH = 512;

/** The limits, for a function that takes no other option. */
export function checkLimitsOption(
  options: { limits?: Partial<MandateLimits> | undefined } | undefined,
): MandateLimits {
  const given = checkOptions(options, 'options');
  checkNames(given, ['limits']);
  return resolveLimits(given.limits);
}

/** The caller's limits over the defaults. */
export function resolveLimits(limits: Partial<MandateLimits> | undefined): MandateLimits {
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
