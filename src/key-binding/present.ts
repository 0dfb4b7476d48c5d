import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import { pqAlgOption, signClaims } from '../jws/sign.js';
import { checkPrivateKeys } from '../keys/private-keys.js';
import type { ClassicalPrivateKeys } from '../keys/types.js';
import {
  aBoolean,
  aNonEmptyString,
  checkDate,
  checkOptions,
  invalidArgument,
  limitsOption,
  type OptionReader,
  optional,
  type Read,
  readOptions,
  required,
  unread,
} from '../options.js';
import { KEY_BINDING_TYP, MANDATE_ALGORITHMS, type MandateLimits, type PqAlg } from '../profile.js';
import { type SdJwtSegments, splitSdJwt } from '../sd-jwt/compact.js';
import { decodeDisclosure, processDisclosures } from '../sd-jwt/disclosures.js';
import { type PresentationFrame, selectDisclosures } from '../sd-jwt/select.js';
import { promisesPq } from './confirmation.js';
import { sdHash, serialize } from './hash.js';
import { checkHolderKeys } from './holder.js';

/** Options for binding a presentation to its holder, its verifier and its time. */
export interface KeyBindingOptions {
  /** The keys that `cnf` and `pq_cnf` of the mandate name. `mldsa65` is required if there is a `pq_cnf`. */
  privateKeys: ClassicalPrivateKeys;
  /** The name of the verifier, for `aud`. */
  audience: string;
  /** The nonce issued by the verifier. */
  nonce: string;
  /**
   * `ML-DSA-65` (default) or the hybrid, if the mandate has a `pq_cnf`. Without a `pq_cnf`, the signature is classical-only.
   */
  pqAlg?: PqAlg | undefined;
  /** The `iat`. Default: now. */
  currentDate?: Date | undefined;
  /** For test vectors; see {@link signMandate}. */
  deterministic?: boolean | undefined;
}

/** Options of {@link presentMandate}; all optional. */
export interface PresentMandateOptions {
  /** What to disclose. Default: all disclosures of the holder. */
  disclose?: PresentationFrame | undefined;
  /** Adds a key binding JWT (RFC 9901 §4.3). */
  keyBinding?: KeyBindingOptions | undefined;
  limits?: Partial<MandateLimits> | undefined;
}

/** What reads {@link KeyBindingOptions}. */
const BINDING_READERS = {
  privateKeys: required((keys) => checkPrivateKeys(keys as ClassicalPrivateKeys)),
  audience: required(aNonEmptyString),
  nonce: required(aNonEmptyString),
  pqAlg: pqAlgOption,
  currentDate: optional(checkDate, undefined),
  deterministic: optional(aBoolean, false),
};

const PRESENT_READERS = {
  disclose: unread as OptionReader<PresentationFrame | undefined>,
  keyBinding: optional(
    (value, path) => readOptions(value as KeyBindingOptions, BINDING_READERS, path),
    undefined,
  ),
  limits: limitsOption,
};

/**
 * Presents a mandate: selects the disclosures to show and, with `keyBinding`, binds the presentation to its holder, verifier and
 * time. It verifies nothing; the recipient calls {@link verifyMandate}.
 *
 * @example
 * ```ts
 * const shown = await presentMandate(mandate, {
 *   disclose: { amount: true },
 *   keyBinding: { privateKeys: wallet, audience: 'https://merchant.example', nonce },
 * });
 * ```
 *
 * @param mandate The SD-JWT that the holder has, without a key binding JWT.
 * @param options See {@link PresentMandateOptions}.
 * @returns The SD-JWT, or SD-JWT+KB, in compact form.
 * @throws {MandateError} `ERR_MANDATE_MALFORMED` and the other codes of its structure, `ERR_MANDATE_ARGUMENT_INVALID`; with
 * `keyBinding` those of {@link signMandate}, and `ERR_MANDATE_CONFIRMATION_INVALID` if the mandate names other keys.
 */
export async function presentMandate(mandate: string, options?: PresentMandateOptions): Promise<string> {
  const given = readOptions(options, PRESENT_READERS);
  const { limits, keyBinding: binding } = given;
  const held = splitSdJwt(mandate, limits);
  if (held.keyBindingJwt !== undefined) {
    invalidArgument('mandate', 'without a key binding JWT: it is bound to another presentation');
  }
  const unpacked = unpack(held, limits);
  const shown = given.disclose === undefined ? held : selectOf(held, unpacked, given.disclose);
  return (
    serialize(shown) +
    (binding === undefined ? '' : await keyBindingJwt(shown, unpacked.payload, binding, limits))
  );
}

/** Transforms the payload before disclosures are processed. */
type Arrange = (payload: JsonObject) => JsonObject;
const same: Arrange = (payload) => payload;

/** Unpacks what the holder has. */
function unpack({ jwt, disclosures }: SdJwtSegments, limits: MandateLimits, arrange: Arrange = same) {
  const decoded = disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  // The verifier judges the presentation, so any `alg` that a verifier can accept is allowed here (SPEC.md R20.7).
  const signed = arrange(parseJws(jwt, limits, MANDATE_ALGORITHMS).payload);
  return { signed, decoded, payload: processDisclosures(signed, decoded, limits) };
}

/** Returns the same token with the disclosures that the frame names, in their original order. */
export const select = (
  held: SdJwtSegments,
  frame: PresentationFrame,
  limits: MandateLimits,
  arrange?: Arrange,
): SdJwtSegments => selectOf(held, unpack(held, limits, arrange), frame);

function selectOf(
  held: SdJwtSegments,
  { signed, decoded, payload }: ReturnType<typeof unpack>,
  frame: PresentationFrame,
): SdJwtSegments {
  const selected = selectDisclosures(signed, decoded, checkFrame(frame, payload, 'disclose'));
  const disclosures = decoded.filter((disclosure) => selected.has(disclosure)).map(({ encoded }) => encoded);
  return { ...held, disclosures };
}

/** The names in a frame must exist: a misspelled name would withhold a claim that was meant to be shown. */
function checkFrame(frame: unknown, claims: unknown, path: string): PresentationFrame {
  const given = checkOptions(frame as PresentationFrame, path);
  const checked: PresentationFrame = {};
  for (const [name, value] of Object.entries(given)) {
    // If it does not look like a name, it may be anything, such as a key pasted in place of a name.
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

async function keyBindingJwt(
  shown: SdJwtSegments,
  payload: JsonObject,
  binding: Read<typeof BINDING_READERS>,
  limits: MandateLimits,
): Promise<string> {
  if (!Object.hasOwn(payload, 'cnf')) {
    fail('ERR_MANDATE_CONFIRMATION_INVALID', 'payload.cnf', 'the mandate has no key in "cnf"');
  }
  const { privateKeys, audience, nonce, currentDate = Date.now(), deterministic } = binding;
  const pqAlg = promisesPq(payload) ? binding.pqAlg : undefined;
  const claims = {
    iat: Math.floor(currentDate / 1000),
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
  await checkHolderKeys(signed, payload, 'payload', privateKeys, limits);
  return signed;
}
