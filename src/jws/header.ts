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

/** The post-quantum signature of a token: its decoded `pq_sig`, or the signature of the JWS itself. */
export interface PqSignature {
  /**
   * True where `alg` is `ML-DSA-65` or `ML-DSA-65-ES256`: the signature is that of the JWS, and there is no other (SPEC.md §20).
   * False for a `pq_sig`, over the fingerprint.
   */
  readonly alone: boolean;
  /** 3309 bytes. */
  readonly mldsa65: Uint8Array;
  /** The ES256 component of a hybrid or a composite, 64 bytes R‖S. */
  readonly hybridEs256: Uint8Array | undefined;
}

/** A protected header that keeps every rule of SPEC.md §4. */
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
 * Checks the rules of SPEC.md §4 on a parsed protected header, or those of §20 where `accepted` has its `alg`.
 *
 * @param signature Of the JWS.
 */
export function checkHeader(
  { text, value }: ParsedJsonObject,
  signature: Uint8Array,
  accepted: readonly MandateAlgorithm[] = PROFILE_ALGORITHMS,
): CheckedHeader {
  checkParameters(value, accepted);
  const header = value as JsonObject & MandateHeader;
  const hasAlg = Object.hasOwn(header, 'pq_alg');
  const hasSig = Object.hasOwn(header, 'pq_sig');
  if (header.alg === ML_DSA_65 || header.alg === COMPOSITE) {
    // A second post-quantum signature would be one that nobody verifies.
    for (const parameter of ['pq_alg', 'pq_sig']) {
      if (Object.hasOwn(header, parameter)) invalid(parameter, `absent where "alg" is "${header.alg}"`);
    }
    const pq: PqSignature =
      header.alg === COMPOSITE
        ? splitComposite(signature)
        : { alone: true, hybridEs256: undefined, mldsa65: signature };
    return { header, pq, encodedUnsignedHeader: encodeUnsignedHeader(header) };
  }
  if (!hasAlg && !hasSig)
    return { header, pq: undefined, encodedUnsignedHeader: encodeUnsignedHeader(header) };
  if (!hasAlg) {
    fail('ERR_MANDATE_PQ_ALG_MISSING', 'pq_alg', 'header parameter "pq_sig" stands without "pq_alg"');
  }
  if (!hasSig) {
    fail('ERR_MANDATE_PQ_SIG_MISSING', 'pq_sig', 'header parameter "pq_alg" stands without "pq_sig"');
  }
  const { whole, unsigned } = canonicalForms(header);
  if (text !== whole && text !== canonicalize(header)) {
    fail(
      'ERR_MANDATE_HEADER_NOT_CANONICAL',
      'protected',
      'the protected header must be in JCS form (RFC 8785)',
    );
  }
  const pq = decodePqSig(header.pq_alg, header.pq_sig);
  return { header, pq, encodedUnsignedHeader: encodeBase64url(unsigned) };
}

/** R20.10: ML-DSA-65, 3309 bytes, then an Ecdsa-Sig-Value in its one DER form. */
function splitComposite(signature: Uint8Array): PqSignature {
  const es256 = readStrictEcdsaSigValue(signature.subarray(ML_DSA_65_SIGNATURE_BYTES));
  if (es256 === undefined)
    fail('ERR_MANDATE_MALFORMED', 'signature', 'the ES256 component must be an Ecdsa-Sig-Value in DER');
  return { alone: true, hybridEs256: es256, mldsa65: signature.subarray(0, ML_DSA_65_SIGNATURE_BYTES) };
}

/**
 * The JCS form (RFC 8785) of a header without `pq_sig`, and with it. `pq_sig` is nearly all of a header, so that it is put between
 * the others as it is: `whole` is the JCS form unless something in `pq_sig` needs an escape, which nothing in base64url does.
 */
function canonicalForms(header: JsonObject): { readonly unsigned: string; readonly whole: string } {
  const before: JsonObject = {};
  const after: JsonObject = {};
  for (const [name, value] of Object.entries(header)) {
    // JCS sorts by UTF-16 code units, as this comparison does.
    if (name !== 'pq_sig') setMember(name < 'pq_sig' ? before : after, name, value);
  }
  const first = canonicalize(before).slice(1, -1);
  const last = canonicalize(after).slice(1, -1);
  const pqSig = typeof header.pq_sig === 'string' ? header.pq_sig : '';
  return { unsigned: objectOf(first, last), whole: objectOf(first, `"pq_sig":"${pqSig}"`, last) };
}

const objectOf = (...members: readonly string[]): string =>
  `{${members.filter((member) => member !== '').join(',')}}`;

/** The `alg` of a header, where it is one that the caller accepts. */
export const acceptedAlg = (
  header: JsonObject,
  accepted: readonly MandateAlgorithm[],
): MandateAlgorithm | undefined =>
  Object.hasOwn(header, 'alg') ? accepted.find((algorithm) => algorithm === header.alg) : undefined;

/** R4.1, R20.2. */
export function checkAlg(header: JsonObject, accepted: readonly MandateAlgorithm[]): void {
  if (acceptedAlg(header, accepted) !== undefined) return;
  const found = typeof header.alg === 'string' ? `, and is ${printable(header.alg.slice(0, 20))}` : '';
  invalid('alg', `${accepted.map((algorithm) => `"${algorithm}"`).join(' or ')}${found}`);
}

/** The rules for the parameters that the profile shares with JOSE (SPEC.md §4.1 and §4.2). */
export function checkParameters(
  header: JsonObject,
  accepted: readonly MandateAlgorithm[] = PROFILE_ALGORITHMS,
): void {
  checkAlg(header, accepted);
  // This verifier understands no critical extension, b64 (RFC 7797) included.
  if (Object.hasOwn(header, 'crit')) invalid('crit', 'absent');
  if (Object.hasOwn(header, 'b64') && header.b64 !== true) invalid('b64', 'absent or true');
  for (const parameter of ['kid', 'typ', 'cty', '_sd_alg']) {
    if (Object.hasOwn(header, parameter) && typeof header[parameter] !== 'string')
      invalid(parameter, 'a string');
  }
  if (Object.hasOwn(header, 'x5c') && !isStringArray(header.x5c as JsonValue))
    invalid('x5c', 'a non-empty array of strings');
}

/** True for a `pq_alg` value that the profile defines. */
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

/** `_sd_alg` in the header is a copy of the one in the payload (SPEC.md §4.1). */
export function checkSdAlgCopy(header: JsonObject, payload: JsonObject): void {
  if (!Object.hasOwn(header, '_sd_alg')) return;
  if (!Object.hasOwn(payload, '_sd_alg') || header._sd_alg !== payload._sd_alg) {
    invalid('_sd_alg', 'the same as in the payload');
  }
}
