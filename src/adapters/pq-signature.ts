import { base64urlLength, encodeBase64url } from '../encoding/base64url.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject } from '../encoding/json.js';
import { readJson } from '../encoding/read-json.js';
import type { SignatureReport } from '../errors.js';
import { checkHeaderLength } from '../jws/compact.js';
import { checkSdAlgCopy } from '../jws/header.js';
import { identityOf } from '../jws/identity.js';
import { mandateId } from '../jws/mandate-id.js';
import { type Policy, policyOption, policyRules } from '../jws/policy.js';
import { addPqSig, pqAlgOption, unsignedHeader } from '../jws/sign.js';
import { verifyPqSignatures } from '../jws/signatures.js';
import { checkPolicy, findKeys, readJws } from '../jws/verify.js';
import { checkPrivateKeys } from '../keys/private-keys.js';
import { checkKeysArgument, type MandateKeyResolver } from '../keys/resolve-keys.js';
import { importSigner } from '../keys/signer.js';
import type { Es256PrivateKey, MandateHeader, MandatePublicKeys, MlDsa65PrivateKey } from '../keys/types.js';
import { aBoolean, invalidArgument, limitsOption, optional, readOptions } from '../options.js';
import { ES256_SIGNATURE_BYTES, HYBRID, type MandateLimits, type PqAlg } from '../profile.js';
import { checkLength, splitJwt } from '../sd-jwt/compact.js';

/** Two dots and the signature of a JWS in compact form. */
const ES256_SIGNATURE_CHARACTERS = 2 + base64urlLength(ES256_SIGNATURE_BYTES);

/** The result of {@link addPqSignature}: pass both to the code that signs your JWS. */
export interface PqSignedParts {
  /** The protected header with `pq_alg` and `pq_sig`, its members in JCS order. Use it unchanged. */
  readonly protectedHeader: MandateHeader & { alg: 'ES256' };
  /**
   * The payload, its members in JCS order, except that JavaScript always puts integer names first. Sign this object, not the
   * one that you passed in.
   */
  readonly payload: JsonObject;
}

/** Options of {@link addPqSignature}; all optional. */
export interface AddPqSignatureOptions {
  /** `ML-DSA-65` (default), or the hybrid `ES256+ML-DSA-65`, which also needs the `es256` key here. */
  pqAlg?: PqAlg | undefined;
  /** For test vectors; see {@link signMandate}. */
  deterministic?: boolean | undefined;
  /** Limits for header and payload; see {@link signMandate}. */
  limits?: Partial<MandateLimits> | undefined;
}

/**
 * Signing for callers that keep their own `SignJWT`: creates the protected header with the post-quantum signature. The code that
 * then signs with ES256 must serialize with `JSON.stringify`, as jose does.
 *
 * @example
 * ```ts
 * const { protectedHeader, payload } = await addPqSignature({ alg: 'ES256', kid }, claims, { mldsa65 });
 * const jws = await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(es256);
 * ```
 *
 * @param protectedHeader Your header parameters; `alg` may be left out.
 * @param payload The complete claims. Adding claims later breaks the signature.
 * @param privateKeys `mldsa65`; for the hybrid also `es256`.
 * @param options See {@link AddPqSignatureOptions}.
 * @returns Header and payload to be signed with ES256.
 * @throws {MandateError} as {@link signMandate}.
 */
