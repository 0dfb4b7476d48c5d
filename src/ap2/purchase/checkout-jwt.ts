// The merchant's JWT of a checkout (SPEC.md §10.9), which both mandates of a purchase refer to.
import { LIFETIME_READERS, withLifetime } from '../../claims/lifetime.js';
import {
  CLAIM_READERS,
  type ClaimOptions,
  claimRulesOf,
  mediaType,
  NO_CLAIM_DEMANDS,
  validateClaims,
} from '../../claims/validate.js';
import type { JsonObject } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import { type Policy, policyOption, policyRules } from '../../jws/policy.js';
import { checkPqAlg, signClaims } from '../../jws/sign.js';
import { type SignatureVerdict, verdictOf } from '../../jws/verdict.js';
import { readJws, verifyJws } from '../../jws/verify.js';
import { checkPrivateKeys } from '../../keys/private-keys.js';
import { checkKeysArgument, type MandateKeyResolver } from '../../keys/resolve-keys.js';
import type { ClassicalPrivateKeys, MandateHeader, MandatePublicKeys } from '../../keys/types.js';
import { checkRegisteredClaims } from '../../mandate/sign.js';
import {
  aBoolean,
  aListWhere,
  aNonEmptyString,
  aString,
  type Check,
  demand,
  invalidArgument,
  limitsOption,
  type OptionReader,
  optional,
  type Read,
  readOptions,
  readResult,
  required,
  unread,
} from '../../options.js';
import { CHECKOUT_TYP, type MandateLimits, ML_DSA_65, type PqAlg } from '../../profile.js';
import { checkLength } from '../../sd-jwt/compact.js';
import { evaluateCheckoutState, totalOf } from '../constraints/checkout.js';
import { type Checkout, checkoutHash, parseCheckout } from '../model/checkout.js';
import { withoutPrototypes } from '../model/schema.js';
import type { Merchant } from '../model/types.js';

/** A claim of a merchant's JWT that this library demands and AP2 v0.2 does not (SPEC.md R10.70 to R10.74). */
export type CheckoutJwtClaim = 'typ' | 'jti' | 'iat' | 'exp';

const MISSABLE: readonly CheckoutJwtClaim[] = ['typ', 'jti', 'iat', 'exp'];

/** Options of {@link signCheckoutJwt}; all optional, except that the checkout needs an expiry. */
export interface SignCheckoutJwtOptions {
  /** `ML-DSA-65` (default), the hybrid, or `none`: ES256 only, as in AP2 v0.2. */
  pqAlg?: PqAlg | 'none' | undefined;
  /** Sets `exp` to this time after now: seconds, or a time span. Required unless the checkout has `exp` or `expires_at`. */
  expiresIn?: number | string;
  /** Further protected header parameters. `typ` defaults to `ap2-checkout+jwt`. */
  header?: Record<string, unknown> | undefined;
  /** The time of issuance. Default: now. */
  currentDate?: Date | undefined;
  /** For test vectors; see `signMandate`. */
  deterministic?: boolean | undefined;
}

const SIGN_READERS = {
  pqAlg: optional<PqAlg | undefined, PqAlg>(
    (value) => (value === 'none' ? undefined : checkPqAlg(value)),
    ML_DSA_65,
  ),
  expiresIn: LIFETIME_READERS.expiresIn,
  header: unread as OptionReader<Record<string, unknown> | undefined>,
  currentDate: LIFETIME_READERS.currentDate,
  deterministic: optional(aBoolean, false),
};

/**
 * Signs a checkout as its merchant: the `checkout_jwt` of a checkout mandate, whose hash is the `transaction_id` of the payment.
 * Besides the checkout, it has `iss` (the merchant's id), `iat`, `exp` if `expiresIn` is given, and a `jti` of 128 random bits.
 * Without the `jti`, the hash of a small checkout could be guessed.
 *
 * @example
 * ```ts
 * const checkoutJwt = await signCheckoutJwt(checkout, merchantKeys, { expiresIn: '15m' });
 * ```
 *
 * @param checkout With a `merchant`, and exactly one total of type `total`. Its `iss`, `iat`, `exp` and `jti` are kept, if
 * present.
 * @param privateKeys The merchant's keys. `mldsa65` is required unless `pqAlg` is `none`.
 * @returns A JWS in compact form.
 * @throws {MandateError} `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_CHECKOUT_INVALID`, and the codes of `signMandate`.
 */
