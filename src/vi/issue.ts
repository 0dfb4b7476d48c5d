import { checkoutHash } from '../ap2/model/checkout.js';
import type { MandateKind } from '../ap2/model/mandate.js';
import { parseDuration } from '../claims/duration.js';
import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import { pqAlgOption } from '../jws/sign.js';
import { confirmationOf, promisesPq } from '../key-binding/confirmation.js';
import { sdHash } from '../key-binding/hash.js';
import { checkHolderKeys } from '../key-binding/holder.js';
import type {
  ClassicalPrivateKeys,
  Es256PublicJwk,
  MandatePrivateKeys,
  MlDsa65PublicJwk,
} from '../keys/types.js';
import { type SignMandateOptions, signToken, TOKEN_READERS } from '../mandate/sign.js';
import {
  aListWhere,
  aNonEmptyString,
  checkDate,
  checkOptions,
  copyArray,
  invalidArgument,
  isString,
  oneOf,
  optional,
  type Read,
  readOptions,
  required,
} from '../options.js';
import { DEFAULT_LIMITS, type MandateLimits, type PqAlg } from '../profile.js';
import { type SdJwtSegments, splitSdJwt } from '../sd-jwt/compact.js';
import { decodeDisclosure, processDisclosures } from '../sd-jwt/disclosures.js';
import { checkPacked, type PackedPayload, packPayload } from '../sd-jwt/pack.js';
import { readConstraint } from './constraints.js';
import { parseViMandate, type ViPaymentInstrument, type ViPaymentMandate } from './mandates.js';
import {
  CHECKOUT_CONSTRAINTS,
  constraintName,
  constraintNameOf,
  VI_LAYER1_IN_CLEAR,
  VI_MANDATES,
  VI_TYP,
  type ViNames,
  vctOf,
} from './names.js';
import { checkPortable } from './portable.js';

/** Options for signing any layer; all optional. */
export interface ViTokenOptions
  extends Pick<SignMandateOptions, 'pqAlg' | 'deterministic' | 'saltGenerator' | 'limits' | 'header'> {
  /** The time of issuance. Default: now. */
  currentDate?: Date | undefined;
}

/** Options of {@link issueViCredential}. */
export interface IssueViCredentialOptions extends ViTokenOptions {
  /** Names of the claims that become selectively disclosable. Default: none. */
  disclosable?: readonly string[] | undefined;
}

/** Options of the functions that sign a layer for a recipient. */
export interface ViLayerOptions extends ViTokenOptions {
  /** The recipient, for `aud`. */
  audience: string;
  /** The nonce issued by the recipient. Layer 3 needs a different nonce than layer 2. */
  nonce: string;
  /** The lifetime: seconds, or a time span such as `'15m'`. */
  expiresIn: number | string;
  /** The `iss`: the operator of the wallet or the agent. */
  issuer?: string | undefined;
  /** Which names are written. Default `versioned`. */
  names?: ViNames | undefined;
}

/** The confirmation claims of a layer 1 or of an open mandate: the holder of the private keys signs the next layer. */
export interface ViConfirmation {
  /** The P-256 key. Its name is both where the draft puts it and where implementations look for it. */
  cnf: { jwk: { kty: 'EC'; crv: 'P-256'; kid?: string; x: string; y: string }; kid: string };
  /** The ML-DSA-65 key, or its RFC 7638 thumbprint: it requires the next layer to be quantum-safe. */
  pq_cnf?: ReturnType<typeof confirmationOf>['pq_cnf'];
}

/** Public keys with a `kid`. */
export interface ViPublicKeys {
  readonly es256: Es256PublicJwk;
  readonly mldsa65?: MlDsa65PublicJwk | undefined;
}

/** A purchase whose final values the user signs. */
export interface ViFinalPair {
  /** The merchant's JWT of the checkout. */
  readonly checkoutJwt: string;
  /** The payment, without the members that follow from the checkout. */
  readonly payment: Pick<ViPaymentMandate, 'payee' | 'payment_amount' | 'payment_instrument'>;
}

/**
 * A purchase that the user delegates. Constraints may have any of their names; the option `names` selects the names that are
 * written.
 */
