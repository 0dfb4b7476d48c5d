import {
  base64urlLength,
  borrowBase64url,
  decodeBase64url,
  decodeBase64urlOfLength,
} from '../encoding/base64url.js';
import { isJsonObject, type JsonObject } from '../encoding/json.js';
import { type ParsedJsonObject, parseJson } from '../encoding/parse-json.js';
import { fail } from '../errors.js';
import {
  COMPOSITE,
  ECDSA_DER_MAX_BYTES,
  ES256,
  JWS_SIGNATURE_BYTES,
  type MandateAlgorithm,
  type MandateLimits,
  ML_DSA_65_SIGNATURE_BYTES,
  PROFILE_ALGORITHMS,
} from '../profile.js';
import { acceptedAlg, checkAlg } from './header.js';

/** The parts of a JWS in compact form. Nothing in it is verified. */
export interface ParsedJws {
  /** The JWS itself. */
  readonly compact: string;
  /** The JWS Signing Input (RFC 7515 §5.1), which the signature of the JWS covers. */
  readonly signingInput: string;
  readonly encodedHeader: string;
  readonly encodedPayload: string;
  /** The protected header with its exact text. */
  readonly header: ParsedJsonObject;
  readonly payload: JsonObject;
  /** The signature of the JWS: R‖S, 64 bytes; 3309 bytes if `alg` is `ML-DSA-65`; up to 3381 if it is `ML-DSA-65-ES256`. */
  readonly signature: Uint8Array;
}

/**
 * Parses a JWS in compact form (RFC 7515 §7.1) whose payload is a JSON object. The signature is R‖S, unless the header has
 * another `alg` that `accepted` includes (SPEC.md R20.3).
 */
export function parseJws(
  compact: string,
  limits: MandateLimits,
  accepted: readonly MandateAlgorithm[] = PROFILE_ALGORITHMS,
): ParsedJws {
  const segments = compact.split('.');
  if (segments.length !== 3) {
    fail('ERR_MANDATE_MALFORMED', 'mandate', `a JWS in compact form has 3 segments, got ${segments.length}`);
  }
  const [encodedHeader, encodedPayload, encodedSignature] = segments as [string, string, string];
  checkHeaderLength(encodedHeader, limits);
  const signingInput = compact.slice(0, compact.lastIndexOf('.'));
  const header = parseJsonObject(encodedHeader, 'protected', limits);
  const payload = parseJsonObject(encodedPayload, 'payload', limits).value;
  // The signature length depends on the algorithm. If it is wrong, "alg" may be at fault (SPEC.md R6.66).
  const alg = acceptedAlg(header.value, accepted) ?? ES256;
  if (alg === COMPOSITE) {
    const signature = decodeComposite(encodedSignature);
    return { compact, signingInput, encodedHeader, encodedPayload, header, payload, signature };
  }
  const bytes = JWS_SIGNATURE_BYTES[alg];
  if (encodedSignature.length !== base64urlLength(bytes)) checkAlg(header.value, accepted);
  const signature = decodeBase64urlOfLength(encodedSignature, bytes, 'signature', 'ERR_MANDATE_MALFORMED');
  return { compact, signingInput, encodedHeader, encodedPayload, header, payload, signature };
}

/** R20.10: the ES256 component has no fixed length. */
function decodeComposite(encoded: string): Uint8Array {
  const most = ML_DSA_65_SIGNATURE_BYTES + ECDSA_DER_MAX_BYTES;
  if (encoded.length > base64urlLength(most))
    fail('ERR_MANDATE_MALFORMED', 'signature', `"signature" must be at most ${most} bytes`);
  return decodeBase64url(encoded, 'signature', 'ERR_MANDATE_MALFORMED');
}

/** Rejects a protected header that is longer than the limit. */
export function checkHeaderLength(encodedHeader: string, { maxHeaderLength }: MandateLimits): void {
  if (encodedHeader.length <= maxHeaderLength) return;
  fail(
    'ERR_MANDATE_TOO_LARGE',
    'protected',
    `the protected header has ${encodedHeader.length} characters, the limit "maxHeaderLength" is ${maxHeaderLength}`,
  );
}

function parseJsonObject(segment: string, parameter: string, { maxDepth }: MandateLimits): ParsedJsonObject {
  const bytes = borrowBase64url(segment, parameter, 'ERR_MANDATE_MALFORMED');
  const { text, value } = parseJson(bytes, parameter, 'ERR_MANDATE_MALFORMED', maxDepth);
  if (!isJsonObject(value)) {
    fail('ERR_MANDATE_MALFORMED', parameter, `"${parameter}" must be a JSON object`);
  }
  return { text, value };
}
