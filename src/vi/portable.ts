// What is signed in the clear survives being encoded again (SPEC.md §19.2).
import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import { printable } from '../options.js';

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Some verifiers check a signature over their own encoding of what they parsed: with every other character as an escape, and numbers
 * as their language writes them. Within these bounds that is the JCS form too.
 */
export function checkPortable(value: JsonValue, path: string): void {
  const refuse = (expected: string): never =>
    fail(
      'ERR_VI_NOT_PORTABLE',
      path,
      `"${path}" must be ${expected}; text of people belongs into a disclosure`,
    );
  if (typeof value === 'string' && !PRINTABLE_ASCII.test(value)) refuse('of printable ASCII');
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0)))
    refuse('an integer, at most 2^53 - 1');
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) checkPortable(element, `${path}[${index}]`);
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (!PRINTABLE_ASCII.test(name)) refuse('with names of printable ASCII');
      checkPortable(member, `${path}.${printable(name)}`);
    }
  }
}
