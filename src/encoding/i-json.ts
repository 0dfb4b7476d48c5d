import { isDate } from '../brand.js';
import { fail, type MandateErrorCode } from '../errors.js';
import { describeType, isPlainObject, readValue, timeOf } from '../options.js';
import type { MandateLimits } from '../profile.js';
import { type JsonValue, setMember } from './json.js';
import { isWellFormed } from './well-formed.js';

/** `JSON.rawJSON` of newer runtimes: an object that stands for a JSON text. */
const isRawJson = (object: object): boolean =>
  (JSON as { isRawJSON?: (value: unknown) => boolean }).isRawJSON?.(object) === true;

/**
 * Copies a value of the caller as JSON would hold it, or throws an error that names the path. It rejects what `JSON.stringify`
 * changes or drops silently: NaN, infinities, BigInt, lone surrogates, `undefined` in an array, functions, symbols,
 * non-enumerable members, cycles, and class instances such as Map. As with `JSON.stringify`, a member whose value is
 * `undefined` is left out, and an object with a `toJSON` method (Date) is replaced by the result of that method.
 */
export function toIJson(
  value: unknown,
  path: string,
  { maxDepth, maxMandateLength }: Pick<MandateLimits, 'maxDepth' | 'maxMandateLength'>,
  code: MandateErrorCode = 'ERR_MANDATE_PAYLOAD_INVALID',
): JsonValue {
  return readValue(path, () => new Copier(code, maxMandateLength).copy(value, path, maxDepth), code);
}

/** The state of one copy: the objects entered but not yet left, and the error code. */
class Copier {
  readonly #code: MandateErrorCode;
  readonly #ancestors = new Set<object>();
  #left: number;

  constructor(code: MandateErrorCode, maxLength: number) {
    this.#code = code;
    this.#left = maxLength;
  }

  copy(value: unknown, path: string, depth: number): JsonValue {
    this.#spend(typeof value === 'string' ? value.length : 1, path);
    switch (typeof value) {
      case 'boolean':
        return value;
      case 'string':
        if (!isWellFormed(value)) this.#refuse(path, 'a string without lone surrogates');
        return value;
      case 'number':
        if (!Number.isFinite(value)) this.#refuse(path, `a finite number, got ${value}`);
        return value;
      case 'object':
        return value === null ? null : this.#object(value, path, depth);
      default:
        return this.#refuse(path, `a JSON value, got ${typeof value}`);
    }
  }

  #object(object: object, path: string, depth: number): JsonValue {
    if (this.#ancestors.has(object)) this.#refuse(path, 'free of cycles');
    if (depth === 0) fail('ERR_MANDATE_TOO_LARGE', path, `"${path}" nests deeper than the limit "maxDepth"`);
    this.#ancestors.add(object);
    const result = this.#members(object, path, depth - 1);
    this.#ancestors.delete(object);
    return result;
  }

  #members(object: object, path: string, depth: number): JsonValue {
    if (isDate(object) && timeOf(object) === undefined) this.#refuse(path, 'a valid Date');
    // Node's byte arrays have a `toJSON` method that nobody wants here.
    if (ArrayBuffer.isView(object)) this.#refuse(path, 'text: encode bytes, for example as base64url');
    const { toJSON } = object as { toJSON?: unknown };
    if (typeof toJSON === 'function') return this.copy(toJSON.call(object), path, depth);
    if (Array.isArray(object)) {
      return Array.from(object, (element, index) => this.copy(element, `${path}[${index}]`, depth));
    }
    if (!isPlainObject(object) || isRawJson(object)) {
      this.#refuse(path, `a plain object without symbols, got ${describeType(object)}`);
    }
    if (Object.getOwnPropertyNames(object).length > Object.keys(object).length) {
      this.#refuse(path, 'without non-enumerable members, which would be left out');
    }
    const result = {};
    for (const [name, member] of Object.entries(object)) {
      if (!isWellFormed(name)) this.#refuse(path, 'free of member names with lone surrogates');
      this.#spend(name.length, path);
      if (member !== undefined) setMember(result, name, this.copy(member, `${path}.${name}`, depth));
    }
    return result;
  }

  /** A shared object can be copied exponentially often, so the size is counted while the copy grows. */
  #spend(characters: number, path: string): void {
    this.#left -= characters;
    if (this.#left >= 0) return;
    const where = path.slice(0, 200);
    fail('ERR_MANDATE_TOO_LARGE', path, `the value is larger than a mandate may be, at "${where}"`);
  }

  #refuse(path: string, expected: string): never {
    return fail(this.#code, path, `"${path}" must be ${expected} (I-JSON, RFC 7493)`);
  }
}
