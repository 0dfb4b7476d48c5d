import { sha256 as portable } from '@noble/hashes/sha2.js';
import { encodeBase64url } from '../encoding/base64url.js';
import { nodeCrypto } from './node.js';

const native = nativeHash();
const utf8 = new TextEncoder();

/** SHA-256, 32 bytes. */
export const sha256 = (data: Uint8Array): Uint8Array =>
  native === undefined ? portable(data) : new Uint8Array(native('sha256', data, 'buffer') as Uint8Array);

/** BASE64URL(SHA-256(data)), 43 characters; of a text, its UTF-8 bytes. */
export const sha256Base64url = (data: Uint8Array | string): string =>
  native === undefined
    ? encodeBase64url(portable(typeof data === 'string' ? utf8.encode(data) : data))
    : (native('sha256', data, 'base64url') as string);

/** `crypto.hash` came with Node 20.12; whether it does what is needed here is found out by trying it. */
function nativeHash() {
  try {
    const hash = nodeCrypto?.hash?.bind(nodeCrypto);
    const works =
      hash?.('sha256', new Uint8Array(1), 'buffer')[0] === 0x6e &&
      hash('sha256', '\0', 'base64url') === 'bjQLnP-zepicpUTmu3gKLHiQHT-zNzh2hRGjBhevoB0';
    return works ? hash : undefined;
  } catch {
    return undefined;
  }
}
