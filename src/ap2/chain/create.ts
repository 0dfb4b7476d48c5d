import { isNeverMandate } from '../../claims/token-type.js';
import { toIJson } from '../../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import { parseJws } from '../../jws/compact.js';
import { checkPqAlg } from '../../jws/sign.js';
import { promisesPq } from '../../key-binding/confirmation.js';
import { issuerJwtHash, sdHash } from '../../key-binding/hash.js';
import { checkHolderKeys } from '../../key-binding/holder.js';
import { select } from '../../key-binding/present.js';
import type { ClassicalPrivateKeys, MandatePrivateKeys } from '../../keys/types.js';
import {
  checkRegisteredClaims,
  type SignMandateOptions,
  signToken,
  TOKEN_READERS,
} from '../../mandate/sign.js';
import {
  checkDate,
  checkNames,
  checkOptions,
  copyArray,
  invalidArgument,
  printable,
  readOptions,
  readValue,
  resolveLimits,
  unread,
} from '../../options.js';
import {
  CHAIN_CLOSED_TYPES,
  CHAIN_OPEN_TYPES,
  DEFAULT_LIMITS,
  DELEGATE_PAYLOAD_NAMES,
  type MandateLimits,
  ML_DSA_65,
  type PqAlg,
} from '../../profile.js';
import { type SdJwtSegments, splitSdJwt } from '../../sd-jwt/compact.js';
import { decodeDisclosure } from '../../sd-jwt/disclosures.js';
import type { DisclosureFrame } from '../../sd-jwt/frame.js';
import { checkPacked, packPayload } from '../../sd-jwt/pack.js';
import type { PresentationFrame } from '../../sd-jwt/select.js';
import type { CheckoutMandate } from '../model/checkout-mandate.js';
import { mandateDisclosureFrame } from '../model/disclosable.js';
import {
  isOfKind,
  isOpenMandateContent,
  kindOf,
  type MandateContent,
  type MandateKind,
  type OpenMandateContent,
  parseMandateContent,
} from '../model/mandate.js';
import type { PaymentMandate } from '../model/payment-mandate.js';
import { checkDepth, joinChain, splitChain } from './compact.js';
import { CREDENTIAL_PATH, isCredential } from './credential.js';
import { elementsOf, isOpen, refuseChain } from './delegate-payload.js';
import { ALL_FORMS, arrange } from './forms.js';
import { minimalDisclosure } from './minimal.js';
import { type Binding, DELEGATE_PAYLOAD, DELEGATE_PAYLOAD_OF_IETF } from './names.js';
import { transactionClaims } from './openid4vp.js';

/** One of several mandates. A function gets the digests of the mandates before it, so that it can refer to them. */
export type MandateOfSeveral = MandateContent | ((digests: readonly string[]) => MandateContent);

/** One of several open mandates, like {@link MandateOfSeveral}. */
export type OpenMandateOfSeveral = OpenMandateContent | ((digests: readonly string[]) => OpenMandateContent);

/** A mandate that is bound to one transaction and ends a chain. */
export type ClosedMandateContent = PaymentMandate | CheckoutMandate;

/** Options for signing any token of a chain; all optional. */
interface TokenOptions
  extends Pick<SignMandateOptions, 'pqAlg' | 'deterministic' | 'saltGenerator' | 'limits'> {
  /** Further protected header parameters. */
  header?: Record<string, unknown> | undefined;
  /**
   * What becomes selectively disclosable in the mandate. Default: what AP2's schemas mark. The mandate as a whole is always
   * disclosable. For several mandates, pass an array of frames.
   */
  disclosureFrame?: DisclosureFrame | readonly (DisclosureFrame | undefined)[] | undefined;
  /**
   * The claim that holds the mandates. `_delegate_payload` is the name in draft-ietf-oauth-delegate-sd-jwt. Default: AP2's
   * name.
   */
  delegateClaim?: 'delegate_payload' | '_delegate_payload' | undefined;
}

