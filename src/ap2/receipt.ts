import { JWTClaimValidationFailed } from 'jose/errors';
import { refuseOtherType } from '../claims/token-type.js';
import { type ClaimOptions, claimRules, mediaType, validateClaims } from '../claims/validate.js';
import { toIJson } from '../encoding/i-json.js';
import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { aPolicy, DEFAULT_POLICY, type Policy, policyRules } from '../jws/policy.js';
import { checkPqAlg, signClaims } from '../jws/sign.js';
import { type SignatureVerdict, verdictOf } from '../jws/verdict.js';
import { readJws, verifyJws } from '../jws/verify.js';
import { checkPrivateKeys } from '../keys/private-keys.js';
import { checkKeysArgument, type MandateKeyResolver } from '../keys/resolve-keys.js';
import type { ClassicalPrivateKeys, MandateHeader, MandatePublicKeys } from '../keys/types.js';
import { checkNames, checkOptions, invalidArgument, resolveLimits } from '../options.js';
import { DEFAULT_LIMITS, type MandateLimits, ML_DSA_65, type PqAlg, RECEIPT_TYP } from '../profile.js';
import { checkLength } from '../sd-jwt/compact.js';
import type { ReceiptReference } from './chain/authenticate.js';
import { checkKind, type MandateKind } from './model/mandate.js';
import {
  type CheckoutReceipt,
  type PaymentReceipt,
  parseCheckoutReceipt,
  parsePaymentReceipt,
} from './model/receipt.js';

/** A receipt of either kind: a payment receipt has a `payment_id`. */
export type Receipt = PaymentReceipt | CheckoutReceipt;

/** Options of {@link signReceipt}; all optional. */
export interface SignReceiptOptions {
  /** `ML-DSA-65` (default), the hybrid, or `none`: ES256 only, as in AP2 v0.2. */
  pqAlg?: PqAlg | 'none' | undefined;
  /** Further protected header parameters. `typ` defaults to `ap2-receipt+jwt`; AP2 v0.2 writes `JWT`. */
  header?: Record<string, unknown> | undefined;
  /** For test vectors; see `signMandate`. */
  deterministic?: boolean | undefined;
}

/**
 * Signs a receipt: a JWT signed with ES256. Receipts are kept as long as mandates, so its header also has `pq_alg` and
 * `pq_sig`.
 *
 * @param receipt From {@link createPaymentReceipt} or {@link createCheckoutReceipt}.
 * @param privateKeys The keys of the verifier of the mandate. `mldsa65` is required unless `pqAlg` is `none`.
 * @returns A JWS in compact form.
 * @throws {MandateError} `ERR_MANDATE_SCHEMA`, and the codes of `signMandate`.
 */
export async function signReceipt(
  receipt: Receipt,
  privateKeys: ClassicalPrivateKeys,
  options?: SignReceiptOptions,
): Promise<string> {
  const given = checkOptions(options, 'options');
  checkNames(given, ['pqAlg', 'header', 'deterministic']);
  const { deterministic = false } = given;
  if (typeof deterministic !== 'boolean') invalidArgument('deterministic', 'a boolean');
  const { pqAlg: chosen = ML_DSA_65 } = given;
  const pqAlg = chosen === 'none' ? undefined : checkPqAlg(chosen);
  const payload = toIJson(parseReceipt(receipt), 'receipt', DEFAULT_LIMITS) as JsonObject;
  const keys = checkPrivateKeys(privateKeys);
  const header = { typ: RECEIPT_TYP, ...checkOptions(given.header, 'header') };
  return signClaims(payload, header, keys, pqAlg, deterministic);
}

/** Options of {@link verifyReceipt}. `reference` is required, and either `issuer` or `anyIssuer`. */
export interface VerifyReceiptOptions
  extends Pick<ClaimOptions, 'issuer' | 'clockTolerance' | 'currentDate' | 'maxTokenAge'> {
  /**
   * The `receiptReference` of the chain that the receipt must refer to, which includes the kind and the time when the chain was
   * closed. Alternatively one hash, or both; then `kind` is required.
   */
  reference: ReceiptReference | { readonly sd_hash: string; readonly issuer_jwt_hash: string } | string;
  /** The expected kind of receipt. Default: that of `reference`. */
  kind?: MandateKind | undefined;
  /** The accepted outcome. Default `Success`: an error receipt is rejected. With `any`, check `receipt.status`. */
  status?: 'Success' | 'Error' | 'any' | undefined;
  /** Accepts a receipt with any `iss`. The keys must then belong to the one expected issuer. Default `false`. */
  anyIssuer?: boolean | undefined;
  /** Also accepts the `typ` `JWT`, which AP2 v0.2 writes, or no `typ`. Default `false`: only `ap2-receipt+jwt`. */
  allowJwtType?: boolean | undefined;
  /** Default `pq-required`; receipts according to AP2 v0.2 need `pq-optional`. */
  policy?: Policy | undefined;
  limits?: Partial<MandateLimits> | undefined;
}

/** A receipt that passed every check. */
export interface VerifiedReceipt extends SignatureVerdict {
  readonly policy: Policy;
  readonly kind: MandateKind;
  readonly receipt: Receipt;
  readonly protectedHeader: MandateHeader;
}

const VERIFY_OPTIONS = [
  'issuer',
  'clockTolerance',
  'currentDate',
  'maxTokenAge',
  'reference',
  'kind',
  'status',
  'anyIssuer',
  'allowJwtType',
  'policy',
  'limits',
];

