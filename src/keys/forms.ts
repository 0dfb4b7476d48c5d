import type { CryptoKey } from 'jose';
import { bytesOf } from '../encoding/ascii.js';
import { describeType, readValue } from '../options.js';
import type { Verify } from '../primitives/back-end.js';
import { restoreLeadingZeros } from '../primitives/exported-jwk.js';
import type { NodeKeyObject } from '../primitives/node.js';
import { refuseKey } from './refuse.js';
import type { ExternalVerifier } from './types.js';

/** The operation that a key is needed for, as in `key_ops` (RFC 7517 §4.3). */
export type KeyOperation = 'sign' | 'verify';

/** The members of a WebCrypto key that determine what it may do. */
interface CryptoKeyAlgorithm {
  readonly name: string;
  readonly namedCurve?: string;
}

type AnyFunction = (...args: never[]) => unknown;

/** A key argument, sorted by its form. */
export type SortedKey<F extends AnyFunction> =
  | { readonly kind: 'function'; readonly key: F }
  | { readonly kind: 'CryptoKey'; readonly key: CryptoKey }
  | { readonly kind: 'KeyObject'; readonly key: NodeKeyObject }
  | { readonly kind: 'JWK'; readonly key: object };

/** Sorts a key argument by its form, or rejects it by name. Never prints it. */
export function sortKey<F extends AnyFunction>(key: unknown, parameter: string): SortedKey<F> {
  if (typeof key === 'function') return { kind: 'function', key: key as F };
  const sorted = readable(parameter, () => sortObject(key));
  if (sorted !== undefined) return sorted;
  return refuseKey(parameter, `a JWK, a CryptoKey, a KeyObject or a function, got ${describeType(key)}`);
}

function sortObject(key: unknown): SortedKey<never> | undefined {
  if (typeof key !== 'object' || key === null) return undefined;
  // Checked first: a JWK parsed from JSON must not pass for an object of the runtime.
  if ('kty' in key) return { kind: 'JWK', key };
  const tag = (key as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (tag === 'CryptoKey') return { kind: 'CryptoKey', key: key as CryptoKey };
  return tag === 'KeyObject' ? { kind: 'KeyObject', key: key as NodeKeyObject } : undefined;
}

/** Returns the result of `read` for a key. A key that throws, or cannot be exported, is rejected by name. */
export const readable = <T>(parameter: string, read: () => T): T =>
  readValue(parameter, read, 'ERR_MANDATE_KEY_INVALID');

/** The JWK of a KeyObject. */
export const exportJwk = (key: NodeKeyObject, parameter: string): object =>
  readable(parameter, () => restoreLeadingZeros(key.export({ format: 'jwk' })));

/** Checks that a CryptoKey is of the right kind for an operation. */
export function checkCryptoKey(
  key: CryptoKey,
  expected: CryptoKeyAlgorithm,
  operation: KeyOperation,
  parameter: string,
): void {
  const { name, namedCurve, usages } = readable(parameter, () => {
    const algorithm = key.algorithm as CryptoKeyAlgorithm;
    return { name: algorithm.name, namedCurve: algorithm.namedCurve, usages: Array.from(key.usages) };
  });
  if (name !== expected.name || namedCurve !== expected.namedCurve) {
    refuseKey(parameter, `a key for ${expected.name} ${expected.namedCurve ?? ''}`.trim());
  }
  // Only a private key can have the usage "sign", and only a public key "verify".
  if (!usages.includes(operation)) refuseKey(parameter, `usable to ${operation}`);
}

/** Checks that a KeyObject is of the right kind for an operation. */
export function checkKeyObject(
  key: NodeKeyObject,
  expected: { readonly type: string; readonly namedCurve?: string },
  operation: KeyOperation,
  parameter: string,
): void {
  const usable = operation === 'sign' ? 'private' : 'public';
  const { type, asymmetricKeyType, namedCurve } = readable(parameter, () => ({
    type: key.type,
    asymmetricKeyType: key.asymmetricKeyType,
    namedCurve: key.asymmetricKeyDetails?.namedCurve,
  }));
  if (asymmetricKeyType !== expected.type || namedCurve !== expected.namedCurve) {
    refuseKey(parameter, `a KeyObject of type ${expected.type} ${expected.namedCurve ?? ''}`.trim());
  }
  if (type !== usable) refuseKey(parameter, `a ${usable} key`);
}

/** Passes copies to a caller's verifier, so that changes to them do not affect the result. */
export const isolate =
  (verifier: ExternalVerifier): Verify =>
  (data, signature) =>
    verifier(bytesOf(data).slice(), signature.slice());
