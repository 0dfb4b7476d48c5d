import { sha512 as portable } from '@noble/hashes/sha2.js';

/** SHA-512, 64 bytes. */
export const sha512: (data: Uint8Array) => Uint8Array = portable;
