// Processes the disclosures of a layer 2 or 3 (SPEC.md §19.3). Verifiable Intent also lists the digest of an array element in
// `_sd`, and shares entries between lists; RFC 9901 forbids both. Everything else is as strict as sd-jwt/disclosures.ts.
import { base64urlLength, isBase64urlOfLength } from '../encoding/base64url.js';
import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../encoding/json.js';
import { fail } from '../errors.js';
import { type MandateLimits, SD_HASH_ALGORITHM, SHA256_BYTES } from '../profile.js';
import { type Disclosure, RESERVED_NAMES } from '../sd-jwt/disclosures.js';
import { VI_MANDATES } from './names.js';

/** The position of a value, which determines whether array elements may be withheld there. */
type Place = 'mandate' | 'constraints' | 'constraint' | 'requirement' | 'list' | 'elsewhere';

/** A disclosed element of `delegate_payload`. */
export interface ViElement {
  readonly digest: string;
  /** The disclosure in the compact form, base64url. */
  readonly encoded: string;
  /** With the digests of its lists. */
  readonly signed: JsonObject;
  /** With disclosed entries inserted. */
  readonly processed: JsonObject;
}

/** A payload of Verifiable Intent with its disclosures inserted. */
export interface ViPayload {
  readonly payload: JsonObject;
  readonly elements: readonly ViElement[];
  /** Every digest in `delegate_payload`, including those of withheld elements. */
  readonly digests: readonly string[];
}

export function resolveVi(
  payload: JsonObject,
  disclosures: readonly Disclosure[],
  limits: MandateLimits,
): ViPayload {
  return new Resolver(disclosures, limits).resolve(payload);
}

class Resolver {
  readonly #limits: MandateLimits;
  readonly #disclosures = new Map<string, Disclosure>();
  readonly #referenced = new Set<string>();
  readonly #mandates = new Set<string>();
  readonly #entries = new Set<string>();
  #placed = 0;

  constructor(disclosures: readonly Disclosure[], limits: MandateLimits) {
    this.#limits = limits;
    const salts = new Set<string>();
    for (const disclosure of disclosures) {
      if (salts.has(disclosure.salt)) {
        fail(
          'ERR_MANDATE_DISCLOSURE_REPEATED',
          'disclosures',
          'a disclosure, or its salt, must not occur more than once (RFC 9901 §4.2.1)',
        );
      }
      salts.add(disclosure.salt);
      this.#disclosures.set(disclosure.digest, disclosure);
    }
  }

