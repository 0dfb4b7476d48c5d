import * as v from 'valibot';
import { toIJson } from '../../encoding/i-json.js';
import type { JsonObject, JsonValue } from '../../encoding/json.js';
import { isJsonObject } from '../../encoding/json.js';
import { MandateError } from '../../errors.js';
import { printable } from '../../options.js';
import { DEFAULT_LIMITS } from '../../profile.js';

/**
 * A copy of `value`, which must conform to `schema`, or ERR_MANDATE_SCHEMA naming the path and what was expected there.
 * No value is coerced, and none is printed. Members that the schema does not know are kept. `prepare` sees the copy
 * before the schema does.
 */
export function conform<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  path: string,
  prepare: (copy: JsonObject) => void = () => {},
): T {
  const copy = copyObject(value, path);
  prepare(copy);
  // Not the output of valibot: that leaves out members named as those of Object.prototype.
  const { issues } = v.safeParse(schema, withoutPrototypes(copy), {
    abortEarly: true,
    abortPipeEarly: true,
    message: describe,
  });
  if (issues !== undefined) refuseSchema(path + pathOf(issues[0]), issues[0].message);
  return copy as T;
}

/** A copy of `value`, which must be a JSON object. */
export function copyObject(value: unknown, path: string): JsonObject {
  const copy = toIJson(value, path, DEFAULT_LIMITS, 'ERR_MANDATE_SCHEMA');
  return isJsonObject(copy) ? copy : refuseSchema(path, 'a JSON object');
}

/** Refuses the value at `path`. */
export function refuseSchema(path: string, expected: string): never {
  throw new MandateError('ERR_MANDATE_SCHEMA', path, `"${path}" must be ${expected}`);
}

/** A deep copy whose objects inherit nothing: what stands on Object.prototype is no member of a mandate. */
export function withoutPrototypes<T>(value: T): T {
  return strip(value as JsonValue) as T;
}

function strip(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(strip);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = Object.create(null);
  for (const [name, member] of Object.entries(value)) copy[name] = strip(member);
  return copy;
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  const items = issue.path ?? [];
  return items
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${printable(String(key))}`))
    .join('');
}

/** What valibot expected, in our words. `issue.expected` holds names of the schema only, never input. */
function describe(issue: v.BaseIssue<unknown>): string {
  const expected = `${issue.expected}`;
  switch (issue.type) {
    case 'array':
      return 'an array';
    case 'string':
      return 'a string';
    case 'object_with_rest':
    case 'strict_object':
      if (expected === 'never') return 'absent: no such member is defined';
      return expected === 'Object' ? 'a JSON object' : 'present';
    default:
      // A variant, a picklist or a literal.
      if (expected === 'Object') return 'a JSON object';
      return expected.startsWith('(') ? `one of ${expected.slice(1, -1).replaceAll(' | ', ', ')}` : expected;
  }
}
