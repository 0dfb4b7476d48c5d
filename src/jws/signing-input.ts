import { asciiBytes } from '../encoding/ascii.js';
import { encodeBase64url } from '../encoding/base64url.js';
import { concat } from '../encoding/bytes.js';
import { canonicalize } from '../encoding/canonicalize.js';
import type { JsonObject } from '../encoding/json.js';
import { sha256 } from '../primitives/sha256.js';
import { sha512 } from '../primitives/sha512.js';
import { COMPOSITE_LABEL } from '../profile.js';

// Signing inputs are ASCII text. They become bytes when they are signed or verified.

/** The JWS Signing Input (RFC 7515 §5.1), which the ES256 signature of the JWS covers. */
export const jwsSigningInput = (encodedHeader: string, encodedPayload: string): string =>
  `${encodedHeader}.${encodedPayload}`;

const COMPOSITE_PREFIX = asciiBytes(`CompositeAlgorithmSignatures2025${COMPOSITE_LABEL}\0`);

/** The message that both components of a composite sign, 130 bytes (SPEC.md R20.11). */
export const compositeMessage = (input: string): Uint8Array =>
  concat(COMPOSITE_PREFIX, sha512(asciiBytes(input)));

/**
 * The first segment of the PQ Signing Input: the header without `pq_sig`, in JCS form (SPEC.md §5.1). `pq_alg` stays, so the choice
 * of algorithm is signed.
 */
export function encodeUnsignedHeader(header: JsonObject): string {
  const { pq_sig: _, ...unsigned } = header;
  return encodeBase64url(canonicalize(unsigned));
}

/** The PQ Signing Input (SPEC.md §5.1): the JWS Signing Input of the same payload with the header without `pq_sig`. */
export const pqSigningInput = (encodedUnsignedHeader: string, encodedPayload: string): string =>
  jwsSigningInput(encodedUnsignedHeader, encodedPayload);

/** The 32 bytes that ML-DSA-65 signs: SHA-256 of the PQ Signing Input (SPEC.md §5.2). */
export const fingerprint = (input: string): Uint8Array => sha256(input);
