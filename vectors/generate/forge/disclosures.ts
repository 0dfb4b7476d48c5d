// Disclosures of any content, and digests without a disclosure.
import { sha256 } from '@noble/hashes/sha2.js';
import { encode } from './compact.js';

/** A disclosure, and the digest that references it. */
export interface Disclosed {
  readonly encoded: string;
  readonly digest: string;
}

/** The base64url SHA-256 of a text: a disclosure's digest, `sd_hash`, `issuer_jwt_hash`. */
export const digestOf = (text: string): string => encode(sha256(new TextEncoder().encode(text)));

/** A disclosure of any JSON value. */
export const disclose = (...elements: unknown[]): Disclosed => discloseText(JSON.stringify(elements));

export const discloseText = (text: string | Uint8Array): Disclosed => discloseEncoded(encode(text));

export const discloseEncoded = (encoded: string): Disclosed => ({ encoded, digest: digestOf(encoded) });

/** A digest without a disclosure. */
export const decoy = (n = 0): string => digestOf(`ap2-pq-negative-decoy:${n}`);
