// Checks that undisclosed content keeps its bytes if a verifier encodes it again (SPEC.md §19.2).
import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import { printable } from '../options.js';

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Some verifiers check a signature over their own encoding of the parsed values: they escape all non-ASCII characters, and
 * write numbers as their language does. Within these limits, that encoding equals the JCS form.
 */
export function checkPortable(value: JsonValue, path: string): void {
  const refuse = (expected: string): never =>
    fail('ERR_VI_NOT_PORTABLE', path, `"${path}" must be ${expected}; put other text into a disclosure`);
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