/**
 * Verifies a receipt: header, `typ`, the signatures that the policy requires, issuer, `iat`, AP2's form, kind, outcome, and that
 * it refers to the expected mandate.
 *
 * @example
 * ```ts
 * const { receipt } = await verifyReceipt(token, merchantKeys, {
 *   reference: chain.receiptReference,
 *   issuer: 'https://merchant.example',
 * });
 * ```
 *
 * @param receipt A JWS in compact form.
 * @param keys The public keys of its issuer, or a function that resolves them.
 * @throws {MandateError} as `verifyMandate`, `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_RECEIPT_REFERENCE`,
 * `ERR_MANDATE_RECEIPT_KIND`, `ERR_MANDATE_RECEIPT_STATUS`.
 */
export async function verifyReceipt(
  receipt: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options: VerifyReceiptOptions,
): Promise<VerifiedReceipt> {
  const given = checkOptions(options, 'options');
  checkNames(given, VERIFY_OPTIONS);
  checkKeysArgument(keys);
  const { anyIssuer = false, allowJwtType = false, status = 'Success' } = given;
  const { hashes, kind, notBefore } = demandedReference(given.reference, given.kind);
  for (const [name, value] of Object.entries({ anyIssuer, allowJwtType })) {
    if (typeof value !== 'boolean') invalidArgument(name, 'a boolean');
  }
  if (!['Success', 'Error', 'any'].includes(status)) invalidArgument('status', '"Success", "Error" or "any"');
  if (anyIssuer === Object.hasOwn(given, 'issuer')) {
    invalidArgument('issuer', 'the verifier of the mandate, unless "anyIssuer" is true');
  }
  const policy = given.policy === undefined ? DEFAULT_POLICY : given.policy;
  const rules = policyRules(aPolicy(policy, 'policy'));
  const demands = claimRules({ ...claimOptionsOf(given), requiredClaims: ['iss', 'iat'] });
  const limits = resolveLimits(given.limits);
  if (typeof receipt !== 'string') invalidArgument('receipt', 'a string');
  checkLength(receipt.length, limits);

  const verified = await verifyJws(readJws(receipt, limits), keys, rules, limits);
  checkType(verified.header.typ, allowJwtType);
  validateClaims(verified.header, verified.payload, demands);
  const content = parseReceipt(verified.payload);
  if (receiptKind(content) !== kind) {
    fail(
      'ERR_MANDATE_RECEIPT_KIND',
      'kind',
      `the receipt is for a ${receiptKind(content)}, not for a ${kind}`,
    );
  }
  if (!hashes.includes(content.reference)) {
    fail('ERR_MANDATE_RECEIPT_REFERENCE', 'reference', 'the receipt is for another mandate');
  }
  if (content.iat < notBefore - demands.earlyTolerance) {
    const message = 'the receipt is older than its mandate ("iat")';
    throw new JWTClaimValidationFailed(message, verified.payload, 'iat', 'check_failed');
  }
  if (status !== 'any' && content.status !== status) {
    const message = `the receipt has the status "${content.status}", but the option "status" demands "${status}"`;
    fail('ERR_MANDATE_RECEIPT_STATUS', 'status', message);
  }
  return { policy, kind, ...verdictOf(verified), receipt: content, protectedHeader: verified.header };
}

const claimOptionsOf = (options: VerifyReceiptOptions): ClaimOptions =>
  Object.fromEntries(
    Object.entries(options).filter(([name]) =>
      ['issuer', 'clockTolerance', 'currentDate', 'maxTokenAge'].includes(name),
    ),
  );

/** R10.18: a separate `typ` distinguishes a receipt from a mandate signed with the same key. */
function checkType(typ: string | undefined, allowJwtType: boolean): void {
  if (typ !== undefined && mediaType(typ) === mediaType(RECEIPT_TYP)) return;
  if (!allowJwtType) {
    const message = `the "typ" of a receipt must be "${RECEIPT_TYP}"; for AP2's own receipts, set "allowJwtType"`;
    fail('ERR_MANDATE_HEADER_INVALID', 'typ', message);
  }
  refuseOtherType(typ, 'receipt');
}

const receiptKind = (receipt: object): MandateKind =>
  Object.hasOwn(receipt, 'payment_id') ? 'payment' : 'checkout';

const parseReceipt = (receipt: Receipt | JsonObject): Receipt =>
  receiptKind(checkOptions(receipt, 'receipt')) === 'payment'
    ? parsePaymentReceipt(receipt)
    : parseCheckoutReceipt(receipt);

/** The demands of a `reference` on a receipt. */
function demandedReference(
  reference: unknown,
  givenKind: unknown,
): { hashes: readonly unknown[]; kind: MandateKind; notBefore: number } {
  checkKind(givenKind, 'kind');
  const {
    sd_hash,
    issuer_jwt_hash,
    kind = givenKind,
    iat,
  } = typeof reference === 'string'
    ? { sd_hash: reference, issuer_jwt_hash: reference }
    : (checkOptions(reference as object, 'reference') as Record<string, unknown>);
  const hashes = [sd_hash, issuer_jwt_hash];
  if (!hashes.every((hash) => typeof hash === 'string' && hash !== '')) {
    invalidArgument('reference', 'the "receiptReference" of a verified chain, or one hash');
  }
  checkKind(kind, 'reference.kind');
  if (kind === undefined || (givenKind !== undefined && givenKind !== kind)) {
    return invalidArgument('kind', '"payment" or "checkout", as the mandate');
  }
  if (iat !== undefined && typeof iat !== 'number') invalidArgument('reference.iat', 'a number of seconds');
  return { hashes, kind, notBefore: (iat as number | undefined) ?? Number.NEGATIVE_INFINITY };
}
