import { sha256 as portable } from '@noble/hashes/sha2.js';
import { encodeBase64url } from '../encoding/base64url.js';
import { findNativeHash } from './native-hash.js';

const native = findNativeHash('sha256', 'bjQLnP-zepicpUTmu3gKLHiQHT-zNzh2hRGjBhevoB0');
const utf8 = new TextEncoder();

const bytes = (data: Uint8Array | string): Uint8Array =>
  typeof data === 'string' ? utf8.encode(data) : data;

/** SHA-256, 32 bytes; of a text, of its UTF-8 bytes. */
export const sha256: (data: Uint8Array | string) => Uint8Array =
  native === undefined ? (data) => portable(bytes(data)) : native.digest;

/** BASE64URL(SHA-256(data)), 43 characters. Text is hashed as UTF-8. */
export const sha256Base64url = (data: Uint8Array | string): string =>
  native === undefined ? encodeBase64url(portable(bytes(data))) : native.base64url(data);