/** Options of {@link issueMandate}; all optional. */
export interface IssueMandateOptions extends TokenOptions {
  /** Claims in addition to `delegate_payload`, such as `iss` and `iat`. */
  claims?: Record<string, unknown> | undefined;
}

/** Options of {@link delegateMandate} and {@link closeMandate}. */
export interface HopOptions extends TokenOptions {
  /** The recipient, for `aud`. */
  audience: string;
  /** The nonce issued by the recipient. */
  nonce: string;
  /** How the hop is bound to the previous token. Default `sd_hash`. */
  binding?: Binding | undefined;
  /**
   * What to disclose of the previous token. Default: the mandate of the added kind, with everything in it, and no other
   * mandate. `minimal`: of this mandate, only the payees, instruments, merchants and items that the added mandate needs. Of a
   * User Credential, nothing by default.
   */
  disclose?: PresentationFrame | 'minimal' | undefined;
  /** The `iat`. Default: now. */
  currentDate?: Date | undefined;
  /** For a wallet: every entry of the request's `transaction_data`, unchanged. Their hashes become claims of the hop. */
  transactionData?: readonly string[] | undefined;
}

const TOKEN_OPTIONS = [
  ...['pqAlg', 'deterministic', 'saltGenerator', 'limits', 'header', 'disclosureFrame'],
  'delegateClaim',
];
const HOP_OPTIONS = [
  ...TOKEN_OPTIONS,
  'audience',
  'nonce',
  'binding',
  'disclose',
  'currentDate',
  'transactionData',
];

/**
 * Issues a mandate as the root of a chain: an SD-JWT whose `delegate_payload` contains it, disclosed. An open mandate has the
 * keys of its delegate, from `confirmationOf`. Several mandates, such as a checkout and its payment, can be delegated together;
 * a hop then discloses only those that it continues. A payment mandate refers to the checkout mandate before it by its digest,
 * which a function gets: `[openCheckout, ([checkout]) => ({ …, constraints: [{ type: 'payment.reference',
 * conditional_transaction_id: checkout }] })]`.
 *
 * @param mandate An open mandate; or a closed one, which the user signs for one transaction without an agent; or several.
 * @param privateKeys As for `signMandate`.
 * @returns The chain, with one token.
 * @throws {MandateError} `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_CONSTRAINT_UNKNOWN`, and the codes of `signMandate`.
 */
export async function issueMandate(
  mandate: MandateContent | readonly MandateOfSeveral[],
  privateKeys: MandatePrivateKeys,
  options?: IssueMandateOptions,
): Promise<string> {
  const given = checkOptions(options, 'options');
  checkNames(given, [...TOKEN_OPTIONS, 'claims']);
  const { claims, ...rest } = given;
  const { typ } = checkOptions(given.header, 'header');
  if (typeof typ === 'string' && isNeverMandate(typ))
    invalidArgument('header.typ', `a type that a mandate may have, got ${printable(typ)}`);
  const extra = checkOptions(claims, 'claims');
  for (const name of DELEGATE_PAYLOAD_NAMES)
    if (Object.hasOwn(extra, name)) invalidArgument('claims', `free of "${name}"`);
  const inTurn = referringToOthers(mandate);
  if (inTurn !== undefined)
    return signInTurn(await packInTurn(inTurn, rest), extra, privateKeys, pqAlgOf(given), rest);
  const contents = readMandates(mandate);
  return signElements(contents, extra, privateKeys, pqAlgOf(given), rest);
}

/**
 * Delegates an open mandate further: adds a hop with another open mandate, which names the keys of the next delegate. If `chain`
 * is a User Credential, a wallet makes the first hop: the mandate that the user approved, signed with the credential's keys.
 *
 * @param chain The chain delegated to the caller, or a User Credential.
 * @param mandate The open mandate for the next delegate; according to AP2, no wider than the previous one. Alternatively one of
 * each kind; a function gets the digests of the mandates before it, as with {@link issueMandate}.
 * @param privateKeys The keys that `cnf` and `pq_cnf` of the last mandate, or of the credential, name. Without a `pq_cnf` there,
 * the hop is classical-only, because no verifier could attribute a post-quantum signature.
 * @returns The chain with one more token.
 * @throws {MandateError} as {@link issueMandate}; `ERR_MANDATE_CONFIRMATION_INVALID` if the keys are not those that the chain
 * names; `ERR_MANDATE_CHAIN_INVALID` if the chain has ended; `ERR_MANDATE_TOO_LARGE`.
 */
