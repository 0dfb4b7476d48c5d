import { createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import type {
  Es256PrivateJwk,
  Es256PublicJwk,
  MandatePrivateKeys,
  MlDsa65PrivateJwk,
  MlDsa65PublicJwk,
} from 'ap2-pq';

// The keys of the test vectors (SPEC.md §11). Public by construction: never use them for anything else.

export const SEED_TEXT = 'pqsafe-ap2-tc-mldsa';
export const SCALAR_TEXT = 'pqsafe-ap2-tc-ecdsa';
const KID = 'pqsafe-ap2-tc';

export const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
export const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

/** A key owner: the two private keys, raw, and the public keys. */
export interface Signer {
  readonly kid: string;
  readonly scalar: Uint8Array;
  readonly mldsa65: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  readonly publicKeys: {
    readonly es256: Es256PublicJwk & { kid: string };
    readonly mldsa65: MlDsa65PublicJwk & { kid: string };
  };
  readonly privateKeys: MandatePrivateKeys & { es256: Es256PrivateJwk; mldsa65: MlDsa65PrivateJwk };
}

function signer(kid: string, seedText: string, scalarText: string): Signer {
  const [seed, scalar] = [sha256(seedText), sha256(scalarText)];
  const mldsa65 = ml_dsa65.keygen(seed);
  const point = p256.getPublicKey(scalar, false);
  const es256Public = {
    kty: 'EC' as const,
    crv: 'P-256' as const,
    kid,
    alg: 'ES256' as const,
    use: 'sig',
    x: base64url(point.subarray(1, 33)),
    y: base64url(point.subarray(33)),
  };
  const mldsa65Public = {
    kty: 'AKP' as const,
    alg: 'ML-DSA-65' as const,
    kid,
    use: 'sig',
    pub: base64url(mldsa65.publicKey),
  };
  return {
    kid,
    scalar,
    mldsa65,
    publicKeys: { es256: es256Public, mldsa65: mldsa65Public },
    privateKeys: {
      es256: { ...es256Public, d: base64url(scalar) },
      mldsa65: { ...mldsa65Public, priv: base64url(seed) },
    },
  };
}

/** The signer of everything except hops, key binding JWTs and receipts. */
export const issuer = signer(KID, SEED_TEXT, SCALAR_TEXT);
export const seed = sha256(SEED_TEXT);
export const { scalar, mldsa65, publicKeys, privateKeys } = issuer;

/** The other signers of SPEC.md §10; their keys are derived in the same way. */
export const ROLES = ['agent', 'provider', 'wallet', 'merchant'] as const;
export type Role = (typeof ROLES)[number];

export const derivation = (role: Role) => ({
  mldsa65: `${KID}-${role}-mldsa`,
  es256: `${KID}-${role}-ecdsa`,
});

const signerOf = (role: Role): Signer => {
  const { mldsa65, es256 } = derivation(role);
  return signer(`${KID}-${role}`, mldsa65, es256);
};

/** The agent that a mandate is delegated to, and the credential provider that the agent delegates to. */
export const agent = signerOf('agent');
export const provider = signerOf('provider');
/** The holder of a single mandate. */
export const wallet = signerOf('wallet');
/** The party that verifies a chain and issues a receipt. */
export const merchant = signerOf('merchant');
/** The signer of the checkpoints of a log, with separate keys (SPEC.md §17). */
export const seal = signer(`${KID}-seal`, `${KID}-seal-mldsa`, `${KID}-seal-ecdsa`);
