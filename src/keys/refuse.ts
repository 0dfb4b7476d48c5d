import { fail } from '../errors.js';

/** Rejects a key. `expected` completes "must be", and never includes key material. */
export const refuseKey = (parameter: string, expected: string): never =>
  fail('ERR_MANDATE_KEY_INVALID', parameter, `"${parameter}" must be ${expected}`);