export async function delegateMandate(
  chain: string,
  mandate: OpenMandateContent | readonly OpenMandateOfSeveral[],
  privateKeys: ClassicalPrivateKeys,
  options: HopOptions,
): Promise<string> {
  const check = (contents: readonly MandateContent[]): void => {
    if (!contents.every(isOpenMandateContent))
      invalidArgument('mandate', 'an open mandate; use closeMandate for a closed one');
  };
  const inTurn = referringToOthers(mandate);
  if (inTurn !== undefined)
    return addHop(chain, { inTurn, check }, privateKeys, options, CHAIN_OPEN_TYPES[0]);
  const contents = readMandates(mandate);
  check(contents);
  return addHop(chain, { contents }, privateKeys, options, CHAIN_OPEN_TYPES[0]);
}

/**
 * Closes an open mandate for one transaction: adds the last hop. If `chain` is a User Credential, the user closes the mandate in
 * the wallet, without an agent.
 *
 * @param chain The chain delegated to the caller, or a User Credential.
 * @param mandate The closed mandate. {@link verifyMandateChain} checks whether it meets the constraints.
 * @param privateKeys As for {@link delegateMandate}.
 * @returns The chain, to be presented to `audience`.
 * @throws {MandateError} as {@link delegateMandate}.
 */
export async function closeMandate(
  chain: string,
  mandate: ClosedMandateContent | readonly ClosedMandateContent[],
  privateKeys: ClassicalPrivateKeys,
  options: HopOptions,
): Promise<string> {
  const contents = readMandates(mandate);
  if (contents.some(isOpenMandateContent))
    return invalidArgument('mandate', 'a closed mandate; use delegateMandate for an open one');
  return addHop(chain, { contents }, privateKeys, options, CHAIN_CLOSED_TYPES[0]);
}

/** Several mandates with a function among them. */
function referringToOthers(mandate: unknown): readonly MandateOfSeveral[] | undefined {
  const several = copyArray(mandate) as MandateOfSeveral[] | undefined;
  return several?.some((each) => typeof each === 'function') ? several : undefined;
}

/** One mandate, or several with different kinds, so that a hop can select one by its kind. */
function readMandates(mandate: unknown): MandateContent[] {
  const several = copyArray(mandate);
  if (several === undefined) return [parseMandateContent(mandate)];
  if (several.length === 0) invalidArgument('mandate', 'a mandate, or an array of at least one');
  return several.map((each, index) => parseMandateContent(each, `mandate[${index}]`));
}

/** The mandates of a hop, or functions that create them in order. */
type HopContents =
  | { readonly contents: readonly MandateContent[] }
  | {
      readonly inTurn: readonly MandateOfSeveral[];
      readonly check: (contents: readonly MandateContent[]) => void;
    };

