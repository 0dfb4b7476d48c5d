import { MANDATE_ERROR_CODES, type MandateErrorCode } from '../errors.js';
import { invalidArgument } from '../options.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { SEPARATOR } from './chain/names.js';
import { receiptErrorOf, verdictCodeOf } from './chain/receipt-error.js';
import type { ReceiptErrorCode } from './model/receipt.js';
import { MandatePurchaseError, purchaseErrorOf } from './purchase/error.js';

/** The members of an error receipt, except its issuer and its payment or order. */
export interface RefusalReceipt {
  readonly status: 'Error';
  /** AP2's code (AP2 v0.2, agent_authorization.md "Errors"). */
  readonly error: ReceiptErrorCode;
  /** The code of this library and its meaning; no value of the mandate. */
  readonly error_description: string;
  /** The hash of the last token as received, computed like `sd_hash`. */
  readonly reference: string;
}

/**
 * Returns the content of an error receipt: "Upon acceptance or rejection of the Mandate, the Verifier MUST return a signed
 * Mandate Receipt" (AP2 v0.2, agent_authorization.md). Add `iss`, and `payment_id` for a payment, and sign it with
 * {@link signReceipt}.
 *
 * - `invalid_mandate`: a constraint, a pre-set claim or a past use forbids the transaction.
 * - `unresolved_constraint`: a constraint could not be evaluated.
 * - `invalid_credential`: the mandate is invalid for another reason.
 *
 * @example
 * ```ts
 * try {
 *   await verifyMandateChain(chain, keys, options);
 * } catch (error) {
 *   const refusal = refusalOf(error, chain);
 *   if (refusal === undefined) throw error; // not the mandate's fault: try again
 *   const receipt = createCheckoutReceipt({ ...refusal, iss: 'https://merchant.example' });
 *   await send(await signReceipt(receipt, merchantKeys));
 * }
 * ```
 *
 * @param error The error that a verification threw.
 * @param chain The chain, or the direct mandate, as it was received.
 * @returns `undefined` if the error is no verdict on the mandate: the call was wrong, or a dependency of the verifier failed.
 */
export function refusalOf(error: unknown, chain: string): RefusalReceipt | undefined {
  if (typeof chain !== 'string') invalidArgument('chain', 'a string');
  const code = verdictCodeOf(error);
  if (code === undefined) return undefined;
  return {
    status: 'Error',
    error: error instanceof MandatePurchaseError ? purchaseErrorOf(error) : receiptErrorOf(error, code),
    error_description: Object.hasOwn(MANDATE_ERROR_CODES, code)
      ? `${code}: ${MANDATE_ERROR_CODES[code as MandateErrorCode]}`
      : `${code}: a claim does not have the expected value`,
    reference: sha256Base64url(chain.split(SEPARATOR).at(-1) ?? chain),
  };
}
