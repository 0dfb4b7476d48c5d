import type { JsonObject, JsonValue } from '../encoding/json.js';
import { isJsonObject } from '../encoding/json.js';
import { MandateError, MandateSignatureError } from '../errors.js';
import { policyRules } from '../jws/policy.js';
import { openJws, verifyJws } from '../jws/verify.js';
import type { ClassicalPrivateKeys, ExternalVerifier, MlDsa65PublicJwk } from '../keys/types.js';
import type { MandateLimits } from '../profile.js';
import { readConfirmation } from './confirmation.js';

/** What is signed with other keys than `cnf` and `pq_cnf` name is of use to nobody. */
export async function checkHolder(
  signed: string,
  holder: JsonObject,
  path: string,
  { mldsa65 }: ClassicalPrivateKeys,
  limits: MandateLimits,
): Promise<void> {
  const hasThumbprint = isJsonObject(holder.pq_cnf) && Object.hasOwn(holder.pq_cnf, 'jkt');
  const own = publicHalf(mldsa65);
  try {
    const keys =
      hasThumbprint && own === undefined
        ? { ...(await readConfirmation({ cnf: holder.cnf as JsonValue }, path, undefined)), mldsa65: trusted }
        : await readConfirmation(holder, path, () => own);
    await verifyJws(openJws(signed, limits), keys, policyRules('pq-optional'), limits);
  } catch (cause) {
    if (!isMismatch(cause)) throw cause;
    throw new MandateError(
      'ERR_MANDATE_CONFIRMATION_INVALID',
      'privateKeys',
      `"privateKeys" must be those that "cnf" and "pq_cnf" of ${path} name`,
      { cause },
    );
  }
}

/** The ML-DSA-65 key, where it is a JWK, as it would be published. */
function publicHalf(key: unknown): MlDsa65PublicJwk | undefined {
  try {
    const { kty, alg, pub } = key as Record<string, unknown>;
    return kty === undefined ? undefined : ({ kty, alg, pub } as unknown as MlDsa65PublicJwk);
  } catch {
    return undefined;
  }
}

/** A thumbprint can be compared with that of a JWK only: what else signs, be it a KMS, is taken to have the right key. */
const trusted: ExternalVerifier = () => true;

const isMismatch = (error: unknown): boolean =>
  error instanceof MandateSignatureError ||
  (error instanceof MandateError && error.code === 'ERR_MANDATE_KEY_UNRESOLVED');
