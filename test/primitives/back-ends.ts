import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import type { Es256PublicJwk, MlDsa65PublicJwk } from '../../src/index.js';
import { importEs256Verifier } from '../../src/primitives/es256.js';
import { importMlDsa65Signer, importMlDsa65Verifier } from '../../src/primitives/ml-dsa-65.js';
import { base64url } from '../support.js';

type Answer<T> = T | Promise<T>;

/** The primitives of one back end as plain functions. An exception is a refusal of the key or of the signature. */
export interface BackEnd {
  readonly name: string;
  /** ML-DSA.Verify with an empty context, FIPS 204 Algorithm 3. */
  verifyMlDsa65(pub: Uint8Array, message: Uint8Array, signature: Uint8Array): Answer<boolean>;
  /** ML-DSA.Sign, deterministic. `pub` is what the seed must derive. Absent where a back end only signs hedged. */
  signMlDsa65FromSeed?(seed: Uint8Array, message: Uint8Array, pub?: Uint8Array): Answer<Uint8Array>;
  /** ES256, the signature as R‖S. */
  verifyEs256(x: Uint8Array, y: Uint8Array, message: Uint8Array, signature: Uint8Array): Answer<boolean>;
}

const mlDsa65Jwk = (pub: Uint8Array): MlDsa65PublicJwk => ({
  kty: 'AKP',
  alg: 'ML-DSA-65',
  pub: base64url(pub),
});

const es256Jwk = (x: Uint8Array, y: Uint8Array): Es256PublicJwk => ({
  kty: 'EC',
  crv: 'P-256',
  x: base64url(x),
  y: base64url(y),
});

/** The primitives of this library with keys as JWKs. */
export const JWK: BackEnd = {
  name: 'JWK',
  verifyMlDsa65: (pub, message, signature) =>
    importMlDsa65Verifier(mlDsa65Jwk(pub), 'mldsa65')(message, signature),
  signMlDsa65FromSeed: (seed, message, pub = ml_dsa65.keygen(seed).publicKey) =>
    importMlDsa65Signer({ ...mlDsa65Jwk(pub), priv: base64url(seed) } as never, 'mldsa65', true)(message),
  verifyEs256: async (x, y, message, signature) =>
    (await importEs256Verifier(es256Jwk(x, y), 'es256'))(message, signature),
};

export const BACK_ENDS: readonly BackEnd[] = [JWK];
