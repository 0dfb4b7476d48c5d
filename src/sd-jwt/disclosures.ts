import { base64urlLength, borrowBase64url, isBase64urlOfLength } from '../encoding/base64url.js';
import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import { fail } from '../errors.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { type MandateLimits, SD_HASH_ALGORITHM, SHA256_BYTES } from '../profile.js';

/** A decoded disclosure (RFC 9901 §4.2). */
export interface Disclosure {
  /** The disclosure as it appears in the mandate, base64url. */
  readonly encoded: string;
  /** BASE64URL(SHA-256(ASCII(encoded))), 43 characters: the digest in the payload. */
  readonly digest: string;
  /** Share it only with those to whom the claim is disclosed. */
  readonly salt: string;
  /** The claim name, or `undefined` for an array element. */
  readonly name: string | undefined;
  /** The claim value as disclosed; it may contain further digests. */
  readonly value: JsonValue;
}

const DIGESTS = '_sd';
const ARRAY_DIGEST = '...';
const HASH_NAME = '_sd_alg';

/** The member names that RFC 9901 reserves. */
export const RESERVED_NAMES: readonly string[] = [DIGESTS, ARRAY_DIGEST, HASH_NAME];

/** Decodes one disclosure strictly according to RFC 9901 §4.2.1 and §4.2.2. */
export function decodeDisclosure(encoded: string, { maxDepth }: MandateLimits): Disclosure {
  const code = 'ERR_MANDATE_DISCLOSURE_MALFORMED';
  const array = parseJson(borrowBase64url(encoded, 'disclosure', code), 'disclosure', code, maxDepth).value;
  const malformed = (expected: string): never => {
    fail(code, 'disclosure', `a disclosure must be ${expected}`);
  };
  if (!Array.isArray(array) || (array.length !== 2 && array.length !== 3)) {
    return malformed('a JSON array of 2 or 3 elements');
  }
  const salt = array[0];
  const name = array.length === 3 ? array[1] : undefined;
  const value = array[array.length - 1] as JsonValue;
  if (typeof salt !== 'string') return malformed('an array whose salt is a string');
  if (name !== undefined && typeof name !== 'string') return malformed('an array whose name is a string');
  return { encoded, digest: sha256Base64url(encoded), salt, name, value };
}

/**
 * Computes the Processed SD-JWT Payload of RFC 9901 §7.1, steps 3 to 5. Every MUST of §4 and §7.1 that a recipient can check is
 * checked; the first violation throws.
 */
export function processDisclosures(
  payload: JsonObject,
  disclosures: readonly Disclosure[],
  limits: MandateLimits,
): JsonObject {
  const hashName = payload[HASH_NAME];
  if (Object.hasOwn(payload, HASH_NAME) && hashName !== SD_HASH_ALGORITHM) refuseHashName();
  const processor = new Processor(disclosures, limits);
  const { [HASH_NAME]: _, ...claims } = payload;
  const processed = processor.object(claims, 1);
  processor.refuseUnreferenced();
  return processed;
}

function refuseHashName(): never {
  fail(
    'ERR_MANDATE_SD_ALG_UNSUPPORTED',
    HASH_NAME,
    `"${HASH_NAME}" must be "${SD_HASH_ALGORITHM}" and occur at the top level only (RFC 9901 §4.1.1)`,
  );
}

/** One walk over a payload and the disclosures that its digests reference. */
class Processor {
  readonly #maxDepth: number;
  /** Disclosures that no digest has referenced yet, by digest. */
  readonly #unreferenced = new Map<string, Disclosure>();
  /** Every digest found so far, including decoys. */
  readonly #digests = new Set<string>();

  constructor(disclosures: readonly Disclosure[], limits: MandateLimits) {
    this.#maxDepth = limits.maxDepth;
    const salts = new Set<string>();
    for (const disclosure of disclosures) {
      // If a disclosure occurs twice, its salt does too.
      if (salts.has(disclosure.salt)) refuseRepeated();
      this.#unreferenced.set(disclosure.digest, disclosure);
      salts.add(disclosure.salt);
    }
  }

