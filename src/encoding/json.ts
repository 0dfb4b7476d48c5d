/** A JSON value (RFC 8259). */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
/** A JSON object. Members named `__proto__` or `constructor` are plain data. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/** Whether a value is a JSON object, and not an array, null or a scalar. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sets an own member with any name: plain assignment to `__proto__` would change the prototype instead. */
export function setMember(object: JsonObject, name: string, value: JsonValue): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * A deep copy of plain data, including `undefined`. It equals the result of `structuredClone`, which jsdom and React Native
 * lack. Throws for functions, symbols and cycles.
 */
export function copyData<T>(value: T): T {
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError('not plain data');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Array.from(value, copyData) as T;
  const copy: JsonObject = {};
  for (const [name, member] of Object.entries(value)) setMember(copy, name, copyData(member));
  return copy as T;
}
