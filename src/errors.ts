import { JOSEError, JWSSignatureVerificationFailed } from 'jose/errors';

/**
 * Every `code` of a {@link MandateError}, with its meaning. The codes are stable: changing the meaning of a code, or removing
 * one, takes a major release.
 */
export const MANDATE_ERROR_CODES = {
  ERR_MANDATE_ARGUMENT_INVALID:
    'an argument or option of the call is missing, has the wrong type or is out of range',
  ERR_MANDATE_TOO_LARGE: 'a limit on size, count or nesting is exceeded',
  ERR_MANDATE_MALFORMED:
    'the text is not an SD-JWT in compact form: its segments, base64url, UTF-8 or JSON are invalid (RFC 9901 §4, RFC 7515 §7.1)',
  ERR_MANDATE_HEADER_INVALID: 'a protected header parameter breaks a rule (SPEC.md §4)',
  ERR_MANDATE_HEADER_NOT_CANONICAL:
    'the protected header is not canonical: its bytes differ from the JCS form of the JSON they hold (SPEC.md §4.3)',
  ERR_MANDATE_PQ_ALG_UNKNOWN: 'pq_alg is neither ML-DSA-65 nor ES256+ML-DSA-65',
  ERR_MANDATE_PQ_ALG_MISSING: 'pq_sig is present without pq_alg',
  ERR_MANDATE_PQ_SIG_MISSING:
    'pq_alg is present without pq_sig, as in a hybrid mandate whose signature was stripped',
  ERR_MANDATE_PQ_SIG_MALFORMED: 'pq_sig is not a string of exactly 4412 or 4498 base64url characters',
  ERR_MANDATE_PQ_REQUIRED: 'the mandate has no post-quantum signature, and the policy requires one',
  ERR_MANDATE_KEY_UNRESOLVED: 'a key that the policy requires could not be resolved',
  ERR_MANDATE_KEY_INVALID: 'a key is malformed, has the wrong type, or must not be used for this operation',
  ERR_MANDATE_KEY_AMBIGUOUS: 'a key set has more than one key of the same kind for the mandate',
  ERR_MANDATE_KEY_SET_INVALID: 'a key document is not a valid JWK Set or DID document',
  ERR_MANDATE_ISSUER_UNTRUSTED: 'the issuer is missing or not trusted',
  ERR_MANDATE_FETCH_URL:
    'the URL or DID of a document is malformed or does not use https, and is not fetched',
  ERR_MANDATE_FETCH_FAILED: 'a document could not be fetched: the connection failed or was interrupted',
  ERR_MANDATE_FETCH_TIMEOUT: 'a document did not arrive within the time limit',
  ERR_MANDATE_FETCH_STATUS: 'the server answered with a status other than 200',
  ERR_MANDATE_FETCH_REDIRECT: 'the server redirects to another origin, without a target, or too often',
  ERR_MANDATE_FETCH_CONTENT_TYPE: 'a document has the wrong media type or content encoding',
  ERR_MANDATE_FETCH_TOO_LARGE: 'a document is larger than the limit',
  ERR_MANDATE_ES256_INVALID: 'the ES256 signature of the JWS does not verify',
  ERR_MANDATE_HYBRID_ES256_INVALID: 'the ES256 component of a hybrid pq_sig does not verify',
  ERR_MANDATE_ML_DSA_65_INVALID: 'the ML-DSA-65 signature does not verify',
  ERR_MANDATE_VERIFIER_FAILED:
    'an external verifier threw or did not answer in time; without a verdict the mandate is rejected',
  ERR_MANDATE_SD_ALG_UNSUPPORTED: '_sd_alg is not sha-256, or occurs below the top level (RFC 9901 §4.1.1)',
  ERR_MANDATE_DIGEST_MALFORMED: 'an _sd array or a "..." element does not have the form of RFC 9901 §4.2.4',
  ERR_MANDATE_DIGEST_REPEATED: 'a digest occurs more than once (RFC 9901 §7.1 step 4)',
  ERR_MANDATE_DISCLOSURE_MALFORMED:
    'a disclosure is not [salt, name, value] or [salt, value] (RFC 9901 §4.2)',
  ERR_MANDATE_DISCLOSURE_REPEATED: 'the same disclosure, or the same salt, occurs more than once',
  ERR_MANDATE_DISCLOSURE_MISPLACED:
    'a disclosure of an object member is used for an array element, or the reverse (RFC 9901 §7.1)',
  ERR_MANDATE_DISCLOSURE_NAME: 'a disclosed name is reserved or already exists (RFC 9901 §7.1)',
  ERR_MANDATE_DISCLOSURE_UNREFERENCED: 'no digest references a disclosure (RFC 9901 §7.1 step 5)',
  ERR_MANDATE_KEY_BINDING_UNEXPECTED: 'a key binding JWT is present although the caller did not ask for one',
  ERR_MANDATE_KEY_BINDING_MISSING: 'the caller asked for a key binding JWT, and the mandate has none',
  ERR_MANDATE_KEY_BINDING_INVALID:
    'a key binding JWT does not meet RFC 9901 §4.3 or the demands of the caller',
  ERR_MANDATE_CONFIRMATION_INVALID: 'cnf or pq_cnf is missing, or does not confirm exactly one key',
  ERR_MANDATE_CHAIN_INVALID:
    'the tokens of a delegation chain do not fit together: typ, open and closed, delegate_payload',
  ERR_MANDATE_CERTIFICATE_INVALID:
    'the certificates in x5c are malformed, do not lead to a trusted root, or belong to another issuer',
  ERR_MANDATE_CREDENTIAL_INVALID:
    'a User Credential has a vct or typ that is not accepted, or hides a claim that must not be in a disclosure',
  ERR_MANDATE_BINDING_INVALID:
    'a hop does not have exactly one of sd_hash and issuer_jwt_hash, or the hash is wrong',
  ERR_MANDATE_RETENTION: 'the retention metadata is missing, malformed, or too short',
  ERR_MANDATE_REVOKED: 'the mandate is revoked',
  ERR_MANDATE_REVOCATION_UNKNOWN: 'the revocation status of the mandate could not be determined',
  ERR_MANDATE_HOOK_FAILED: 'the function "onVerified" failed; the mandate was not logged and is rejected',
  ERR_MANDATE_STATUS_INVALID: 'the status claim, or the Status List Token it refers to, is malformed',
  ERR_MANDATE_PAYLOAD_INVALID:
    'the payload to be signed cannot be represented in I-JSON, or uses a reserved name',
  ERR_MANDATE_DISCLOSURE_FRAME_INVALID: 'the disclosure frame does not fit the payload',
  ERR_MANDATE_BACK_END_UNAVAILABLE: 'the runtime does not offer the forced back end',
  ERR_MANDATE_LOAD_FAILED:
    'a module that is loaded on first use could not be loaded; the next call tries again',
  ERR_MANDATE_RUNTIME_UNSUPPORTED: 'the runtime lacks a function that this library needs',
  ERR_MANDATE_SCHEMA: 'the content of a mandate, checkout or receipt does not have the form of AP2 v0.2',
  ERR_MANDATE_CHECKOUT_INVALID: 'a merchant’s checkout breaks a rule (SPEC.md §10.9)',
  ERR_MANDATE_PURCHASE_REFUSED: 'a purchase is rejected; the error lists every reason (SPEC.md §10.10)',
  ERR_MANDATE_RECEIPT_REFERENCE: 'a receipt refers to another mandate',
  ERR_MANDATE_RECEIPT_KIND:
    'a payment receipt was found where a checkout receipt is expected, or the reverse',
  ERR_MANDATE_RECEIPT_STATUS: 'the receipt reports an error where success is expected, or the reverse',
  ERR_MANDATE_CONSTRAINT_UNKNOWN:
    'an open mandate has a constraint of an unknown type; such a constraint always fails',
  ERR_MANDATE_CONSTRAINT_VIOLATED: 'a closed mandate violates a constraint, or a claim, of an open one',
  ERR_MANDATE_HISTORY_UNKNOWN: 'the past uses of a mandate could not be determined',
  ERR_MANDATE_SIGNER_FAILED:
    'an external signer threw, did not answer in time, or returned something other than a signature',

  // ap2-pq/vi
  ERR_VI_LAYER_INVALID: 'the layers of a Verifiable Intent do not fit together: typ, mode, claims, mandates',
  ERR_VI_PAIR_INVALID:
    'the mandates of a Verifiable Intent do not form pairs: a mandate has no partner, or more than one',
  ERR_VI_NOT_PORTABLE:
    'a verifier that re-encodes the content to be signed would get different bytes (SPEC.md §19.2)',

  // ap2-pq/signers
  ERR_SIGNER_DER: 'the readiness check: a signer returns ECDSA signatures in DER instead of R‖S',
  ERR_SIGNER_HASHED_TWICE: 'the readiness check: a signer hashes its input once too often',
  ERR_SIGNER_PREHASH:
    'the readiness check: a signer uses HashML-DSA, or a variant other than FIPS 204 Algorithm 2',
  ERR_SIGNER_CONTEXT: 'the readiness check: a signer uses ML-DSA with a context that is not empty',
  ERR_SIGNER_MISMATCH:
    'the readiness check: a signature does not verify with the public key; most likely the signer uses another key',

  // ap2-pq/seal
  ERR_SEAL_RECORD_INVALID: 'a record to be sealed does not have the form of its kind',
  ERR_SEAL_CHECKPOINT_MALFORMED: 'the text is not a signed checkpoint (C2SP signed-note, tlog-checkpoint)',
  ERR_SEAL_CHECKPOINT_UNTRUSTED:
    'a checkpoint belongs to another log, or lacks a valid signature or cosignature that the policy requires',
  ERR_SEAL_PROOF_MALFORMED: 'the text is not a proof in the format of C2SP tlog-proof',
  ERR_SEAL_PROOF_INVALID: 'a proof does not lead to the root of the checkpoint',
  ERR_SEAL_LOG_CORRUPT: 'the content of a store does not match the checkpoint of the log',
  ERR_SEAL_LOG_LOCKED: 'another writer has the log open, or has written to it',
  ERR_SEAL_LOG_CLOSED: 'the log is closed, or an earlier write has failed',
  ERR_SEAL_STORE_FAILED: 'a store threw, or returned something other than bytes',
  ERR_SEAL_TIME_STAMP_INVALID:
    'a time stamp (RFC 3161) is malformed, covers other data, or is not from a trusted authority',

  // ap2-pq/evidence
  ERR_EVIDENCE_MALFORMED: 'the text is not an evidence file: its JSON, canonical form or schema is invalid',
  ERR_EVIDENCE_SIGNATURE:
    'the signature over the parts of an evidence file does not verify, or is not from a trusted party',
  ERR_EVIDENCE_REFUSED:
    'a statement of an evidence file does not hold, or the file does not prove what the caller demands',
} as const;

