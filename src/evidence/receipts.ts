import type { ReceiptReference, VerifyReceiptOptions } from '../ap2/index.js';
import type { ReceiptPart } from './parts.js';
import type { Verdict } from './verdict.js';

/** The references of receipts for the presentation: one for each chain. */
export type References = Pick<Verdict, 'receiptReference' | 'receiptReferences'>;

/** The reference for a receipt, selected by its kind if there is more than one. */
function referenceFor(kind: ReceiptPart['kind'], { receiptReference, receiptReferences }: References) {
  const all = [receiptReference, receiptReferences?.checkout, receiptReferences?.payment].filter(
    (reference) => reference !== undefined,
  );
  return all.length === 1 ? all[0] : all.find((reference) => reference.kind === kind);
}

/**
 * The demands on a receipt in a file: everything that the file says about it, whatever its outcome. `undefined` if nothing
 * determines its reference.
 */
export function receiptDemands(
  { issuer, reference, kind, allowJwtType, policy }: ReceiptPart,
  references: References,
  currentDate: Date,
): VerifyReceiptOptions | undefined {
  const found = referenceFor(kind, references);
  if (reference === undefined && found === undefined) return undefined;
  return {
    // JSON leaves out an undefined member, but the verification requires it to be present.
    reference: reference ?? ({ ...found, iat: found?.iat } as ReceiptReference),
    ...(kind !== undefined && { kind }),
    ...(issuer === undefined ? { anyIssuer: true } : { issuer }),
    ...(allowJwtType !== undefined && { allowJwtType }),
    ...(policy !== undefined && { policy }),
    status: 'any',
    currentDate,
  };
}
