import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import type { Disclosure } from '../../sd-jwt/disclosures.js';
import type { MandateContent } from './mandate.js';
import { MANDATE_VCT } from './schema.js';

/**
 * What AP2's schemas mark as selectively disclosable in a mandate, as a disclosure frame for it; `undefined` where that
 * is nothing: `checkout_jwt`, and each element of `allowed` and `acceptable_items`, but for `payment.allowed_pisps`.
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
/** What AP2's schemas mark: elements of these, and what is below them, may be withheld. */
const MARKED = /^\.constraints\[\d+\](?:\.allowed|\.items\[\d+\]\.acceptable_items)\[\d+\]/;

/** Arrays of which every element is a limit. */
const WHOLE = /^\.constraints\[\d+\](?:\.items\[\d+\])?$/;

/** Where decoys are accepted that cannot be told from limits. */
export type AllowDecoys = boolean | 'everywhere';

/**
 * Refuses an open mandate of which anything is withheld but what AP2's schemas mark: a constraint, a requirement, a claim that is
 * settled, or a member of these. In the processed payload it would be gone without a trace, so this reads the mandate as it was
 * signed, with the digests in it, and the disclosures of its segment. A decoy in these places cannot be told from a limit, and is
 * refused too unless `allowDecoys`: `true` takes one for a member, `everywhere` for a constraint or a requirement too.
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

/** The members of an object that are in the clear, and those that are disclosed. */
function membersOf(object: JsonObject, disclosed: ReadonlyMap<string, Disclosure>): [string, JsonValue][] {
  const digests = Array.isArray(object._sd) ? object._sd : [];
  const hidden = digests.flatMap((digest): [string, JsonValue][] => {
    const disclosure = disclosed.get(digest as string);
    return disclosure?.name === undefined ? [] : [[disclosure.name, disclosure.value]];
  });
  return [...Object.entries(object).filter(([name]) => name !== '_sd'), ...hidden];
}
