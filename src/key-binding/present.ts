import type { JsonObject } from '../encoding/json.js';
import { MandateError } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import { checkPqAlg, signClaims } from '../jws/sign.js';
import { checkPrivateKeys } from '../keys/private-keys.js';
import type { ClassicalPrivateKeys } from '../keys/types.js';
import { checkDate, checkNames, checkOptions, invalidArgument, resolveLimits } from '../options.js';
import type { MandateLimits, PqAlg } from '../profile.js';
import { KEY_BINDING_TYP, ML_DSA_65 } from '../profile.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import { decodeDisclosure, processDisclosures } from '../sd-jwt/disclosures.js';
import type { PresentationFrame } from '../sd-jwt/select.js';
import { selectDisclosures } from '../sd-jwt/select.js';
import { promisesPq } from './confirmation.js';
import { sdHash, serialize } from './hash.js';
import { checkHolder } from './holder.js';

/** Who presents, to whom, and now. */
export interface KeyBindingOptions {
  /** The keys that `cnf` and `pq_cnf` of the mandate name. `mldsa65` is needed where there is a `pq_cnf`. */
  privateKeys: ClassicalPrivateKeys;
  /** The verifier's name. */
  audience: string;
  /** What the verifier gave out. */
  nonce: string;
  /** `ML-DSA-65` (default) or the hybrid, where the mandate has a `pq_cnf`; without one, the signature is classical-only. */
  pqAlg?: PqAlg | undefined;
  /** The `iat`. Default: now. */
  currentDate?: Date | undefined;
  /** For test vectors; see {@link signMandate}. */
  deterministic?: boolean | undefined;
}

/** Options of {@link presentMandate}; all optional. */
export interface PresentMandateOptions {
  /** Default: everything that the holder has. */
  disclose?: PresentationFrame | undefined;
  /** Adds a key binding JWT (RFC 9901 §4.3). */
  keyBinding?: KeyBindingOptions | undefined;
  limits?: Partial<MandateLimits> | undefined;
}

/**
 * Presents a mandate: keeps the disclosures that are to be shown, and binds the presentation to its holder, verifier and
 * moment where `keyBinding` is given. Nothing is verified; whoever accepts it calls {@link verifyMandate}.
 *
 * @example
 * ```ts
 * const shown = await presentMandate(mandate, {
 *   disclose: { amount: true },
 *   keyBinding: { privateKeys: wallet, audience: 'https://merchant.example', nonce },
 * });
 * ```
 *
 * @param mandate The SD-JWT as the holder has it, without a key binding JWT.
 * @param options See {@link PresentMandateOptions}.
 * @returns The SD-JWT, or SD-JWT+KB, in compact form.
 * @throws {MandateError} `ERR_MANDATE_MALFORMED` and the other codes of its structure, `ERR_MANDATE_ARGUMENT_INVALID`; with
 * `keyBinding` those of {@link signMandate}, and `ERR_MANDATE_CONFIRMATION_INVALID` where the mandate names other keys.
 */
export async function presentMandate(mandate: string, options?: PresentMandateOptions): Promise<string> {
  const given = checkOptions(options, 'options');
  checkNames(given, ['disclose', 'keyBinding', 'limits']);
  const limits = resolveLimits(given.limits);
  const held = splitSdJwt(mandate, limits);
  if (held.keyBindingJwt !== undefined) {
    invalidArgument('mandate', 'without a key binding JWT: it is bound to another presentation');
  }
  const binding = given.keyBinding === undefined ? undefined : checkBinding(given.keyBinding);
  const unpacked = unpack(held, limits);
  const shown = given.disclose === undefined ? held : selectOf(held, unpacked, given.disclose);
  return (
    serialize(shown) +
    (binding === undefined ? '' : await keyBindingJwt(shown, unpacked.payload, binding, limits))
  );
}

