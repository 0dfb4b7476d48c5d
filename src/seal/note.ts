import { isWellFormed } from '../encoding/well-formed.js';
import { fail } from '../errors.js';
import { decodeBase64, encodeBase64 } from './base64.js';

// C2SP signed-note: a text, followed by signature lines.

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** The first four bytes. They identify the key, among those with the same name, and its algorithm. */
  readonly keyId: Uint8Array;
  /** The remaining bytes. */
  readonly signature: Uint8Array;
}

/** The parts of a note. Nothing in it is verified. */
export interface Note {
  /** The text, including its last line end. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** The maximum length of a note in characters: 16 signatures of the largest algorithm are less than half of it. */
const MAX_NOTE_LENGTH = 262_144;
const MAX_SIGNATURES = 64;
export const KEY_ID_BYTES = 4;

/** The name of a key: not empty, without a Unicode space and without `+`. */
export const isKeyName = (name: unknown): name is string =>
  typeof name === 'string' && isWellFormed(name) && /^[^\s+\p{White_Space}\p{Cc}]+$/u.test(name);

/** Parses a note strictly: each note has exactly one text. */
export function parseNote(note: unknown, parameter: string): Note {
  const refuse = (expected: string): never => {
    fail(
      'ERR_SEAL_CHECKPOINT_MALFORMED',
      parameter,
      `"${parameter}" must be a signed note (C2SP signed-note): ${expected}`,
    );
  };
  if (typeof note !== 'string') return refuse('a string');
  if (note.length > MAX_NOTE_LENGTH) refuse(`at most ${MAX_NOTE_LENGTH} characters`);
  // The specification means ASCII control characters: those below a space, except the line end.
  if (note.includes('\r')) refuse('lines that end with LF only; a tool has added or substituted CR');
  if (!isWellFormed(note) || /[^\n -\u{10ffff}]/u.test(note)) refuse('UTF-8 without control characters');
  const end = note.lastIndexOf('\n\n');
  if (end === -1 || !note.endsWith('\n')) {
    return refuse('a text, an empty line, and signature lines that each end with a line end');
  }
  if (end > 0 && end === note.length - 2)
    refuse('no additional line end after its last line; an editor or a tool has added one');
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) refuse(`at most ${MAX_SIGNATURES} signatures`);
  const signatures = lines.map((line) => {
    const [, name, base64 = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
    const bytes = decodeBase64(base64);
    if (!isKeyName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES) {
      return refuse('signature lines of "— ", the name of a key, a space and base64');
    }
    return { name, keyId: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

/** The line of a signature, including its line end. */
export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  const bytes = new Uint8Array(KEY_ID_BYTES + signature.length);
  bytes.set(keyId);
  bytes.set(signature, KEY_ID_BYTES);
  return `— ${name} ${encodeBase64(bytes)}\n`;
}

/** The note as text. */
export const formatNote = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(signatureLine).join('')}`;
