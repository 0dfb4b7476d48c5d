import { sha256Base64url } from '../primitives/sha256.js';
import { pqSigningInput } from './signing-input.js';

/** Separates identities from every other hash of the same text, such as the fingerprint. */
const DOMAIN = 'ap2-pq-identity:';

/** What the signer of a token signed: both segments, base64url, `pq_sig` left out of the header. */
export interface SignedContent {
  readonly encodedUnsignedHeader: string;
  readonly encodedPayload: string;
}

/**
 * SPEC.md §9.1: the identity of what a token authorizes, made of nothing but what its signer signed. Both signatures are left
 * out, so that neither the twin of an ECDSA signature nor a second signing of the same content gives another identity; so are the
 * disclosures, which a holder chooses.
 *
 * @param digest Of the disclosure that holds the mandate, for one of several mandates in a token.
 */
export const identityOf = (
  { encodedUnsignedHeader, encodedPayload }: SignedContent,
  digest?: string,
): string =>
  sha256Base64url(
    `${DOMAIN}${pqSigningInput(encodedUnsignedHeader, encodedPayload)}${digest === undefined ? '' : `~${digest}`}`,
  );
