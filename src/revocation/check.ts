import { copyData, type JsonObject } from '../encoding/json.js';
import { fail, MandateError } from '../errors.js';
import type { MandateHeader } from '../keys/types.js';
import { withTimeLimit } from '../time-limit.js';

/** What a revocation check is told. All of it is verified by then. */
export interface RevocationSubject {
  /** `undefined` for a classical-only mandate. */
  readonly mandateId: string | undefined;
  /** What is authorized (SPEC.md §9.1): by a mandate alone, or by the mandate in a token of a chain. */
  readonly identity: string;
  /** In a chain, the identity of the token with every mandate in it. */
  readonly tokenIdentity?: string;
  /** In a chain, the mandate in the token. */
  readonly mandate?: JsonObject;
  /** In a chain, the index of the token, 0 for the root, a User Credential included. */
  readonly hop?: number;
  /** In a chain, whether the token is a User Credential, which holds no mandate. */
  readonly isCredential?: boolean;
  readonly payload: JsonObject;
  readonly protectedHeader: MandateHeader;
  /** Aborted when the time for the answer is over. */
  readonly signal: AbortSignal;
}

/** Says whether a mandate is revoked. Only `false` lets it through. */
export type RevocationCheck = (subject: RevocationSubject) => boolean | Promise<boolean>;

/**
 * SPEC.md §6 step 11, fail-closed: no answer in time, an exception, or an answer other than `false` is a refusal. What the
 * check threw stands in `cause`: a Status List Token that has expired must not pass for a mandate that has.
 */
export async function checkRevocation(
  check: RevocationCheck,
  subject: Omit<RevocationSubject, 'signal'>,
  timeoutDuration: number,
): Promise<void> {
  const revoked: unknown = await withTimeLimit(
    timeoutDuration,
    // A copy: what the check does to it must not reach the result.
    (signal) => check({ ...copyData(subject), signal }),
    (cause, late) =>
      new MandateError(
        'ERR_MANDATE_REVOCATION_UNKNOWN',
        'isRevoked',
        late ? 'the revocation check did not answer in time' : 'the revocation check failed',
        { cause },
      ),
  );
  if (revoked === false) return;
  if (revoked === true) fail('ERR_MANDATE_REVOKED', 'isRevoked', 'the mandate is revoked');
  fail('ERR_MANDATE_REVOCATION_UNKNOWN', 'isRevoked', '"isRevoked" must return true or false');
}
