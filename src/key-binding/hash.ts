import { sha256Base64url } from '../primitives/sha256.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';

type Presented = Pick<SdJwtSegments, 'jwt' | 'disclosures'>;

/**
 * Serializes an SD-JWT without a key binding JWT for hashing: a tilde after the issuer-signed JWT and after each disclosure.
 */
export const serialize = ({ jwt, disclosures }: Presented): string => [jwt, ...disclosures, ''].join('~');

/** BASE64URL(SHA-256) of the SD-JWT as presented, 43 characters (RFC 9901 §4.3.1). */
export const sdHash = (presented: Presented): string => sha256Base64url(serialize(presented));

/** BASE64URL(SHA-256) of the issuer-signed JWT only, so that disclosures can be chosen later. */
export const issuerJwtHash = ({ jwt }: Presented): string => sha256Base64url(jwt);