/** What the holder has, unpacked. */
function unpack({ jwt, disclosures }: SdJwtSegments, limits: MandateLimits) {
  const decoded = disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  const signed = parseJws(jwt, limits).payload;
  return { signed, decoded, payload: processDisclosures(signed, decoded, limits) };
}

/** The same token with the disclosures that the frame names, in the order in which the holder has them. */
export const select = (held: SdJwtSegments, frame: PresentationFrame, limits: MandateLimits): SdJwtSegments =>
  selectOf(held, unpack(held, limits), frame);

function selectOf(
  held: SdJwtSegments,
  { signed, decoded, payload }: ReturnType<typeof unpack>,
  frame: PresentationFrame,
): SdJwtSegments {
  const selected = selectDisclosures(signed, decoded, checkFrame(frame, payload, 'disclose'));
  const disclosures = decoded.filter((disclosure) => selected.has(disclosure)).map(({ encoded }) => encoded);
  return { ...held, disclosures };
}

/** A frame names claims that are there: a misspelt name would withhold what was to be shown. */
function checkFrame(frame: unknown, claims: unknown, path: string): PresentationFrame {
  const given = checkOptions(frame as PresentationFrame, path);
  const checked: PresentationFrame = {};
  for (const [name, value] of Object.entries(given)) {
    // A name that looks like none may be anything: a key, pasted where a name belongs.
    const member = /^[\w:./-]{1,40}$/.test(name) ? `${path}.${name}` : path;
    if (typeof claims !== 'object' || claims === null || !Object.hasOwn(claims, name)) {
      return invalidArgument(member, 'the name of a claim that the holder has');
    }
    if (name === '__proto__') return invalidArgument(member, 'left out');
    const claim = (claims as Record<string, unknown>)[name];
    checked[name] = typeof value === 'boolean' ? value : checkFrame(value, claim, member);
  }
  return checked;
}

/** {@link KeyBindingOptions}, checked, with their defaults. */
type Binding = { readonly [Name in keyof KeyBindingOptions]-?: NonNullable<KeyBindingOptions[Name]> };

function checkBinding(binding: KeyBindingOptions): Binding {
  const given = checkOptions(binding, 'keyBinding');
  checkNames(given, ['privateKeys', 'audience', 'nonce', 'pqAlg', 'currentDate', 'deterministic']);
  const { audience, nonce, currentDate = new Date(), deterministic = false } = given;
  for (const [name, value] of Object.entries({ audience, nonce })) {
    if (typeof value !== 'string' || value === '')
      invalidArgument(`keyBinding.${name}`, 'a non-empty string');
  }
  if (typeof deterministic !== 'boolean') invalidArgument('keyBinding.deterministic', 'a boolean');
  return {
    privateKeys: checkPrivateKeys(given.privateKeys),
    audience,
    nonce,
    pqAlg: checkPqAlg(given.pqAlg === undefined ? ML_DSA_65 : given.pqAlg),
    currentDate: new Date(checkDate(currentDate, 'keyBinding.currentDate')),
    deterministic,
  };
}

async function keyBindingJwt(
  shown: SdJwtSegments,
  payload: JsonObject,
  binding: Binding,
  limits: MandateLimits,
): Promise<string> {
  if (!Object.hasOwn(payload, 'cnf')) {
    throw new MandateError(
      'ERR_MANDATE_CONFIRMATION_INVALID',
      'payload.cnf',
      'the mandate names no key in "cnf"',
    );
  }
  const { privateKeys, audience, nonce, currentDate, deterministic } = binding;
  const pqAlg = promisesPq(payload) ? binding.pqAlg : undefined;
  const claims = {
    iat: Math.floor(currentDate.getTime() / 1000),
    aud: audience,
    nonce,
    sd_hash: sdHash(shown),
  };
  const signed = await signClaims(
    claims,
    { typ: KEY_BINDING_TYP },
    privateKeys,
    pqAlg,
    deterministic,
    limits,
  );
  await checkHolder(signed, payload, 'payload', privateKeys, limits);
  return signed;
}
