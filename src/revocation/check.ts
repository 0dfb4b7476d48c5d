import { copyData, type JsonObject } from '../encoding/json.js';
import { fail, MandateError } from '../errors.js';
import type { MandateHeader } from '../keys/types.js';
import { withTimeLimit } from '../time-limit.js';

/** The arguments of a revocation check. All of them are already verified. */
export interface RevocationSubject {
  /** `undefined` for a classical-only mandate. */
  readonly mandateId: string | undefined;
  /** Identifies what is authorized (SPEC.md §9.1): by a single mandate, or by the mandate in a token of a chain. */
  readonly identity: string;
  /** In a chain, the identity of the token with all its mandates. */
  readonly tokenIdentity?: string;
  /** In a chain, the mandate in the token. */
  readonly mandate?: JsonObject;
  /** In a chain, the index of the token: 0 for the root, which may be a User Credential. */
  readonly hop?: number;
  /** In a chain, whether the token is a User Credential, which contains no mandate. */
  readonly isCredential?: boolean;
  readonly payload: JsonObject;
  readonly protectedHeader: MandateHeader;
  /** Aborted when the time limit is over. */
  readonly signal: AbortSignal;
}

/** Tells whether a mandate is revoked. Only `false` accepts it. */
export type RevocationCheck = (subject: RevocationSubject) => boolean | Promise<boolean>;

/**
 * SPEC.md §6 step 11. Fails closed: if the check is late, throws, or returns anything but `false`, the mandate is rejected.
 * What the check threw becomes the `cause`: an expired Status List Token must not look like an expired mandate.
 */
export async function checkRevocation(
  check: RevocationCheck,
  subject: Omit<RevocationSubject, 'signal'>,
  timeoutDuration: number,
): Promise<void> {
  const revoked: unknown = await withTimeLimit(
    timeoutDuration,
    // A copy: changes that the check makes must not affect the result.
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
