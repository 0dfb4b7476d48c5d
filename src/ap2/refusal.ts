import { MANDATE_ERROR_CODES, type MandateErrorCode } from '../errors.js';
import { invalidArgument } from '../options.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { SEPARATOR } from './chain/names.js';
import { receiptErrorOf, verdictCodeOf } from './chain/receipt-error.js';
import type { ReceiptErrorCode } from './model/receipt.js';
import { MandatePurchaseError, purchaseErrorOf } from './purchase/error.js';

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
 * @returns `undefined` where the error says nothing of the mandate: the call was wrong, or what the verifier depends on failed.
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
