import { decodeBase64url } from '../encoding/base64url.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { SEAL_HASHES, type SealHash } from './hashes.js';

// What a record is carried over into a log of another hash with (SPEC.md R17.17): digests by that hash of all that the record
// consists of, and its old proofs, in one text. The entry of the new log stands for this text.

const TYPE = 'ap2-pq/renewal/v1';
/** Characters of the longest document that is read: the longest proofs, some of them. */
const MAX_LENGTH = 4_194_304;
const MAX_DEPTH = 4;

/** A document, taken apart. Nothing of it is verified. */
export interface RenewalDocument {
  readonly hash: SealHash;
  /** Of the record. */
  readonly kind: string;
  /** Of its sealed form by `hash`, in base64url. */
  readonly digest: string;
  /** Of every disclosure that the record had, by `hash`, in base64url, sorted: what the record has of them, SHA-256 alone shows. */
  readonly disclosures: readonly string[];
  /** C2SP tlog-proofs, oldest first. */
  readonly proofs: readonly string[];
}

/** Whether one of several proofs is meant to be a document. No tlog-proof begins so. */
export const isRenewal = (proof: unknown): proof is string =>
  typeof proof === 'string' && proof.startsWith('{');

/** The text of a document: JSON in JCS form. */
export const formatRenewal = ({ hash, kind, digest, disclosures, proofs }: RenewalDocument): string =>
  canonicalize({ type: TYPE, hash, kind, digest, disclosures: [...disclosures], proofs: [...proofs] });

const isDigest = (value: unknown): value is string => {
  if (typeof value !== 'string' || value.length !== 43) return false;
  try {
    return decodeBase64url(value, 'digest', 'ERR_SEAL_PROOF_MALFORMED').length === 32;
  } catch {
    return false;
  }
};

const isSorted = (texts: readonly string[]): boolean =>
  texts.every((text, n) => n === 0 || (texts[n - 1] as string) < text);

/** Takes a document apart, strictly: one text for each content. `undefined` for any other text. */
export function parseRenewal(text: unknown): RenewalDocument | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH || !isWellFormed(text)) return undefined;
  let value: JsonValue;
  try {
    const bytes = new TextEncoder().encode(text);
    value = parseJson(bytes, 'document', 'ERR_SEAL_PROOF_MALFORMED', MAX_DEPTH).value;
    if (!isJsonObject(value) || canonicalize(value) !== text) return undefined;
  } catch {
    return undefined;
  }
  const { type, hash, kind, digest, disclosures, proofs, ...others } = value;
  const holds =
    type === TYPE &&
    Object.keys(others).length === 0 &&
    typeof hash === 'string' &&
    Object.hasOwn(SEAL_HASHES, hash) &&
    typeof kind === 'string' &&
    isDigest(digest) &&
    Array.isArray(disclosures) &&
    disclosures.every(isDigest) &&
    isSorted(disclosures) &&
    Array.isArray(proofs) &&
    proofs.length > 0 &&
    proofs.every((proof) => typeof proof === 'string');
  if (!holds) return undefined;
  return { hash: hash as SealHash, kind, digest, disclosures, proofs: proofs as string[] };
}
