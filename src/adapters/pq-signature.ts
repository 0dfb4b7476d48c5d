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
import { checkPolicy, findKeys, openJws } from '../jws/verify.js';
import { checkPrivateKeys } from '../keys/private-keys.js';
import { checkKeysArgument, type MandateKeyResolver } from '../keys/resolve-keys.js';
import { importSigner } from '../keys/signer.js';
import type { Es256PrivateKey, MandateHeader, MandatePublicKeys, MlDsa65PrivateKey } from '../keys/types.js';
import { aBoolean, invalidArgument, limitsOption, optional, readOptions } from '../options.js';
import { ES256_SIGNATURE_BYTES, HYBRID, type MandateLimits, type PqAlg } from '../profile.js';
import { checkLength, splitJwt } from '../sd-jwt/compact.js';

/** Two dots and the signature of a JWS in compact form. */
const ES256_SIGNATURE_CHARACTERS = 2 + base64urlLength(ES256_SIGNATURE_BYTES);

/** What {@link addPqSignature} hands back: give both to whatever signs your JWS. */
export interface PqSignedParts {
  /** The protected header with `pq_alg` and `pq_sig`, its members in JCS order. Set it as it is. */
  readonly protectedHeader: MandateHeader & { alg: 'ES256' };
  /**
   * The payload, its members in JCS order, but that JavaScript always puts names that are integers first. Sign this
   * object, not the one you passed in.
   */
  readonly payload: JsonObject;
}

/** Options of {@link addPqSignature}; all optional. */
export interface AddPqSignatureOptions {
  /** `ML-DSA-65` (default), or the hybrid `ES256+ML-DSA-65`, which needs the `es256` key here too. */
  pqAlg?: PqAlg | undefined;
  /** For test vectors; see {@link signMandate}. */
  deterministic?: boolean | undefined;
  /** What header and payload must not exceed; see {@link signMandate}. */
  limits?: Partial<MandateLimits> | undefined;
}

/**
 * The signing half for someone who keeps their own `SignJWT`: makes the protected header that carries the
 * post-quantum signature. What then signs it with ES256 must serialize with `JSON.stringify`, as jose does.
 *
 * @example
 * ```ts
 * const { protectedHeader, payload } = await addPqSignature({ alg: 'ES256', kid }, claims, { mldsa65 });
 * const jws = await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(es256);
 * ```
 *
 * @param protectedHeader Your header parameters; `alg` may be left out.
 * @param payload The complete claims: what is added to them later breaks the signature.
 * @param privateKeys `mldsa65`, and for the hybrid `es256` too.
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
  // What the caller's signer will write; JCS but for members whose names are integers, which JavaScript reorders.
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
  /** Default `pq-required`; `pq-only` is the same here. `pq-optional` lets a classical-only token pass, and says so. */
  policy?: Policy | undefined;
  /** How much is read before a signature is checked. */
  limits?: Partial<MandateLimits> | undefined;
}

/** The post-quantum part of a token that someone else has verified otherwise. */
export interface VerifiedPqSignature {
  /** The protected header, canonical and checked. */
  readonly protectedHeader: MandateHeader;
  /** `es256` is always `not-checked`. */
  readonly signatures: SignatureReport;
  /** True when the ML-DSA-65 signature is valid. */
  readonly quantumSafe: boolean;
  /** As in {@link VerifiedMandate}. */
  readonly identity: string;
  /** As in {@link VerifiedMandate}. */
  readonly mandateId: string | undefined;
}

/**
 * The verifying half for someone who keeps their own `jwtVerify` or `SDJwtInstance`: checks the protected header and
 * the post-quantum signature of a token whose ES256 signature, disclosures and claims they verify themselves.
 *
 * @example
 * ```ts
 * const { payload } = await jwtVerify(jws, es256);
 * await verifyPqSignature(jws, { mldsa65 }); // the one added line
 * ```
 *
 * @param token A JWS in compact form, or an SD-JWT, of which only the issuer-signed JWT is looked at.
 * @param keys `mldsa65`, and for hybrid tokens `es256` too; or a function that resolves them.
 * @param options See {@link VerifyPqSignatureOptions}.
 * @returns The checked header and what was found out about the post-quantum signature.
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
  // ES256 over the JWS is the caller's; here it is needed for the hybrid component only.
  const rules = { ...policyRules(policy), es256Decides: false };
  const opened = openJws(splitJwt(token, limits).jwt, limits);
  checkPolicy(opened, rules);
  const { verifiers } = await findKeys(opened, keys, rules, limits);
  const signatures = await verifyPqSignatures(opened, verifiers);
  return {
    protectedHeader: opened.header,
    signatures,
    quantumSafe: signatures.mldsa65 === 'valid',
    identity: identityOf({ ...opened, encodedPayload: opened.jws.encodedPayload }),
    mandateId: mandateId(opened.pq),
  };
}
