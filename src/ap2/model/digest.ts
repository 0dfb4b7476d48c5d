import { encodeBase64url } from '../../json/base64url.js';
import { sha256 } from '../../primitives/sha256.js';

const utf8 = new TextEncoder();

/** BASE64URL(SHA-256(text)), the only hash of the profile. */
export const digestOf = (text: string): string => encodeBase64url(sha256(utf8.encode(text)));
