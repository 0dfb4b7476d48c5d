import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import type { MandateLimits } from '../profile.js';

/**
 * Which claims become selectively disclosable, in the format of `@sd-jwt/core`. `_sd` names members (or indices of array
 * elements), and `_sd_decoy` adds that many decoy digests. Every other member is the frame for the value with that name.
 */
export type DisclosureFrame<T = unknown> = {
  _sd?: (T extends readonly unknown[] ? number | `${number}` : T extends object ? keyof T : string)[];
  _sd_decoy?: number;
} & (T extends readonly (infer E)[]
  ? { [index: number]: DisclosureFrame<E> }
  : T extends object
    ? { [K in keyof T]?: DisclosureFrame<NonNullable<T[K]>> }
    : unknown);

/** Claims that determine whether a mandate is valid, for whom, and under which key (RFC 9901 §9.7). */
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
 * Copies the frame of the caller and checks that it fits the claims. Array indices become numbers, because `@sd-jwt/core`
 * compares them with numbers. The copy is made before anything is awaited: a later change of the frame must not leave a claim
 * always visible.
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

  /**
   * RFC 9901 §9.7: a holder could withhold such a claim, or a part of it, and the mandate would remain valid after its `exp`.
   */
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
      return refuse(path, 'absent: the claim is not an object or array');
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
      fail(
        'ERR_MANDATE_TOO_LARGE',
        path,
        `the frame makes more disclosures than the limit "maxDisclosures", ${this.#maxDisclosures}`,
      );
    }
    return isArray ? names.map(Number) : names;
  }

  #decoyCount(count: JsonValue, path: string): number {
    if (typeof count === 'number' && Number.isInteger(count) && count >= 0) this.#decoys += count;
    else return refuse(path, `an integer from 0 to ${MAX_DECOYS}`);
    return this.#decoys <= MAX_DECOYS
      ? count
      : refuse(path, `smaller: all decoys together must be at most ${MAX_DECOYS}`);
  }
}

const exists = (claims: JsonObject | JsonValue[], name: string): boolean =>
  Object.hasOwn(claims, name) && (!Array.isArray(claims) || /^(?:0|[1-9]\d*)$/.test(name));

/**
 * @sd-jwt/core loses members whose names exist on Object.prototype, if it packs the object that contains them.
 */
function refuseLossyNames(claims: JsonObject, path: string): void {
  const lossy = Object.keys(claims).find((name) => name in Object.prototype);
  if (lossy !== undefined) refuse(path, `absent if a claim is named "${lossy}"`);
}

function refuse(path: string, expected: string): never {
  fail('ERR_MANDATE_DISCLOSURE_FRAME_INVALID', path, `"${path}" must be ${expected}`);
}
