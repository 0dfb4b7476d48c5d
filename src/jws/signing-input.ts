import { encodeBase64url } from '../encoding/base64url.js';
import { concat } from '../encoding/bytes.js';
import { canonicalize } from '../encoding/canonicalize.js';
import type { JsonObject } from '../encoding/json.js';
import { sha256 } from '../primitives/sha256.js';
import { sha512 } from '../primitives/sha512.js';
import { COMPOSITE_LABEL } from '../profile.js';

const ascii = new TextEncoder();

/** The JWS Signing Input (RFC 7515 §5.1), which the ES256 signature of the JWS covers. */
export const jwsSigningInput = (encodedHeader: string, encodedPayload: string): Uint8Array =>
  ascii.encode(`${encodedHeader}.${encodedPayload}`);

const COMPOSITE_PREFIX = ascii.encode(`CompositeAlgorithmSignatures2025${COMPOSITE_LABEL}\0`);

/** The message that both components of a composite sign, 130 bytes (SPEC.md R20.11). */
export const compositeMessage = (input: Uint8Array): Uint8Array => concat(COMPOSITE_PREFIX, sha512(input));

/**
 * The PQ Signing Input (SPEC.md §5.1): the JWS Signing Input of the same payload with the header in JCS form without `pq_sig`.
 * `pq_alg` stays, so the choice of algorithm is signed.
 */
export const pqSigningInput = (header: JsonObject, encodedPayload: string): Uint8Array =>
  ascii.encode(pqSigningInputText(header, encodedPayload));

/** The PQ Signing Input as text. */
export function pqSigningInputText(header: JsonObject, encodedPayload: string): string {
  const { pq_sig: _, ...unsigned } = header;
  return `${encodeBase64url(canonicalize(unsigned))}.${encodedPayload}`;
}

/** The 32 bytes that ML-DSA-65 signs: SHA-256 of the PQ Signing Input (SPEC.md §5.2). */
export const fingerprint = (input: Uint8Array): Uint8Array => sha256(input);