  resolve(payload: JsonObject): ViPayload {
    const { _sd: listed, _sd_alg: algorithm, [VI_MANDATES]: delegated, ...claims } = payload;
    if (Object.hasOwn(payload, '_sd_alg') && algorithm !== SD_HASH_ALGORITHM) refuseHashName();
    const digests = this.#mandateDigests(delegated);
    const result: JsonObject = {};
    for (const [name, value] of Object.entries(claims)) {
      setMember(result, name, this.#value(value, 'elsewhere', 1));
    }
    if (Object.hasOwn(payload, '_sd')) this.#insertClaims(result, payload, listed);
    const elements = digests.flatMap((digest) => this.#element(digest));
    for (const digest of this.#entries) {
      if (this.#mandates.has(digest)) refuseRepeated('a mandate must not also be an entry of a list');
    }
    const stray = [...this.#disclosures.keys()].filter((digest) => !this.#referenced.has(digest)).length;
    if (stray > 0) {
      fail(
        'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
        'disclosures',
        `every disclosure must be referenced by a digest; not referenced: ${stray}`,
      );
    }
    setMember(
      result,
      VI_MANDATES,
      elements.map(({ processed }) => processed),
    );
    return { payload: result, elements, digests };
  }

  /** All mandates are disclosable, and each is listed once, so that no second one can be smuggled in. */
  #mandateDigests(delegated: JsonValue | undefined): string[] {
    if (!Array.isArray(delegated)) return refuseLayer(`"${VI_MANDATES}" must be an array`);
    return delegated.map((element) => {
      const isReference =
        isJsonObject(element) && Object.hasOwn(element, '...') && Object.keys(element).length === 1;
      if (!isReference)
        return refuseLayer(`every element of "${VI_MANDATES}" must be an object with only a digest`);
      const digest = checkDigest(element['...']);
      if (this.#mandates.has(digest)) refuseRepeated(`a mandate must be listed once in "${VI_MANDATES}"`);
      this.#mandates.add(digest);
      return digest;
    });
  }

  /**
   * Inserts claims. The digest of an array element may be listed here in addition to its own position, and may be withheld
   * there.
   */
  #insertClaims(result: JsonObject, payload: JsonObject, listed: JsonValue | undefined): void {
    if (!Array.isArray(listed)) malformed('"_sd" must be an array of strings');
    const seen = new Set<string>();
    for (const each of listed) {
      const digest = checkDigest(each);
      if (seen.has(digest)) refuseRepeated('a digest must not occur twice in "_sd"');
      seen.add(digest);
      const disclosure = this.#disclosures.get(digest);
      if (disclosure === undefined) continue;
      this.#referenced.add(digest);
      const { name, value } = disclosure;
      if (name === undefined) continue;
      if (RESERVED_NAMES.includes(name) || name === VI_MANDATES || Object.hasOwn(payload, name)) refuseName();
      if (Object.hasOwn(result, name)) refuseName();
      setMember(result, name, this.#value(value, 'elsewhere', 2));
    }
  }

  #element(digest: string): ViElement[] {
    const disclosure = this.#disclosures.get(digest);
    if (disclosure === undefined) return [];
    const { value, encoded } = this.#take(disclosure);
    if (!isJsonObject(value)) return refuseLayer(`an element of "${VI_MANDATES}" must be an object`);
    const processed = this.#value(value, 'mandate', 2) as JsonObject;
    return [{ digest, encoded, signed: value, processed }];
  }

  #take(disclosure: Disclosure): Disclosure {
    this.#referenced.add(disclosure.digest);
    if (disclosure.name === undefined) return disclosure;
    return fail(
      'ERR_MANDATE_DISCLOSURE_MISPLACED',
      'disclosures',
      'a disclosure of a claim is referenced by an array element (RFC 9901 §7.1)',
    );
  }

  #value(value: JsonValue, place: Place, depth: number): JsonValue {
    if (typeof value !== 'object' || value === null) return value;
    if (depth > this.#limits.maxDepth) {
      fail(
        'ERR_MANDATE_TOO_LARGE',
        'payload',
        `the processed payload nests deeper than the limit "maxDepth", ${this.#limits.maxDepth}`,
      );
    }
    if (Array.isArray(value)) return this.#array(value, place, depth);
    const result: JsonObject = {};
    for (const [name, member] of Object.entries(value)) {
      if (name === '_sd_alg') refuseHashName();
      if (name === '_sd' || name === '...') {
        malformed(`"${name}" may occur only where Verifiable Intent has lists`);
      }
      setMember(result, name, this.#value(member, placeOf(place, name, member), depth + 1));
    }
    return result;
  }

  #array(array: readonly JsonValue[], place: Place, depth: number): JsonValue[] {
    const inside: Place =
      place === 'constraints' ? 'constraint' : place === 'list' ? 'requirement' : 'elsewhere';
    if (place !== 'list') return array.map((element) => this.#value(element, inside, depth + 1));
    const seen = new Set<string>();
    return array.flatMap((element) => {
      const isReference = isJsonObject(element) && Object.hasOwn(element, '...');
      if (!isReference) return [this.#value(element, inside, depth + 1)];
      if (Object.keys(element).length !== 1) malformed('an element with "..." must have no other member');
      const digest = checkDigest(element['...']);
      if (seen.has(digest)) refuseRepeated('a list must not have an entry twice');
      seen.add(digest);
      this.#entries.add(digest);
      const disclosure = this.#disclosures.get(digest);
      if (disclosure === undefined) return [];
      // A shared entry is read once for each list. The total is limited, so that a small token cannot cause much work.
      this.#placed += disclosure.encoded.length;
      if (this.#placed > this.#limits.maxMandateLength) {
        fail(
          'ERR_MANDATE_TOO_LARGE',
          'disclosures',
          'shared entries exceed the limit "maxMandateLength" in total',
        );
      }
      return [this.#value(this.#take(disclosure).value, 'elsewhere', depth + 1)];
    });
  }
}

/** Lists are the arrays of a constraint, and `acceptable_items` of a requirement in it. Nothing else can be withheld. */
function placeOf(place: Place, name: string, member: JsonValue): Place {
  if (place === 'mandate' && name === 'constraints' && Array.isArray(member)) return 'constraints';
  if ((place === 'constraint' || place === 'requirement') && Array.isArray(member)) {
    return place === 'constraint' || name === 'acceptable_items' ? 'list' : 'elsewhere';
  }
  return 'elsewhere';
}

function checkDigest(digest: JsonValue | undefined): string {
  if (isBase64urlOfLength(digest, SHA256_BYTES)) return digest;
  return malformed(`a digest must be a string of ${base64urlLength(SHA256_BYTES)} base64url characters`);
}

function malformed(message: string): never {
  fail('ERR_MANDATE_DIGEST_MALFORMED', 'payload', `${message} (RFC 9901 §4.2.4)`);
}

function refuseRepeated(message: string): never {
  fail('ERR_MANDATE_DIGEST_REPEATED', 'payload', message);
}

function refuseName(): never {
  fail(
    'ERR_MANDATE_DISCLOSURE_NAME',
    'disclosures',
    'a disclosed claim has a reserved name, or a name that already exists (RFC 9901 §7.1)',
  );
}

function refuseHashName(): never {
  fail(
    'ERR_MANDATE_SD_ALG_UNSUPPORTED',
    '_sd_alg',
    `"_sd_alg" must be "${SD_HASH_ALGORITHM}" and occur at the top level only (RFC 9901 §4.1.1)`,
  );
}

function refuseLayer(message: string): never {
  fail('ERR_VI_LAYER_INVALID', VI_MANDATES, message);
}
