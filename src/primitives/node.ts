import type { KeyObject } from 'jose';
import { borrowAsciiBytes, bytesOf } from '../encoding/ascii.js';
import { equal } from '../encoding/bytes.js';
import {
  readEcdsaSigValue,
  writeEcdsaSigValue,
  writeEs256Pkcs8,
  writeEs256Spki,
  writeMlDsa65Pkcs8,
  writeMlDsa65Spki,
} from '../encoding/pem.js';
import {
  ES256_SIGNATURE_BYTES,
  ML_DSA_65_PUBLIC_KEY_BYTES,
  ML_DSA_65_SIGNATURE_BYTES,
  P256_POINT_BYTES,
} from '../profile.js';
import type { Sign, SignaturePrimitive, Thread, Verify } from './back-end.js';

/** The part of node:crypto's KeyObject that this library uses, without depending on Node's types. */
export interface NodeKeyObject extends KeyObject {
  readonly asymmetricKeyType?: string;
  readonly asymmetricKeyDetails?: { readonly namedCurve?: string };
  export(options: { format: 'jwk' }): object;
  export(options: { format: 'der'; type: 'spki' }): Uint8Array;
}

// node:crypto, in Node and in runtimes that imitate it. Unlike Node's WebCrypto, its own interface to ML-DSA prints no warning.

type Callback<T> = (error: Error | null, result: T) => void;
type KeyInput = { key: Uint8Array; format: 'der'; type: 'pkcs8' | 'spki' };

/** The part of node:crypto that this library uses. */
interface NodeCrypto {
  createPublicKey(key: KeyInput | NodeKeyObject): NodeKeyObject;
  createPrivateKey(key: KeyInput): NodeKeyObject;
  sign(algorithm: string | null, data: Uint8Array, key: NodeKeyObject): Uint8Array;
  verify(algorithm: string | null, data: Uint8Array, key: NodeKeyObject, signature: Uint8Array): boolean;
  verify(
    algorithm: string | null,
    data: Uint8Array,
    key: NodeKeyObject,
    signature: Uint8Array,
    done: Callback<boolean>,
  ): void;
  hash?(algorithm: string, data: Uint8Array | string, encoding: 'binary' | 'base64url'): string;
}

/** node:crypto, without an import that a browser would have to resolve; `undefined` if there is none. */
export const nodeCrypto: NodeCrypto | undefined = findNodeCrypto();

/**
 * Runtimes that imitate Node, such as the edge runtime of Next.js, may have stubs that throw. Loading must not fail because of
 * them.
 */
function findNodeCrypto(): NodeCrypto | undefined {
  try {
    const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
    const found = process?.getBuiltinModule?.('node:crypto');
    return typeof found === 'object' && found !== null ? (found as NodeCrypto) : undefined;
  } catch {
    return undefined;
  }
}

/** A primitive that also takes KeyObjects. */
export interface NodePrimitive extends SignaturePrimitive {
  verifyWith(key: NodeKeyObject): Verify;
  signWith(key: NodeKeyObject): Sign;
  /** The public key of a private key. An expanded ML-DSA-65 key has one too, although it has no JWK. */
  publicKeyOf(key: NodeKeyObject): NodeKeyObject;
}

/** With one core, which many containers have, another thread saves no time and costs the way there and back. */
const THREAD: Thread =
  (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency === 1
    ? 'this'
    : 'either';

const onThreadPool = <T>(start: (done: Callback<T>) => void): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    start((error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });

interface Details {
  /** The digest; `null` if the algorithm hashes internally. */
  readonly digest: string | null;
  /** Converts a signature to the form that node:crypto verifies fastest. */
  readonly toNative: (signature: Uint8Array) => Uint8Array;
  readonly fromNative: (signature: Uint8Array) => Uint8Array;
  readonly publicKeyBytes: number;
  readonly signatureBytes: number;
  readonly spki: (publicKey: Uint8Array) => Uint8Array;
  readonly pkcs8: (privateKey: Uint8Array) => Uint8Array;
}

function createPrimitive(
  crypto: NodeCrypto,
  { digest, toNative, fromNative, publicKeyBytes, signatureBytes, spki, pkcs8 }: Details,
): NodePrimitive {
  const readPrivateKey = (privateKey: Uint8Array): NodeKeyObject =>
    crypto.createPrivateKey({ key: pkcs8(privateKey), format: 'der', type: 'pkcs8' });
  const verifyWith =
    (key: NodeKeyObject): Verify =>
    (data, signature, onOther = false) => {
      if (signature.length !== signatureBytes) return false;
      const native = toNative(signature);
      return onOther
        ? onThreadPool<boolean>((done) => crypto.verify(digest, bytesOf(data), key, native, done))
        : crypto.verify(digest, typeof data === 'string' ? borrowAsciiBytes(data) : data, key, native);
    };
  const signWith =
    (key: NodeKeyObject): Sign =>
    (data) =>
      fromNative(crypto.sign(digest, data, key));
  const derivePublicKey = (privateKey: Uint8Array): Uint8Array => {
    const file = crypto.createPublicKey(readPrivateKey(privateKey)).export({ format: 'der', type: 'spki' });
    return new Uint8Array(file.subarray(-publicKeyBytes));
  };
  return {
    thread: THREAD,
    verifyWith,
    signWith,
    publicKeyOf: (key) => crypto.createPublicKey(key),
    importPublicKey: (publicKey) =>
      verifyWith(crypto.createPublicKey({ key: spki(publicKey), format: 'der', type: 'spki' })),
    importPrivateKey: (privateKey) => signWith(readPrivateKey(privateKey)),
    derivePublicKey,
    isPair: (privateKey, publicKey) => equal(derivePublicKey(privateKey), publicKey),
  };
}

/** ES256 by node:crypto. */
export const nodeEs256: NodePrimitive | undefined =
  nodeCrypto &&
  createPrimitive(nodeCrypto, {
    digest: 'sha256',
    // Not R‖S by `dsaEncoding`: in Node 24 that adds a third to the time of a verification.
    toNative: writeEcdsaSigValue,
    fromNative: readEcdsaSigValue,
    publicKeyBytes: P256_POINT_BYTES,
    signatureBytes: ES256_SIGNATURE_BYTES,
    spki: writeEs256Spki,
    pkcs8: writeEs256Pkcs8,
  });

/** ML-DSA-65 in node:crypto. Not every Node has it, so it must be tried. Signing is hedged (FIPS 204 §3.4). */
export const nodeMlDsa65: NodePrimitive | undefined =
  nodeCrypto &&
  createPrimitive(nodeCrypto, {
    digest: null,
    toNative: (signature) => signature,
    fromNative: (signature) => new Uint8Array(signature),
    publicKeyBytes: ML_DSA_65_PUBLIC_KEY_BYTES,
    signatureBytes: ML_DSA_65_SIGNATURE_BYTES,
    spki: writeMlDsa65Spki,
    pkcs8: writeMlDsa65Pkcs8,
  });
