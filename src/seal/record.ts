import { isUint8Array } from '../brand.js';
import { concat, uint64 } from '../encoding/bytes.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { fail } from '../errors.js';
import { checkNames, checkOptions, describeType, invalidArgument } from '../options.js';
import { checkHash, SEAL_HASHES, type SealHash } from './hashes.js';
import type { Merkle } from './merkle.js';
import { parseRenewal } from './renewal-document.js';

// Records to be sealed, and the log entries that represent them (SPEC.md §17.1). An entry has a digest and no content. A log
// can therefore be published and kept forever, while the records stay private and can be erased.

/** A mandate, classical or quantum-safe, with or without its disclosures and its key binding JWT. */
export interface MandateRecord {
  readonly kind: 'mandate';
  /** SD-JWT in compact form. */
  readonly token: string;
}

/** A delegation chain. */
export interface ChainRecord {
  readonly kind: 'chain';
  /** Tokens joined by `~~`. */
  readonly token: string;
}

/** A receipt. */
export interface ReceiptRecord {
  readonly kind: 'receipt';
  /** JWS in compact form. */
  readonly token: string;
}

/** A revocation status: a Status List Token. */
export interface RevocationRecord {
  readonly kind: 'revocation';
  /** JWS in compact form. */
  readonly token: string;
}

/** A checkpoint of another log, or of an earlier key, to renew a seal. */
export interface CheckpointRecord {
  readonly kind: 'checkpoint';
  /** Signed note. */
  readonly checkpoint: string;
}

/** A record that was sealed before, with its proofs, to carry it over into a log with another hash. */
export interface RenewalRecord {
  readonly kind: 'renewal';
  /** The text that `carrySeals` created. */
  readonly document: string;
}

/** Anything else, such as a task result. Guessable content must include a random value. */
export interface OtherRecord {
  readonly kind: 'other';
  readonly bytes: Uint8Array;
}

/** A record that can be sealed. */
export type SealRecord =
  | MandateRecord
  | ChainRecord
  | ReceiptRecord
  | RevocationRecord
  | CheckpointRecord
  | RenewalRecord
  | OtherRecord;

/** The kinds of records, each with its byte in the entry. */
export const RECORD_KINDS: Readonly<Record<SealRecord['kind'], number>> = {
  mandate: 1,
  chain: 2,
  receipt: 3,
  revocation: 4,
  checkpoint: 5,
  renewal: 6,
  other: 255,
};

const utf8 = new TextEncoder();

/**
 * Returns the log entry that represents a record, 57 bytes: `ap2-pq/leaf/v1` LF NUL ‖ kind ‖ uint64 length ‖ SHA-256 of the
 * sealed form. In a log with SHA3-256, the label ends with `v2`, and the digest is SHA3-256.
 *
 * @param hash The hash of the log. Default `SHA-256`.
 * @throws {MandateError} `ERR_SEAL_RECORD_INVALID`, `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function encodeEntry(record: SealRecord, hash?: SealHash): Uint8Array {
  const { label, digest } = SEAL_HASHES[checkHash(hash, 'hash')];
  const form = sealedForm(record);
  const sealed = typeof form === 'string' ? encodeText(form) : form;
  return concat(label, Uint8Array.of(RECORD_KINDS[record.kind]), uint64(sealed.length), digest(sealed));
}

/** One buffer for all texts that fit: an archive has many, and each is hashed before the next is encoded. */
const scratch = new Uint8Array(65_536);

function encodeText(text: string): Uint8Array {
  if (text.length * 3 > scratch.length) return utf8.encode(text);
  return scratch.subarray(0, utf8.encodeInto(text, scratch).written);
}

/** Rejects a value that is no iterable of records. */
export function checkRecords(records: unknown): void {
  try {
    const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous } = records as Partial<
      AsyncIterable<unknown> & Iterable<unknown>
    >;
    if (typeof (asynchronous ?? synchronous) === 'function') return;
  } catch {
    // Null, undefined, or an object that cannot be read.
  }
  invalidArgument('records', `an iterable of records, got ${describeType(records)}`);
}

/** The hash of the leaf that represents a record: the start of an inclusion proof. */
export const recordLeafHash = (record: SealRecord, merkle: Merkle): Uint8Array =>
  merkle.leafHash(encodeEntry(record, merkle.hash));

/**
 * The bytes whose digest is sealed. For an SD-JWT, these are the JWTs without the disclosures, because their digests commit to
 * the disclosures. All presentations of a mandate have the same sealed form, and a disclosure that is redacted later was sealed
 * too.
 */
