import { shake256 } from '@noble/hashes/sha3.js';
import { genCrystals, XOF128 } from '@noble/post-quantum/_crystals.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { equal } from '../encoding/bytes.js';

// Checks that an expanded ML-DSA-65 secret key is undamaged. Signatures by a damaged key may verify for years: one wrong bit of
// t0 spoils one signature in thousands. A trial signature therefore proves nothing. Instead, this module checks the key
// equation of FIPS 204 Algorithm 6,
//
//     A s1 + s2 = t1 2^13 + t0   (mod q),
//
// with t1 and H(pk) as ml_dsa65 derives them. A s1 is computed with the transform and the XOF that ml_dsa65 uses itself.

/** FIPS 204 Table 1. */
const N = 256;
const Q = 8380417;
const [ROWS, COLUMNS] = [6, 5];
const ETA = 4;
const D = 13;

/** skEncode (FIPS 204 Algorithm 24): the byte offset of each part. */
const TR_AT = 64;
const S1_AT = 128;
const [ETA_BITS, T0_BITS, T1_BITS] = [4, D, 10];
const polynomialBytes = (bits: number): number => (bits * N) / 8;
const S2_AT = S1_AT + COLUMNS * polynomialBytes(ETA_BITS);
const T0_AT = S2_AT + ROWS * polynomialBytes(ETA_BITS);
/** pkEncode (Algorithm 22). */
const T1_AT = 32;

const crystals = genCrystals({
  N,
  Q,
  F: 8347681, // 256^-1 mod q
  ROOT_OF_UNITY: 1753,
  newPoly: (n) => new Int32Array(n),
  isKyber: false,
  brvBits: 8,
});
const { NTT, mod } = crystals;

/** Reads `count` polynomials whose coefficients take `bits` bits each and are stored as `from` − coefficient. */
function polynomials(bytes: Uint8Array, at: number, count: number, bits: number, from: number): Int32Array[] {
  const stored = (value: number): number => (from === 0 ? value : from - value);
  const coder = crystals.bitsCoder(bits, { encode: stored, decode: stored });
  const length = polynomialBytes(bits);
  return Array.from({ length: count }, (_, i) =>
    coder.decode(bytes.subarray(at + i * length, at + (i + 1) * length)),
  );
}

/** RejNTTPoly (Algorithm 30): one element of A, in the domain of the transform. */
function sampleUniform(squeeze: () => Uint8Array): Int32Array {
  const element = new Int32Array(N);
  for (let j = 0, block = squeeze(), at = 0; j < N; at += 3) {
    if (at === block.length) [block, at] = [squeeze(), 0];
    const [low, middle, high] = block.subarray(at, at + 3) as unknown as [number, number, number];
    const candidate = low | (middle << 8) | ((high & 0x7f) << 16);
    if (candidate < Q) element[j++] = candidate;
  }
  return element;
}

/**
 * Whether rho, tr, s1, s2 and t0 of a 4032-byte expanded key belong together. K is not checked, because nothing else in the key
 * depends on it: signatures verify with any K.
 */
export function isUndamaged(expanded: Uint8Array): boolean {
  try {
    // Throws if coefficients of s1 and s2 are out of range.
    const publicKey = ml_dsa65.getPublicKey(expanded);
    const tr = expanded.subarray(TR_AT, S1_AT);
    return equal(shake256(publicKey, { dkLen: 64 }), tr) && keyEquationHolds(expanded, publicKey);
  } catch {
    return false;
  }
}

function keyEquationHolds(expanded: Uint8Array, publicKey: Uint8Array): boolean {
  const s1 = polynomials(expanded, S1_AT, COLUMNS, ETA_BITS, ETA).map((polynomial) => NTT.encode(polynomial));
  const s2 = polynomials(expanded, S2_AT, ROWS, ETA_BITS, ETA);
  const t0 = polynomials(expanded, T0_AT, ROWS, T0_BITS, 2 ** (D - 1));
  const t1 = polynomials(publicKey, T1_AT, ROWS, T1_BITS, 0);
  const a = XOF128(expanded.subarray(0, 32));
  let holds = true;
  for (let row = 0; row < ROWS; row++) {
    const sum = new Int32Array(N);
    for (const [column, factor] of s1.entries()) {
      const element = sampleUniform(a.get(column, row));
      // A product has 46 bits, which a JavaScript number holds exactly.
      for (let k = 0; k < N; k++) sum[k] = mod(get(sum, k) + get(element, k) * get(factor, k));
    }
    NTT.decode(sum);
    const [small, low, high] = [s2[row], t0[row], t1[row]] as [Int32Array, Int32Array, Int32Array];
    for (let k = 0; k < N; k++)
      holds &&= mod(get(sum, k) + get(small, k) - get(low, k) - get(high, k) * 2 ** D) === 0;
  }
  a.clean();
  return holds;
}

const get = (polynomial: Int32Array, index: number): number => polynomial[index] as number;
