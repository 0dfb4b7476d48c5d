import type { CryptoKey } from 'jose';
import { fail } from '../errors.js';
import { isMandateError } from '../options.js';
import type { PrimitiveName, Sign } from '../primitives/back-end.js';
import { primitive } from '../primitives/select.js';
import { DEFAULT_LIMITS } from '../profile.js';
import { isP256Scalar, KEY_ALGORITHMS } from './algorithms.js';
import { checkCryptoKey, checkKeyObject, exportJwk, sortKey } from './forms.js';
import { type JwkMembers, readMembers } from './jwk.js';
import { JwkCache } from './jwk-cache.js';
import { refuseKey } from './refuse.js';
import { timedSigner } from './timed.js';
import { workingNode } from './verifier.js';

const signers = { es256: new JwkCache<Sign>(), mldsa65: new JwkCache<Sign>() };
const deterministicSigners = { es256: new JwkCache<Sign>(), mldsa65: new JwkCache<Sign>() };

/**
 * Imports a private key in any form. `parameter` is its name in errors. Throws `ERR_MANDATE_KEY_INVALID` for a key that cannot
 * sign, and `ERR_MANDATE_ARGUMENT_INVALID` for one that cannot sign deterministically.
 */
export async function importSigner(
  name: PrimitiveName,
  key: unknown,
  deterministic: boolean,
  parameter: string = name,
  callTimeout: number = DEFAULT_LIMITS.callTimeout,
): Promise<Sign> {
  const { cryptoKey, webCrypto, keyObject, exportsKeyObject } = KEY_ALGORITHMS[name];
  const sorted = sortKey<Sign>(key, parameter);
  switch (sorted.kind) {
    case 'function':
      if (deterministic) refuseDeterministic(name, parameter);
      return timedSigner(sorted.key, parameter, callTimeout);
    case 'CryptoKey':
      checkCryptoKey(sorted.key, cryptoKey, 'sign', parameter);
      if (deterministic) refuseDeterministic(name, parameter);
      return webCrypto.signWith(sorted.key as CryptoKey);
    case 'KeyObject': {
      checkKeyObject(sorted.key, keyObject, 'sign', parameter);
      if (deterministic && !exportsKeyObject) refuseDeterministic(name, parameter);
      const node = deterministic ? undefined : await workingNode(name);
      if (node !== undefined) return node.signWith(sorted.key);
      const members = readMembers(exportJwk(sorted.key, parameter), parameter);
      return importPrivateJwk(name, members, parameter, deterministic);
    }
    case 'JWK': {
      const cache = (deterministic ? deterministicSigners : signers)[name];
      return cache.get(sorted.key, sorted.key, parameter, (members) =>
        importPrivateJwk(name, members, parameter, deterministic),
      );
    }
  }
}

function refuseDeterministic(name: PrimitiveName, parameter: string): never {
  const forms = KEY_ALGORITHMS[name].exportsKeyObject ? 'a JWK or a KeyObject' : 'a JWK';
  return fail('ERR_MANDATE_ARGUMENT_INVALID', parameter, `"deterministic" needs "${parameter}" as ${forms}`);
}

/** A private key that does not belong to the public key in the same JWK would make signatures that nobody can verify. */
async function importPrivateJwk(
  name: PrimitiveName,
  members: JwkMembers,
  parameter: string,
  deterministic: boolean,
): Promise<Sign> {
  const { readJwk, privateMember, privateKeyIs, signDeterministically } = KEY_ALGORITHMS[name];
  const raw = readJwk(members, 'sign', parameter);
  const privateKey = raw.privateKey as Uint8Array;
  const member = `${parameter}.${privateMember}`;
  if (name === 'es256' && !isP256Scalar(privateKey)) return refuseKey(member, privateKeyIs);
  if (!(await isPair(name, privateKey, raw.publicKey)))
    refuseKey(member, 'the private key of the public key in the same JWK');
  return deterministic
    ? signDeterministically(privateKey)
    : (await primitive(name)).importPrivateKey(privateKey, raw.publicKey);
}

/** The error has no cause, because a runtime may include key material in it. */
async function isPair(name: PrimitiveName, privateKey: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  const computes = await primitive(name);
  try {
    return (await computes.isPair(privateKey, publicKey)) === true;
  } catch {
    return false;
  }
}

/**
 * Returns `undefined` for a value that is not a private key. The cause is dropped, because a runtime may include key material
 * in it.
 */
export async function derivePublicKey(
  name: PrimitiveName,
  privateKey: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (name === 'es256' && !isP256Scalar(privateKey)) return undefined;
  const { derivePublicKey: derive } = await primitive(name);
  try {
    return await derive(privateKey);
  } catch (error) {
    if (isMandateError(error) && error.code === 'ERR_MANDATE_LOAD_FAILED') throw error;
    return undefined;
  }
}
