import type { ReceiptReference, VerifyReceiptOptions } from '../ap2/index.js';
import type { JsonObject } from '../encoding/json.js';
import type { ReceiptPart } from './parts.js';

/** What is demanded of a receipt in a file: everything that the file says of it, whatever its outcome. */
export function receiptDemands(
  { issuer, reference, kind, allowJwtType, policy }: ReceiptPart,
  ofChain: ReceiptReference | JsonObject | undefined,
  currentDate: Date,
): VerifyReceiptOptions {
  const { iat, ...rest } = (ofChain ?? {}) as Partial<ReceiptReference>;
  return {
    // JSON leaves out a member that is undefined; the verification demands that it is there.
    reference: (reference ?? { ...rest, iat }) as ReceiptReference,
    ...(kind !== undefined && { kind }),
    ...(issuer === undefined ? { anyIssuer: true } : { issuer }),
    ...(allowJwtType !== undefined && { allowJwtType }),
    ...(policy !== undefined && { policy }),
    status: 'any',
    currentDate,
  };
}
