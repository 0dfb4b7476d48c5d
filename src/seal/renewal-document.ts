import { decodeBase64url } from '../encoding/base64url.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { SEAL_HASHES, type SealHash } from './hashes.js';

// The document that carries a record over into a log with another hash (SPEC.md R17.17). It contains digests, by that hash, of
// all parts of the record, and the old proofs. The entry of the new log represents this text.

const TYPE = 'ap2-pq/renewal/v1';
/** The maximum length of a document in characters: several proofs of maximum length. */
const MAX_LENGTH = 4_194_304;
const MAX_DEPTH = 4;

/** The parts of a document. Nothing in it is verified. */
export interface RenewalDocument {
  readonly hash: SealHash;
  /** The kind of the record. */
  readonly kind: string;
  /** The digest of the sealed form of the record by `hash`, in base64url. */
  readonly digest: string;
  /**
   * The digest of every disclosure that the record had, by `hash`, in base64url, sorted. Which of them belong to the record,
   * only SHA-256 shows.
   */
  readonly disclosures: readonly string[];
  /** C2SP tlog-proofs, oldest first. */
  readonly proofs: readonly string[];
}

/** Whether one of several proofs is a document. No tlog-proof begins with `{`. */
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

/** Parses a document strictly: each content has exactly one text. Returns `undefined` for any other text. */
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