async function addHop(
  chain: string,
  mandates: HopContents,
  privateKeys: ClassicalPrivateKeys,
  options: HopOptions,
  typ: string,
): Promise<string> {
  const given = checkOptions(options, 'options');
  checkNames(given, HOP_OPTIONS);
  const {
    audience,
    nonce,
    binding = 'sd_hash',
    disclose,
    currentDate = new Date(),
    transactionData,
    ...rest
  } = given;
  const asked = transactionData === undefined ? {} : transactionClaims(transactionData);
  for (const [name, value] of Object.entries({ audience, nonce })) {
    if (typeof value !== 'string' || value === '') invalidArgument(name, 'a non-empty string');
  }
  if (binding !== 'sd_hash' && binding !== 'issuer_jwt_hash')
    invalidArgument('binding', '"sd_hash" or "issuer_jwt_hash"');
  const iat = Math.floor(checkDate(currentDate, 'currentDate') / 1000);
  const limits = resolveLimits(given.limits);
  const header = { ...checkOptions(given.header, 'header'), typ };

  const held = splitChain(chain, limits);
  checkDepth(held.length + 1, limits);
  const before = held.slice(0, -1);
  const last = held[held.length - 1] as SdJwtSegments;
  const packed = 'inTurn' in mandates ? await packInTurn(mandates.inTurn, rest) : undefined;
  const contents = 'inTurn' in mandates ? (packed as PackedInTurn).contents : mandates.contents;
  if ('inTurn' in mandates) mandates.check(contents);
  const kinds = contents.map(kindOf);
  if (new Set(kinds).size < kinds.length)
    invalidArgument('mandate', 'at most one mandate of each kind in a hop');
  const root = held.length === 1 ? parseJws(last.jwt, limits) : undefined;
  const { shown, delegated, path } =
    root !== undefined && isCredential(root)
      ? ofCredential(last, root.payload, disclose, limits)
      : delegatedOf(disclosed(last, disclose, contents, limits), kinds, limits);
  const pqAlg = delegated.some(promisesPq) ? pqAlgOf(given) : undefined;

  const hash = binding === 'sd_hash' ? { sd_hash: sdHash(shown) } : { issuer_jwt_hash: issuerJwtHash(shown) };
  const claims = { iat, aud: audience, nonce, ...asked, ...hash };
  const signing = { ...rest, header };
  const token =
    packed === undefined
      ? await signElements(contents, claims, privateKeys, pqAlg, signing)
      : await signInTurn(packed, claims, privateKeys, pqAlg, signing);
  const hop = splitSdJwt(token, limits);
  for (const holder of delegated) await checkHolderKeys(hop.jwt, holder, path, privateKeys, limits);
  const longer = joinChain([...before, shown, hop]);
  splitChain(longer, limits);
  return longer;
}

const pqAlgOf = ({ pqAlg }: TokenOptions): PqAlg => checkPqAlg(pqAlg === undefined ? ML_DSA_65 : pqAlg);

/** The previous token, with the selected disclosures. */
function disclosed(
  token: SdJwtSegments,
  disclose: HopOptions['disclose'],
  contents: readonly MandateContent[],
  limits: MandateLimits,
): SdJwtSegments {
  if (disclose === undefined) return token;
  const frame = disclose === 'minimal' ? minimalDisclosure(token, contents, limits) : withElement(disclose);
  return select(token, frame, limits, (payload) => arrange(payload, ALL_FORMS));
}

/** The mandate in the previous token is always disclosed: without it, there is nothing to delegate. */
const withElement = (disclose: PresentationFrame): PresentationFrame => {
  const frame = checkOptions(disclose, 'disclose');
  return Object.hasOwn(frame, DELEGATE_PAYLOAD) ? frame : { ...frame, [DELEGATE_PAYLOAD]: { 0: true } };
};

/** The previous token of a hop as presented, and the object that names the keys of the hop. */
interface Delegation {
  readonly shown: SdJwtSegments;
  readonly delegated: readonly JsonObject[];
  /** Its name in errors. */
  readonly path: string;
}

/** A credential discloses only the claims that the caller selects. */
const ofCredential = (
  token: SdJwtSegments,
  payload: JsonObject,
  disclose: HopOptions['disclose'],
  limits: MandateLimits,
): Delegation => ({
  shown: select(token, disclose === undefined || disclose === 'minimal' ? {} : disclose, limits),
  delegated: [payload],
  path: CREDENTIAL_PATH,
});

