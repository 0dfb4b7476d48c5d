import { encodeBase64url } from '../encoding/base64url.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { fail } from '../errors.js';
import { describeType } from '../options.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { DEFAULT_LIMITS, type MandateLimits } from '../profile.js';

// The form of an evidence file (SPEC.md §18.1): JSON in JCS form, whose parts are the disclosures of an SD-JWT. The signature
// over the digests therefore remains valid if a part is removed.

/** The member `type`. */
export const EVIDENCE_TYPE = 'ap2-pq/evidence/v1';
/** The maximum length of a file in characters. */
export const MAX_EVIDENCE_LENGTH = 16_777_216;
/** Limits on one part: it may be as long as the file. */
export const PART_LIMITS: MandateLimits = { ...DEFAULT_LIMITS, maxMandateLength: MAX_EVIDENCE_LENGTH };
/** The maximum nesting of its JSON: that of the profile, and the levels around it. */
export const MAX_EVIDENCE_DEPTH = 40;

/** One part, with the salt that prevents guessing its content from the digest. */
export interface EvidencePart {
  readonly salt: string;
  readonly value: JsonValue;
}

/** The parts of an evidence file. Nothing in it is verified. */
export interface EvidenceFile {
  readonly parts: ReadonlyMap<string, EvidencePart>;
  /** A JWS in compact form. */
  readonly signature: string;
}

const SALT = /^[\w-]{22,}$/;

const PART_NAME = /^[a-zA-Z]+(\.\d{1,4}){0,2}$/;

/** The text of a file. */
export function formatFile({ parts, signature }: EvidenceFile): string {
  const object: JsonObject = Object.create(null);
  for (const [name, { salt, value }] of parts) object[name] = { salt, value };
  return canonicalize({ parts: { ...object }, signature, type: EVIDENCE_TYPE });
}

/** Parses a file strictly: each content has exactly one text. */
export function parseFile(text: unknown): EvidenceFile {
  if (typeof text !== 'string') return malformed('evidence', `a string, got ${describeType(text)}`);
  if (text.length > MAX_EVIDENCE_LENGTH)
    return malformed('evidence', `at most ${MAX_EVIDENCE_LENGTH} characters`);
  if (!isWellFormed(text)) return malformed('evidence', 'UTF-8');
  const bytes = new TextEncoder().encode(text);
  const { value } = parseJson(bytes, 'evidence', 'ERR_EVIDENCE_MALFORMED', MAX_EVIDENCE_DEPTH);
  if (!isJsonObject(value) || Object.keys(value).sort().join() !== 'parts,signature,type') {
    return malformed('evidence', 'an object with "parts", "signature" and "type", and nothing else');
  }
  if (canonicalize(value) !== text) {
    const isLineEnd = canonicalize(value) === text.replace(/[\r\n]+$/, '');
    return malformed(
      'evidence',
      isLineEnd
        ? 'without the line end after it, which an editor or a tool has added: remove it, or cut it off when you read the file'
        : 'in JCS form (RFC 8785), without additional bytes',
    );
  }
  if (value.type !== EVIDENCE_TYPE) return malformed('type', `"${EVIDENCE_TYPE}"`);
  if (typeof value.signature !== 'string') return malformed('signature', 'a JWS in compact form');
  if (!isJsonObject(value.parts)) return malformed('parts', 'an object');
  const parts = new Map<string, EvidencePart>();
  for (const [name, part] of Object.entries(value.parts)) {
    if (!PART_NAME.test(name))
      return malformed('parts', 'an object whose members are named like "receipts.0"');
    if (
      !isJsonObject(part) ||
      Object.keys(part).sort().join() !== 'salt,value' ||
      typeof part.salt !== 'string'
    ) {
      return malformed(`parts.${name}`, 'an object with "salt" and "value", and nothing else');
    }
    // 128 bits, so that nobody can find the value of a redacted part by trying.
    if (!SALT.test(part.salt)) return malformed(`parts.${name}.salt`, 'at least 22 characters of base64url');
    parts.set(name, { salt: part.salt, value: part.value as JsonValue });
  }
  return { parts, signature: value.signature };
}

/** The disclosure that encodes a part: BASE64URL(JCS([salt, name, value])). */
export const disclosureOf = (name: string, { salt, value }: EvidencePart): string =>
  encodeBase64url(canonicalize([salt, name, value]));

/** The digest of a part, as listed in `_sd`. */
export const digestOf = (name: string, part: EvidencePart): string =>
  sha256Base64url(disclosureOf(name, part));

export function malformed(parameter: string, expected: string): never {
  fail('ERR_EVIDENCE_MALFORMED', parameter, `"${parameter}" must be ${expected}`);
}
