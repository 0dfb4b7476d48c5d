import { MandateError } from '../errors.js';
import type { JsonValue } from './types.js';
import { setMember } from './types.js';

/**
 * A plain copy of a caller's value, as JSON would hold it, or an error that names the path. Refused is what
 * `JSON.stringify` changes or drops silently: NaN, infinities, BigInt, lone surrogates, `undefined` in an array,
 * functions, symbols, cycles, class instances such as Map. As with `JSON.stringify`, a member whose value is
 * `undefined` is left out and an object with a `toJSON` method (Date) stands for what it returns.
 */
export function toIJson(value: unknown, path: string, maxDepth: number): JsonValue {
  try {
    return copy(value, path, maxDepth, new Set());
  } catch (cause) {
    if (cause instanceof MandateError) throw cause;
    // A getter, a proxy or a toJSON method of the caller's own threw.
    throw new MandateError('ERR_MANDATE_PAYLOAD_INVALID', path, `"${path}" could not be read`, { cause });
  }
}

function copy(value: unknown, path: string, depth: number, ancestors: Set<object>): JsonValue {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      if (!value.isWellFormed()) refuse(path, 'a string without lone surrogates');
      return value;
    case 'number':
      if (!Number.isFinite(value)) refuse(path, `a finite number, got ${value}`);
      return value;
    case 'object':
      return value === null ? null : copyObject(value, path, depth, ancestors);
    default:
      return refuse(path, `a JSON value, got ${typeof value}`);
  }
}

function copyObject(object: object, path: string, depth: number, ancestors: Set<object>): JsonValue {
  if (ancestors.has(object)) refuse(path, 'free of cycles');
  if (depth === 0) {
    throw new MandateError(
      'ERR_MANDATE_TOO_LARGE',
      path,
      `"${path}" nests deeper than the limit of "maxDepth"`,
    );
  }
  ancestors.add(object);
  const result = copyMembers(object, path, depth - 1, ancestors);
  ancestors.delete(object);
  return result;
}

function copyMembers(object: object, path: string, depth: number, ancestors: Set<object>): JsonValue {
  if (object instanceof Date && Number.isNaN(object.getTime())) refuse(path, 'a valid Date');
  if ('toJSON' in object && typeof object.toJSON === 'function') {
    return copy(object.toJSON(), path, depth, ancestors);
  }
  if (Array.isArray(object)) {
    return Array.from(object, (element, index) => copy(element, `${path}[${index}]`, depth, ancestors));
  }
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    refuse(path, `a plain object, got an instance of ${object.constructor?.name ?? 'a class'}`);
  }
  if (Object.getOwnPropertySymbols(object).length > 0) refuse(path, 'free of symbols');
  const result = {};
  for (const [name, member] of Object.entries(object)) {
    const memberPath = `${path}.${name}`;
    if (!name.isWellFormed()) refuse(path, 'free of member names with lone surrogates');
    if (member !== undefined) setMember(result, name, copy(member, memberPath, depth, ancestors));
  }
  return result;
}

function refuse(path: string, expected: string): never {
  throw new MandateError(
    'ERR_MANDATE_PAYLOAD_INVALID',
    path,
    `"${path}" must be ${expected} (I-JSON, RFC 7493)`,
  );
}
