import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import type { Disclosure } from './disclosures.js';

/**
 * What to disclose: `true` at each selectively disclosable claim or array element to show. The objects and arrays that contain
 * it are shown too. Array indices are those that the holder sees.
 */
export type PresentationFrame = { [name: string]: boolean | PresentationFrame };

/**
 * Selects the disclosures that a frame names. `@sd-jwt/core` can present too, but it reads "a.b" as the name b within a, and
 * counts withheld elements. It could show a different claim than intended.
 */
export function selectDisclosures(
  signed: JsonObject,
  disclosures: readonly Disclosure[],
  frame: PresentationFrame,
): ReadonlySet<Disclosure> {
  const byDigest = new Map(disclosures.map((disclosure) => [disclosure.digest, disclosure]));
  const selected = new Set<Disclosure>();

  /** Whether the value, or anything in it, is to be shown. */
  const walk = (value: JsonValue, wanted: boolean | PresentationFrame | undefined): boolean => {
    if (typeof wanted !== 'object') return wanted === true;
    return Array.isArray(value) ? elements(value, wanted) : isJsonObject(value) && members(value, wanted);
  };
  const take = (disclosure: Disclosure, wanted: boolean | PresentationFrame | undefined): boolean => {
    const shown = walk(disclosure.value, wanted);
    if (shown) selected.add(disclosure);
    return shown;
  };
  const members = (object: JsonObject, wanted: PresentationFrame): boolean => {
    let shown = false;
    for (const [name, value] of Object.entries(object)) {
      if (name !== '_sd') shown = walk(value, own(wanted, name)) || shown;
    }
    for (const digest of Array.isArray(object._sd) ? object._sd : []) {
      const disclosure = byDigest.get(digest as string);
      if (disclosure?.name !== undefined) shown = take(disclosure, own(wanted, disclosure.name)) || shown;
    }
    return shown;
  };
  const elements = (array: readonly JsonValue[], wanted: PresentationFrame): boolean => {
    let shown = false;
    let index = 0;
    for (const element of array) {
      const digest = isJsonObject(element) ? element['...'] : undefined;
      if (typeof digest !== 'string') {
        shown = walk(element, own(wanted, String(index++))) || shown;
        continue;
      }
      const disclosure = byDigest.get(digest);
      if (disclosure !== undefined) shown = take(disclosure, own(wanted, String(index++))) || shown;
    }
    return shown;
  };
  members(signed, frame);
  return selected;
}

const own = (frame: PresentationFrame, name: string): boolean | PresentationFrame | undefined =>
  Object.hasOwn(frame, name) ? frame[name] : undefined;
