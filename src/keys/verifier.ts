import type { CryptoKey } from 'jose';
import type { PrimitiveName, Thread, Verify } from '../primitives/back-end.js';
import type { NodePrimitive } from '../primitives/node.js';
import { passesTrial, primitive } from '../primitives/select.js';
import { DEFAULT_LIMITS } from '../profile.js';
import { KEY_ALGORITHMS } from './algorithms.js';
import { checkCryptoKey, checkKeyObject, exportJwk, isolate, sortKey } from './forms.js';
import type { JwkMembers } from './jwk.js';
import { JwkCache } from './jwk-cache.js';
import { refuseKey } from './refuse.js';
import { jwkThumbprint } from './thumbprint.js';
import { timedVerifier } from './timed.js';
import type { Es256PublicJwk, ExternalVerifier } from './types.js';

/** An imported public key. */
export interface Verifier {
  readonly verify: Verify;
  /** Where it computes. A caller's function does not start before its turn. */
  readonly thread: Thread;
  /** The RFC 7638 thumbprint; only for a JWK. */
  readonly thumbprint: string | undefined;
}

const verifiers = { es256: new JwkCache<Verifier>(), mldsa65: new JwkCache<Verifier>() };

/**
 * Imports a public key in any form. `parameter` is its name in errors. Throws `ERR_MANDATE_KEY_INVALID` for a key that cannot
 * verify.
 */
export async function importVerifier(
  name: PrimitiveName,
  key: unknown,
  parameter: string = name,
  callTimeout: number = DEFAULT_LIMITS.callTimeout,
): Promise<Verifier> {
  const { cryptoKey, webCrypto, keyObject } = KEY_ALGORITHMS[name];
  const fromJwk = (jwk: object, identity: object): Promise<Verifier> =>
    verifiers[name].get(identity, jwk, parameter, (members) => importPublicJwk(name, members, parameter));
  const sorted = sortKey<ExternalVerifier>(key, parameter);
  switch (sorted.kind) {
    case 'function':
      return {
        verify: timedVerifier(isolate(sorted.key), parameter, callTimeout),
        thread: 'this',
        thumbprint: undefined,
      };
    case 'CryptoKey': {
      checkCryptoKey(sorted.key, cryptoKey, 'verify', parameter);
      const verify = webCrypto.verifyWith(sorted.key as CryptoKey);
      return { verify, thread: 'other', thumbprint: undefined };
    }
    case 'KeyObject': {
      checkKeyObject(sorted.key, keyObject, 'verify', parameter);
      const node = await workingNode(name);
      if (node === undefined) return fromJwk(exportJwk(sorted.key, parameter), sorted.key);
      return { verify: node.verifyWith(sorted.key), thread: node.thread, thumbprint: undefined };
    }
    case 'JWK':
      return fromJwk(sorted.key, sorted.key);
  }
}

/**
 * Finds node:crypto if it works. Some runtimes have KeyObjects but cannot sign or verify with them; the key is then used as a
 * JWK.
 */
export async function workingNode(name: PrimitiveName): Promise<NodePrimitive | undefined> {
  const { node } = KEY_ALGORITHMS[name];
  return node !== undefined && (await passesTrial(name, node)) ? node : undefined;
}

async function importPublicJwk(
  name: PrimitiveName,
  members: JwkMembers,
  parameter: string,
): Promise<Verifier> {
  const { readJwk, publicKeyIs } = KEY_ALGORITHMS[name];
  const { publicKey } = readJwk(members, 'verify', parameter);
  const { importPublicKey, thread } = await primitive(name);
  try {
    const verify = await importPublicKey(publicKey);
    return { verify, thread, thumbprint: jwkThumbprint(members as unknown as Es256PublicJwk) };
  } catch {
    return refuseKey(parameter, publicKeyIs);
  }
}
