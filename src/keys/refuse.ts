import { fail } from '../errors.js';

/** Refuses a key. `expected` completes "must be"; it never holds key material. */
export const refuseKey = (parameter: string, expected: string): never =>
  fail('ERR_MANDATE_KEY_INVALID', parameter, `"${parameter}" must be ${expected}`);
