import type { JsonObject } from '../encoding/json.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { pqSigningInputText } from './signing-input.js';

/** Separates identities from all other hashes of the same text, such as the fingerprint. */
const DOMAIN = 'ap2-pq-identity:';

/**
 * SPEC.md §9.1: the identity of what a token authorizes, computed only from the signed content. Both signatures are excluded,
 * so that the twin of an ECDSA signature, or a second signature over the same content, does not change the identity. The
 * disclosures are excluded because the holder chooses them.
 *
 * @param digest The digest of the disclosure that holds the mandate, if a token has several mandates.
 */
export const identityOf = (header: JsonObject, encodedPayload: string, digest?: string): string =>
  sha256Base64url(
    `${DOMAIN}${pqSigningInputText(header, encodedPayload)}${digest === undefined ? '' : `~${digest}`}`,
  );
