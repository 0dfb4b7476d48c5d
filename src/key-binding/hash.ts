import { encodeBase64url } from '../json/base64url.js';
import { sha256 } from '../primitives/sha256.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';

type Presented = Pick<SdJwtSegments, 'jwt' | 'disclosures'>;

const ascii = new TextEncoder();
const hash = (text: string): string => encodeBase64url(sha256(ascii.encode(text)));

/** An SD-JWT without a key binding JWT, as it is hashed: a tilde after the issuer-signed JWT and after each disclosure. */
export const serialize = ({ jwt, disclosures }: Presented): string => [jwt, ...disclosures, ''].join('~');

/** BASE64URL(SHA-256) of the SD-JWT as presented, 43 characters (RFC 9901 §4.3.1). */
export const sdHash = (presented: Presented): string => hash(serialize(presented));

/** BASE64URL(SHA-256) of the issuer-signed JWT alone: what is disclosed may be chosen later. */
export const issuerJwtHash = ({ jwt }: Presented): string => hash(jwt);
