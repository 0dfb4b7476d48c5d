import { equal } from '../encoding/bytes.js';
import { loadModule } from '../lazy.js';
import { refuseKey } from './refuse.js';
import type { ExternalSigner } from './types.js';

// Expanded ML-DSA-65 secret keys (FIPS 204 Table 2, 4032 bytes), of which no seed can be had. Only the portable code takes
// them everywhere; it is loaded here and not before.

/** The public keys, 1952 bytes, of the signers made here. */
const publicKeys = new WeakMap<object, Uint8Array>();

/** The public key of a signer that {@link importExpandedKey} made. */
export const publicKeyOfSigner = (signer: object): Uint8Array | undefined => publicKeys.get(signer);

/** A function that signs with an expanded key; one that is damaged is refused. `expanded` must be our own memory. */
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
    refuseKey(parameter, 'a private key with its own public key');
  const signer = signWithExpandedKey(expanded);
  publicKeys.set(signer, publicKey);
  return signer;
}

/** RFC 9881 §8: of a file with both forms, the seed must expand to the other. */
export async function checkExpansion(
  expanded: Uint8Array,
  seed: Uint8Array,
  parameter: string,
): Promise<void> {
  const { expandSeed } = await loadModule('mldsa65', () => import('../primitives/noble-ml-dsa-65.js'));
  if (!equal(expandSeed(seed), expanded)) refuseKey(parameter, 'a seed and the expanded key it expands to');
}
