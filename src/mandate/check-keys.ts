import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePrivateKeys, MandatePublicKeys } from '../keys/types.js';
import { signMandate } from './sign.js';
import { verifyMandate } from './verify.js';

/**
 * Checks, before the first mandate is signed, that the private keys and the published ones belong together, wherever the
 * private ones live: signs a mandate that has been expired since 1970 and says nothing, and verifies both its signatures.
 *
 * @example
 * ```ts
 * await checkMandateKeys(privateKeys, publicKeys); // at start-up
 * ```
 *
 * @param privateKeys What {@link signMandate} will be given: JWKs, or the signer functions of a KMS.
 * @param publicKeys What verifiers will be given; or a key set, such as `createLocalMandateKeySet(jwks)`.
 * @throws {MandateError} as {@link signMandate} and {@link verifyMandate}.
 * @throws {MandateSignatureError} The signature of one key does not verify: the halves are not a pair, or the signer signs
 * something else (DER, another digest, HashML-DSA).
 */
export async function checkMandateKeys(
  privateKeys: MandatePrivateKeys,
  publicKeys: MandatePublicKeys | MandateKeyResolver,
): Promise<void> {
  const probe = await signMandate({ exp: 0 }, privateKeys);
  // A second before its expiry; to everyone else it expired in 1970.
  await verifyMandate(probe, publicKeys, { currentDate: new Date(-1000) });
}
