import { encodeBase64url } from '../encoding/base64url.js';
import { nodeCrypto } from './node.js';

const DIGEST_BYTES = 32;

/** A hash function of 32 bytes, by node:crypto. */
export interface NativeHash {
  digest(data: Uint8Array | string): Uint8Array;
  base64url(data: Uint8Array | string): string;
}

/**
 * `crypto.hash` came with Node 20.12; whether it does what is needed here is found out by trying it.
 *
 * @param ofZero BASE64URL of the digest of one byte, a zero.
 */
export function findNativeHash(algorithm: string, ofZero: string): NativeHash | undefined {
  try {
    const hash = nodeCrypto?.hash?.bind(nodeCrypto);
    if (hash === undefined) return undefined;
    const native: NativeHash = {
      digest: (data) => {
        // By way of a text: a digest as bytes would have memory of its own outside the heap, which grows until the heap is collected.
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