/** The token without the elements that are not selected, and the selected open mandates. Nothing is verified here. */
function delegatedOf(token: SdJwtSegments, kinds: readonly MandateKind[], limits: MandateLimits): Delegation {
  const elements = elementsOf(token, limits);
  const delegated = kinds.map((kind) => {
    const meant = elements.filter(({ processed }) => isOfKind(processed, kind));
    const [element] = meant;
    if (element === undefined && elements.length > 0) {
      return refuseChain(`the chain delegates no ${kind} mandate`);
    }
    if (element === undefined || meant.length > 1) {
      return refuseChain(`exactly one ${kind} mandate must be disclosed: select it with "disclose"`);
    }
    if (!isOpen(element)) return refuseChain('the chain already ends with a closed mandate');
    return element;
  });
  const others = elements.filter((element) => !delegated.includes(element));
  const withheld = new Set(others.flatMap(({ digest }) => below(digest, token.disclosures, limits)));
  return {
    shown: { ...token, disclosures: token.disclosures.filter((encoded) => !withheld.has(encoded)) },
    delegated: delegated.map(({ processed }) => processed),
    path: DELEGATE_PAYLOAD,
  };
}

/** A disclosure, and those that are only reachable through it, encoded. */
function below(digest: string, disclosures: readonly string[], limits: MandateLimits): string[] {
  const encoded = disclosures.find((each) => decodeDisclosure(each, limits).digest === digest);
  if (encoded === undefined) return [];
  const digests = digestsIn(decodeDisclosure(encoded, limits).value);
  return [encoded, ...digests.flatMap((each) => below(each, disclosures, limits))];
}

/** The possible digests in a disclosed value. */
function digestsIn(value: JsonValue): string[] {
  if (Array.isArray(value)) return value.flatMap(digestsIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === '...' && typeof member === 'string') return [member];
    if (name === '_sd' && Array.isArray(member)) return member.filter((each) => typeof each === 'string');
    return digestsIn(member);
  });
}

async function signElements(
  contents: readonly MandateContent[],
  claims: object,
  privateKeys: ClassicalPrivateKeys,
  pqAlg: PqAlg | undefined,
  { disclosureFrame, delegateClaim, ...options }: Omit<TokenOptions, 'pqAlg'>,
): Promise<string> {
  const claim = claimOf(delegateClaim);
  const frames = framesOf(disclosureFrame, contents.length);
  const inner = contents.map((content, index) => innerFrame(content, frames[index]));
  const below = Object.fromEntries(
    inner.flatMap((frame, index) => (frame === undefined ? [] : [[index, frame]])),
  );
  const packed = { [claim]: { _sd: contents.map((_, index) => index), ...below } };
  const given = readOptions({ ...options, disclosureFrame: packed }, { ...TOKEN_READERS, pqAlg: unread });
  return signToken({ ...claims, [claim]: contents }, privateKeys, pqAlg, given);
}

/** Mandates packed one by one, so that each digest was known before the next mandate was created. */
interface PackedInTurn {
  readonly contents: readonly MandateContent[];
  readonly digests: readonly string[];
  readonly disclosures: readonly string[];
}

async function packInTurn(
  mandates: readonly MandateOfSeveral[],
  { disclosureFrame, delegateClaim: _, ...options }: Omit<TokenOptions, 'pqAlg'>,
): Promise<PackedInTurn> {
  const frames = framesOf(disclosureFrame, mandates.length);
  const given = readOptions(options, { ...TOKEN_READERS, pqAlg: unread });
  const { saltGenerator, limits } = given;
  const contents: MandateContent[] = [];
  const digests: string[] = [];
  const disclosures: string[] = [];
  for (const [index, mandate] of mandates.entries()) {
    const path = `mandate[${index}]`;
    const made = typeof mandate === 'function' ? readValue(path, () => mandate([...digests])) : mandate;
    const content = parseMandateContent(made, path);
    const inner = innerFrame(content, frames[index]);
    const frame = { [DELEGATE_PAYLOAD]: { _sd: [0], ...(inner && { 0: inner }) } };
    const single = { [DELEGATE_PAYLOAD]: [content] } as unknown as JsonObject;
    const packed = await packPayload(single, frame, saltGenerator, limits);
    const [element] = packed.payload[DELEGATE_PAYLOAD] as { '...': string }[];
    contents.push(content);
    digests.push((element as { '...': string })['...']);
    disclosures.push(...packed.disclosures);
  }
  return { contents, digests, disclosures };
}

