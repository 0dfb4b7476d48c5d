import type { pack } from '@sd-jwt/core';
import { MandateError } from '../errors.js';
import { encodeBase64url } from '../json/base64url.js';
import { canonicalize } from '../json/canonicalize.js';
import type { JsonObject, JsonValue } from '../json/types.js';
import { isJsonObject } from '../json/types.js';
import { sha256 } from '../primitives/sha256.js';
import type { MandateLimits } from '../profile.js';
import { SD_HASH_ALGORITHM } from '../profile.js';
import { decodeDisclosure, processDisclosures, RESERVED_NAMES } from './disclosures.js';

/**
 * Which claims become selectively disclosable, as `@sd-jwt/core` knows it: `_sd` names members (or indices of array
 * elements), `_sd_decoy` adds so many decoy digests, every other member is the frame of the value of that name.
 */
export type DisclosureFrame<T = unknown> = {
  _sd?: (T extends readonly unknown[] ? number | `${number}` : T extends object ? keyof T : string)[];
  _sd_decoy?: number;
} & (T extends readonly (infer E)[]
  ? { [index: number]: DisclosureFrame<E> }
  : T extends object
    ? { [K in keyof T]?: DisclosureFrame<NonNullable<T[K]>> }
    : unknown);

/** Makes a salt of `length` random bytes, as text. Called for every disclosure and decoy. */
export type SaltGenerator = (length: number) => string | Promise<string>;

/** A payload with digests in it, and the disclosures they stand for. */
export interface PackedPayload {
  readonly payload: JsonObject;
  readonly disclosures: readonly string[];
}

/** 128 bits from the runtime's cryptographic generator, as RFC 9901 §9.3 recommends. */
export const randomSalt: SaltGenerator = (length) =>
  encodeBase64url(crypto.getRandomValues(new Uint8Array(length)));

type LibraryFrame = Parameters<typeof pack<Record<string, unknown>>>[1];

/** Claims that decide whether a mandate is valid, for whom, and under which key (RFC 9901 §9.7). */
const MUST_STAY_IN_THE_CLEAR: readonly string[] = [
  'iss',
  'aud',
  'exp',
  'nbf',
  'valid_from',
  'valid_until',
  'cnf',
  'pq_cnf',
  'status',
  'vct',
];

const MAX_DECOYS = 1000;

/**
 * Packs a payload with `@sd-jwt/core`. The frame is checked before, because that library ignores what it does not
 * find; and the result is unpacked again after, by this library's own strict reader: what is signed says exactly what
 * the caller gave, or nothing is signed.
 */
export async function packPayload(
  payload: JsonObject,
  frame: unknown,
  saltGenerator: SaltGenerator,
  limits: MandateLimits,
): Promise<PackedPayload> {
  refuseReservedNames(payload, 'payload');
  refuseHidingValidity(frame);
  if (frame === undefined) return { payload: { ...payload, _sd_alg: SD_HASH_ALGORITHM }, disclosures: [] };
  const checkedFrame = checkFrame(frame, payload, 'disclosureFrame') as LibraryFrame;
  // Loaded here, for whoever discloses: a verifier never needs it.
  const library = await import('@sd-jwt/core');
  const { packedClaims, disclosures } = await library.pack<Record<string, unknown>>(
    payload,
    checkedFrame,
    { hasher, alg: SD_HASH_ALGORITHM },
    checkedSalts(saltGenerator),
  );
  const packed = { ...packedClaims, _sd_alg: SD_HASH_ALGORITHM } as JsonObject;
  const encoded = disclosures.map((disclosure) => disclosure.encode());
  const decoded = encoded.map((disclosure) => decodeDisclosure(disclosure, limits));
  if (canonicalize(processDisclosures(packed, decoded, limits)) !== canonicalize(payload)) {
    refuseFrame('disclosureFrame', 'one that packs the payload without changing it');
  }
  return { payload: packed, disclosures: encoded };
}

const hasher = (data: string | ArrayBuffer): Uint8Array =>
  sha256(typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data));

