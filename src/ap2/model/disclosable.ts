import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import type { Disclosure } from '../../sd-jwt/disclosures.js';
import type { MandateContent } from './mandate.js';
import { MANDATE_VCT } from './schema.js';

/**
 * Returns a disclosure frame with everything that AP2's schemas mark as selectively disclosable in a mandate; `undefined` if
 * there is nothing. Marked are `checkout_jwt`, and each element of `allowed` and `acceptable_items`, except in
 * `payment.allowed_pisps`.
 */
export function mandateDisclosureFrame(content: MandateContent): JsonObject | undefined {
  if (content.vct === MANDATE_VCT.checkout) return { _sd: ['checkout_jwt'] };
  if (content.vct === MANDATE_VCT.payment) return undefined;
  const frames = content.constraints.map((constraint): JsonObject | undefined => {
    switch (constraint.type) {
      case 'payment.allowed_payees':
      case 'payment.allowed_payment_instruments':
      case 'checkout.allowed_merchants':
        return member('allowed', everyElement(constraint.allowed));
      case 'checkout.line_items':
        return member(
          'items',
          indexed(
            constraint.items.map((item) => member('acceptable_items', everyElement(item.acceptable_items))),
          ),
        );
      default:
        return undefined;
    }
  });
  return member('constraints', indexed(frames));
}

const member = (name: string, frame: JsonObject | undefined): JsonObject | undefined =>
  frame === undefined ? undefined : { [name]: frame };

const everyElement = (array: readonly unknown[]): JsonObject | undefined =>
  array.length === 0 ? undefined : { _sd: array.map((_, index) => index) };

function indexed(frames: readonly (JsonObject | undefined)[]): JsonObject | undefined {
  const present = frames.flatMap((frame, index) => (frame === undefined ? [] : [[index, frame] as const]));
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

const ARRAY_DIGEST = '...';
/** Elements that AP2's schemas mark: these, and everything inside them, may be withheld. */
const MARKED = /^\.constraints\[\d+\](?:\.allowed|\.items\[\d+\]\.acceptable_items)\[\d+\]/;

/** Arrays in which every element is a limit. */
const WHOLE = /^\.constraints\[\d+\](?:\.items\[\d+\])?$/;

/** Where decoys are accepted that look like withheld limits. */
export type AllowDecoys = boolean | 'everywhere';

/**
 * Rejects an open mandate if anything is withheld except what AP2's schemas mark: a constraint, a requirement, a pre-set claim,
 * or a member of these. The processed payload would not show this, so the function reads the mandate as signed, with its
 * digests, and the disclosures of its segment. A decoy in these places looks like a withheld limit, and is rejected too unless
 * `allowDecoys` is set: `true` accepts one in place of a member, `everywhere` also in place of a constraint or a requirement.
 */
export function refuseWithheldConstraints(
  signed: JsonValue,
  disclosures: readonly Disclosure[],
  path: string,
  allowDecoys: AllowDecoys = false,
): void {
  if (allowDecoys === 'everywhere') return;
  const disclosed = new Map(disclosures.map((disclosure) => [disclosure.digest, disclosure]));
  const walk = (value: JsonValue, position: string): void => {
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) walkElement(element, `${position}[${index}]`);
    } else if (isJsonObject(value)) {
      if (!allowDecoys && !MARKED.test(position) && hasWithheldMember(value, disclosed)) refuse(position);
      for (const [name, child] of membersOf(value, disclosed)) walk(child, `${position}.${name}`);
    }
  };
  const walkElement = (element: JsonValue, position: string): void => {
    const digest = isJsonObject(element) ? element[ARRAY_DIGEST] : undefined;
    if (typeof digest !== 'string') {
      walk(element, position);
      return;
    }
    const disclosure = disclosed.get(digest);
    if (disclosure !== undefined) {
      walk(disclosure.value, position);
      return;
    }
    if (!(allowDecoys ? !WHOLE.test(position) : MARKED.test(position))) refuse(position);
  };
  const refuse = (position: string): never => {
    const parameter = path + position;
    fail('ERR_MANDATE_SCHEMA', parameter, `"${parameter}" must be disclosed`);
  };
  walk(signed, '');
}

const hasWithheldMember = (object: JsonObject, disclosed: ReadonlyMap<string, Disclosure>): boolean =>
  Array.isArray(object._sd) && object._sd.some((digest) => !disclosed.has(digest as string));

/** The members of an object, including disclosed ones. */
function membersOf(object: JsonObject, disclosed: ReadonlyMap<string, Disclosure>): [string, JsonValue][] {
  const digests = Array.isArray(object._sd) ? object._sd : [];
  const hidden = digests.flatMap((digest): [string, JsonValue][] => {
    const disclosure = disclosed.get(digest as string);
    return disclosure?.name === undefined ? [] : [[disclosure.name, disclosure.value]];
  });
  return [...Object.entries(object).filter(([name]) => name !== '_sd'), ...hidden];
}
