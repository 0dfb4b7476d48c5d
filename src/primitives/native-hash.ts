import { encodeBase64url } from '../encoding/base64url.js';
import { nodeCrypto } from './node.js';

const DIGEST_BYTES = 32;

/** A hash function with 32 bytes of output, from node:crypto. */
export interface NativeHash {
  digest(data: Uint8Array | string): Uint8Array;
  base64url(data: Uint8Array | string): string;
}

/**
 * Finds a working `crypto.hash`, which Node 20.12 introduced. Whether it works is tested by a trial.
 *
 * @param ofZero BASE64URL of the digest of a single zero byte.
 */
export function findNativeHash(algorithm: string, ofZero: string): NativeHash | undefined {
  try {
    const hash = nodeCrypto?.hash?.bind(nodeCrypto);
    if (hash === undefined) return undefined;
    const native: NativeHash = {
      digest: (data) => {
        // A string, because a digest as bytes would have memory outside the heap, which grows until the next garbage
        // collection.
        const text = hash(algorithm, data, 'binary');
        const digest = new Uint8Array(DIGEST_BYTES);
        for (let i = 0; i < DIGEST_BYTES; i++) digest[i] = text.charCodeAt(i);
        return digest;
      },
      base64url: (data) => hash(algorithm, data, 'base64url'),
    };
    const works =
      native.base64url('\0') === ofZero && encodeBase64url(native.digest(new Uint8Array(1))) === ofZero;
    return works ? native : undefined;
  } catch {
    return undefined;
  }
}