export interface ViOpenPair {
  /** The constraints on the checkout. */
  readonly checkout: { readonly constraints: readonly object[]; readonly prompt_summary?: string };
  /** The constraints on the payment. The reference to the checkout mandate is added. */
  readonly payment: {
    readonly constraints: readonly object[];
    readonly payment_instrument: ViPaymentInstrument;
    readonly risk_data?: object;
  };
}

const TOKEN = { ...TOKEN_READERS, pqAlg: pqAlgOption, currentDate: optional(checkDate, undefined) };
const { disclosureFrame: _, ...READERS } = TOKEN;
const NONE: readonly string[] = [];
export const LAYER_READERS = {
  ...READERS,
  audience: required(aNonEmptyString),
  nonce: required(aNonEmptyString),
  expiresIn: required(parseDuration),
  issuer: optional(aNonEmptyString, undefined),
  names: optional(oneOf('versioned', 'plain'), 'versioned'),
};

/** The options of a layer, checked. */
export type ReadLayer = Read<typeof LAYER_READERS>;

/**
 * Returns the confirmation claims for a pair of public keys, in the form of Verifiable Intent.
 *
 * @param publicKeys JWKs with a `kid`, which the draft requires.
 * @param options.thumbprint `true` replaces the ML-DSA-65 key by its thumbprint.
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID`
 */
export function viConfirmationOf(
  publicKeys: ViPublicKeys,
  options?: { thumbprint?: boolean | undefined },
): ViConfirmation {
  const { cnf, ...rest } = confirmationOf(publicKeys, options);
  const { kid } = cnf.jwk;
  if (typeof kid !== 'string' || kid === '') {
    fail(
      'ERR_MANDATE_KEY_INVALID',
      'es256',
      '"es256" must have a "kid": Verifiable Intent identifies keys by it',
    );
  }
  return { cnf: { ...cnf, kid }, ...rest };
}

/**
 * Issues a layer 1: the credential that names the user's keys.
 *
 * @param claims `iss`, `sub`, `vct`, `iat` and `exp`, the claims of {@link viConfirmationOf}, and those of the credential's
 * profile.
 * @param privateKeys The issuer's keys, as for `signMandate`.
 * @returns The SD-JWT in compact form.
 * @throws {MandateError} the codes of `signMandate`; `ERR_VI_LAYER_INVALID` for a missing claim; `ERR_VI_NOT_PORTABLE`.
 */
export async function issueViCredential(
  claims: Record<string, unknown>,
  privateKeys: MandatePrivateKeys,
  options?: IssueViCredentialOptions,
): Promise<string> {
  const read = readOptions(options, { ...READERS, disclosable: optional(names, NONE) });
  const { disclosable, pqAlg, currentDate: __, ...given } = read;
  const payload = checkOptions(claims, 'claims');
  for (const name of ['iss', 'sub', 'vct', 'iat', 'exp', 'cnf']) {
    if (!Object.hasOwn(payload, name))
      fail('ERR_VI_LAYER_INVALID', `claims.${name}`, `layer 1 must have "${name}"`);
  }
  for (const name of ['sd_hash', VI_MANDATES]) {
    if (Object.hasOwn(payload, name))
      fail('ERR_VI_LAYER_INVALID', `claims.${name}`, `layer 1 must not have "${name}"`);
  }
  const clear = toIJson(payload, 'claims', given.limits) as JsonObject;
  for (const [name, value] of Object.entries(clear)) {
    if (!disclosable.includes(name)) checkPortable({ [name]: value }, 'claims');
  }
  const hidden = disclosable.find((name) => VI_LAYER1_IN_CLEAR.includes(name));
  if (hidden !== undefined)
    fail('ERR_VI_LAYER_INVALID', 'disclosable', `"${hidden}" must not be disclosable: leave it out`);
  const header = headerOf(given.header, VI_TYP.layer1, undefined);
  const frame = disclosable.length === 0 ? undefined : { _sd: [...disclosable] };
  const token = await signToken(payload, privateKeys, pqAlg, { ...given, header, disclosureFrame: frame });
  checkNamed(token, given.limits);
  return token;
}

