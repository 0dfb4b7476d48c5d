import { checkNames, checkOptions, describeType, invalidArgument, isPlainObject } from '../options.js';

/** Reads both private keys once, and rejects a value that cannot be a pair. */
export function checkPrivateKeys<K extends object>(keys: K): K {
  if (!isPlainObject(keys)) {
    invalidArgument('privateKeys', `an object with "es256" and "mldsa65", got ${describeType(keys)}`);
  }
  const snapshot = checkOptions(keys, 'privateKeys');
  if (Object.hasOwn(snapshot, 'privateKeys')) {
    invalidArgument('privateKeys', 'private keys: pass the "privateKeys" of this');
  }
  if (Object.hasOwn(snapshot, 'keys') || Object.hasOwn(snapshot, 'kty')) {
    invalidArgument('privateKeys', 'an object with "es256" and "mldsa65"; this is a JWK or a JWK Set');
  }
  checkNames(snapshot, ['es256', 'mldsa65']);
  return snapshot;
}