export async function addPqSignature(
  protectedHeader: Record<string, unknown>,
  payload: object,
  privateKeys: { readonly mldsa65: MlDsa65PrivateKey; readonly es256?: Es256PrivateKey | undefined },
  options?: AddPqSignatureOptions,
): Promise<PqSignedParts> {
  const { pqAlg, deterministic, limits } = readOptions(options, {
    pqAlg: pqAlgOption,
    deterministic: optional(aBoolean, false),
    limits: limitsOption,
  });
  const { es256, mldsa65 } = checkPrivateKeys(privateKeys);
  const claims = toIJson(payload, 'payload', limits);
  if (!isJsonObject(claims)) return invalidArgument('payload', 'an object');
  const ordered = readJson(canonicalize(claims)) as JsonObject;
  const signers = {
    es256:
      pqAlg === HYBRID
        ? await importSigner('es256', es256, deterministic, 'es256', limits.callTimeout)
        : undefined,
    mldsa65: await importSigner('mldsa65', mldsa65, deterministic, 'mldsa65', limits.callTimeout),
  };
  const unsigned = unsignedHeader(protectedHeader, { es256, mldsa65 }, pqAlg);
  checkSdAlgCopy(unsigned, ordered);
  // What the caller's signer will write: JCS, except for members with integer names, which JavaScript reorders.
  const encodedPayload = encodeBase64url(JSON.stringify(ordered));
  const text = await addPqSig(unsigned, encodedPayload, pqAlg, signers);
  // Members in JCS order, so that JSON.stringify, which jose uses, writes the JCS form.
  const header = readJson(text) as JsonObject;
  if (JSON.stringify(header) !== text) invalidArgument('protectedHeader', 'without integer names');
  const encodedHeader = encodeBase64url(text);
  checkHeaderLength(encodedHeader, limits);
  checkLength(encodedHeader.length + encodedPayload.length + ES256_SIGNATURE_CHARACTERS, limits);
  return { protectedHeader: header as PqSignedParts['protectedHeader'], payload: ordered };
}

/** Options of {@link verifyPqSignature}; all optional. */
export interface VerifyPqSignatureOptions {
  /**
   * Default `pq-required`; `pq-only` has the same effect here. `pq-optional` also accepts a classical-only token, and reports
   * it.
   */
  policy?: Policy | undefined;
  /** Limits on what is read before a signature is checked. */
  limits?: Partial<MandateLimits> | undefined;
}

/** The post-quantum part of a token whose other parts the caller verifies. */
export interface VerifiedPqSignature {
  /** The protected header, canonical and checked. */
  readonly protectedHeader: MandateHeader;
  /** `es256` is always `not-checked`. */
  readonly signatures: SignatureReport;
  /** True if the ML-DSA-65 signature is valid. */
  readonly quantumSafe: boolean;
  /** As in {@link VerifiedMandate}. */
  readonly identity: string;
  /** As in {@link VerifiedMandate}. */
  readonly mandateId: string | undefined;
}

/**
 * Verification for callers that keep their own `jwtVerify` or `SDJwtInstance`. It checks the protected header and the
 * post-quantum signature of a token. The caller verifies the ES256 signature, the disclosures and the claims.
 *
 * @example
 * ```ts
 * const { payload } = await jwtVerify(jws, es256);
 * await verifyPqSignature(jws, { mldsa65 }); // the one added line
 * ```
 *
 * @param token A JWS in compact form, or an SD-JWT, of which only the issuer-signed JWT is read.
 * @param keys `mldsa65`, and for hybrid tokens also `es256`; or a function that resolves them.
 * @param options See {@link VerifyPqSignatureOptions}.
 * @returns The checked header and the verdict on the post-quantum signature.
 * @throws {MandateError} as {@link verifyMandate}.
 * @throws {MandateSignatureError} as {@link verifyMandate}.
 */
export async function verifyPqSignature(
  token: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: VerifyPqSignatureOptions,
): Promise<VerifiedPqSignature> {
  const { policy, limits } = readOptions(options, { policy: policyOption, limits: limitsOption });
  checkKeysArgument(keys);
  // The caller verifies ES256 over the JWS. Here the key is needed only for the hybrid component.
  const rules = { ...policyRules(policy), es256Decides: false };
  const checked = readJws(splitJwt(token, limits).jwt, limits);
  checkPolicy(checked, rules);
  const { verifiers } = await findKeys(checked, keys, rules, limits);
  const signatures = await verifyPqSignatures(checked, verifiers);
  return {
    protectedHeader: checked.header,
    signatures,
    quantumSafe: signatures.mldsa65 === 'valid',
    identity: identityOf({ ...checked, encodedPayload: checked.jws.encodedPayload }),
    mandateId: mandateId(checked.pq),
  };
}
