// ES256 and deterministic ML-DSA-65, on the bare primitives.
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { decode, encode } from './compact.js';

/** The private keys that a token is signed with, raw. */
export interface SigningKeys {
  readonly kid?: string | undefined;
  readonly scalar: Uint8Array;
  /** Needed unless the token is classical-only. */
  readonly mldsa65?: { readonly secretKey: Uint8Array };
}

/** The keys of private JWKs. */
export const signingKeys = ({
  es256,
  mldsa65,
}: {
  readonly es256: { readonly d: string; readonly kid?: string };
  readonly mldsa65?: { readonly priv: string };
}): SigningKeys => ({
  kid: es256.kid,
  scalar: decode(es256.d),
  ...(mldsa65 && { mldsa65: ml_dsa65.keygen(decode(mldsa65.priv)) }),
});

/** RFC 6979, with S as computed. */
export const signEs256 = (data: string | Uint8Array, scalar: Uint8Array): Uint8Array =>
  p256.sign(typeof data === 'string' ? new TextEncoder().encode(data) : data, scalar, { lowS: false });

const made = new WeakMap<Uint8Array, Map<string, Uint8Array>>();

/** The deterministic variant. Cached: most cases and controls share their signature with another. */
export function signMlDsa65(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const known = made.get(secretKey) ?? new Map<string, Uint8Array>();
  made.set(secretKey, known);
  const name = encode(message);
  const signature = known.get(name) ?? ml_dsa65.sign(message, secretKey, { extraEntropy: false });
  known.set(name, signature);
  return signature.slice();
}