export async function signCheckoutJwt(
  checkout: Checkout,
  privateKeys: ClassicalPrivateKeys,
  options?: SignCheckoutJwtOptions,
): Promise<string> {
  const {
    pqAlg,
    expiresIn,
    header,
    deterministic,
    currentDate = Date.now(),
  } = readOptions(options, SIGN_READERS);
  const content = parseCheckout(checkout);
  const given = content as unknown as JsonObject;
  const times = { expiresIn, jti: !Object.hasOwn(given, 'jti'), currentDate };
  const timed = withLifetime({ iat: Math.floor(currentDate / 1000), ...given }, times);
  const claims = { iss: merchantIdOf(given), ...timed };
  checkRegisteredClaims(claims, 'checkout');
  // A checkout that every verifier would reject is not signed.
  const now = new Date(currentDate);
  const [broken] = evaluateCheckoutState(withoutPrototypes(claims as unknown as Checkout), now);
  if (broken !== undefined) refuse(`checkout${broken.member}`, broken.expected);
  if (totalOf(content) === undefined)
    refuse('checkout.totals', 'an array with exactly one total of type "total"');
  checkIssuer(claims, merchantIdOf(given), undefined);
  checkClaims(claims, []);
  return signClaims(
    claims,
    { typ: CHECKOUT_TYP, ...header },
    checkPrivateKeys(privateKeys),
    pqAlg,
    deterministic,
  );
}

/** Options of {@link verifyCheckoutJwt}. `merchant` is required unless the keys are a function. */
export interface VerifyCheckoutJwtOptions
  extends Pick<ClaimOptions, 'issuer' | 'audience' | 'clockTolerance' | 'currentDate' | 'maxTokenAge'> {
  /** The `id` of the expected merchant. */
  merchant?: string;
  /**
   * Claims that may be missing. Default: none. AP2 v0.2 has merchants write the `typ` `JWT`, and demands neither `iat` nor an
   * expiry. It relies on the signature for the entropy of the hash, and no verifier can check that entropy.
   */
  allowMissing?: readonly CheckoutJwtClaim[] | undefined;
  /** Default `pq-required`; a merchant that signs only with ES256 needs `pq-optional`. */
  policy?: Policy | undefined;
  limits?: Partial<MandateLimits> | undefined;
}

const missable = aListWhere<CheckoutJwtClaim>(
  (name) => MISSABLE.includes(name as CheckoutJwtClaim),
  `an array of ${MISSABLE.join(', ')}`,
);

const { issuer, audience, clockTolerance, currentDate, maxTokenAge } = CLAIM_READERS;

/** The readers of {@link VerifyCheckoutJwtOptions}. */
const VERIFY_READERS = {
  issuer,
  audience,
  clockTolerance,
  currentDate,
  maxTokenAge,
  merchant: demand(aNonEmptyString),
  allowMissing: optional(missable, []),
  policy: policyOption,
  limits: limitsOption,
};

/** A checkout that its merchant signed. */
export interface VerifiedCheckout extends SignatureVerdict {
  readonly policy: Policy;
  /** The signed content, including `iss`, `iat`, `exp` and `jti`. */
  readonly checkout: Checkout;
  /** The merchant that signed it. */
  readonly merchant: Merchant;
  /** The `checkout_hash` of a checkout mandate, and the `transaction_id` of a payment mandate. */
  readonly checkoutHash: string;
  readonly checkoutJwt: string;
  /** The claims that are missing and that `allowMissing` allows. */
  readonly missing: readonly CheckoutJwtClaim[];
  readonly protectedHeader: MandateHeader;
}

const VERIFIED = {
  checkout: required(parseCheckout),
  checkoutHash: required(aString),
  checkoutJwt: required(aString),
  identity: required(aString),
};

/** Reads the result of {@link verifyCheckoutJwt}. */
export const readVerifiedCheckout: Check<Read<typeof VERIFIED>> = (value, path) =>
  readResult(value, VERIFIED, path, 'the result of verifyCheckoutJwt');

/** A verification with its options checked. */
export type CheckoutVerification = (checkoutJwt: string) => Promise<VerifiedCheckout>;

/**
 * Verifies a merchant's JWT: header, `typ`, the merchant's signatures that the policy requires, times, and the entropy of its
 * hash. The checkout must belong to the merchant whose keys were used. `identity` in the result identifies the checkout; its
 * hash is not unique, because ECDSA signatures are malleable.
 *
 * @example
 * ```ts
 * const { checkout, checkoutHash } = await verifyCheckoutJwt(checkoutJwt, keysOfMerchants);
 * ```
 *
 * @param keys A function that finds a merchant's keys from the protected header and the merchant's `id`, for example a key set
 * by `createIssuerKeySet`; or the keys of one merchant, which the option `merchant` then names.
 * @throws {MandateError} as `verifyMandate`, `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_CHECKOUT_INVALID`.
 */
export async function verifyCheckoutJwt(
  checkoutJwt: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: VerifyCheckoutJwtOptions,
): Promise<VerifiedCheckout> {
  return checkoutVerification(keys, options)(checkoutJwt);
}

/** Checks the options before a JWT is read. */
export function checkoutVerification(
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: VerifyCheckoutJwtOptions,
  parameter?: string,
): CheckoutVerification {
  const given = readOptions(options, VERIFY_READERS, parameter);
  checkKeysArgument(keys);
  if (typeof keys !== 'function' && given.merchant === undefined)
    invalidArgument(
      parameter === undefined ? 'merchant' : `${parameter}.merchant`,
      'the id of the merchant that the keys belong to',
    );
  return (checkoutJwt) => verify(checkoutJwt, keys, given);
}

