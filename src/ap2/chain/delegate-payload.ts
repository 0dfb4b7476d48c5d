import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import { parseJws } from '../../jws/compact.js';
import type { MandateLimits } from '../../profile.js';
import type { SdJwtSegments } from '../../sd-jwt/compact.js';
import { type Disclosure, decodeDisclosure, processDisclosures } from '../../sd-jwt/disclosures.js';
import { isOfKind, type MandateKind } from '../model/mandate.js';
import { ALL_FORMS, arrange } from './forms.js';
import { DELEGATE_PAYLOAD } from './names.js';

/** A mandate in a token. */
export interface DelegatedElement {
  /** With disclosed claims inserted. */
  readonly processed: JsonObject;
  /** As signed, with its digests. */
  readonly signed: JsonValue;
  /** The digest of the disclosure that holds it. */
  readonly digest: string;
}

/** The parts of a token with valid signatures and disclosures. */
interface Token {
  readonly signedPayload: JsonObject;
  readonly payload: JsonObject;
  readonly disclosures: readonly Disclosure[];
}

/**
 * Returns the selected element of `delegate_payload`: the only disclosed one, or the one of the kind that the caller names. All
 * elements must be disclosable, so that a mandate can be in only one place, and a verifier cannot be shown another mandate than
 * the signer intended.
 */
export function readDelegatePayload(token: Token, kind: MandateKind | undefined): DelegatedElement {
  const elements = readElements(token);
  const meant = kind === undefined ? elements : elements.filter(({ processed }) => isOfKind(processed, kind));
  if (meant.length === 1) return meant[0] as DelegatedElement;
  if (kind === undefined) {
    return refuse(
      `exactly one element of "${DELEGATE_PAYLOAD}" must be disclosed, got ${elements.length}; if there are several, set "kind"`,
    );
  }
  return refuse(
    `exactly one ${kind} mandate must be disclosed in "${DELEGATE_PAYLOAD}", got ${meant.length}; a mandate of the other kind does not count`,
  );
}

/** Every disclosed element of `delegate_payload`. */
export function readElements({ signedPayload, payload, disclosures }: Token): DelegatedElement[] {
  const disclosed = new Map(disclosures.map((disclosure) => [disclosure.digest, disclosure]));
  const shown = arrayOf(signedPayload)
    .map(digestOf)
    .flatMap((digest) => disclosed.get(digest) ?? []);
  // The same elements in the same order, with their disclosures inserted.
  return arrayOf(payload).map((processed, index) => {
    if (!isJsonObject(processed)) return refuse(`the element of "${DELEGATE_PAYLOAD}" must be an object`);
    const { value, digest } = shown[index] as Disclosure;
    return { processed, signed: value, digest };
  });
}

/** The disclosed elements of an unverified token. */
export function elementsOf({ jwt, disclosures }: SdJwtSegments, limits: MandateLimits): DelegatedElement[] {
  const signedPayload = arrange(parseJws(jwt, limits).payload, ALL_FORMS);
  const decoded = disclosures.map((disclosure) => decodeDisclosure(disclosure, limits));
  const payload = processDisclosures(signedPayload, decoded, limits);
  return readElements({ signedPayload, payload, disclosures: decoded });
}

/** Whether a mandate is open: it names the next signer. */
export const isOpen = ({ processed }: DelegatedElement): boolean => Object.hasOwn(processed, 'cnf');

/** Rejects a chain whose tokens do not fit together. */
export function refuseChain(message: string): never {
  fail('ERR_MANDATE_CHAIN_INVALID', 'chain', message);
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
