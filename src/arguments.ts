import { MandateError } from './errors.js';
import type { MandateLimits } from './profile.js';
import { DEFAULT_LIMITS } from './profile.js';

/** An error for an argument or option of the caller's. */
export function invalidArgument(parameter: string, expected: string): never {
  throw new MandateError('ERR_MANDATE_ARGUMENT_INVALID', parameter, `"${parameter}" must be ${expected}`);
}

/**
 * A snapshot of a bag of options, `undefined` standing for an empty one. What the caller changes while a promise is
 * pending, or what stands on Object.prototype, is no option.
 */
export function checkOptions<T extends object>(options: T | undefined, parameter: string): T {
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options))) {
    invalidArgument(parameter, `an object, got ${describeType(options)}`);
  }
  return Object.assign(Object.create(null), options);
}

/** What a value is, for an error; never what it holds. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'an array';
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? `an instance of ${name}` : 'an object';
}

/** Refuses an option name that does not exist: a misspelt check is a check that is not made. */
export function checkNames(options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) invalidArgument(name, `a known option, one of ${names.join(', ')}`);
  }
}

/** The caller's limits over the defaults. */
export function resolveLimits(limits: Partial<MandateLimits> | undefined): MandateLimits {
  const given = checkOptions(limits, 'limits');
  checkNames(given, Object.keys(DEFAULT_LIMITS));
  const resolved = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof MandateLimits)[]) {
    const limit = given[name];
    if (limit === undefined) continue;
    if (!Number.isSafeInteger(limit) || limit < 0)
      invalidArgument(`limits.${name}`, 'a non-negative integer');
    resolved[name] = limit;
  }
  return resolved;
}
