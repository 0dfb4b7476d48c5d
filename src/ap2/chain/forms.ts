// Other forms in which wallets write the mandates that they sign. The payload is put into AP2's form before its disclosures are
// processed, so that every rule after that is the same; what was signed stays what it is.
import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import { invalidArgument } from '../../options.js';
import { DELEGATE_PAYLOAD, DELEGATE_PAYLOAD_OF_IETF } from './names.js';

/**
 * A form that a verifier accepts beside AP2's: `_delegate_payload` is the claim of draft-ietf-oauth-delegate-sd-jwt; `digest-strings`
 * are digests that stand in the array as they are, as CMWallet writes them and AP2's SDK reads them.
 */
export type DelegateForm = '_delegate_payload' | 'digest-strings';

/** Every form: for a holder, who verifies nothing. */
export const ALL_FORMS: readonly DelegateForm[] = [DELEGATE_PAYLOAD_OF_IETF, 'digest-strings'];

/** Checks the option `delegateForms`. */
export function formsOf(forms: unknown): readonly DelegateForm[] {
  if (forms === undefined) return [];
  if (Array.isArray(forms) && forms.every((form) => ALL_FORMS.includes(form))) return [...forms];
  return invalidArgument('delegateForms', `an array of ${ALL_FORMS.join(', ')}`);
}

/** Whether a payload, as signed, holds mandates in a form that is accepted. */
export const holdsMandates = (payload: JsonObject, forms: readonly DelegateForm[]): boolean =>
  Object.hasOwn(payload, DELEGATE_PAYLOAD) ||
  (forms.includes(DELEGATE_PAYLOAD_OF_IETF) && Object.hasOwn(payload, DELEGATE_PAYLOAD_OF_IETF));

/** The payload in AP2's form, where it is in another one that is accepted. */
export function arrange(payload: JsonObject, forms: readonly DelegateForm[]): JsonObject {
  const named = forms.includes(DELEGATE_PAYLOAD_OF_IETF) ? renamed(payload) : payload;
  const elements = named[DELEGATE_PAYLOAD];
  if (!forms.includes('digest-strings') || !Array.isArray(elements) || !elements.some(isText)) return named;
  return { ...named, [DELEGATE_PAYLOAD]: elements.map(asDigest) };
}

function renamed(payload: JsonObject): JsonObject {
  if (!Object.hasOwn(payload, DELEGATE_PAYLOAD_OF_IETF)) return payload;
  if (Object.hasOwn(payload, DELEGATE_PAYLOAD)) {
    fail(
      'ERR_MANDATE_CHAIN_INVALID',
      DELEGATE_PAYLOAD_OF_IETF,
      `a token must have either "${DELEGATE_PAYLOAD}" or "${DELEGATE_PAYLOAD_OF_IETF}", not both`,
    );
  }
  const { [DELEGATE_PAYLOAD_OF_IETF]: elements, ...others } = payload;
  return { ...others, [DELEGATE_PAYLOAD]: elements as JsonValue };
}

const isText = (element: JsonValue): boolean => typeof element === 'string';

/** One array has one form: of a digest beside a string, nobody could tell what the signer meant. */
function asDigest(element: JsonValue): JsonObject {
  if (typeof element === 'string') return { '...': element };
  return fail(
    'ERR_MANDATE_CHAIN_INVALID',
    DELEGATE_PAYLOAD,
    `"${DELEGATE_PAYLOAD}" has both digests as strings and ${isJsonObject(element) ? 'objects' : 'other values'}`,
  );
}