export function sealedForm(record: SealRecord): string | Uint8Array {
  const given = checkOptions(record, 'record') as SealRecord;
  switch (given.kind) {
    case 'mandate':
      checkNames(given, ['kind', 'token']);
      return sealedMandate(given.token);
    case 'chain':
      checkNames(given, ['kind', 'token']);
      return sealedChain(given.token);
    case 'receipt':
    case 'revocation':
      checkNames(given, ['kind', 'token']);
      return sealedJws(given.token, given.kind);
    case 'checkpoint':
      checkNames(given, ['kind', 'checkpoint']);
      if (typeof given.checkpoint !== 'string' || !isWellFormed(given.checkpoint) || given.checkpoint === '')
        return refuse('record.checkpoint', `a signed note, got ${describeType(given.checkpoint)}`);
      return given.checkpoint;
    case 'renewal':
      checkNames(given, ['kind', 'document']);
      if (parseRenewal(given.document) === undefined)
        return refuse('record.document', `a document of carrySeals, got ${describeType(given.document)}`);
      return given.document;
    case 'other':
      checkNames(given, ['kind', 'bytes']);
      if (!isUint8Array(given.bytes) || given.bytes.length === 0)
        return refuse('record.bytes', `at least one byte, got ${describeType(given.bytes)}`);
      return given.bytes;
    default:
      return invalidArgument('record.kind', `one of ${Object.keys(RECORD_KINDS).join(', ')}`);
  }
}

/** The disclosures that a record still has. Their SHA-256 digests are in the sealed form. */
export function disclosuresOf(record: SealRecord): readonly string[] {
  if (record.kind !== 'mandate' && record.kind !== 'chain') return [];
  return record.token.split('~').filter((part) => part !== '' && !part.includes('.'));
}

/** Characters that no token has, but a wrongly copied one may have: white space, quotes, and those of standard base64. */
const FOREIGN = [' ', '\n', '\r', '\t', '"', "'", '+', '/', '=', ',', '\0'];

/**
 * Whether a text can be a token. Sealing reads whole archives and verifies nothing, so the check is incomplete. It rejects what
 * can be mistaken for a token, and every text has its own digest.
 */
const isTokenText = (text: string): boolean =>
  isWellFormed(text) && !FOREIGN.some((character) => text.includes(character));

/** Whether a text has three non-empty segments. */
function isJws(text: string): boolean {
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  return first > 0 && second > first + 1 && second < text.length - 1 && text.indexOf('.', second + 1) === -1;
}

/** `JWT~`, followed by the key binding JWT if there is one. */
function sealedMandate(token: unknown): string {
  const [text, first, last] = tildes(token);
  const jwt = text.slice(0, first);
  const keyBinding = text.slice(last + 1);
  const wellFormed =
    isTokenText(text) &&
    isJws(jwt) &&
    (keyBinding === '' || isJws(keyBinding)) &&
    !text.slice(first, last + 1).includes('.') &&
    !text.includes('~~');
  if (!wellFormed) return refuse('record.token', 'an SD-JWT in compact form');
  // Most mandates in an archive have no disclosures: return the text itself without a copy.
  return first === last ? text : `${jwt}~${keyBinding}`;
}

/** `JWT~~JWT~`: the chain without its disclosures. */
function sealedChain(token: unknown): string {
  const [text] = tildes(token);
  const jwts = text.split('~~').map((part) => {
    const end = part.indexOf('~');
    const [jwt, disclosures] = end === -1 ? [part, ''] : [part.slice(0, end), part.slice(end)];
    return isJws(jwt) && !disclosures.includes('.')
      ? jwt
      : refuse('record.token', 'a chain: SD-JWTs in compact form, joined by "~~"');
  });
  if (!isTokenText(text) || !text.endsWith('~') || text.endsWith('~~'))
    refuse('record.token', 'a chain that ends with one "~"');
  return `${jwts.join('~~')}~`;
}

function sealedJws(token: unknown, kind: string): string {
  if (typeof token === 'string' && isTokenText(token) && !token.includes('~') && isJws(token)) return token;
  return refuse('record.token', `a ${kind}: a JWS in compact form, got ${describeType(token)}`);
}

/** A token with the positions of its first and last tilde. */
function tildes(token: unknown): [text: string, first: number, last: number] {
  if (typeof token !== 'string' || !token.includes('~')) {
    return refuse('record.token', `an SD-JWT in compact form, got ${describeType(token)}`);
  }
  return [token, token.indexOf('~'), token.lastIndexOf('~')];
}

function refuse(parameter: string, expected: string): never {
  fail('ERR_SEAL_RECORD_INVALID', parameter, `"${parameter}" must be ${expected}`);
}