async function verify(
  checkoutJwt: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  given: Read<typeof VERIFY_READERS>,
): Promise<VerifiedCheckout> {
  const { policy, limits, allowMissing, merchant } = given;
  if (typeof checkoutJwt !== 'string') invalidArgument('checkoutJwt', 'a JWT in compact form');
  checkLength(checkoutJwt.length, limits);
  const checked = readJws(checkoutJwt, limits);
  const missing = [...checkType(checked.header.typ, allowMissing)];
  const merchantId = merchantIdOf(checked.jws.payload);
  if (merchant !== undefined && merchant !== merchantId)
    refuse('checkout.merchant.id', 'the id of the merchant that the option "merchant" names');

  const ofMerchant = typeof keys === 'function' ? (header: MandateHeader) => keys(header, merchantId) : keys;
  const verified = await verifyJws(checked, ofMerchant, policyRules(policy), limits);
  const { payload, header } = verified;
  validateClaims(header, payload, claimRulesOf({ ...NO_CLAIM_DEMANDS, ...given }));
  checkIssuer(payload, merchantId, given.issuer);
  missing.push(...checkClaims(payload, allowMissing));
  const checkout = parseCheckout(payload);
  return {
    policy,
    ...verdictOf(verified),
    checkout,
    merchant: checkout.merchant as Merchant,
    checkoutHash: checkoutHash(checkoutJwt),
    checkoutJwt,
    missing,
    protectedHeader: header,
  };
}

/** R10.70: it has its own `typ`; AP2 v0.2 writes `JWT`. */
function checkType(
  typ: string | undefined,
  allowMissing: readonly CheckoutJwtClaim[],
): readonly CheckoutJwtClaim[] {
  if (typ !== undefined && mediaType(typ) === mediaType(CHECKOUT_TYP)) return [];
  const isOfAp2 = typ === undefined || mediaType(typ) === mediaType('JWT');
  if (isOfAp2 && allowMissing.includes('typ')) return ['typ'];
  return fail(
    'ERR_MANDATE_HEADER_INVALID',
    'typ',
    `the "typ" of a checkout must be "${CHECKOUT_TYP}"; for AP2's own, "JWT" or none, put "typ" into "allowMissing"`,
  );
}

/** R10.71: the id of the merchant, by which keys are looked up. */
function merchantIdOf({ merchant }: { readonly merchant?: unknown }): string {
  const id = (merchant as { id?: unknown } | undefined)?.id;
  return typeof id === 'string' && id !== '' ? id : refuse('checkout.merchant.id', 'a non-empty string');
}

/** R10.71: an `iss` must be the merchant's id, unless the caller names another. */
function checkIssuer(
  { iss }: { readonly iss?: unknown },
  merchantId: string,
  issuers: readonly string[] | undefined,
): void {
  if (iss === undefined || issuers !== undefined || iss === merchantId) return;
  refuse(
    'checkout.iss',
    'the id of the merchant of the checkout; to accept another issuer, use the option "issuer"',
  );
}

/** R10.72, R10.73: an unguessable hash, a start time and an expiry. Returns what is missing and allowed to be. */
function checkClaims(
  claims: JsonObject,
  allowMissing: readonly CheckoutJwtClaim[],
): readonly CheckoutJwtClaim[] {
  const { jti, nonce, iat, exp, expires_at: expiresAt } = claims;
  const missing: CheckoutJwtClaim[] = [];
  if (![jti, nonce].some(holdsEntropy)) missing.push('jti');
  if (iat === undefined) missing.push('iat');
  if (exp === undefined && expiresAt === undefined) missing.push('exp');
  const [refused] = missing.filter((name) => !allowMissing.includes(name));
  if (refused === 'jti')
    refuse(
      'checkout.jti',
      `a random string of at least ${ENTROPY_BITS} bits, such as 22 base64url characters`,
    );
  if (refused === 'iat') refuse('checkout.iat', 'present');
  if (refused === 'exp') refuse('checkout.exp', 'present, or "expires_at"');
  return missing;
}

const ENTROPY_BITS = 128;
/** A text of that length with fewer different characters is not random. */
const DIFFERENT_CHARACTERS = 5;

/**
 * AP2's issue 268: an attacker must not find a checkout from its hash by trying likely ones. The randomness of a text cannot be
 * checked, but whether it is long enough for its alphabet can.
 */
function holdsEntropy(text: unknown): boolean {
  if (typeof text !== 'string' || new Set(text).size < DIFFERENT_CHARACTERS) return false;
  const isHex = /^[\da-f-]*$/i.test(text);
  const bits = /^\d*$/.test(text) ? Math.log2(10) : isHex ? 4 : 6;
  // The hyphens of a UUID have no entropy.
  const symbols = isHex ? text.replaceAll('-', '').length : text.length;
  return symbols * bits >= ENTROPY_BITS;
}

function refuse(path: string, expected: string): never {
  fail('ERR_MANDATE_CHECKOUT_INVALID', path, `"${path}" must be ${expected}`);
}
