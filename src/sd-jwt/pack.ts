import type { pack } from '@sd-jwt/core';
import { encodeBase64url } from '../encoding/base64url.js';
import { canonicalize } from '../encoding/canonicalize.js';
import type { JsonObject, JsonValue } from '../encoding/json.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { fail, MandateError } from '../errors.js';
import { loadModule } from '../lazy.js';
import { isMandateError } from '../options.js';
import { sha256 } from '../primitives/sha256.js';
import { type MandateLimits, SD_HASH_ALGORITHM } from '../profile.js';
import { randomBytes } from '../runtime.js';
import { withTimeLimit } from '../time-limit.js';
import { decodeDisclosure, processDisclosures, RESERVED_NAMES } from './disclosures.js';

/** Returns a salt of `length` random bytes, as text. Called for every disclosure and decoy. */
export type SaltGenerator = (length: number) => string | Promise<string>;

/** A payload with digests, and the disclosures that they reference. */
export interface PackedPayload {
  readonly payload: JsonObject;
  readonly disclosures: readonly string[];
}

/** 128 bits from the runtime's cryptographic generator, as RFC 9901 §9.3 recommends. */
export const randomSalt: SaltGenerator = (length) => encodeBase64url(randomBytes(length));

type LibraryFrame = Parameters<typeof pack<Record<string, unknown>>>[1];

/**
 * Packs a payload with `@sd-jwt/core`. The frame is checked first, because that library ignores names that it does not find.
 * The strict parser of this library then unpacks the result and compares it. Nothing is signed unless it says exactly what the
 * caller passed.
 */
export async function packPayload(
  payload: JsonObject,
  frame: JsonObject | undefined,
  saltGenerator: SaltGenerator,
  limits: MandateLimits,
): Promise<PackedPayload> {
  if (frame === undefined) return { payload: { ...payload, _sd_alg: SD_HASH_ALGORITHM }, disclosures: [] };
  // Loaded here, because a verifier never needs it.
  const library = await loadModule('disclosureFrame', () => import('@sd-jwt/core'));
  const { packedClaims, disclosures } = await library.pack<Record<string, unknown>>(
    payload,
    frame as LibraryFrame,
    { hasher, alg: SD_HASH_ALGORITHM },
    checkedSalts(saltGenerator, limits),
  );
  const encoded = disclosures.map((disclosure) => disclosure.encode());
  return checkPacked(payload, packedClaims as JsonObject, encoded, limits);
}

/** Unpacks the result again: it must equal the payload. */
export function checkPacked(
  payload: JsonObject,
  packedClaims: JsonObject,
  disclosures: readonly string[],
  limits: MandateLimits,
): PackedPayload {
  const packed: JsonObject = { ...packedClaims, _sd_alg: SD_HASH_ALGORITHM };
  const decoded = disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  if (canonicalize(processDisclosures(packed, decoded, limits)) !== canonicalize(payload)) {
    fail(
      'ERR_MANDATE_DISCLOSURE_FRAME_INVALID',
      'disclosureFrame',
      '"disclosureFrame" must pack the payload without changing it',
    );
  }
  return { payload: packed, disclosures };
}

const hasher = (data: string | ArrayBuffer): Uint8Array => sha256(new TextEncoder().encode(data as string));

function checkedSalts(saltGenerator: SaltGenerator, { callTimeout }: MandateLimits): SaltGenerator {
  const refusal = (what: string, cause?: unknown): MandateError => {
    // This library's own generator failed: the runtime is at fault, not the caller.
    if (isMandateError(cause)) return cause;
    return new MandateError('ERR_MANDATE_ARGUMENT_INVALID', 'saltGenerator', `"saltGenerator" ${what}`, {
      cause,
    });
  };
  return async (length) => {
    const salt: unknown = await withTimeLimit(
      callTimeout,
      () => saltGenerator(length),
      (cause, late) => refusal(late ? `gave ${(cause as Error).message}` : 'threw', cause),
    );
    if (typeof salt === 'string' && salt !== '' && isWellFormed(salt)) return salt;
    throw refusal('must return a non-empty string');
  };
}

/** Rejects names that RFC 9901 §4.1 reserves, at any depth. */
export function refuseReservedNames(value: JsonValue, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (RESERVED_NAMES.includes(name)) {
      fail(
        'ERR_MANDATE_PAYLOAD_INVALID',
        `${path}.${name}`,
        `"${path}.${name}" uses a name that RFC 9901 §4.1 reserves`,
      );
    }
    refuseReservedNames(member, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`);
  }
}
