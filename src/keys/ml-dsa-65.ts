import { nodeMlDsa65 } from '../primitives/node.js';
import { webCryptoMlDsa65 } from '../primitives/webcrypto.js';
import { ML_DSA_65 } from '../profile.js';
import { createKeyImporter } from './importer.js';
import { readMlDsa65Jwk } from './jwk.js';
import type { MlDsa65PrivateKey, MlDsa65PublicKey } from './types.js';

/** ML-DSA-65 keys (RFC 9964). Errors: `ERR_MANDATE_KEY_INVALID` for a key that cannot do what it is asked for. */
export const { importVerifier: importMlDsa65Verifier, importSigner: importMlDsa65Signer } = createKeyImporter<
  MlDsa65PublicKey,
  MlDsa65PrivateKey
>({
  name: 'mldsa65',
  readJwk: readMlDsa65Jwk,
  privateMember: 'priv',
  publicKeyIs: 'an ML-DSA-65 public key',
  privateKeyIs: 'an ML-DSA-65 seed',
  cryptoKey: { name: ML_DSA_65 },
  webCrypto: webCryptoMlDsa65,
  keyObject: { type: 'ml-dsa-65' },
  node: nodeMlDsa65,
  deterministicSigner: async (seed) =>
    (await import('../primitives/noble-ml-dsa-65.js')).signDeterministically(seed),
  deterministicForms: 'a JWK',
});
