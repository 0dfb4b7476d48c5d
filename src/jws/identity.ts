import { sha256Base64url } from '../primitives/sha256.js';
import { pqSigningInput } from './signing-input.js';

/** Separates identities from all other hashes of the same text, such as the fingerprint. */
const DOMAIN = 'ap2-pq-identity:';

/** What the signer of a token signed: both segments, base64url, `pq_sig` left out of the header. */
export interface SignedContent {
  readonly encodedUnsignedHeader: string;
  readonly encodedPayload: string;
}

/**
 * SPEC.md §9.1: the identity of what a token authorizes, computed only from the signed content. Both signatures are excluded,
 * so that the twin of an ECDSA signature, or a second signature over the same content, does not change the identity. The
 * disclosures are excluded because the holder chooses them.
 *
 * @param digest The digest of the disclosure that holds the mandate, if a token has several mandates.
 */
export const identityOf = (
  { encodedUnsignedHeader, encodedPayload }: SignedContent,
  digest?: string,
): string =>
  sha256Base64url(
    `${DOMAIN}${pqSigningInput(encodedUnsignedHeader, encodedPayload)}${digest === undefined ? '' : `~${digest}`}`,
  );
