// Links a token to the previous one, whatever the tokens contain: AP2's hops, and the layers of Verifiable Intent.
import type { JsonObject } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import type { ParsedJws } from '../../jws/compact.js';
import { type PolicyRules, policyOption, policyRules } from '../../jws/policy.js';
import { promisesPq, readConfirmation, type ThumbprintResolver } from '../../key-binding/confirmation.js';
import { issuerJwtHash, sdHash } from '../../key-binding/hash.js';
import { aFunction, aTimeout, demand, limitsOption, optional, readSome } from '../../options.js';
import type { MandateLimits } from '../../profile.js';
import type { RevocationCheck } from '../../revocation/check.js';
import type { SdJwtSegments } from '../../sd-jwt/compact.js';
import { type DisclosureResolver, type VerifiedToken, verifyToken } from '../../sd-jwt/verify.js';

/** A token with a valid structure. */
export interface ParsedToken {
  readonly segments: SdJwtSegments;
  readonly jws: ParsedJws;
}

/** The demands on the signatures of a token. */
export interface LinkRules {
  readonly policyRules: PolicyRules;
  readonly limits: MandateLimits;
  readonly resolveThumbprint: ThumbprintResolver | undefined;
}

/** The caller's demands on every token, with their readers. */
const LINK_READERS = {
  policy: policyOption,
  limits: limitsOption,
  resolveThumbprint: demand(aFunction<ThumbprintResolver>()),
  isRevoked: demand(aFunction<RevocationCheck>()),
  revocationTimeout: optional(aTimeout, 5000),
};

/** Reads the options that both kinds of chains share. The caller checks the other options and the names. */
export function readLinkOptions(options: object) {
  const read = readSome(options, LINK_READERS);
  return { ...read, policyRules: policyRules(read.policy) };
}

/**
 * Verifies a token with the keys that the previous token names. A `pq_cnf` requires the token to be quantum-safe.
 *
 * @param holder The object that has `cnf` and `pq_cnf`: a mandate, or a credential.
 * @param path Its name in errors.
 */
export async function verifyDelegated(
  { jws, segments }: ParsedToken,
  holder: JsonObject,
  path: string,
  { policyRules, limits, resolveThumbprint }: LinkRules,
  resolver?: DisclosureResolver,
): Promise<VerifiedToken> {
  const keys = await readConfirmation(holder, path, resolveThumbprint, limits);
  const pqRequired = policyRules.pqRequired || promisesPq(holder);
  return verifyToken(jws, segments.disclosures, keys, { ...policyRules, pqRequired }, limits, resolver);
}

/** A hop has exactly one of the two hashes, with the right value. */
export function checkBinding(payload: JsonObject, previous: SdJwtSegments): void {
  const invalid = (parameter: string, message: string): never => {
    fail('ERR_MANDATE_BINDING_INVALID', parameter, message);
  };
  const hasSdHash = Object.hasOwn(payload, 'sd_hash');
  if (hasSdHash === Object.hasOwn(payload, 'issuer_jwt_hash')) {
    invalid('sd_hash', 'a hop must have either "sd_hash" or "issuer_jwt_hash", and not both');
  }
  const [name, expected] = hasSdHash
    ? (['sd_hash', sdHash(previous)] as const)
    : (['issuer_jwt_hash', issuerJwtHash(previous)] as const);
  if (payload[name] !== expected) invalid(name, `"${name}" is not the hash of the previous token`);
}
