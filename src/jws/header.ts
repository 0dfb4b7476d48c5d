import { decodeBase64urlOfLength, encodeBase64url } from '../encoding/base64url.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { type JsonObject, type JsonValue, setMember } from '../encoding/json.js';
import type { ParsedJsonObject } from '../encoding/parse-json.js';
import { readStrictEcdsaSigValue } from '../encoding/pem.js';
import { fail } from '../errors.js';
import type { MandateHeader } from '../keys/types.js';
import { printable } from '../options.js';
import {
  COMPOSITE,
  ES256_SIGNATURE_BYTES,
  HYBRID,
  type MandateAlgorithm,
  ML_DSA_65,
  ML_DSA_65_SIGNATURE_BYTES,
  PQ_SIG_BYTES,
  type PqAlg,
  PROFILE_ALGORITHMS,
} from '../profile.js';
import { encodeUnsignedHeader } from './signing-input.js';

/** The post-quantum signature of a token: its decoded `pq_sig`, or the signature of the JWS. */
export interface PqSignature {
  /**
   * True if `alg` is `ML-DSA-65` or `ML-DSA-65-ES256`: the signature is that of the JWS, and the only one (SPEC.md §20). False
   * for a `pq_sig`, which covers the fingerprint.
   */
  readonly alone: boolean;
  /** 3309 bytes. */
  readonly mldsa65: Uint8Array;
  /** The ES256 component of a hybrid or a composite, 64 bytes R‖S. */
  readonly hybridEs256: Uint8Array | undefined;
}

/** A protected header that meets every rule of SPEC.md §4. */
export interface CheckedHeader {
  readonly header: JsonObject & MandateHeader;
  /** `undefined` for a classical-only mandate. */
  readonly pq: PqSignature | undefined;
  /** BASE64URL of the JCS form of the header without `pq_sig`: the first segment of the PQ Signing Input (SPEC.md §5.1). */
  readonly encodedUnsignedHeader: string;
}

const invalid = (parameter: string, expected: string): never => {
  fail('ERR_MANDATE_HEADER_INVALID', parameter, `header parameter "${parameter}" must be ${expected}`);
};

const isStringArray = (value: JsonValue): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === 'string');

/**
 * Checks a parsed protected header against the rules of SPEC.md §4, or against those of §20 if `accepted` includes its `alg`.
 *
 * @param signature The signature of the JWS.
 */
export function checkHeader(
  { text, value }: ParsedJsonObject,
  signature: Uint8Array,
  accepted: readonly MandateAlgorithm[] = PROFILE_ALGORITHMS,
): CheckedHeader {
  checkParameters(value, accepted);
  const header = value as JsonObject & MandateHeader;
  const hasPqAlg = Object.hasOwn(header, 'pq_alg');
  const hasPqSig = Object.hasOwn(header, 'pq_sig');
  if (header.alg === ML_DSA_65 || header.alg === COMPOSITE) {
    // Nobody would verify a second post-quantum signature.
    for (const parameter of ['pq_alg', 'pq_sig']) {
      if (Object.hasOwn(header, parameter)) invalid(parameter, `absent if "alg" is "${header.alg}"`);
    }
    const pq: PqSignature =
      header.alg === COMPOSITE
        ? splitComposite(signature)
        : { alone: true, hybridEs256: undefined, mldsa65: signature };
    return { header, pq, encodedUnsignedHeader: encodeUnsignedHeader(header) };
  }
  if (!hasPqAlg && !hasPqSig)
    return { header, pq: undefined, encodedUnsignedHeader: encodeUnsignedHeader(header) };
  if (!hasPqAlg) {
    fail('ERR_MANDATE_PQ_ALG_MISSING', 'pq_alg', 'header parameter "pq_sig" is present without "pq_alg"');
  }
  if (!hasPqSig) {
    fail('ERR_MANDATE_PQ_SIG_MISSING', 'pq_sig', 'header parameter "pq_alg" is present without "pq_sig"');
  }
  const { unsigned, isText } = canonicalForms(header, text);
  if (!isText && text !== canonicalize(header)) {
    fail(
      'ERR_MANDATE_HEADER_NOT_CANONICAL',
      'protected',
      'the protected header must be in JCS form (RFC 8785)',
    );
  }
  const pq = decodePqSig(header.pq_alg, header.pq_sig);
  return { header, pq, encodedUnsignedHeader: encodeBase64url(unsigned) };
}

/** R20.10: ML-DSA-65, 3309 bytes, followed by an Ecdsa-Sig-Value in its only DER form. */
function splitComposite(signature: Uint8Array): PqSignature {
  const es256 = readStrictEcdsaSigValue(signature.subarray(ML_DSA_65_SIGNATURE_BYTES));
  if (es256 === undefined)
    fail('ERR_MANDATE_MALFORMED', 'signature', 'the ES256 component must be an Ecdsa-Sig-Value in DER');
  return { alone: true, hybridEs256: es256, mldsa65: signature.subarray(0, ML_DSA_65_SIGNATURE_BYTES) };
}

