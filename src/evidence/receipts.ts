import type { ReceiptReference, VerifyReceiptOptions } from '../ap2/index.js';
import type { ReceiptPart } from './parts.js';
import type { Verdict } from './verdict.js';

/** What receipts for the presentation refer to: one reference for each chain. */
export type References = Pick<Verdict, 'receiptReference' | 'receiptReferences'>;

/** The references, by the kind of their receipts where there is more than one. */
function referenceFor(kind: ReceiptPart['kind'], { receiptReference, receiptReferences }: References) {
  const all = [receiptReference, receiptReferences?.checkout, receiptReferences?.payment].filter(
    (reference) => reference !== undefined,
  );
  return all.length === 1 ? all[0] : all.find((reference) => reference.kind === kind);
}

/**
 * What is demanded of a receipt in a file: everything that the file says of it, whatever its outcome. `undefined` where nothing says
 * what its reference must be.
 */
export function receiptDemands(
  { issuer, reference, kind, allowJwtType, policy }: ReceiptPart,
  references: References,
  currentDate: Date,
): VerifyReceiptOptions | undefined {
  const found = referenceFor(kind, references);
  if (reference === undefined && found === undefined) return undefined;
  return {
    // JSON leaves out a member that is undefined; the verification demands that it is there.
    reference: reference ?? ({ ...found, iat: found?.iat } as ReceiptReference),
    ...(kind !== undefined && { kind }),
    ...(issuer === undefined ? { anyIssuer: true } : { issuer }),
    ...(allowJwtType !== undefined && { allowJwtType }),
    ...(policy !== undefined && { policy }),
    status: 'any',
    currentDate,
  };
}
