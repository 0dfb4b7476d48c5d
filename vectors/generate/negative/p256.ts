import { p256 } from '@noble/curves/nist.js';
import { base64url } from '../keys.js';

/** n, the order of P-256, and p, that of its field, 32 bytes each (FIPS 186-5, SP 800-186 §3.2.1.3). */
export const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
export const FIELD = Buffer.from('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff', 'hex');

/** The scalar of the negative point, which has the same x. */
export const negated = (scalar: Uint8Array): Uint8Array =>
  p256.Point.Fn.toBytes(p256.Point.Fn.neg(p256.Point.Fn.fromBytes(scalar)));

/** (r, n − s), as valid as (r, s). */
export function twin(signature: Uint8Array): Uint8Array {
  const { r, s } = p256.Signature.fromBytes(signature, 'compact');
  return new p256.Signature(r, p256.Point.Fn.neg(s)).toBytes('compact');
}

export const derOf = (signature: Uint8Array): Uint8Array =>
  p256.Signature.fromBytes(signature, 'compact').toBytes('der');

/** The `x` and `y` of a JWK, for an uncompressed point of any curve. */
export function coordinates(point: Uint8Array): { x: string; y: string } {
  const half = (point.length + 1) / 2;
  return { x: base64url(point.subarray(1, half)), y: base64url(point.subarray(half)) };
}