function claimOf(delegateClaim: unknown): string {
  if (delegateClaim === undefined || delegateClaim === DELEGATE_PAYLOAD) return DELEGATE_PAYLOAD;
  if (delegateClaim === DELEGATE_PAYLOAD_OF_IETF) return DELEGATE_PAYLOAD_OF_IETF;
  return invalidArgument('delegateClaim', `"${DELEGATE_PAYLOAD}" or "${DELEGATE_PAYLOAD_OF_IETF}"`);
}

/** Like {@link signElements}, for mandates that are already packed. */
async function signInTurn(
  { contents, digests, disclosures }: PackedInTurn,
  claims: object,
  privateKeys: ClassicalPrivateKeys,
  pqAlg: PqAlg | undefined,
  { disclosureFrame: _, delegateClaim, ...options }: Omit<TokenOptions, 'pqAlg'>,
): Promise<string> {
  const claim = claimOf(delegateClaim);
  const given = readOptions(options, { ...TOKEN_READERS, pqAlg: unread });
  const elements = digests.map((digest) => ({ '...': digest }));
  return signToken({ ...claims, [claim]: contents }, privateKeys, pqAlg, given, (whole) =>
    checkPacked(whole, { ...whole, [claim]: elements }, [...disclosures], given.limits),
  );
}

/** The frame of what AP2's schemas mark, or less, for a mandate that a verifier would accept. */
function innerFrame(content: MandateContent, frame: DisclosureFrame | undefined): JsonObject | undefined {
  checkRegisteredClaims(content as unknown as JsonObject, 'mandate');
  if (!isOpenMandateContent(content) && ['cnf', 'pq_cnf'].some((name) => Object.hasOwn(content, name))) {
    invalidArgument('mandate', 'without "cnf" and "pq_cnf": a closed mandate must not name a key');
  }
  return frame === undefined ? mandateDisclosureFrame(content) : checkInnerFrame(frame, content);
}

/** One frame for each mandate. */
function framesOf(
  frame: TokenOptions['disclosureFrame'],
  mandates: number,
): readonly (DisclosureFrame | undefined)[] {
  const frames = copyArray(frame) as (DisclosureFrame | undefined)[] | undefined;
  if (frames === undefined && (frame === undefined || mandates === 1))
    return [frame as DisclosureFrame | undefined];
  return frames?.length === mandates
    ? frames
    : invalidArgument('disclosureFrame', `an array of ${mandates} frames, one for each mandate`);
}

/**
 * Content that can be withheld is not binding. A caller's frame may therefore only make disclosable what AP2's schemas mark, or
 * less, and add decoys there. A decoy elsewhere could be a withheld limit, and verifiers reject it.
 */
function checkInnerFrame(frame: DisclosureFrame, content: MandateContent): JsonObject {
  const copy = toIJson(frame, 'disclosureFrame', DEFAULT_LIMITS, 'ERR_MANDATE_DISCLOSURE_FRAME_INVALID');
  refuseBeyond(copy, mandateDisclosureFrame(content), 'disclosureFrame');
  return copy as JsonObject;
}

function refuseBeyond(frame: JsonValue, marked: JsonValue | undefined, path: string): void {
  if (!isJsonObject(frame)) return;
  const allowed = isJsonObject(marked) ? marked : {};
  for (const [name, value] of Object.entries(frame)) {
    const isMarked = name === '_sd_decoy' ? Object.hasOwn(allowed, '_sd') : isSubset(value, allowed._sd);
    if (name !== '_sd' && name !== '_sd_decoy') refuseBeyond(value, allowed[name], `${path}.${name}`);
    else if (!isMarked) {
      fail(
        'ERR_MANDATE_DISCLOSURE_FRAME_INVALID',
        `${path}.${name}`,
        `"${path}.${name}" must name only members that AP2 marks as selectively disclosable`,
      );
    }
  }
}

const isSubset = (names: JsonValue, allowed: JsonValue | undefined): boolean =>
  Array.isArray(names) &&
  names.every((name) => Array.isArray(allowed) && allowed.map(String).includes(String(name)));
