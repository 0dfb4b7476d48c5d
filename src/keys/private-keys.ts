import { checkNames, checkOptions, describeType, invalidArgument, isPlainObject } from '../options.js';
import { mistakenKeys } from './mistaken-keys.js';

/** Reads both private keys once, and rejects a value that cannot be a pair. */
export function checkPrivateKeys<K extends object>(keys: K): K {
  if (!isPlainObject(keys)) {
    invalidArgument('privateKeys', `an object with "es256" and "mldsa65", got ${describeType(keys)}`);
  }
  const snapshot = checkOptions(keys, 'privateKeys');
  const mistake = mistakenKeys(snapshot, 'private');
  if (mistake !== undefined) invalidArgument('privateKeys', mistake);
  checkNames(snapshot, ['es256', 'mldsa65']);
  return snapshot;
}
