// Other forms in which wallets write the mandates that they sign. The payload is converted to AP2's form before its disclosures
// are processed, so that all later rules are the same. The signed bytes are not changed.
import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import { aListWhere } from '../../options.js';
import { DELEGATE_PAYLOAD_NAMES } from '../../profile.js';
import { DELEGATE_PAYLOAD, DELEGATE_PAYLOAD_OF_IETF } from './names.js';

/**
 * A form that a verifier accepts in addition to AP2's. `_delegate_payload` is the claim of draft-ietf-oauth-delegate-sd-jwt.
 * `digest-strings` are digests as plain strings in the array, as CMWallet writes them and AP2's SDK reads them.
 */
export type DelegateForm = '_delegate_payload' | 'digest-strings';

/** Every form, for a holder, who verifies nothing. */
export const ALL_FORMS: readonly DelegateForm[] = [DELEGATE_PAYLOAD_OF_IETF, 'digest-strings'];

/** Checks the option `delegateForms`. */
export function formsOf(forms: unknown): readonly DelegateForm[] {
  const isForm = (form: unknown): boolean => ALL_FORMS.includes(form as DelegateForm);
  const check = aListWhere<DelegateForm>(isForm, `an array of ${ALL_FORMS.join(', ')}`);
  return forms === undefined ? [] : check(forms, 'delegateForms');
}

/** Whether a payload, as signed, holds mandates in an accepted form. */
export const holdsMandates = (payload: JsonObject, forms: readonly DelegateForm[]): boolean =>
  Object.hasOwn(payload, DELEGATE_PAYLOAD) ||
  (forms.includes(DELEGATE_PAYLOAD_OF_IETF) && Object.hasOwn(payload, DELEGATE_PAYLOAD_OF_IETF));

/** Converts the payload to AP2's form if it has another accepted form. */
export function arrange(payload: JsonObject, forms: readonly DelegateForm[]): JsonObject {
  refuseBothNames(payload);
  const named = forms.includes(DELEGATE_PAYLOAD_OF_IETF) ? renamed(payload) : payload;
  const elements = named[DELEGATE_PAYLOAD];
  if (!forms.includes('digest-strings') || !Array.isArray(elements) || !elements.some(isText)) return named;
  return { ...named, [DELEGATE_PAYLOAD]: elements.map(asDigest) };
}

/** R10.99, whatever forms are accepted: two verifiers would read two mandates. */
export function refuseBothNames(payload: JsonObject): void {
  if (!DELEGATE_PAYLOAD_NAMES.every((name) => Object.hasOwn(payload, name))) return;
  fail(
    'ERR_MANDATE_CHAIN_INVALID',
    DELEGATE_PAYLOAD_OF_IETF,
    `a token must have either "${DELEGATE_PAYLOAD}" or "${DELEGATE_PAYLOAD_OF_IETF}", not both`,
  );
}

function renamed(payload: JsonObject): JsonObject {
  if (!Object.hasOwn(payload, DELEGATE_PAYLOAD_OF_IETF)) return payload;
  const { [DELEGATE_PAYLOAD_OF_IETF]: elements, ...others } = payload;
  return { ...others, [DELEGATE_PAYLOAD]: elements as JsonValue };
}

const isText = (element: JsonValue): boolean => typeof element === 'string';

/** An array must have one form: a digest object next to a string would be ambiguous. */
function asDigest(element: JsonValue): JsonObject {
  if (typeof element === 'string') return { '...': element };
  return fail(
    'ERR_MANDATE_CHAIN_INVALID',
    DELEGATE_PAYLOAD,
    `"${DELEGATE_PAYLOAD}" has both digests as strings and ${isJsonObject(element) ? 'objects' : 'other values'}`,
  );
}
