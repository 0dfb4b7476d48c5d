import type { JsonObject } from '../encoding/json.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { pqSigningInputText } from './signing-input.js';

/** Separates identities from every other hash of the same text, such as the fingerprint. */
const DOMAIN = 'ap2-pq-identity:';

/**
 * SPEC.md §9.1: the identity of what a token authorizes, made of nothing but what its signer signed. Both signatures are left
 * out, so that neither the twin of an ECDSA signature nor a second signing of the same content gives another identity; so are the
 * disclosures, which a holder chooses.
 *
 * @param digest Of the disclosure that holds the mandate, for one of several mandates in a token.
 */
export const identityOf = (header: JsonObject, encodedPayload: string, digest?: string): string =>
  sha256Base64url(
    `${DOMAIN}${pqSigningInputText(header, encodedPayload)}${digest === undefined ? '' : `~${digest}`}`,
  );
