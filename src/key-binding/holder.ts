import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail, MandateError, MandateSignatureError } from '../errors.js';
import { policyRules } from '../jws/policy.js';
import { readJws, verifyJws } from '../jws/verify.js';
import type { ClassicalPrivateKeys, ExternalVerifier, MlDsa65PublicJwk } from '../keys/types.js';
import type { MandateLimits } from '../profile.js';
import { readConfirmation } from './confirmation.js';

/**
 * Checks that a token is signed with the keys that a mandate names for its holder. Otherwise no verifier would accept it.
 *
 * @param signed The token, which was just signed.
 * @param mandate The object that has `cnf` and `pq_cnf`.
 * @param path The name in errors.
 */
export async function checkHolderKeys(
  signed: string,
  mandate: JsonObject,
  path: string,
  { mldsa65 }: ClassicalPrivateKeys,
  limits: MandateLimits,
): Promise<void> {
  const hasThumbprint = isJsonObject(mandate.pq_cnf) && Object.hasOwn(mandate.pq_cnf, 'jkt');
  const own = publicHalf(mldsa65);
  try {
    const keys =
      hasThumbprint && own === undefined
        ? {
            ...(await readConfirmation({ cnf: mandate.cnf as JsonValue }, path, undefined)),
            mldsa65: trusted,
          }
        : await readConfirmation(mandate, path, () => own);
    await verifyJws(readJws(signed, limits), keys, policyRules('pq-optional'), limits);
  } catch (cause) {
    if (!isMismatch(cause)) throw cause;
    fail(
      'ERR_MANDATE_CONFIRMATION_INVALID',
      'privateKeys',
      `"privateKeys" must be those that "cnf" and "pq_cnf" of ${path} name`,
      { cause },
    );
  }
}

/** The public key of an ML-DSA-65 private key in JWK form. */
function publicHalf(key: unknown): MlDsa65PublicJwk | undefined {
  try {
    const { kty, alg, pub } = key as Record<string, unknown>;
    return kty === undefined ? undefined : ({ kty, alg, pub } as unknown as MlDsa65PublicJwk);
  } catch {
    return undefined;
  }
}

/** A thumbprint can only be compared with that of a JWK. Any other signer, such as a KMS, is assumed to have the right key. */
const trusted: ExternalVerifier = () => true;

const isMismatch = (error: unknown): boolean =>
  error instanceof MandateSignatureError ||
  (error instanceof MandateError && error.code === 'ERR_MANDATE_KEY_UNRESOLVED');
