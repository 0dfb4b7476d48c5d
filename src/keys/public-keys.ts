import type { CryptoKey } from 'jose';
import type { PrimitiveName } from '../primitives/back-end.js';
import { restoreLeadingZeros } from '../primitives/exported-jwk.js';
import { KEY_ALGORITHMS } from './algorithms.js';
import { publicKeyOfSigner } from './expanded.js';
import { checkCryptoKey, checkKeyObject, exportJwk, readable, sortKey } from './forms.js';
import { es256PublicJwk, mldsa65PublicJwk } from './generate.js';
import { checkKid, type ImportedPublicKeys, type ImportKeysOptions } from './import.js';
import { kidOf, readMembers } from './jwk.js';
import { checkPrivateKeys } from './private-keys.js';
import { refuseKey } from './refuse.js';
import { importSigner } from './signer.js';
import type { MandatePrivateKeys } from './types.js';

/**
 * Returns the public keys that belong to private keys, in the form that {@link verifyMandate} takes. It accepts JWKs,
 * KeyObjects, extractable CryptoKeys, and the signers that {@link importMandatePrivateKeys} creates from expanded keys. The
 * public key of a KMS signer function, or of a CryptoKey that is not extractable, cannot be derived. Publish the public key
 * that the KMS, or the generation of the key, returned.
 *
 * @example
 * ```ts
 * const publicKeys = await mandatePublicKeysOf(await mandatePrivateKeysFromEnv(process.env, 'AP2_PRIVATE_KEYS'));
 * ```
 *
 * @param privateKeys The argument that {@link signMandate} takes.
 * @param options.kid The `kid` of the pair. Default: the `kid` of the JWKs, which must be the same if both have one.
 * @returns Public JWKs (RFC 7518 §6.2, RFC 9964) with `alg`, `use` and `kid`, and no other members.
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`: a key is malformed, or its public key cannot be derived;
 * `ERR_MANDATE_ARGUMENT_INVALID`
 */
export async function mandatePublicKeysOf(
  privateKeys: MandatePrivateKeys,
  options?: ImportKeysOptions,
): Promise<ImportedPublicKeys> {
  const wanted = checkKid(options);
  const { es256, mldsa65 } = checkPrivateKeys(privateKeys);
  const kids = [wanted, kidOf(es256, 'es256'), kidOf(mldsa65, 'mldsa65')].filter((kid) => kid !== undefined);
  const [kid] = kids;
  if (new Set(kids).size > 1) refuseKey('kid', 'the same in both private keys, and in the option if given');
  return {
    es256: es256PublicJwk(await publicKeyOf('es256', es256), kid),
    mldsa65: mldsa65PublicJwk(await publicKeyOf('mldsa65', mldsa65), kid),
  };
}

/** The raw public key of a private key. */
async function publicKeyOf(name: PrimitiveName, key: unknown): Promise<Uint8Array> {
  const { cryptoKey, keyObject, node } = KEY_ALGORITHMS[name];
  const sorted = sortKey(key, name);
  switch (sorted.kind) {
    case 'function':
      return (
        publicKeyOfSigner(sorted.key) ?? refuseKey(name, `a key whose public key can be derived; ${FUNCTION}`)
      );
    case 'CryptoKey':
      checkCryptoKey(sorted.key, cryptoKey, 'sign', name);
      return readPublicHalf(name, await exportCryptoKey(sorted.key as CryptoKey, name));
    case 'KeyObject':
      checkKeyObject(sorted.key, keyObject, 'sign', name);
      return readPublicHalf(
        name,
        exportJwk(
          readable(name, () => node?.publicKeyOf(sorted.key) ?? sorted.key),
          name,
        ),
      );
    case 'JWK':
      // This also checks that the private key belongs to the public key.
      await importSigner(name, sorted.key, false);
      return readPublicHalf(name, sorted.key);
  }
}

const FUNCTION = 'this is a signer function: import the public key from its KMS';
const NOT_EXTRACTABLE = 'this is a CryptoKey that is not extractable: keep the public key of its pair';

async function exportCryptoKey(key: CryptoKey, name: PrimitiveName): Promise<object> {
  if (!readable(name, () => key.extractable)) {
    return refuseKey(name, `a key whose public key can be derived; ${NOT_EXTRACTABLE}`);
  }
  try {
    return restoreLeadingZeros(await crypto.subtle.exportKey('jwk', key as globalThis.CryptoKey));
  } catch {
    return refuseKey(name, 'a CryptoKey that this runtime can export as a JWK');
  }
}

/** The raw public key of a JWK, private or public. */
function readPublicHalf(name: PrimitiveName, jwk: object): Uint8Array {
  const { readJwk, privateMember } = KEY_ALGORITHMS[name];
  const { [privateMember]: _, key_ops: __, ...members } = readMembers(jwk, name);
  return readJwk(members, 'verify', name).publicKey;
}
