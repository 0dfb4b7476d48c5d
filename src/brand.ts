// Values are identified by the internal slot that their methods check (ECMAScript), never by `instanceof`. An iframe, a vm
// context, Jest and jsdom each have their own `Uint8Array`, `Date` and `Map`.

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

/** A Uint8Array of any realm. Node's byte arrays are too. */
export const isUint8Array = (value: unknown): value is Uint8Array =>
  typedArrayName.call(value) === 'Uint8Array';

/** A Date of any realm, valid or not. */
export function isDate(value: unknown): value is Date {
  try {
    Date.prototype.getTime.call(value);
    return true;
  } catch {
    return false;
  }
}

/** Copies a Map of any realm with this realm's own methods. Returns `undefined` for anything else. */
export function copyMap(value: unknown): Map<unknown, unknown> | undefined {
  try {
    const copy = new Map<unknown, unknown>();
    Map.prototype.forEach.call(value, (member, key) => copy.set(key, member));
    return copy;
  } catch {
    return undefined;
  }
}

/**
 * Whether a value looks like a promise of any realm. The check uses its name, which any object can carry: good enough for a
 * message.
 */
export const looksLikePromise = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object Promise]';

/**
 * Whether a value is an error of any realm, such as one from Node's own modules under Jest. The check uses its name, which any
 * object can carry.
 */
export const isError = (value: unknown): value is Error =>
  /(?:Error|Exception)\]$/.test(Object.prototype.toString.call(value)) &&
  typeof (value as { message?: unknown }).message === 'string';
