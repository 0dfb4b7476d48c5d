import { nodeEs256 } from '../primitives/node.js';
import { webCryptoEs256 } from '../primitives/webcrypto.js';
import { createKeyImporter } from './importer.js';
import { readEs256Jwk } from './jwk.js';
import type { Es256PrivateKey, Es256PublicKey } from './types.js';

/** ES256 keys (RFC 7518 §3.4). Errors: `ERR_MANDATE_KEY_INVALID` for a key that cannot do what it is asked for. */
export const { importVerifier: importEs256Verifier, importSigner: importEs256Signer } = createKeyImporter<
  Es256PublicKey,
  Es256PrivateKey
>({
  name: 'es256',
  readJwk: readEs256Jwk,
  privateMember: 'd',
  publicKeyIs: 'a point of P-256',
  privateKeyIs: 'a scalar of P-256',
  cryptoKey: { name: 'ECDSA', namedCurve: 'P-256' },
  webCrypto: webCryptoEs256,
  keyObject: { type: 'ec', namedCurve: 'prime256v1' },
  node: nodeEs256,
  deterministicSigner: async (scalar) =>
    (await import('../primitives/noble-es256.js')).signDeterministically(scalar),
  deterministicForms: 'a JWK or a KeyObject',
});