/** The codes of this library's own errors. */
export type MandateErrorCode = keyof typeof MANDATE_ERROR_CODES;

/**
 * Every `code` that {@link verifyMandate} and related functions throw: this library's own, and jose's two for claims. A
 * `switch` over it can be exhaustive.
 */
export type AnyMandateErrorCode = MandateErrorCode | 'ERR_JWT_EXPIRED' | 'ERR_JWT_CLAIM_VALIDATION_FAILED';

/**
 * Thrown for everything except a failed signature ({@link MandateSignatureError}) and a failed claim (jose's
 * `JWTClaimValidationFailed` and `JWTExpired`). Like those, it extends jose's `JOSEError`.
 */
export class MandateError extends JOSEError {
  static override code: MandateErrorCode = 'ERR_MANDATE_MALFORMED';
  override code: MandateErrorCode;
  /** The argument, option, header parameter, claim or part of the mandate at fault; a path if it is nested. */
  readonly parameter: string;

  /** @internal */
  constructor(code: MandateErrorCode, parameter: string, message: string, options?: { cause?: unknown }) {
    super(onOneLine(message), options);
    this.code = code;
    this.parameter = onOneLine(parameter);
  }
}

/**
 * Throws a {@link MandateError}.
 *
 * @internal
 */
export function fail(
  code: MandateErrorCode,
  parameter: string,
  message: string,
  options?: { cause?: unknown },
): never {
  throw new MandateError(code, parameter, message, options);
}