/**
 * The JCS form (RFC 8785) of a header without `pq_sig`, and whether `text` is that form with `pq_sig` in its place. `pq_sig` is most
 * of the header, so it is compared where it stands, and never copied. `isText` is false for a `pq_sig` that needs an escape, which
 * base64url never does.
 */
function canonicalForms(
  header: JsonObject,
  text: string,
): { readonly unsigned: string; readonly isText: boolean } {
  const before: JsonObject = {};
  const after: JsonObject = {};
  for (const name of Object.keys(header)) {
    // JCS sorts by UTF-16 code units, and so does this comparison.
    if (name !== 'pq_sig') setMember(name < 'pq_sig' ? before : after, name, header[name] as JsonValue);
  }
  const first = canonicalize(before).slice(1, -1);
  const last = canonicalize(after).slice(1, -1);
  // `alg` and `pq_alg` are always before it.
  const rest = last === '' ? '' : `,${last}`;
  const [start, end] = [`{${first},"pq_sig":"`, `"${rest}}`];
  return {
    unsigned: `{${first}${rest}}`,
    isText:
      text.startsWith(start) &&
      text.endsWith(end) &&
      text.slice(start.length, text.length - end.length) === header.pq_sig,
  };
}

/** The `alg` of a header, if the caller accepts it. */
export const acceptedAlg = (
  header: JsonObject,
  accepted: readonly MandateAlgorithm[],
): MandateAlgorithm | undefined =>
  Object.hasOwn(header, 'alg') ? accepted.find((algorithm) => algorithm === header.alg) : undefined;

/** R4.1, R20.2. */
export function checkAlg(header: JsonObject, accepted: readonly MandateAlgorithm[]): void {
  if (acceptedAlg(header, accepted) !== undefined) return;
  const found = typeof header.alg === 'string' ? `, got ${printable(header.alg.slice(0, 20))}` : '';
  invalid('alg', `${accepted.map((algorithm) => `"${algorithm}"`).join(' or ')}${found}`);
}

/** The rules for the parameters that the profile shares with JOSE (SPEC.md §4.1 and §4.2). */
export function checkParameters(
  header: JsonObject,
  accepted: readonly MandateAlgorithm[] = PROFILE_ALGORITHMS,
): void {
  checkAlg(header, accepted);
  // This verifier supports no critical extension, and b64 (RFC 7797) is one.
  if (Object.hasOwn(header, 'crit')) invalid('crit', 'absent');
  if (Object.hasOwn(header, 'b64') && header.b64 !== true) invalid('b64', 'absent or true');
  for (const parameter of ['kid', 'typ', 'cty', '_sd_alg']) {
    if (Object.hasOwn(header, parameter) && typeof header[parameter] !== 'string')
      invalid(parameter, 'a string');
  }
  if (Object.hasOwn(header, 'x5c') && !isStringArray(header.x5c as JsonValue))
    invalid('x5c', 'a non-empty array of strings');
}

/** Whether the profile defines this `pq_alg` value. */
export const isPqAlg = (value: unknown): value is PqAlg =>
  typeof value === 'string' && Object.hasOwn(PQ_SIG_BYTES, value);

function decodePqSig(pqAlg: unknown, pqSig: unknown): PqSignature {
  if (!isPqAlg(pqAlg)) {
    fail(
      'ERR_MANDATE_PQ_ALG_UNKNOWN',
      'pq_alg',
      `header parameter "pq_alg" must be one of ${Object.keys(PQ_SIG_BYTES).join(', ')}`,
    );
  }
  if (typeof pqSig !== 'string') {
    fail('ERR_MANDATE_PQ_SIG_MALFORMED', 'pq_sig', 'header parameter "pq_sig" must be a string');
  }
  const bytes = decodeBase64urlOfLength(pqSig, PQ_SIG_BYTES[pqAlg], 'pq_sig', 'ERR_MANDATE_PQ_SIG_MALFORMED');
  const mldsa65At = pqAlg === HYBRID ? ES256_SIGNATURE_BYTES : 0;
  return {
    alone: false,
    hybridEs256: pqAlg === HYBRID ? bytes.subarray(0, mldsa65At) : undefined,
    mldsa65: bytes.subarray(mldsa65At),
  };
}

/** `_sd_alg` in the header is a copy of the payload's `_sd_alg` (SPEC.md §4.1). */
export function checkSdAlgCopy(header: JsonObject, payload: JsonObject): void {
  if (!Object.hasOwn(header, '_sd_alg')) return;
  if (!Object.hasOwn(payload, '_sd_alg') || header._sd_alg !== payload._sd_alg) {
    invalid('_sd_alg', 'the same as in the payload');
  }
}
