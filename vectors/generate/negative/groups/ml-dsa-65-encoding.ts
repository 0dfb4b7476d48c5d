// The bytes of an ML-DSA-65 signature: c̃ of 48 bytes, z of 3200, the hint of 61 (FIPS 204 Algorithm 26). FIPS 204 Algorithm 21
// rejects every encoding of a hint except one: a verifier that does not accepts a modified signature.
import { group, type NegativeCase } from '../case.js';
import { type PqParts, signMlDsa65 } from '../forge.js';

const LENGTH = 3309;
const HINT = 48 + 3200;
/** ω, the places for the positions of ones; followed by k = 6 counts. */
const PLACES = 55;
const POLYNOMIALS = 6;

type Change = (signature: Uint8Array, hint: Uint8Array) => void;

const changed =
  (change: Change) =>
  ({ fingerprint }: PqParts): Uint8Array => {
    const signature = signMlDsa65(fingerprint);
    change(signature, signature.subarray(HINT));
    return signature;
  };

const flip =
  (at: number, bit: number): Change =>
  (signature) => {
    signature[at] = (signature[at] as number) ^ bit;
  };

/** The range of the positions of the last polynomial. */
const lastPolynomial = (hint: Uint8Array): { begin: number; end: number } => ({
  begin: hint[PLACES + POLYNOMIALS - 2] as number,
  end: hint[PLACES + POLYNOMIALS - 1] as number,
});

/** The hint must leave some places unused, and have two positions in its last polynomial. */
function checkHint(hint: Uint8Array): void {
  const { begin, end } = lastPolynomial(hint);
  if (end >= PLACES || end - begin < 2)
    throw new Error('choose another payload: its hint is too full or too empty');
}

const unused: Change = (_, hint) => {
  checkHint(hint);
  hint[PLACES - 1] = 1;
};

const outOfOrder: Change = (_, hint) => {
  checkHint(hint);
  const { begin } = lastPolynomial(hint);
  hint.subarray(begin, begin + 2).reverse();
};

const repeated: Change = (_, hint) => {
  checkHint(hint);
  const { end } = lastPolynomial(hint);
  hint[end] = hint[end - 1] as number;
  hint[PLACES + POLYNOMIALS - 1] = end + 1;
};

const beyondPlaces: Change = (_, hint) => {
  hint[PLACES + POLYNOMIALS - 1] = PLACES + 1;
};

const descending: Change = (_, hint) => {
  hint[PLACES] = (hint[PLACES + 1] as number) + 1;
};

type Row = readonly [id: string, comment: string, change: Change];

const hints: readonly Row[] = [
  ['hint-unused-place', 'has a byte that is not zero in an unused place of the hint', unused],
  ['hint-out-of-order', 'has two positions of the hint exchanged', outOfOrder],
  ['hint-repeated', 'has a position of the hint repeated in an unused place', repeated],
  ['hint-beyond', 'has more positions in the hint than there are places', beyondPlaces],
  ['hint-descending', 'has counts in the hint that descend', descending],
];

const flips: readonly Row[] = [
  ['first-bit', 'has its first bit flipped', flip(0, 0x80)],
  ['first-bit-of-response', 'has the first bit of the response flipped', flip(48, 1)],
  ['last-bit-of-response', 'has the last bit of the response flipped', flip(HINT - 1, 0x80)],
  ['last-bit', 'has its last bit flipped', flip(LENGTH - 1, 1)],
];

const weak: readonly Row[] = [
  ['zeros', 'is of zeros', (signature) => signature.fill(0)],
  ['challenge-alone', 'has a proper challenge and zeros behind it', (signature) => signature.fill(0, 48)],
  ['without-challenge', 'has a challenge of zeros', (signature) => signature.fill(0, 0, 48)],
  ['without-hint', 'has an empty hint', (_, hint) => hint.fill(0)],
];

const cases = (rows: readonly Row[], flags: NegativeCase['flags']) =>
  group(
    'ml-dsa-65',
    { rule: 'R6.26', code: 'ERR_MANDATE_ML_DSA_65_INVALID', flags: ['verifier', ...flags] },
    rows.map(([id, comment, change]) => ({
      id,
      comment: `The ML-DSA-65 signature ${comment}`,
      defect: { mldsa65: changed(change) },
    })),
  );

export const mlDsa65Encodings: NegativeCase[] = [
  ...cases(hints, ['malleability']),
  ...cases(flips, ['weak-signature']),
  ...cases(weak, ['weak-signature']),
];
