import { MandateError, MandateSignatureError } from '../errors.js';
import type { JsonObject } from '../json/types.js';
import { isJsonObject } from '../json/types.js';
import { openJws, verifyJws } from '../jws/verify.js';
import type { ClassicalPrivateKeys, MlDsa65PublicJwk } from '../keys/types.js';
import { policyRules } from '../policy.js';
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
  const isJwk = isJsonObject(mldsa65) && 'kty' in mldsa65;
  // A thumbprint can be compared with that of a JWK only.
  if (isJsonObject(holder.pq_cnf) && Object.hasOwn(holder.pq_cnf, 'jkt') && !isJwk) return;
  const { priv: _, ...own } = (isJwk ? mldsa65 : {}) as unknown as MlDsa65PublicJwk & { priv?: string };
  try {
    const keys = await readConfirmation(holder, path, () => own as MlDsa65PublicJwk);
    await verifyJws(openJws(signed, limits), keys, policyRules('pq-optional'));
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

const isMismatch = (error: unknown): boolean =>
  error instanceof MandateSignatureError ||
  (error instanceof MandateError && error.code === 'ERR_MANDATE_KEY_UNRESOLVED');
