import * as v from 'valibot';
import { parseRfc3339 } from '../../claims/rfc3339.js';
import { isStrictBase64url } from '../../encoding/base64url.js';
import type { JsonObject } from '../../encoding/json.js';
import { isJsonObject } from '../../encoding/json.js';
import { base64urlLength, SHA256_BYTES } from '../../profile.js';
import { parseExecutionDate } from './execution-date.js';

/** An integer that a double holds exactly. */
export const integer = v.pipe(v.number('an integer'), v.safeInteger('an integer, at most 2^53 - 1'));

/** An amount of money that is paid, in minor units (ISO 4217): never negative, never a fraction. */
export const minorUnits = v.pipe(integer, v.minValue(0, 'an integer that is not negative'));

/** A number of things. */
export const positiveInteger = v.pipe(integer, v.minValue(1, 'a positive integer'));

/** An alphabetic code of ISO 4217, by its form. */
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

/** A date, or a date-time with its offset. */
export const executionDateText = v.pipe(
  v.string(),
  v.check((text) => parseExecutionDate(text) !== undefined, 'an RFC 3339 full-date or date-time'),
);

/** BASE64URL of so many bytes. */
export const base64urlOf = (bytes: number) =>
  v.pipe(
    v.string(),
    v.check(
      (text) => text.length === base64urlLength(bytes) && isStrictBase64url(text),
      `${base64urlLength(bytes)} base64url characters (${bytes} bytes)`,
    ),
  );

/** BASE64URL of a SHA-256 digest, 43 characters. */
export const sha256Digest = base64urlOf(SHA256_BYTES);

// To the types, anything: the known members must fit the index signature, also without exactOptionalPropertyTypes.
const anyJson = v.custom<unknown>(() => true);

/** An object that may have further members: AP2's schemas allow them wherever they do not say otherwise. */
export const openObject = <const E extends v.ObjectEntries>(entries: E) =>
  v.objectWithRest(withoutPrototype(entries), anyJson);

/** An object that has no further members. */
export const closedObject = <const E extends v.ObjectEntries>(entries: E) =>
  v.strictObject(withoutPrototype(entries));

/** valibot takes what an object of entries inherits for entries. */
const withoutPrototype = <E extends v.ObjectEntries>(entries: E): E =>
  Object.assign(Object.create(null), entries);

/** Any JSON object. */
export const jsonObject = v.custom<JsonObject>(isJsonObject, 'a JSON object');
