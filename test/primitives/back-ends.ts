import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import {
  type BackEndName,
  type Es256PublicJwk,
  forceBackEnd,
  type MlDsa65PrivateJwk,
  type MlDsa65PublicJwk,
} from '../../src/index.js';
import { importSigner } from '../../src/keys/signer.js';
import { importVerifier } from '../../src/keys/verifier.js';
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

const NAMES: readonly BackEndName[] = ['node', 'webcrypto', 'noble'];

/** This library with JWKs under a forced choice; ML-DSA-65 falls back on the portable code where the runtime has none. */
async function jwkBackEnd(name: BackEndName): Promise<BackEnd> {
  const choice = await forceBackEnd(name).catch(() => forceBackEnd({ es256: name, mldsa65: 'noble' }));
  await forceBackEnd();
  const force = () => forceBackEnd(choice);
  return {
    name: `ES256 ${choice.es256}, ML-DSA-65 ${choice.mldsa65}`,
    verifyMlDsa65: async (pub, message, signature) => {
      await force();
      return (await importVerifier('mldsa65', mlDsa65Jwk(pub))).verify(message, signature);
    },
    signMlDsa65FromSeed: async (seed, message, pub = ml_dsa65.keygen(seed).publicKey) => {
      await force();
      const jwk = { ...mlDsa65Jwk(pub), priv: base64url(seed) } as MlDsa65PrivateJwk;
      return (await importSigner('mldsa65', jwk, true))(message);
    },
    verifyEs256: async (x, y, message, signature) => {
      await force();
      return (await importVerifier('es256', es256Jwk(x, y))).verify(message, signature);
    },
  };
}

/** One after the other: the choice is the process's. */
async function inTurn(names: readonly BackEndName[]): Promise<BackEnd[]> {
  const backEnds: BackEnd[] = [];
  for (const name of names) backEnds.push(await jwkBackEnd(name));
  return backEnds;
}

export const BACK_ENDS: readonly BackEnd[] = await inTurn(NAMES);
