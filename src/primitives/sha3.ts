import { sha3_256 as portable } from '@noble/hashes/sha3.js';
import { findNativeHash } from './native-hash.js';

const native = findNativeHash('sha3-256', 'XVNGnyD-9PjqtSuIBE7eacd6amimByhgn8SmX_Ux59A');

/** SHA3-256 (FIPS 202), 32 bytes. */
export const sha3: (data: Uint8Array) => Uint8Array = native === undefined ? portable : native.digest;
