import { sha256 as portable } from '@noble/hashes/sha2.js';
import { nodeCrypto } from './node.js';

/** SHA-256, 32 bytes. */
export const sha256: (data: Uint8Array) => Uint8Array = hasNativeHash()
  ? (data) => new Uint8Array(nodeCrypto?.hash?.('sha256', data, 'buffer') as Uint8Array)
  : portable;

/** `crypto.hash` came with Node 20.12; whether it takes bytes and gives bytes is found out by trying it. */
function hasNativeHash(): boolean {
  try {
    return nodeCrypto?.hash?.('sha256', new Uint8Array(1), 'buffer')?.[0] === 0x6e;
  } catch {
    return false;
  }
}
