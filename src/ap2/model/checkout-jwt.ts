import { decodeBase64url } from '../../encoding/base64url.js';
import { parseJson } from '../../encoding/parse-json.js';
import { invalidArgument } from '../../options.js';
import { sha256Base64url } from '../../primitives/sha256.js';
import { DEFAULT_LIMITS } from '../../profile.js';
import type { Checkout } from './checkout.js';
import { parseCheckout } from './checkout.js';
import { refuseSchema } from './schema.js';

/**
 * The `checkout_hash` of a checkout mandate and the `transaction_id` of a payment mandate: BASE64URL(SHA-256(ASCII(…)))
 * of the merchant's JWT as it stands (AP2 v0.2, checkout_mandate.md).
 */
export function checkoutHash(checkoutJwt: string): string {
  if (typeof checkoutJwt !== 'string') invalidArgument('checkoutJwt', 'a JWT in compact form');
  return sha256Base64url(checkoutJwt);
}

/**
 * The checkout in a `checkout_jwt`. The merchant's signature is NOT verified here: that it is the merchant's own
 * checkout is for the merchant to know, that the mandate is for it is what `checkout_hash` says.
 */
export function decodeCheckoutJwt(checkoutJwt: string, path = 'checkout_jwt'): Checkout {
  if (typeof checkoutJwt !== 'string') return refuseSchema(path, 'a JWT in compact form');
  if (checkoutJwt.length > DEFAULT_LIMITS.maxMandateLength) {
    return refuseSchema(path, `at most ${DEFAULT_LIMITS.maxMandateLength} characters`);
  }
  const segments = checkoutJwt.split('.');
  if (segments.length !== 3) return refuseSchema(path, 'a JWT in compact form, three segments');
  const bytes = decodeBase64url(segments[1] as string, path, 'ERR_MANDATE_SCHEMA');
  return parseCheckout(parseJson(bytes, path, 'ERR_MANDATE_SCHEMA', DEFAULT_LIMITS.maxDepth).value, path);
}
