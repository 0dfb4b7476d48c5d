import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import type { MandateLimits } from '../profile.js';

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

/** Claims that decide whether a mandate is valid, for whom, and under which key (RFC 9901 §9.7). */
const MUST_STAY_IN_THE_CLEAR: readonly string[] = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'issued_at',
  'valid_from',
  'valid_until',
  'cnf',
  'pq_cnf',
  'status',
  'vct',
];

const MAX_DECOYS = 1000;

/**
 * A copy of the caller's frame that fits the claims, array indices as numbers, which is what the library compares them
 * with. Made at once, before anything is awaited: a frame that changes afterwards must not leave a claim in the clear.
 */
export function checkFrame(frame: unknown, claims: JsonObject, limits: MandateLimits): JsonObject {
  const copy = toIJson(frame, 'disclosureFrame', limits, 'ERR_MANDATE_DISCLOSURE_FRAME_INVALID');
  return new FrameChecker(limits.maxDisclosures).top(copy, claims);
}

class FrameChecker {
  readonly #maxDisclosures: number;
  #disclosures = 0;
  #decoys = 0;

  constructor(maxDisclosures: number) {
    this.#maxDisclosures = maxDisclosures;
  }

  /** RFC 9901 §9.7: a holder could withhold such a claim, or what is in it, and the mandate would outlive its `exp`. */
  top(frame: JsonValue, claims: JsonObject): JsonObject {
    const checked = this.#frame(frame, claims, 'disclosureFrame');
    const named = [...Object.keys(checked), ...((checked._sd as JsonValue[] | undefined) ?? [])];
    const critical = named.find((name) => MUST_STAY_IN_THE_CLEAR.includes(name as string));
    if (critical !== undefined) refuse('disclosureFrame', `free of "${critical}", which decides validity`);
    return checked;
  }

  #frame(frame: JsonValue, claims: JsonValue | undefined, path: string): JsonObject {
    if (!isJsonObject(frame)) return refuse(path, 'an object');
    if (typeof claims !== 'object' || claims === null) {
      return refuse(path, 'absent: there is no object or array here');
    }
    if (!Array.isArray(claims)) refuseLossyNames(claims, path);
    const checked: JsonObject = {};
    for (const [name, member] of Object.entries(frame)) {
      if (name === '_sd') checked[name] = this.#selection(member, claims, `${path}._sd`);
      else if (name === '_sd_decoy') checked[name] = this.#decoyCount(member, `${path}._sd_decoy`);
      else if (!exists(claims, name)) refuse(`${path}.${name}`, 'the name of a claim');
      else checked[name] = this.#frame(member, (claims as JsonObject)[name], `${path}.${name}`);
    }
    return checked;
  }

  #selection(selection: JsonValue, claims: JsonObject | JsonValue[], path: string): (string | number)[] {
    if (!Array.isArray(selection)) return refuse(path, 'an array');
    const isArray = Array.isArray(claims);
    const names = selection.map((name) =>
      typeof name === 'string' || (isArray && typeof name === 'number')
        ? String(name)
        : refuse(path, 'an array of names'),
    );
    for (const name of names) {
      if (!exists(claims, name))
        refuse(path, `names or indices that exist; ${JSON.stringify(name)} does not`);
      // @sd-jwt/core writes a claim with an empty name as an array element.
      if (name === '') refuse(path, 'non-empty names');
    }
    if (new Set(names).size !== names.length) refuse(path, 'free of repetitions');
    this.#disclosures += names.length;
    if (this.#disclosures > this.#maxDisclosures) {
      fail('ERR_MANDATE_TOO_LARGE', path, `more disclosures than the limit of ${this.#maxDisclosures}`);
    }
    return isArray ? names.map(Number) : names;
  }

  #decoyCount(count: JsonValue, path: string): number {
    if (typeof count === 'number' && Number.isInteger(count) && count >= 0) this.#decoys += count;
    else return refuse(path, `an integer from 0 to ${MAX_DECOYS}`);
    return this.#decoys <= MAX_DECOYS
      ? count
      : refuse(path, `so that all decoys together are at most ${MAX_DECOYS}`);
  }
}

const exists = (claims: JsonObject | JsonValue[], name: string): boolean =>
  Object.hasOwn(claims, name) && (!Array.isArray(claims) || /^(?:0|[1-9]\d*)$/.test(name));

/** @sd-jwt/core loses members named as those of Object.prototype, where it packs the object they stand in. */
function refuseLossyNames(claims: JsonObject, path: string): void {
  const lossy = Object.keys(claims).find((name) => name in Object.prototype);
  if (lossy !== undefined) refuse(path, `absent where a claim is named "${lossy}"`);
}

function refuse(path: string, expected: string): never {
  fail('ERR_MANDATE_DISCLOSURE_FRAME_INVALID', path, `"${path}" must be ${expected}`);
}
