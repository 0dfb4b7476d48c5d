import { JOSEError } from 'jose/errors';
import { MandateError } from '../../errors.js';
import { receiptErrorOf, verdictCodeOf } from '../chain/receipt-error.js';
import {
  type ConstraintRule,
  type ConstraintViolation,
  MandateConstraintError,
} from '../constraints/violation.js';
import type { ReceiptErrorCode } from '../model/receipt.js';

/** The part that a reason concerns: one of the two chains, the merchant's JWT, or their combination. */
export type PurchasePart = 'checkout' | 'payment' | 'checkoutJwt' | 'purchase';

/** One reason why a purchase is rejected. It contains amounts, currencies, dates and counts, but no other values. */
export interface PurchaseReason {
  readonly part: PurchasePart;
  /** `ERR_MANDATE_CONSTRAINT_VIOLATED` for a missing authorization; otherwise the code with which the part was rejected. */
  readonly code: string;
  /** The violated rule, if the code is `ERR_MANDATE_CONSTRAINT_VIOLATED`. */
  readonly rule: ConstraintRule | undefined;
  /** The path, such as `payment.hops[0].delegate_payload[0].constraints[1].max`. */
  readonly path: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** AP2's code for the receipt. */
  readonly error: ReceiptErrorCode;
}

/** Thrown if a purchase is rejected. */
export class MandatePurchaseError extends MandateError {
  /** All reasons. */
  readonly reasons: readonly PurchaseReason[];

  /** @internal */
  constructor(reasons: readonly [PurchaseReason, ...PurchaseReason[]], options?: { cause?: unknown }) {
    const [{ path, message }] = reasons;
    const others = reasons.length === 1 ? '' : ` (and ${reasons.length - 1} more, see "reasons")`;
    super('ERR_MANDATE_PURCHASE_REFUSED', path, `the purchase is rejected: ${message}${others}`, options);
    this.reasons = reasons;
  }
}

/** AP2's code for the receipt of a rejected purchase: that of the most serious reason. */
export function purchaseErrorOf({ reasons }: MandatePurchaseError): ReceiptErrorCode {
  const errors = reasons.map(({ error }) => error);
  const found = (['invalid_credential', 'invalid_mandate'] as const).find((error) => errors.includes(error));
  return found ?? 'unresolved_constraint';
}

/** Converts an error in one part to a reason; `undefined` if the error is not a verdict. */
export function reasonOf(part: PurchasePart, error: unknown): PurchaseReason | undefined {
  const code = verdictCodeOf(error);
  if (code === undefined || !(error instanceof JOSEError)) return undefined;
  const { hop, parameter } = error as { hop?: number; parameter?: string };
  const path = [
    part,
    hop === undefined ? '' : `.hops[${hop}]`,
    parameter === undefined ? '' : `: ${parameter}`,
  ];
  return {
    part,
    code,
    rule: undefined,
    path: path.join(''),
    message: error.message,
    error: receiptErrorOf(error, code),
  };
}

/** Converts a violation to a reason. */
export const reasonOfViolation = (violation: ConstraintViolation): PurchaseReason => ({
  part: partOf(violation.path),
  code: 'ERR_MANDATE_CONSTRAINT_VIOLATED',
  rule: violation.rule,
  path: violation.path,
  message: new MandateConstraintError([violation]).message,
  error: violation.error,
});

const partOf = (path: string): PurchasePart =>
  (['checkout', 'payment', 'checkoutJwt'] as const).find((part) => path.split(/[.[]/, 1)[0] === part) ??
  'purchase';
