import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import type { Disclosure } from '../../sd-jwt/disclosures.js';
import { DELEGATE_PAYLOAD } from './names.js';

/** The one mandate in a token. */
export interface DelegatedElement {
  /** Disclosed claims in place. */
  readonly processed: JsonObject;
  /** As it was signed, with the digests in it. */
  readonly signed: JsonValue;
}

/** The parts of a token whose signatures and disclosures hold. */
interface Token {
  readonly signedPayload: JsonObject;
  readonly payload: JsonObject;
  readonly disclosures: readonly Disclosure[];
}

/**
 * The element of `delegate_payload` that is disclosed: exactly one. All elements must be disclosable, so that there is only one
 * way to put a mandate there, and a verifier cannot be shown another than the signer had in mind.
 */
export function readDelegatePayload({ signedPayload, payload, disclosures }: Token): DelegatedElement {
  const digests = new Set(arrayOf(signedPayload).map(digestOf));
  const elements = arrayOf(payload);
  if (elements.length !== 1) {
    refuse(`exactly one element of "${DELEGATE_PAYLOAD}" must be disclosed, ${elements.length} are`);
  }
  const [processed] = elements;
  if (!isJsonObject(processed)) return refuse(`the element of "${DELEGATE_PAYLOAD}" must be an object`);
  const disclosure = disclosures.find(({ digest }) => digests.has(digest));
  return { processed, signed: (disclosure as Disclosure).value };
}

function arrayOf(payload: JsonObject): readonly JsonValue[] {
  const elements = Object.hasOwn(payload, DELEGATE_PAYLOAD) ? payload[DELEGATE_PAYLOAD] : undefined;
  return Array.isArray(elements) ? elements : refuse(`"${DELEGATE_PAYLOAD}" must be an array`);
}

function digestOf(element: JsonValue): string {
  const digest = isJsonObject(element) ? element['...'] : undefined;
  return typeof digest === 'string'
    ? digest
    : refuse(`every element of "${DELEGATE_PAYLOAD}" must be selectively disclosable`);
}

function refuse(message: string): never {
  fail('ERR_MANDATE_CHAIN_INVALID', DELEGATE_PAYLOAD, message);
}