function checkedSalts(saltGenerator: SaltGenerator): SaltGenerator {
  return async (length) => {
    const salt = await saltGenerator(length);
    if (typeof salt === 'string' && salt !== '' && salt.isWellFormed()) return salt;
    throw new MandateError(
      'ERR_MANDATE_ARGUMENT_INVALID',
      'saltGenerator',
      '"saltGenerator" must return a non-empty string',
    );
  };
}

function refuseReservedNames(value: JsonValue, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (RESERVED_NAMES.includes(name)) {
      throw new MandateError(
        'ERR_MANDATE_PAYLOAD_INVALID',
        `${path}.${name}`,
        `"${path}.${name}" uses a name that RFC 9901 §4.1 reserves`,
      );
    }
    refuseReservedNames(member, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`);
  }
}

/** RFC 9901 §9.7: a holder could withhold such a claim, and the mandate would outlive its `exp`. */
function refuseHidingValidity(frame: unknown): void {
  const hidden = isJsonObject(frame) && Array.isArray(frame._sd) ? frame._sd : [];
  const critical = hidden.find((name) => MUST_STAY_IN_THE_CLEAR.includes(name as string));
  if (critical !== undefined)
    refuseFrame('disclosureFrame._sd', `free of "${critical}", which decides validity`);
}

/** The frame with array indices as numbers, which is what the library compares them with. */
function checkFrame(frame: unknown, claims: JsonValue | undefined, path: string): JsonObject {
  if (!isJsonObject(frame)) return refuseFrame(path, 'an object');
  if (typeof claims !== 'object' || claims === null)
    return refuseFrame(path, 'absent: there is no object or array here');
  const isArray = Array.isArray(claims);
  if (!isArray) refuseLossyNames(claims, path);
  const checked: JsonObject = {};
  for (const [name, member] of Object.entries(frame)) {
    if (member === undefined) continue;
    if (name === '_sd') checked[name] = checkSelection(member, claims, `${path}._sd`);
    else if (name === '_sd_decoy') checked[name] = checkDecoys(member, `${path}._sd_decoy`);
    else if (!Object.hasOwn(claims, name) || (isArray && !isIndex(name)))
      refuseFrame(`${path}.${name}`, 'the name of a claim');
    else checked[name] = checkFrame(member, (claims as JsonObject)[name], `${path}.${name}`);
  }
  return checked;
}

function checkSelection(
  selection: unknown,
  claims: JsonObject | JsonValue[],
  path: string,
): (string | number)[] {
  if (!Array.isArray(selection)) return refuseFrame(path, 'an array');
  const names = selection.map(String);
  for (const name of names) {
    const exists = Array.isArray(claims)
      ? isIndex(name) && Number(name) < claims.length
      : Object.hasOwn(claims, name);
    if (!exists) refuseFrame(path, `names of claims; "${name}" is none`);
    // @sd-jwt/core writes a claim with an empty name as an array element.
    if (name === '') refuseFrame(path, 'non-empty names');
  }
  if (new Set(names).size !== names.length) refuseFrame(path, 'free of repetitions');
  return Array.isArray(claims) ? names.map(Number) : names;
}

function checkDecoys(count: unknown, path: string): number {
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MAX_DECOYS) return count;
  return refuseFrame(path, `an integer from 0 to ${MAX_DECOYS}`);
}

const isIndex = (name: string): boolean => /^(?:0|[1-9]\d*)$/.test(name);

/** @sd-jwt/core loses members named as those of Object.prototype, where it packs the object they stand in. */
function refuseLossyNames(claims: JsonObject, path: string): void {
  const lossy = Object.keys(claims).find((name) => name in Object.prototype);
  if (lossy !== undefined) refuseFrame(path, `absent where a claim is named "${lossy}"`);
}

function refuseFrame(path: string, expected: string): never {
  throw new MandateError('ERR_MANDATE_DISCLOSURE_FRAME_INVALID', path, `"${path}" must be ${expected}`);
}