/**
 * Signs a layer 2 in immediate mode: the user confirms final values, and nothing is delegated.
 *
 * @param layer1 Layer 1 with the disclosures to show. Layer 2 is bound to exactly this text.
 * @param pairs One purchase, or several.
 * @param privateKeys The keys that layer 1 names. If layer 1 has no `pq_cnf`, layer 2 is classical-only.
 * @returns Layer 2 in compact form.
 * @throws {MandateError} `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_CONFIRMATION_INVALID` if the keys are not those of layer 1,
 * `ERR_VI_NOT_PORTABLE`, and the codes of `signMandate`.
 */
export async function issueViImmediate(
  layer1: string,
  pairs: readonly ViFinalPair[],
  privateKeys: ClassicalPrivateKeys,
  options: ViLayerOptions,
): Promise<string> {
  const read = readOptions(options, LAYER_READERS);
  const { names: dialect } = read;
  const contents = list(pairs, 'pairs').flatMap((pair, index) => {
    const { checkoutJwt, payment } = checkOptions(pair as ViFinalPair, `pairs[${index}]`);
    return [
      finalCheckout(checkoutJwt, {}, dialect, `pairs[${index}].checkout`),
      finalPayment(payment, checkoutHash(checkoutJwt), dialect, `pairs[${index}].payment`),
    ];
  });
  const packed = new Packing(read);
  for (const content of contents) await packed.add(content, undefined);
  return signLayer2(layer1, packed, privateKeys, read, VI_TYP.final);
}

/**
 * Signs a layer 2 in autonomous mode: open mandates that an agent closes, one pair for each purchase. Every entry of an allow
 * list is separately disclosable.
 *
 * @param layer1 As for {@link issueViImmediate}.
 * @param pairs The delegated purchases.
 * @param agent The agent's public keys. With an ML-DSA-65 key, layer 3 must be quantum-safe.
 * @param privateKeys The keys that layer 1 names.
 * @returns Layer 2 in compact form with all disclosures, for the agent.
 * @throws {MandateError} as {@link issueViImmediate}, and `ERR_MANDATE_CONSTRAINT_UNKNOWN`.
 */
export async function issueViAutonomous(
  layer1: string,
  pairs: readonly ViOpenPair[],
  agent: ViPublicKeys,
  privateKeys: ClassicalPrivateKeys,
  options: ViLayerOptions,
): Promise<string> {
  const read = readOptions(options, LAYER_READERS);
  const confirmation = viConfirmationOf(agent);
  const packed = new Packing(read);
  for (const [index, pair] of list(pairs, 'pairs').entries()) {
    const { checkout, payment } = checkOptions(pair as ViOpenPair, `pairs[${index}]`);
    const at = `pairs[${index}]`;
    const open = (kind: MandateKind, given: object, extra: readonly object[]): JsonObject =>
      openMandate(kind, given, extra, confirmation, read.names, `${at}.${kind}`);
    const checkoutDigest = await packed.add(...withFrame(open('checkout', checkout, []), `${at}.checkout`));
    const { type } = constraintName('reference', read.names);
    const reference = { type, conditional_transaction_id: checkoutDigest };
    await packed.add(...withFrame(open('payment', payment, [reference]), `${at}.payment`));
  }
  return signLayer2(layer1, packed, privateKeys, read, VI_TYP.delegating);
}

/** Packs mandates one after the other, so that one can refer to those before it. */
export class Packing {
  readonly #read: Pick<ReadLayer, 'saltGenerator' | 'limits'>;
  readonly contents: JsonObject[] = [];
  readonly #digests: string[] = [];
  readonly #disclosures: string[] = [];

  constructor(read: Pick<ReadLayer, 'saltGenerator' | 'limits'>) {
    this.#read = read;
  }

  /** Adds a mandate, and returns its digest. */
  async add(content: JsonObject, inner: JsonObject | undefined): Promise<string> {
    const { saltGenerator, limits } = this.#read;
    const frame = { [VI_MANDATES]: { _sd: [0], ...(inner !== undefined && { 0: inner }) } };
    const packed = await packPayload({ [VI_MANDATES]: [content] }, frame, saltGenerator, limits);
    const [element] = packed.payload[VI_MANDATES] as { '...': string }[];
    const digest = (element as { '...': string })['...'];
    this.contents.push(content);
    this.#digests.push(digest);
    this.#disclosures.push(...packed.disclosures);
    return digest;
  }

