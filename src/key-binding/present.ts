import { checkNames, checkOptions, invalidArgument, isValidDate, resolveLimits } from '../arguments.js';
import { MandateError } from '../errors.js';
import { encodeBase64url } from '../json/base64url.js';
import { canonicalize } from '../json/canonicalize.js';
import type { JsonObject } from '../json/types.js';
import { parseJws } from '../jws/compact.js';
import { addPqSig, checkPqAlg, checkPrivateKeys, signJws, unsignedHeader } from '../jws/sign.js';
import type { ClassicalPrivateKeys } from '../mandate/sign.js';
import { importSigners } from '../mandate/sign.js';
import { sha256 } from '../primitives/sha256.js';
import type { MandateLimits, PqAlg } from '../profile.js';
import { ML_DSA_65 } from '../profile.js';
import type { SdJwtSegments } from '../sd-jwt/compact.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import { decodeDisclosure, processDisclosures } from '../sd-jwt/disclosures.js';
import { promisesPq } from './confirmation.js';
import { sdHash, serialize } from './hash.js';
import { KEY_BINDING_TYP } from './verify.js';

/**
 * What to disclose, as `@sd-jwt/core` knows it: `true` at each claim or array element that is selectively disclosable and
 * is to be shown; what it stands in is shown with it.
 */
export type PresentationFrame = { [name: string]: boolean | PresentationFrame };

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
 * `keyBinding` those of {@link signMandate}.
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
  const payload = processedPayload(held, limits);
  const shown = given.disclose === undefined ? held : await select(held, given.disclose, limits);
  return serialize(shown) + (binding === undefined ? '' : await keyBindingJwt(shown, payload, binding));
}

/** The claims with all that the holder can disclose. */
function processedPayload({ jwt, disclosures }: SdJwtSegments, limits: MandateLimits): JsonObject {
  const decoded = disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  return processDisclosures(parseJws(jwt, limits).payload, decoded, limits);
}

/** The same token with fewer disclosures. `@sd-jwt/core` selects; that the rest is what it was, is checked here. */
export async function select(
  held: SdJwtSegments,
  frame: PresentationFrame,
  limits: MandateLimits,
): Promise<SdJwtSegments> {
  const checked = checkFrame(frame, processedPayload(held, limits), 'disclose');
  const { SDJwtInstance } = await import('@sd-jwt/core');
  const instance = new SDJwtInstance({
    hasher: (data) => sha256(new TextEncoder().encode(data as string)),
  });
  const presented = splitSdJwt(await instance.present(serialize(held), checked as never), limits);
  const known = new Set(held.disclosures);
  if (presented.jwt !== held.jwt || !presented.disclosures.every((disclosure) => known.has(disclosure))) {
    throw new MandateError(
      'ERR_MANDATE_MALFORMED',
      'mandate',
      'the mandate could not be presented unchanged',
    );
  }
  processedPayload(presented, limits);
  // In the order in which the holder has them, whatever the frame's.
  const kept = new Set(presented.disclosures);
  return { ...presented, disclosures: held.disclosures.filter((disclosure) => kept.has(disclosure)) };
}

/** A frame names claims that are there: a misspelt name would withhold what was to be shown. */
function checkFrame(frame: unknown, claims: unknown, path: string): PresentationFrame {
  const given = checkOptions(frame as PresentationFrame, path);
  const checked: PresentationFrame = {};
  for (const [name, value] of Object.entries(given)) {
    const member = `${path}.${name}`;
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
  if (!isValidDate(currentDate)) invalidArgument('keyBinding.currentDate', 'a valid Date');
  if (typeof deterministic !== 'boolean') invalidArgument('keyBinding.deterministic', 'a boolean');
  return {
    privateKeys: checkPrivateKeys(given.privateKeys),
    audience,
    nonce,
    pqAlg: checkPqAlg(given.pqAlg === undefined ? ML_DSA_65 : given.pqAlg),
    currentDate: new Date(currentDate),
    deterministic,
  };
}

async function keyBindingJwt(shown: SdJwtSegments, payload: JsonObject, binding: Binding): Promise<string> {
  if (!Object.hasOwn(payload, 'cnf')) {
    throw new MandateError(
      'ERR_MANDATE_CONFIRMATION_INVALID',
      'payload.cnf',
      'the mandate names no key in "cnf"',
    );
  }
  const { privateKeys, audience, nonce, currentDate, deterministic } = binding;
  const pqAlg = promisesPq(payload) ? binding.pqAlg : undefined;
  const keys = pqAlg === undefined ? [privateKeys.es256] : [privateKeys.es256, privateKeys.mldsa65];
  const header = unsignedHeader({ typ: KEY_BINDING_TYP }, keys, pqAlg);
  const signers = await importSigners(privateKeys, pqAlg, deterministic);
  const claims = {
    iat: Math.floor(currentDate.getTime() / 1000),
    aud: audience,
    nonce,
    sd_hash: sdHash(shown),
  };
  const encodedPayload = encodeBase64url(canonicalize(claims));
  return signJws(await addPqSig(header, encodedPayload, pqAlg, signers), encodedPayload, signers);
}
