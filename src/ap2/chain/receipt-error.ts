// Converts an error about a mandate to AP2's codes for receipts.
import { JOSEError } from 'jose/errors';
import { MANDATE_ERROR_CODES, type MandateErrorCode } from '../../errors.js';
import { MandateConstraintError } from '../constraints/violation.js';
import type { ReceiptErrorCode } from '../model/receipt.js';

/** Codes that are no verdict on the mandate: the call was wrong, or something that the verifier needs was unavailable. */
const NO_VERDICT: ReadonlySet<string> = new Set<MandateErrorCode>([
  'ERR_MANDATE_ARGUMENT_INVALID',
  'ERR_MANDATE_VERIFIER_FAILED',
  'ERR_MANDATE_REVOCATION_UNKNOWN',
  'ERR_MANDATE_HISTORY_UNKNOWN',
  'ERR_MANDATE_HOOK_FAILED',
  'ERR_MANDATE_FETCH_FAILED',
  'ERR_MANDATE_FETCH_TIMEOUT',
  'ERR_MANDATE_FETCH_STATUS',
  'ERR_MANDATE_FETCH_REDIRECT',
  'ERR_MANDATE_FETCH_CONTENT_TYPE',
  'ERR_MANDATE_FETCH_TOO_LARGE',
  'ERR_MANDATE_KEY_SET_INVALID',
  'ERR_MANDATE_KEY_AMBIGUOUS',
  'ERR_MANDATE_BACK_END_UNAVAILABLE',
  'ERR_MANDATE_SIGNER_FAILED',
]);

/**
 * The code of an error that is a verdict on a mandate; `undefined` for an error in the call or in a dependency of the verifier.
 */
export function verdictCodeOf(error: unknown): string | undefined {
  let code: unknown;
  try {
    code = error instanceof JOSEError ? error.code : undefined;
  } catch {
    // A proxy, which is no error of this library.
  }
  return typeof code !== 'string' || NO_VERDICT.has(code) || !isKnown(code) ? undefined : code;
}

/** This library's codes, and jose's two for claims. Any other error does not concern a mandate. */
const isKnown = (code: string): boolean =>
  Object.hasOwn(MANDATE_ERROR_CODES, code) ||
  code === 'ERR_JWT_EXPIRED' ||
  code === 'ERR_JWT_CLAIM_VALIDATION_FAILED';

/** AP2's code for an error receipt (AP2 v0.2, agent_authorization.md "Errors"). */
export function receiptErrorOf(error: unknown, code: string): ReceiptErrorCode {
  if (code === 'ERR_MANDATE_CONSTRAINT_UNKNOWN') return 'unresolved_constraint';
  if (!(error instanceof MandateConstraintError)) return 'invalid_credential';
  const isBroken = error.violations.some((violation) => violation.error === 'invalid_mandate');
  return isBroken ? 'invalid_mandate' : 'unresolved_constraint';
}
