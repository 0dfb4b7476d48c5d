/// <reference types="node" />
import { open } from 'node:fs/promises';
import { holdsKeys, wordsFor } from './content.js';
import { refuse } from './errors.js';
import { cannotRead, checkFileName, fileName } from './files.js';
import type { Io } from './terminal.js';

const CHUNK = 262_144;

/** The bytes of an archive as a stream, and its size if known. */
export async function archiveChunks(
  io: Io,
  path: string,
): Promise<{ bytes: AsyncIterable<Uint8Array>; size: number | undefined }> {
  if (path === '-') return { bytes: readable(io.stdin, path), size: undefined };
  checkFileName(path, 'FILE');
  try {
    const handle = await open(path);
    const { size } = await handle.stat();
    return { bytes: readable(handle.createReadStream({ highWaterMark: CHUNK }), path), size };
  } catch (error) {
    return cannotRead(path, 'FILE', error);
  }
}

/** The bytes that a document is looked for in. A JWK Set of many pairs is larger, and is refused line by line. */
const MAX_DOCUMENT = 65_536;

/**
 * Refuses an archive that is one key document: somebody gave the wrong file. The bytes are read ahead only while they can be
 * one, so that each line of an archive has its verdict as soon as it was read.
 *
 * @param member The member of a line that has the mandate.
 */
export async function refuseKeyDocument(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  member: string,
): Promise<AsyncIterable<Uint8Array>> {
  const chunks = bytes[Symbol.asyncIterator]();
  const ahead: Uint8Array[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    ahead.push(value);
    text += decoder.decode(value, { stream: true });
    if (text.length > MAX_DOCUMENT || !mayBeKeys(text, member)) return continued(ahead, chunks);
  }
  if (isKeyDocument(text, member))
    refuse(
      'ERR_CLI_DOCUMENT',
      'FILE',
      `${fileName(path)} ${wordsFor(text)}; an archive with one mandate on each line is expected`,
      undefined,
      'Give the file of the archive.',
    );
  return continued(ahead, chunks);
}

/** A line with a mandate is none, and a record between the brackets of two others is no key. */
function isKeyDocument(text: string, member: string): boolean {
  if (!holdsKeys(text)) return false;
  const document = JSON.parse(text);
  const keys: unknown[] = Array.isArray(document.keys) ? document.keys : [];
  return !Object.hasOwn(document, member) && keys.every((key) => Object.hasOwn(Object(key), 'kty'));
}

/** Whether a text that is not complete may be one key document: its first line is one, or is only the beginning of JSON. */
function mayBeKeys(text: string, member: string): boolean {
  const [first = '', ...others] = text.trimStart().split('\n');
  if (others.length === 0) return first === '' || first.startsWith('{');
  const isOpen = /^\{(?:\s*"keys"\s*:)?(?:\s*\[)?(?:\s*\{)?\s*$/.test(first);
  return isOpen || (isKeyDocument(first, member) && others.every((line) => line.trim() === ''));
}

/** What was read ahead, and then the rest. */
function continued(
  ahead: Uint8Array[],
  rest: AsyncIterator<Uint8Array, undefined>,
): AsyncIterable<Uint8Array> {
  const next = (): Promise<IteratorResult<Uint8Array, undefined>> => {
    const value = ahead.shift();
    return value === undefined ? rest.next() : Promise.resolve({ value, done: false });
  };
  const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    await rest.return?.();
    return { value: undefined, done: true };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}

async function* readable(stream: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((error) => cannotRead(path, 'FILE', error));
      if (done) return;
      yield value;
    }
  } finally {
    // A consumer that stops early closes the file.
    await chunks.return?.();
  }
}
