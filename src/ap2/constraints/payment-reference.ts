import type { PaymentReference } from '../model/payment-constraints.js';
import type { Finding } from './violation.js';

/** payment_mandate.md "Reference": one of the open checkout mandates is the one that is referred to. */
export function evaluatePaymentReference(
  constraint: PaymentReference,
  openCheckoutHashes: readonly string[] | undefined,
): Finding[] {
  if (openCheckoutHashes?.includes(constraint.conditional_transaction_id)) return [];
  const expected = 'the hash of an open checkout mandate in the chain of the checkout mandate';
  const member = '.conditional_transaction_id';
  return openCheckoutHashes === undefined
    ? [{ member, expected, found: 'no "openCheckoutHashes" to compare with', unresolved: true }]
    : [{ member, expected, found: `another one than the ${openCheckoutHashes.length} given` }];
}
