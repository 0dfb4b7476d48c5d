import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePrivateKeys, MandatePublicKeys } from '../keys/types.js';
import { signMandate } from './sign.js';
import { verifyMandate } from './verify.js';

/**
 * Checks at start-up that the private and the published keys belong together, wherever the private keys are stored. It signs an
 * empty mandate that expired in 1970, and verifies both signatures.
 *
 * @example
 * ```ts
 * await checkMandateKeys(privateKeys, publicKeys); // at start-up
 * ```
 *
 * @param privateKeys The keys for {@link signMandate}: JWKs, or the signer functions of a KMS.
 * @param publicKeys The keys that verifiers will use, or a key set, such as `createLocalMandateKeySet(jwks)`.
 * @throws {MandateError} as {@link signMandate} and {@link verifyMandate}.
 * @throws {MandateSignatureError} A signature does not verify: the keys are not a pair, or the signer signs something else
 * (DER, another digest, HashML-DSA).
 */
export async function checkMandateKeys(
  privateKeys: MandatePrivateKeys,
  publicKeys: MandatePublicKeys | MandateKeyResolver,
): Promise<void> {
  const probe = await signMandate({ exp: 0 }, privateKeys);
  // Verified as of one second before its expiry; for everyone else it expired in 1970.
  await verifyMandate(probe, publicKeys, { currentDate: new Date(-1000) });
}