  /** Returns the content to sign. The strict parser of this library reads it too, so it conforms to RFC 9901. */
  pack(whole: JsonObject): PackedPayload {
    const elements = this.#digests.map((digest) => ({ '...': digest }));
    const packed = checkPacked(
      whole,
      { ...whole, [VI_MANDATES]: elements },
      this.#disclosures,
      this.#read.limits,
    );
    checkPortable(packed.payload, 'payload');
    return packed;
  }
}

async function signLayer2(
  layer1: string,
  packing: Packing,
  privateKeys: ClassicalPrivateKeys,
  read: ReadLayer,
  typ: string,
): Promise<string> {
  const segments = layerSegments(layer1, 'layer1', read.limits);
  const credential = claimsOf(segments, read.limits);
  return signBound(packing, segments, credential, 'layer1', privateKeys, read, typ);
}

/** Signs a layer that is bound to the previous one, with the keys that `holder` names. */
export async function signBound(
  packing: Packing,
  before: SdJwtSegments,
  holder: JsonObject,
  path: string,
  privateKeys: ClassicalPrivateKeys,
  read: ReadLayer,
  typ: string,
): Promise<string> {
  const { audience, nonce, expiresIn, issuer, currentDate, names: __, pqAlg: wanted, ...given } = read;
  const iat = Math.floor((currentDate ?? Date.now()) / 1000);
  const claims = {
    ...(issuer !== undefined && { iss: issuer }),
    aud: audience,
    nonce,
    iat,
    exp: iat + expiresIn,
    sd_hash: sdHash(before),
    [VI_MANDATES]: packing.contents,
  };
  const pqAlg: PqAlg | undefined = promisesPq(holder) ? wanted : undefined;
  const cnf = isJsonObject(holder.cnf) ? holder.cnf : {};
  const header = headerOf(given.header, typ, cnf.kid ?? (isJsonObject(cnf.jwk) ? cnf.jwk.kid : undefined));
  const token = await signToken(
    claims,
    privateKeys,
    pqAlg,
    { ...given, header, disclosureFrame: undefined },
    (whole) => packing.pack(whole),
  );
  const { jwt } = splitSdJwt(token, read.limits);
  await checkHolderKeys(jwt, holder, path, privateKeys, read.limits);
  checkNamed(token, read.limits);
  return token;
}

/** Splits a given layer, which must not have a key binding JWT. */
export function layerSegments(layer: unknown, path: string, limits: MandateLimits): SdJwtSegments {
  if (typeof layer !== 'string') invalidArgument(path, 'an SD-JWT in compact form');
  const segments = splitSdJwt(layer, limits);
  if (segments.keyBindingJwt === undefined) return segments;
  return fail(
    'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
    path,
    'a layer must not have a key binding JWT: the next layer binds it',
  );
}

function claimsOf({ jwt, disclosures }: SdJwtSegments, limits: MandateLimits): JsonObject {
  const decoded = disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  return processDisclosures(parseJws(jwt, limits).payload, decoded, limits);
}

function headerOf(given: unknown, typ: string, kid: JsonValue | undefined): Record<string, unknown> {
  const header = {
    ...(kid !== undefined && { kid }),
    ...checkOptions(given as object | undefined, 'header'),
    typ,
  };
  checkPortable(toIJson(header, 'header', DEFAULT_LIMITS, 'ERR_MANDATE_HEADER_INVALID'), 'header');
  return header;
}

/** The draft identifies every key by its `kid`. */
function checkNamed(token: string, limits: MandateLimits): void {
  const { jwt } = splitSdJwt(token, limits);
  const { kid } = parseJws(jwt, limits).header.value;
  if (typeof kid !== 'string' || kid === '') {
    fail(
      'ERR_MANDATE_HEADER_INVALID',
      'kid',
      'header parameter "kid" must be set, in the private keys or in "header"',
    );
  }
  checkPortable(kid, 'header.kid');
}

