import { p256 } from '@noble/curves/nist.js';
import { bytesOf } from '../encoding/ascii.js';
import { equal } from '../encoding/bytes.js';
import type { Sign, SignaturePrimitive } from './back-end.js';
import { oncePerTurn } from './turns.js';

// ES256 in portable JavaScript, loaded on first use. Its nonce is always that of RFC 6979.

const derivePublicKey = (privateKey: Uint8Array): Uint8Array => p256.getPublicKey(privateKey, false);

export const nobleEs256: SignaturePrimitive = {
  thread: 'this',
  importPublicKey: (publicKey) => {
    p256.Point.fromBytes(publicKey).assertValidity();
    return (data, signature) =>
      oncePerTurn(() => p256.verify(signature, bytesOf(data), publicKey, { lowS: false }));
  },
  importPrivateKey: (privateKey) => signDeterministically(privateKey),
  derivePublicKey,
  isPair: (privateKey, publicKey) => equal(derivePublicKey(privateKey), publicKey),
};

/** RFC 6979. Signatures are not normalized to low S, because JOSE does not require it. */
export const signDeterministically =
  (privateKey: Uint8Array): Sign =>
  (data) =>
    oncePerTurn(() => p256.sign(data, privateKey, { lowS: false }));

/** Converts a compressed or uncompressed point to an uncompressed one. Throws for anything else. */
export const decompressPoint = (point: Uint8Array): Uint8Array => p256.Point.fromBytes(point).toBytes(false);
