import { isUint8Array } from '../brand.js';
import { equal } from '../encoding/bytes.js';
import { readEcdsaSigValue, writeEcdsaSigValue } from '../encoding/pem.js';
import { fail } from '../errors.js';
import { isP256Scalar } from '../keys/algorithms.js';
import { P256_FIELD_BYTES } from '../profile.js';

/** R‖S of an ECDSA-Sig-Value of P-256; `undefined` for bytes that are not its only DER encoding. */
export function readDer(signature: Uint8Array): Uint8Array | undefined {
  try {
    const raw = readEcdsaSigValue(signature);
    const isCanonical = equal(writeEcdsaSigValue(raw), signature);
    const halves = [raw.subarray(0, P256_FIELD_BYTES), raw.subarray(P256_FIELD_BYTES)];
    return isCanonical && halves.every(isP256Scalar) ? raw : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Converts an ECDSA signature of P-256 from DER (ECDSA-Sig-Value, RFC 3279 §2.2.3), as a KMS returns it, to R‖S (RFC 7518 §3.4).
 * Only strict DER is accepted: shortest lengths, no redundant zeros, no trailing bytes, and R and S from 1 to n − 1.
 *
 * @example
 * ```ts
 * es256FromDer(await kmsSign(digest)); // 64 bytes
 * ```
 *
 * @param signature DER, 8 to 72 bytes.
 * @returns R‖S, 64 bytes, a copy.
 * @throws {MandateError} `ERR_MANDATE_SIGNER_FAILED`
 */
export function es256FromDer(signature: Uint8Array): Uint8Array {
  const raw = isUint8Array(signature) ? readDer(signature) : undefined;
  return (
    raw ??
    fail(
      'ERR_MANDATE_SIGNER_FAILED',
      'es256',
      '"es256" must be an ECDSA signature of P-256 in DER (ECDSA-Sig-Value)',
    )
  );
}
