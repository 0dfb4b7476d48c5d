// What a value is, by the internal slot that its methods look for (ECMAScript), never by `instanceof`: an iframe, a vm context,
// Jest and jsdom each have a `Uint8Array`, `Date` and `Map` of their own.

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

/** A Uint8Array of any realm. What Node makes of it is one too. */
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

/** A copy of a Map of any realm, made by this realm's own methods; `undefined` for anything else. */
export function copyMap(value: unknown): Map<unknown, unknown> | undefined {
  try {
    const copy = new Map<unknown, unknown>();
    Map.prototype.forEach.call(value, (member, key) => copy.set(key, member));
    return copy;
  } catch {
    return undefined;
  }
}

/** A promise of any realm. It can only be told by its name, which anything can carry: good enough for a message. */
export const looksLikePromise = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object Promise]';

/** An error of any realm, such as those of Node's own modules under Jest. By its name, which anything can carry. */
export const isError = (value: unknown): value is Error =>
  /(?:Error|Exception)\]$/.test(Object.prototype.toString.call(value)) &&
  typeof (value as { message?: unknown }).message === 'string';
