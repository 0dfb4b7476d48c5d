import { equal } from '../encoding/bytes.js';
import { loadModule } from '../lazy.js';
import { refuseKey } from './refuse.js';
import type { ExternalSigner } from './types.js';

// Expanded ML-DSA-65 secret keys (FIPS 204 Table 2, 4032 bytes). The seed cannot be recovered from one. Only the portable code
// supports them on every runtime; it is loaded here on first use.

/** The public keys, 1952 bytes each, of the signers created here. */
const publicKeys = new WeakMap<object, Uint8Array>();

/** The public key of a signer created by {@link importExpandedKey}. */
export const publicKeyOfSigner = (signer: object): Uint8Array | undefined => publicKeys.get(signer);

/**
 * Creates a function that signs with an expanded key, and rejects a damaged key. The caller must not be able to modify
 * `expanded`.
 */
export async function importExpandedKey(
  expanded: Uint8Array,
  pub: Uint8Array | undefined,
  parameter: string,
): Promise<ExternalSigner> {
  const { publicKeyOfExpanded, signWithExpandedKey } = await loadModule(
    'mldsa65',
    () => import('../primitives/noble-ml-dsa-65.js'),
  );
  const { isUndamaged } = await loadModule('mldsa65', () => import('../primitives/expanded-ml-dsa-65.js'));
  if (!isUndamaged(expanded)) {
    refuseKey(parameter, 'an expanded ML-DSA-65 secret key whose parts belong together; this one is damaged');
  }
  const publicKey = publicKeyOfExpanded(expanded);
  if (pub !== undefined && !equal(pub, publicKey))
    refuseKey(parameter, 'a private key with the public key that belongs to it');
  const signer = signWithExpandedKey(expanded);
  publicKeys.set(signer, publicKey);
  return signer;
}

/** RFC 9881 §8: in a file with both forms, the seed must expand to the expanded key. */
export async function checkExpansion(
  expanded: Uint8Array,
  seed: Uint8Array,
  parameter: string,
): Promise<void> {
  const { expandSeed } = await loadModule('mldsa65', () => import('../primitives/noble-ml-dsa-65.js'));
  if (!equal(expandSeed(seed), expanded))
    refuseKey(parameter, 'a seed and the expanded key that it expands to');
}
