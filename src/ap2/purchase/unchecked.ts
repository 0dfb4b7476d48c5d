import type { RefusedUnchecked, Unchecked } from '../chain/evaluate.js';

/** What can be left unchecked in a purchase. It is a violation unless the caller names it in `allowUnchecked`. */
export type RefusedPurchaseUnchecked =
  | Exclude<RefusedUnchecked, 'checkout'>
  /** Whether the user authorized the checkout: there is no chain for it. */
  | 'checkout-mandate'
  /** Whether the user authorized the payment: there is no chain for it. */
  | 'payment-mandate'
  /** Whether both mandates were delegated to the same agent: they were not. */
  | 'agent';

/** What a verification of a purchase did not check. */
export type PurchaseUnchecked =
  | RefusedPurchaseUnchecked
  | Exclude<Unchecked, 'checkout' | 'checkout-content' | 'checkout-signature'>
  /** Whether the checkout chain was made for its verifier, and recently: `nonce` was `any`. */
  | 'checkout-nonce'
  /** The same for the payment chain. */
  | 'payment-nonce';

/** What the caller can accept without a check. */
export const ALLOWABLE: readonly RefusedPurchaseUnchecked[] = [
  'history',
  'constraint-members',
  'checkout-mandate',
  'payment-mandate',
  'agent',
];