export function finalCheckout(checkoutJwt: unknown, more: object, names: ViNames, path: string): JsonObject {
  if (typeof checkoutJwt !== 'string' || checkoutJwt === '')
    invalidArgument(`${path}Jwt`, 'a JWT in compact form');
  const content = {
    vct: vctOf('checkout', false, names),
    checkout_jwt: checkoutJwt,
    checkout_hash: checkoutHash(checkoutJwt),
    ...more,
  };
  return parseViMandate(content as JsonObject, { kind: 'checkout', isOpen: false }, path);
}

export function finalPayment(
  payment: object,
  transactionId: string,
  names: ViNames,
  path: string,
): JsonObject {
  const content = {
    ...checkOptions(payment, path),
    vct: vctOf('payment', false, names),
    transaction_id: transactionId,
  };
  return parseViMandate(content as JsonObject, { kind: 'payment', isOpen: false }, path);
}

function openMandate(
  kind: MandateKind,
  given: object,
  extra: readonly object[],
  confirmation: ViConfirmation,
  names: ViNames,
  path: string,
): JsonObject {
  const { constraints, ...rest } = checkOptions(given as { constraints: readonly object[] }, path);
  const renamed = list(constraints, `${path}.constraints`).map((constraint, index) =>
    rename(constraint, kind, names, `${path}.constraints[${index}]`),
  );
  const content = {
    ...rest,
    vct: vctOf(kind, true, names),
    constraints: [...renamed, ...extra],
    ...confirmation,
  };
  const mandate = parseViMandate(
    toIJson(content, path, DEFAULT_LIMITS) as JsonObject,
    { kind, isOpen: true },
    path,
  );
  for (const [index, constraint] of (mandate.constraints as JsonObject[]).entries()) {
    readConstraint(constraint, `${path}.constraints[${index}]`);
  }
  return mandate;
}

/** Writes a constraint with the selected name. */
function rename(given: unknown, kind: MandateKind, names: ViNames, path: string): JsonObject {
  const constraint = toIJson(given, path, DEFAULT_LIMITS, 'ERR_MANDATE_SCHEMA');
  if (!isJsonObject(constraint)) return fail('ERR_MANDATE_SCHEMA', path, `"${path}" must be a JSON object`);
  const name = constraintNameOf(constraint.type);
  if (name === undefined) {
    return fail(
      'ERR_MANDATE_CONSTRAINT_UNKNOWN',
      `${path}.type`,
      `"${path}.type" must be a registered constraint type`,
    );
  }
  if (CHECKOUT_CONSTRAINTS.includes(name.kind) !== (kind === 'checkout')) {
    invalidArgument(path, `a constraint of a ${kind} mandate`);
  }
  if (name.kind === 'reference')
    invalidArgument(path, 'left out: this library adds the reference to the checkout mandate');
  const written = constraintName(name.kind, names);
  const { type: __, ...members } = constraint;
  if (name.list === undefined || written.list === undefined) return { ...members, type: written.type };
  const { [name.list]: entries, ...others } = members;
  return { ...others, type: written.type, [written.list]: entries as JsonValue };
}

/** A mandate with the frame that makes each entry of its lists disclosable. */
function withFrame(mandate: JsonObject, path: string): [JsonObject, JsonObject] {
  const frames: JsonObject = {};
  for (const [index, constraint] of (mandate.constraints as JsonObject[]).entries()) {
    const read = readConstraint(constraint, `${path}.constraints[${index}]`);
    const member = constraintNameOf(constraint.type)?.list;
    if (read === undefined || member === undefined) continue;
    const indices = (entries: readonly JsonValue[]): JsonObject => ({ _sd: entries.map((_, at) => at) });
    if (read.kind !== 'lineItems') {
      frames[index] = { [member]: indices(read.entries) };
      continue;
    }
    const requirements = read.entries.map((entry, at): [number, JsonObject] => {
      const items =
        isJsonObject(entry) && Array.isArray(entry.acceptable_items) ? entry.acceptable_items : [];
      return [at, { acceptable_items: indices(items) }];
    });
    frames[index] = { [member]: Object.fromEntries(requirements) };
  }
  return [mandate, { constraints: frames }];
}

function list<T>(value: readonly T[], path: string): readonly T[] {
  const copy = copyArray(value) as T[] | undefined;
  return copy?.length ? copy : invalidArgument(path, 'a non-empty array');
}

const names = aListWhere<string>(isString, 'an array of claim names');
