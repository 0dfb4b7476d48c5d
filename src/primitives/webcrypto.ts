import type { CryptoKey } from 'jose';
import { bytesOf } from '../encoding/ascii.js';
import { decodeBase64urlOfLength } from '../encoding/base64url.js';
import { concat, equal } from '../encoding/bytes.js';
import { writeEs256Pkcs8, writeEs256Spki, writeMlDsa65Pkcs8, writeMlDsa65Spki } from '../encoding/pem.js';
import { loadModule } from '../lazy.js';
import {
  ES256_SIGNATURE_BYTES,
  ML_DSA_65,
  ML_DSA_65_PUBLIC_KEY_BYTES,
  P256_FIELD_BYTES,
} from '../profile.js';
import type { Sign, SignaturePrimitive, Verify } from './back-end.js';
import { restoreLeadingZeros } from './exported-jwk.js';

// WebCrypto: ECDSA on every runtime; ML-DSA (Modern Algorithms in the Web Cryptography API) on some, so it must be tried.

/** A primitive that also takes CryptoKeys. */
export interface WebCryptoPrimitive extends SignaturePrimitive {
  verifyWith(key: CryptoKey): Verify;
  signWith(key: CryptoKey): Sign;
}

type Algorithm = { readonly name: string; readonly namedCurve?: string; readonly hash?: string };

interface Details {
  readonly algorithm: Algorithm;
  readonly spki: (publicKey: Uint8Array) => Uint8Array;
  readonly pkcs8: (privateKey: Uint8Array, publicKey?: Uint8Array) => Uint8Array;
  readonly publicKeyOf: (jwk: JsonWebKey & { pub?: string }) => Uint8Array;
}

/** The DOM types require an ArrayBuffer that is not shared. */
const buffer = (bytes: Uint8Array): BufferSource => bytes as BufferSource;

function createPrimitive({ algorithm, spki, pkcs8, publicKeyOf }: Details): WebCryptoPrimitive {
  const verifyWith =
    (key: CryptoKey): Verify =>
    (data, signature) =>
      crypto.subtle.verify(algorithm, key, buffer(signature), buffer(bytesOf(data)));
  const signWith =
    (key: CryptoKey): Sign =>
    async (data) =>
      new Uint8Array(await crypto.subtle.sign(algorithm, key, buffer(data)));
  const derivePublicKey = async (privateKey: Uint8Array): Promise<Uint8Array> => {
    const key = await crypto.subtle.importKey('pkcs8', buffer(pkcs8(privateKey)), algorithm, true, ['sign']);
    return publicKeyOf(restoreLeadingZeros(await crypto.subtle.exportKey('jwk', key)));
  };
  return {
    thread: 'other',
    verifyWith,
    signWith,
    importPublicKey: async (publicKey) =>
      verifyWith(
        await crypto.subtle.importKey('spki', buffer(spki(publicKey)), algorithm, false, ['verify']),
      ),
    importPrivateKey: async (privateKey, publicKey) =>
      signWith(
        await crypto.subtle.importKey('pkcs8', buffer(pkcs8(privateKey, publicKey)), algorithm, false, [
          'sign',
        ]),
      ),
    derivePublicKey,
    isPair: async (privateKey, publicKey) => equal(await derivePublicKey(privateKey), publicKey),
  };
}

const member = (value: unknown, length: number): Uint8Array =>
  decodeBase64urlOfLength(String(value), length, 'jwk', 'ERR_MANDATE_KEY_INVALID');

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const pointOf = ({ x, y }: JsonWebKey): Uint8Array =>
  concat(Uint8Array.of(4), member(x, P256_FIELD_BYTES), member(y, P256_FIELD_BYTES));

const es256: WebCryptoPrimitive = createPrimitive({
  algorithm: P256,
  spki: writeEs256Spki,
  pkcs8: writeEs256Pkcs8,
  publicKeyOf: pointOf,
});

/** ES256 by WebCrypto. */
export const webCryptoEs256: WebCryptoPrimitive = {
  ...es256,
  importPublicKey: async (publicKey) => {
    const verify = await es256.importPublicKey(publicKey);
    // Deno validates the point only when it verifies with it.
    await verify(new Uint8Array(), new Uint8Array(ES256_SIGNATURE_BYTES));
    return verify;
  },
  derivePublicKey: async (privateKey) => {
    try {
      return await es256.derivePublicKey(privateKey);
    } catch {
      // Firefox does not export a private key that was imported without its public key.
      const { nobleEs256 } = await loadModule('es256', () => import('./noble-es256.js'));
      return nobleEs256.derivePublicKey(privateKey);
    }
  },
  generate: async () => {
    const { privateKey } = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
    const jwk = restoreLeadingZeros(await crypto.subtle.exportKey('jwk', privateKey));
    return { privateKey: member(jwk.d, P256_FIELD_BYTES), publicKey: pointOf(jwk) };
  },
  /** Checked with a signature, because some runtimes cannot derive the public key. */
  isPair: async (privateKey, publicKey) => {
    const verify = await es256.importPublicKey(publicKey);
    const sign = await es256.importPrivateKey(privateKey, publicKey);
    return verify(publicKey, await sign(publicKey));
  },
};

/** ML-DSA-65 by WebCrypto. Signing is hedged (FIPS 204 §3.4). */
export const webCryptoMlDsa65: WebCryptoPrimitive = createPrimitive({
  algorithm: { name: ML_DSA_65 },
  spki: writeMlDsa65Spki,
  pkcs8: writeMlDsa65Pkcs8,
  publicKeyOf: ({ pub }) => member(pub, ML_DSA_65_PUBLIC_KEY_BYTES),
});
