import { MandateError, type MandateErrorCode } from '../errors.js';
import type { Sign, Verify } from '../primitives/back-end.js';
import { withTimeLimit } from '../time-limit.js';

/**
 * Limits the time of a caller's verifier. A late verifier has reached no verdict. The caller of this function handles what the
 * verifier throws.
 */
export const timedVerifier =
  (verifier: Verify, parameter: string, callTimeout: number): Verify =>
  (data, signature) =>
    withTimeLimit(
      callTimeout,
      () => verifier(data, signature),
      (cause, late) => (late ? lateCall('ERR_MANDATE_VERIFIER_FAILED', 'verifier', parameter, cause) : cause),
    );

/** Limits the time of a caller's signer. A late signer has made no signature. */
export const timedSigner =
  (signer: Sign, parameter: string, callTimeout: number): Sign =>
  (data) =>
    withTimeLimit(
      callTimeout,
      () => signer(data),
      (cause, late) => (late ? lateCall('ERR_MANDATE_SIGNER_FAILED', 'signer', parameter, cause) : cause),
    );

const lateCall = (code: MandateErrorCode, kind: string, parameter: string, cause: unknown): MandateError =>
  new MandateError(code, parameter, `the ${kind} "${parameter}" gave ${(cause as Error).message}`, { cause });