  object(object: JsonObject, depth: number): JsonObject {
    this.#checkDepth(depth);
    const result: JsonObject = {};
    for (const name of Object.keys(object)) {
      if (name === DIGESTS) continue;
      if (name === ARRAY_DIGEST)
        malformedDigest('"..." may occur only as the single member of an array element');
      if (name === HASH_NAME) refuseHashName();
      setMember(result, name, this.#value(object[name] as JsonValue, depth));
    }
    if (Object.hasOwn(object, DIGESTS)) this.#insertClaims(result, object, depth);
    return result;
  }

  #insertClaims(result: JsonObject, object: JsonObject, depth: number): void {
    const digests = object[DIGESTS];
    if (!Array.isArray(digests)) malformedDigest('"_sd" must be an array of strings');
    for (const digest of digests) {
      const disclosure = this.#take(digest);
      if (disclosure === undefined) continue;
      const { name, value } = disclosure;
      if (name === undefined) refuseMisplaced('a disclosure of an array element is referenced by "_sd"');
      if (RESERVED_NAMES.includes(name))
        refuseName('a disclosed claim must not be named "_sd", "..." or "_sd_alg"');
      if (Object.hasOwn(result, name))
        refuseName('a disclosed claim already exists in the object that has its digest');
      setMember(result, name, this.#value(value, depth));
    }
  }

  #array(array: readonly JsonValue[], depth: number): JsonValue[] {
    this.#checkDepth(depth);
    const result: JsonValue[] = [];
    for (const element of array) {
      if (!isJsonObject(element) || !Object.hasOwn(element, ARRAY_DIGEST)) {
        result.push(this.#value(element, depth));
        continue;
      }
      if (Object.keys(element).length !== 1)
        malformedDigest('an element with "..." must have no other member');
      const disclosure = this.#take(element[ARRAY_DIGEST]);
      if (disclosure === undefined) continue;
      if (disclosure.name !== undefined)
        refuseMisplaced('a disclosure of a claim is referenced by an array element');
      result.push(this.#value(disclosure.value, depth));
    }
    return result;
  }

  #value(value: JsonValue, depth: number): JsonValue {
    if (Array.isArray(value)) return this.#array(value, depth + 1);
    return isJsonObject(value) ? this.object(value, depth + 1) : value;
  }

  /** The disclosure that a digest references; `undefined` for a decoy, or if the holder withheld it. */
  #take(digest: JsonValue | undefined): Disclosure | undefined {
    if (!isBase64urlOfLength(digest, SHA256_BYTES)) {
      return malformedDigest(
        `a digest must be a string of ${base64urlLength(SHA256_BYTES)} base64url characters`,
      );
    }
    if (this.#digests.has(digest)) {
      fail('ERR_MANDATE_DIGEST_REPEATED', 'payload', 'a digest must not occur more than once');
    }
    this.#digests.add(digest);
    const disclosure = this.#unreferenced.get(digest);
    this.#unreferenced.delete(digest);
    return disclosure;
  }

  refuseUnreferenced(): void {
    if (this.#unreferenced.size === 0) return;
    fail(
      'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      'disclosures',
      `every disclosure must be referenced by a digest; not referenced: ${this.#unreferenced.size}`,
    );
  }

  #checkDepth(depth: number): void {
    if (depth <= this.#maxDepth) return;
    fail(
      'ERR_MANDATE_TOO_LARGE',
      'payload',
      `the processed payload nests deeper than the limit "maxDepth", ${this.#maxDepth}`,
    );
  }
}

function malformedDigest(message: string): never {
  fail('ERR_MANDATE_DIGEST_MALFORMED', 'payload', `${message} (RFC 9901 §4.2.4)`);
}

function refuseMisplaced(message: string): never {
  fail('ERR_MANDATE_DISCLOSURE_MISPLACED', 'disclosures', `${message} (RFC 9901 §7.1)`);
}

function refuseName(message: string): never {
  fail('ERR_MANDATE_DISCLOSURE_NAME', 'disclosures', `${message} (RFC 9901 §7.1)`);
}

function refuseRepeated(): never {
  fail(
    'ERR_MANDATE_DISCLOSURE_REPEATED',
    'disclosures',
    'a disclosure, or its salt, must not occur more than once (RFC 9901 §4.2.1)',
  );
}
