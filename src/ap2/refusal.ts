import { JOSEError } from 'jose/errors';
import { MANDATE_ERROR_CODES, type MandateErrorCode } from '../errors.js';
import { invalidArgument } from '../options.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { SEPARATOR } from './chain/names.js';
import { MandateConstraintError } from './constraints/violation.js';
import type { ReceiptErrorCode } from './model/receipt.js';

/** What a receipt of a refusal says, beside who issues it and for what. */
export interface RefusalReceipt {
  readonly status: 'Error';
  /** AP2's code (AP2 v0.2, agent_authorization.md "Errors"). */
  readonly error: ReceiptErrorCode;
  /** The code of this library and what it stands for; no value of the mandate. */
  readonly error_description: string;
  /** Hash of the last token as it was received, computed as `sd_hash` is. */
  readonly reference: string;
}

/** Codes that say nothing of the mandate: the call was wrong, or something the verifier needs is not to be had. */
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
 * What the receipt of a refusal must say: "Upon acceptance or rejection of the Mandate, the Verifier MUST return a signed Mandate
 * Receipt" (AP2 v0.2, agent_authorization.md). Complete it with `iss`, and `payment_id` for a payment, and sign it with
 * {@link signReceipt}.
 *
 * - `invalid_mandate`: a constraint, a pre-set claim or an earlier use forbids the transaction.
 * - `unresolved_constraint`: whether one is kept could not be found out.
 * - `invalid_credential`: everything else that is wrong with the mandate.
 *
 * @example
 * ```ts
 * try {
 *   await verifyMandateChain(chain, keys, options);
 * } catch (error) {
 *   const refusal = refusalOf(error, chain);
 *   if (refusal === undefined) throw error; // not the mandate's fault: try again
 *   const receipt = createCheckoutReceipt({ ...refusal, iss: 'https://merchant.example' });
 *   return signReceipt(receipt, merchantKeys);
 * }
 * ```
 *
 * @param error What a verification threw.
 * @param chain The chain, or the direct mandate, as it was received.
 * @returns `undefined` where the error is no verdict on the mandate, but on the call or on what the verifier depends on.
 */
export function refusalOf(error: unknown, chain: string): RefusalReceipt | undefined {
  if (typeof chain !== 'string') invalidArgument('chain', 'a string');
  const code = error instanceof JOSEError ? error.code : undefined;
  if (code === undefined || NO_VERDICT.has(code) || !isKnown(code)) return undefined;
  return {
    status: 'Error',
    error: errorOf(error, code),
    error_description: Object.hasOwn(MANDATE_ERROR_CODES, code)
      ? `${code}: ${MANDATE_ERROR_CODES[code as MandateErrorCode]}`
      : `${code}: a claim is not as the verifier demands`,
    reference: sha256Base64url(chain.split(SEPARATOR).at(-1) ?? chain),
  };
}

/** This library's codes, and jose's two for claims. Any other error is not about a mandate. */
const isKnown = (code: string): boolean =>
  Object.hasOwn(MANDATE_ERROR_CODES, code) ||
  code === 'ERR_JWT_EXPIRED' ||
  code === 'ERR_JWT_CLAIM_VALIDATION_FAILED';

function errorOf(error: unknown, code: string): ReceiptErrorCode {
  if (code === 'ERR_MANDATE_CONSTRAINT_UNKNOWN') return 'unresolved_constraint';
  if (!(error instanceof MandateConstraintError)) return 'invalid_credential';
  const isBroken = error.violations.some((violation) => violation.error === 'invalid_mandate');
  return isBroken ? 'invalid_mandate' : 'unresolved_constraint';
}
