import { refuseOtherType } from '../claims/token-type.js';
import { type ClaimOptions, claimRules, validateClaims } from '../claims/validate.js';
import { toIJson } from '../encoding/i-json.js';
import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import type { MandateHeader } from '../jws/header.js';
import { DEFAULT_POLICY, type Policy, policyRules } from '../jws/policy.js';
import { checkKeysArgument, type MandateKeyResolver } from '../jws/resolve-keys.js';
import { checkPqAlg, checkPrivateKeys, signClaims } from '../jws/sign.js';
import { type SignatureVerdict, verdictOf } from '../jws/verdict.js';
import { openJws, verifyJws } from '../jws/verify.js';
import type { ClassicalPrivateKeys, MandatePublicKeys } from '../keys/types.js';
import { checkNames, checkOptions, invalidArgument, resolveLimits } from '../options.js';
import { DEFAULT_LIMITS, type MandateLimits, ML_DSA_65, type PqAlg } from '../profile.js';
import { checkLength } from '../sd-jwt/compact.js';
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
  /** `ML-DSA-65` (default), the hybrid, or `none`: ES256 alone, as AP2 v0.2 has it. */
  pqAlg?: PqAlg | 'none' | undefined;
  /** Further protected header parameters. `typ` defaults to `JWT`. */
  header?: Record<string, unknown> | undefined;
  /** For test vectors; see {@link signMandate}. */
  deterministic?: boolean | undefined;
}

/**
 * Signs a receipt: a JWT, ES256 and, since receipts are kept as long as mandates, `pq_alg` and `pq_sig` in its header.
 *
 * @param receipt From {@link createPaymentReceipt} or {@link createCheckoutReceipt}.
 * @param privateKeys Of whoever verified the mandate. `mldsa65` is needed unless `pqAlg` is `none`.
 * @returns A JWS in compact form.
 * @throws {MandateError} `ERR_MANDATE_SCHEMA`, and the codes of {@link signMandate}.
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
  const header = { typ: 'JWT', ...checkOptions(given.header, 'header') };
  return signClaims(payload, header, keys, pqAlg, deterministic);
}

/** Options of {@link verifyReceipt}; all optional but `reference`. */
export interface VerifyReceiptOptions
  extends Pick<ClaimOptions, 'issuer' | 'clockTolerance' | 'currentDate'> {
  /** The `receiptReference` of the chain that the receipt must be for; or its one form that is to be accepted. */
  reference: { readonly sd_hash: string; readonly issuer_jwt_hash: string } | string;
  /** Default `pq-required`; receipts as AP2 v0.2 has them need `pq-optional`. */
  policy?: Policy | undefined;
  limits?: Partial<MandateLimits> | undefined;
}

/** A receipt that holds in every respect. */
export interface VerifiedReceipt extends SignatureVerdict {
  readonly policy: Policy;
  readonly receipt: Receipt;
  readonly protectedHeader: MandateHeader;
}

/**
 * Verifies a receipt: header, signatures by the policy, `iat`, AP2's form, and that it is for the mandate in question.
 *
 * @param receipt A JWS in compact form.
 * @param keys The public keys of whoever issued it, or a function that resolves them.
 * @throws {MandateError} as {@link verifyMandate}, `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_RECEIPT_REFERENCE`.
 */
export async function verifyReceipt(
  receipt: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options: VerifyReceiptOptions,
): Promise<VerifiedReceipt> {
  const given = checkOptions(options, 'options');
  checkNames(given, ['issuer', 'clockTolerance', 'currentDate', 'reference', 'policy', 'limits']);
  checkKeysArgument(keys);
  const { reference, policy: _, limits: __, ...claims } = given;
  const references = acceptable(reference);
  const policy = given.policy === undefined ? DEFAULT_POLICY : given.policy;
  const rules = policyRules(policy);
  const demands = claimRules({ ...claims, requiredClaims: ['iss', 'iat'] });
  const limits = resolveLimits(given.limits);
  if (typeof receipt !== 'string') invalidArgument('receipt', 'a string');
  checkLength(receipt.length, limits);

  const verified = await verifyJws(openJws(receipt, limits), keys, rules);
  refuseOtherType(verified.header.typ, 'receipt');
  validateClaims(verified.header, verified.payload, demands);
  const content = parseReceipt(verified.payload);
  if (!references.includes(content.reference)) {
    fail('ERR_MANDATE_RECEIPT_REFERENCE', 'reference', 'the receipt is for another mandate');
  }
  return { policy, ...verdictOf(verified), receipt: content, protectedHeader: verified.header };
}

const parseReceipt = (receipt: Receipt | JsonObject): Receipt =>
  Object.hasOwn(checkOptions(receipt, 'receipt'), 'payment_id')
    ? parsePaymentReceipt(receipt)
    : parseCheckoutReceipt(receipt);

function acceptable(reference: unknown): readonly unknown[] {
  if (typeof reference === 'string' && reference !== '') return [reference];
  const { sd_hash, issuer_jwt_hash } = checkOptions(reference as object, 'reference') as Record<
    string,
    unknown
  >;
  const both = [sd_hash, issuer_jwt_hash];
  if (both.every((hash) => typeof hash === 'string' && hash !== '')) return both;
  return invalidArgument('reference', 'the "receiptReference" of a verified chain, or one hash');
}
