import { canonicalize } from '../encoding/canonicalize.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { refuseKey } from './refuse.js';
import type {
  CompositePrivateJwk,
  CompositePublicJwk,
  Es256PrivateJwk,
  Es256PublicJwk,
  MlDsa65PrivateJwk,
  MlDsa65PublicJwk,
} from './types.js';

/** The members that RFC 7638 hashes, by `kty`; for AKP by RFC 9964 §6. */
const REQUIRED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  AKP: ['alg', 'kty', 'pub'],
};

/**
 * The JWK thumbprint (RFC 7638) of a public or private key: SHA-256, base64url, 43 characters. Both keys of a pair have the
 * same thumbprint.
 *
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`
 */
export function jwkThumbprint(
  jwk:
    | Es256PublicJwk
    | Es256PrivateJwk
    | MlDsa65PublicJwk
    | MlDsa65PrivateJwk
    | CompositePublicJwk
    | CompositePrivateJwk,
): string {
  const required = requiredMembers(jwk);
  const isText = (value: unknown) => typeof value === 'string' && isWellFormed(value);
  if (required === undefined || !Object.values(required).every(isText))
    return refuseKey('jwk', 'an EC or AKP key with all its members');
  return sha256Base64url(canonicalize(required as Record<string, string>));
}

function requiredMembers(jwk: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    const { kty } = jwk as { kty: string };
    if (!Object.hasOwn(REQUIRED_MEMBERS, kty)) return undefined;
    const names = REQUIRED_MEMBERS[kty] as readonly string[];
    return Object.fromEntries(names.map((name) => [name, (jwk as Record<string, unknown>)[name]]));
  } catch {
    return undefined;
  }
}
