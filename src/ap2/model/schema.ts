import * as v from 'valibot';
import { parseRfc3339 } from '../../claims/rfc3339.js';
import { base64urlLength, isBase64urlOfLength } from '../../encoding/base64url.js';
import { toIJson } from '../../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import { printable } from '../../options.js';
import { DEFAULT_LIMITS, SHA256_BYTES } from '../../profile.js';

/**
 * Returns a copy of `value`, which must conform to `schema`. Otherwise throws ERR_MANDATE_SCHEMA with the path and the expected
 * value. Values are neither coerced nor printed. Members that the schema does not define are kept. `prepare` can modify the
 * copy before it is checked.
 */
export function conform<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  path: string,
  prepare: (copy: JsonObject) => void = () => {},
): T {
  const copy = copyObject(value, path);
  prepare(copy);
  // Not the output of valibot, which drops members whose names exist on Object.prototype.
  const { issues } = v.safeParse(schema, withoutPrototypes(copy), {
    abortEarly: true,
    abortPipeEarly: true,
    message: describe,
  });
  if (issues !== undefined) refuseSchema(path + pathOf(issues[0]), issues[0].message);
  return copy as T;
}

/** Returns a copy of `value`, which must be a JSON object. */
export function copyObject(value: unknown, path: string): JsonObject {
  const copy = toIJson(value, path, DEFAULT_LIMITS, 'ERR_MANDATE_SCHEMA');
  return isJsonObject(copy) ? copy : refuseSchema(path, 'a JSON object');
}

/** Rejects the value at `path`. */
export function refuseSchema(path: string, expected: string): never {
  fail('ERR_MANDATE_SCHEMA', path, `"${path}" must be ${expected}`);
}

/** A deep copy whose objects have no prototype: members of Object.prototype are not members of a mandate. */
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

/** Describes what valibot expected. `issue.expected` only contains names of the schema, never input. */
function describe(issue: v.BaseIssue<unknown>): string {
  const expected = `${issue.expected}`;
  switch (issue.type) {
    case 'array':
      return 'an array';
    case 'string':
      return 'a string';
    case 'object_with_rest':
    case 'strict_object':
      if (expected === 'never') return 'absent: this member is not defined';
      return expected === 'Object' ? 'a JSON object' : 'present';
    default:
      // A variant, a picklist or a literal.
      if (expected === 'Object') return 'a JSON object';
      return expected.startsWith('(') ? `one of ${expected.slice(1, -1).replaceAll(' | ', ', ')}` : expected;
  }
}

/** A span of time in milliseconds since the epoch, both ends inclusive. */
export interface TimeSpan {
  readonly start: number;
  readonly end: number;
}

const DAY = 86_400_000;

/**
 * The time span of an `execution_date`. An RFC 3339 date-time is an instant. A full-date is the whole day in UTC, because AP2
 * names no time zone. `undefined` for any other ISO 8601 notation.
 */
export function parseExecutionDate(text: string): TimeSpan | undefined {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const start = parseRfc3339(isDate ? `${text}T00:00:00Z` : text);
  if (start === undefined) return undefined;
  return { start, end: isDate ? start + DAY - 1 : start };
}

/** An integer that a double holds exactly. */
export const integer = v.pipe(v.number('an integer'), v.safeInteger('an integer, at most 2^53 - 1'));

/** An amount to pay, in minor units (ISO 4217): a non-negative integer. */
export const minorUnits = v.pipe(integer, v.minValue(0, 'a non-negative integer'));

/** A number of items. */
export const positiveInteger = v.pipe(integer, v.minValue(1, 'a positive integer'));

// An alphabetic code of ISO 4217, checked only by its form.
export const currency = v.pipe(
  v.string(),
  v.regex(/^[A-Z]{3}$/, 'an ISO 4217 currency code of three capital letters'),
);

/** An absolute URI. */
export const uri = v.pipe(v.string(), v.url('an absolute URI'));

/** RFC 3339 §5.6. */
export const dateTime = v.pipe(
  v.string(),
  v.check((text) => parseRfc3339(text) !== undefined, 'an RFC 3339 date-time'),
);

/** A date, or a date-time with a UTC offset. */
export const executionDateText = v.pipe(
  v.string(),
  v.check((text) => parseExecutionDate(text) !== undefined, 'an RFC 3339 full-date or date-time'),
);

/** BASE64URL of a fixed number of bytes. */
export const base64urlOf = (bytes: number) =>
  v.pipe(
    v.string(),
    v.check(
      (text) => isBase64urlOfLength(text, bytes),
      `${base64urlLength(bytes)} base64url characters (${bytes} bytes)`,
    ),
  );

/** BASE64URL of a SHA-256 digest, 43 characters. */
export const sha256Digest = base64urlOf(SHA256_BYTES);

// For TypeScript, any value: the known members must match the index signature, even without exactOptionalPropertyTypes.
const anyJson = v.custom<unknown>(() => true);

/** An object that may have further members: AP2's schemas allow them by default. */
export const openObject = <const E extends v.ObjectEntries>(entries: E) =>
  v.objectWithRest(withoutPrototype(entries), anyJson);

/** An object that has no further members. */
export const closedObject = <const E extends v.ObjectEntries>(entries: E) =>
  v.strictObject(withoutPrototype(entries));

/** valibot would read inherited members as entries. */
const withoutPrototype = <E extends v.ObjectEntries>(entries: E): E =>
  Object.assign(Object.create(null), entries);

/** Any JSON object. */
export const jsonObject = v.custom<JsonObject>(isJsonObject, 'a JSON object');

/** The values of `vct`, including the version suffix (AP2 v0.2, specification.md "Mandate Versioning"). */
export const MANDATE_VCT = {
  openPayment: 'mandate.payment.open.1',
  payment: 'mandate.payment.1',
  openCheckout: 'mandate.checkout.open.1',
  checkout: 'mandate.checkout.1',
} as const;
