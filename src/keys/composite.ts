import { concat, equal } from '../encoding/bytes.js';
import { writeEcPrivateKey } from '../encoding/pem.js';
import { loadModule } from '../lazy.js';
import { describeType, isPlainObject } from '../options.js';
import type { Sign } from '../primitives/back-end.js';
import { primitive } from '../primitives/select.js';
import { COMPOSITE_LABEL, ML_DSA_65_PUBLIC_KEY_BYTES, ML_DSA_65_SEED_BYTES } from '../profile.js';
import { isP256Scalar, KEY_ALGORITHMS } from './algorithms.js';
import { type JwkMembers, readCompositeJwk } from './jwk.js';
import { JwkCache } from './jwk-cache.js';
import { refuseKey } from './refuse.js';
import { jwkThumbprint } from './thumbprint.js';
import type { CompositePublicJwk } from './types.js';
import type { Verifier } from './verifier.js';

// The AKP key of a composite (SPEC.md R20.12): two keys in one JWK, whose `alg` excludes every other use.

const PARAMETER = 'mldsa65';
const CONTEXT = new TextEncoder().encode(COMPOSITE_LABEL);

const mlDsa65 = async () =>
  (await loadModule('mldsa65', () => import('../primitives/noble-ml-dsa-65.js'))).withContext(CONTEXT);

interface CompositeVerifiers {
  readonly es256: Verifier;
  readonly mldsa65: Verifier;
}

interface CompositeSigners {
  readonly es256: Sign;
  readonly mldsa65: Sign;
}

const verifiers = new JwkCache<CompositeVerifiers>();
const signers = new JwkCache<CompositeSigners>();
const deterministicSigners = new JwkCache<CompositeSigners>();

/** The verifiers of both components, with the thumbprint of the composite key. */
export async function importCompositeVerifiers(jwk: unknown): Promise<CompositeVerifiers> {
  if (!isPlainObject(jwk)) return refuseKey(PARAMETER, `a JWK, got ${describeType(jwk)}`);
  return verifiers.get(jwk, jwk, PARAMETER, importPublicMembers);
}

/** The signers of both components. */
export async function importCompositeSigners(
  jwk: unknown,
  deterministic: boolean,
): Promise<CompositeSigners> {
  if (!isPlainObject(jwk)) return refuseKey(PARAMETER, `a JWK, got ${describeType(jwk)}`);
  const cache = deterministic ? deterministicSigners : signers;
  return cache.get(jwk, jwk, PARAMETER, (members) => importPrivateMembers(members, deterministic));
}

async function importPublicMembers(members: JwkMembers): Promise<CompositeVerifiers> {
  const { publicKey } = readCompositeJwk(members, 'verify', PARAMETER);
  // Back ends also read the hybrid form, 06 or 07, which would give one key several thumbprints.
  if (publicKey[ML_DSA_65_PUBLIC_KEY_BYTES] !== 4)
    return refuseKey(`${PARAMETER}.pub`, 'an ML-DSA-65 public key and an uncompressed point of P-256');
  const thumbprint = jwkThumbprint(members as unknown as CompositePublicJwk);
  const es256 = await primitive('es256');
  const { verifier } = await mlDsa65();
  try {
    const verify = await es256.importPublicKey(publicKey.subarray(ML_DSA_65_PUBLIC_KEY_BYTES));
    const verifyMlDsa65 = verifier(publicKey.subarray(0, ML_DSA_65_PUBLIC_KEY_BYTES));
    return {
      es256: { verify, thread: es256.thread, thumbprint },
      mldsa65: { verify: verifyMlDsa65, thread: 'this', thumbprint },
    };
  } catch {
    return refuseKey(`${PARAMETER}.pub`, 'an ML-DSA-65 public key and a point of P-256');
  }
}

async function importPrivateMembers(members: JwkMembers, deterministic: boolean): Promise<CompositeSigners> {
  const { publicKey, privateKey } = readCompositeJwk(members, 'sign', PARAMETER);
  const seed = (privateKey as Uint8Array).slice(0, ML_DSA_65_SEED_BYTES);
  const ecPrivateKey = (privateKey as Uint8Array).subarray(ML_DSA_65_SEED_BYTES);
  const scalar = ecPrivateKey.slice(SCALAR_AT, SCALAR_AT + 32);
  if (!equal(writeEcPrivateKey(scalar), ecPrivateKey) || !isP256Scalar(scalar))
    return refuseKey(`${PARAMETER}.priv`, 'a seed and an ECPrivateKey of P-256 without its public key');
  const es256 = await primitive('es256');
  const point = await es256.derivePublicKey(scalar);
  const pub = await (await primitive('mldsa65')).derivePublicKey(seed);
  if (!equal(concat(pub, point), publicKey))
    return refuseKey(`${PARAMETER}.priv`, 'the private key of the public key in the same JWK');
  return {
    es256: deterministic
      ? await KEY_ALGORITHMS.es256.signDeterministically(scalar)
      : await es256.importPrivateKey(scalar, point),
    mldsa65: (await mlDsa65()).signer(seed, deterministic),
  };
}

/** The offset of the scalar in an ECPrivateKey. */
const SCALAR_AT = 7;