const MAX_MESSAGE = 500;

/** Messages and paths hold names that others wrote. Those names must not break a line of a log, or fill it. */
const onOneLine = (text: string): string =>
  (text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`).replace(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    '?',
  );

/** The result for one signature: `absent` if the mandate has none, `not-checked` if no verdict was reached. */
export type SignatureStatus = 'valid' | 'invalid' | 'absent' | 'not-checked';

/** The signatures of a mandate, reported one by one (SPEC.md §7). */
export interface SignatureReport {
  /** ES256 of the JWS, over the whole protected header and the payload. */
  readonly es256: SignatureStatus;
  /** ML-DSA-65 over the fingerprint. */
  readonly mldsa65: SignatureStatus;
  /** The ES256 component of a hybrid `pq_sig`, over the PQ Signing Input. */
  readonly hybridEs256: SignatureStatus;
}

/**
 * Thrown when a signature that the policy requires does not verify. Extends jose's
 * `JWSSignatureVerificationFailed`, so that an existing `instanceof` handler catches it too.
 */
export class MandateSignatureError extends JWSSignatureVerificationFailed {
  static override code: MandateErrorCode = 'ERR_MANDATE_ES256_INVALID';
  override code: MandateErrorCode;
  /** What was known about each signature when the mandate was rejected. */
  readonly signatures: SignatureReport;

  /** @internal */
  constructor(
    code: MandateErrorCode,
    message: string,
    signatures: SignatureReport,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
    this.signatures = signatures;
  }
}

/** Every `code` of a {@link LedgerError}, with its meaning. These codes are as stable as those above. */
export const LEDGER_ERROR_CODES = {
  ERR_LEDGER_USED: 'a mandate, value or nonce was already used in another attempt, which is committed',
  ERR_LEDGER_RESERVED:
    'a mandate, value or nonce is held by the reservation of another attempt, which may still expire or be released',
  ERR_LEDGER_ATTEMPT_CONFLICT: 'the same attempt was reserved before with different content',
  ERR_LEDGER_REFUSED: 'the function "decide" refused the use of an open mandate; see "reasons"',
  ERR_LEDGER_NONCE_INVALID: 'a nonce was never issued, belongs to another checkout, or has expired',
  ERR_LEDGER_REVOKED: 'a mandate of the request is revoked in the ledger',
  ERR_LEDGER_NOT_CONSUMED:
    'the upstream verifier has not committed the attempt that the request depends on, or committed it for another transaction',
  ERR_LEDGER_RESERVATION_EXPIRED: 'the reservation expired before it was committed; nothing is spent',
  ERR_LEDGER_RESERVATION_RELEASED: 'the reservation was already released; nothing is spent',
  ERR_LEDGER_RESERVATION_COMMITTED: 'a committed reservation cannot be released',
  ERR_LEDGER_RESERVATION_UNKNOWN: 'the ledger has no reservation with this id',
  ERR_LEDGER_OUTCOME_UNKNOWN:
    'the store did not answer, and it is unknown whether the change was made; call "status", or repeat the call',
  ERR_LEDGER_TIMEOUT: 'the store was not reached in time; nothing was changed',
  ERR_LEDGER_STORE_FAILED: 'the store refused the change; nothing was changed',
  ERR_LEDGER_STORE_NOT_DURABLE:
    'the store could lose changes that it confirmed, and is used only if the caller explicitly allows it',
  ERR_LEDGER_STORE_EMPTIED:
    'the store no longer holds the ledger that was opened; it was emptied or replaced',
  ERR_LEDGER_SCHEMA_TOO_NEW:
    'a newer version of this library wrote the ledger, in a format that this version cannot read',
} as const;

/** The codes of a {@link LedgerError}. */
export type LedgerErrorCode = keyof typeof LEDGER_ERROR_CODES;

/** Details of a {@link LedgerError}, besides its code. */
export interface LedgerErrorDetails {
  readonly reservation?: string | undefined;
  readonly reasons?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** Thrown by the ledger when it refuses a request or its store fails. Extends jose's `JOSEError`. */
export class LedgerError extends JOSEError {
  static override code: LedgerErrorCode = 'ERR_LEDGER_STORE_FAILED';
  override code: LedgerErrorCode;
  /** The part of the request at fault, such as `entries[1]`. */
  readonly parameter: string;
  /** The id of the reservation that the error concerns, for `status`. */
  readonly reservation: string | undefined;
  /** Why `decide` refused, one text for each reason; empty for other errors. */
  readonly reasons: readonly string[];

  /** @internal */
  constructor(code: LedgerErrorCode, parameter: string, message: string, details: LedgerErrorDetails = {}) {
    super(onOneLine(message), 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.parameter = onOneLine(parameter);
    this.reservation = details.reservation;
    this.reasons = Object.freeze((details.reasons ?? []).map(onOneLine));
  }
}
