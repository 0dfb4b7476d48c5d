import { sha256 as portable } from '@noble/hashes/sha2.js';
import { encodeBase64url } from '../encoding/base64url.js';
import { nodeCrypto } from './node.js';

const native = nativeHash();
const utf8 = new TextEncoder();

/** SHA-256, 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  if (native === undefined) return portable(data);
  // By way of a text: every Buffer would have memory of its own outside the heap, which grows until the heap is collected.
  const text = native('sha256', data, 'binary');
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i++) digest[i] = text.charCodeAt(i);
  return digest;
}

/** BASE64URL(SHA-256(data)), 43 characters; of a text, its UTF-8 bytes. */
export const sha256Base64url = (data: Uint8Array | string): string =>
  native === undefined
    ? encodeBase64url(portable(typeof data === 'string' ? utf8.encode(data) : data))
    : native('sha256', data, 'base64url');

/** `crypto.hash` came with Node 20.12; whether it does what is needed here is found out by trying it. */
function nativeHash() {
  try {
    const hash = nodeCrypto?.hash?.bind(nodeCrypto);
    const works =
      hash?.('sha256', new Uint8Array(1), 'binary').startsWith('\x6e\x34\x0b\x9c\xff') === true &&
      hash?.('sha256', '\0', 'base64url') === 'bjQLnP-zepicpUTmu3gKLHiQHT-zNzh2hRGjBhevoB0';
    return works ? hash : undefined;
  } catch {
    return undefined;
  }
}
