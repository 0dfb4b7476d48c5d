/// <reference types="node" />
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, lstat, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isUint8Array } from '../brand.js';
import { concat } from '../encoding/bytes.js';
import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import { refuse, usage } from './errors.js';
import { type Io, shown, write } from './terminal.js';

/** Bytes of the largest file that is read as a whole. Archives are read line by line. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | null)?.code ?? 'unknown');

/** A file in a message. Text that does not look like the name of a file may be a key or a token, and is not shown. */
export function fileName(path: string): string {
  if (path === '-') return 'standard input';
  const looksLikeContent = path.length > 200 || /[{}\n]|-----|^ey[\w-]+\.|"/.test(path);
  return looksLikeContent ? 'the operand or value that was given' : shown(path);
}

/** Content where the name of a file belongs stands in the list of processes and in the shell's history. */
export function checkFileName(path: string, parameter: string): void {
  if (/^ey[\w-]{20,}\.|^\s*\{|-----BEGIN/.test(path))
    usage(parameter, 'this must be the name of a file, or - for standard input, not the content itself');
}

/** The bytes of a file, or of standard input for `-`. */
export async function readBytes(io: Io, path: string, parameter: string): Promise<Uint8Array> {
  checkFileName(path, parameter);
  try {
    if (path === '-' && io.stdin.isTTY === true)
      io.stderr.write('Reading standard input; end it with Ctrl-D.\n');
    const chunks: Uint8Array[] = [];
    let length = 0;
    // The size that a file states says nothing of a device or a pipe: what is read is counted.
    for await (const chunk of path === '-' ? io.stdin : createReadStream(path)) {
      const bytes: Uint8Array = isUint8Array(chunk) ? chunk : new TextEncoder().encode(String(chunk));
      length += bytes.length;
      if (length > MAX_FILE_BYTES) return tooLarge(path, parameter);
      chunks.push(bytes);
    }
    return concat(...chunks);
  } catch (error) {
    if (codeOf(error).startsWith('ERR_CLI_')) throw error;
    return refuse('ERR_CLI_READ', parameter, `${fileName(path)} could not be read: ${codeOf(error)}`, error);
  }
}

const tooLarge = (path: string, parameter: string): never =>
  refuse('ERR_CLI_READ', parameter, `${fileName(path)} is larger than ${MAX_FILE_BYTES} bytes`);

/** Where a file is once symbolic links are followed, and whether it is a file: not a folder, a device or a pipe. */
export async function locate(path: string, parameter: string): Promise<{ path: string; isFile: boolean }> {
  try {
    const real = await realpath(path);
    return { path: real, isFile: (await stat(real)).isFile() };
  } catch (error) {
    return refuse('ERR_CLI_READ', parameter, `${fileName(path)} could not be read: ${codeOf(error)}`, error);
  }
}

/** The text of a file, which must be UTF-8. */
export async function readText(io: Io, path: string, parameter: string): Promise<string> {
  const bytes = await readBytes(io, path, parameter);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    return refuse('ERR_CLI_DOCUMENT', parameter, `${fileName(path)} must be UTF-8 text`, cause);
  }
}

/** One token: the text of a file without white space around it, which editors and shells add. */
export const readToken = async (io: Io, path: string, parameter: string): Promise<string> =>
  (await readText(io, path, parameter)).trim();

const MAX_DEPTH = 64;

/** JSON, strictly: a name that stands twice is refused. Nothing of the file stands in the error: it may be a key. */
export async function readJsonFile(io: Io, path: string, parameter: string): Promise<JsonValue> {
  const bytes = await readBytes(io, path, parameter);
  try {
    return parseJson(bytes, 'file', 'ERR_MANDATE_MALFORMED', MAX_DEPTH).value;
  } catch {
    return refuse(
      'ERR_CLI_DOCUMENT',
      parameter,
      `${fileName(path)} must be JSON: UTF-8, complete, and without duplicate member names`,
    );
  }
}

export async function readJsonObject(io: Io, path: string, parameter: string) {
  const value = await readJsonFile(io, path, parameter);
  return isJsonObject(value)
    ? value
    : refuse('ERR_CLI_DOCUMENT', parameter, `${fileName(path)} must be a JSON object`);
}

/** The names in a folder, or `undefined` where the path is not one. */
export async function namesIn(path: string, parameter: string): Promise<readonly string[] | undefined> {
  checkFileName(path, parameter);
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return undefined;
    return refuse('ERR_CLI_READ', parameter, `${fileName(path)} could not be read: ${codeOf(error)}`, error);
  }
}

/** Whether others than its owner can read a file. Windows has no such permissions. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32' || path === '-') return false;
  try {
    return ((await lstat(path)).mode & 0o077) !== 0;
  } catch {
    return false;
  }
}

export interface WriteRules {
  /** Whether a file that is there is replaced. */
  readonly force: boolean;
  /** Whether nobody but its owner may read it. */
  readonly secret?: boolean;
}

/**
 * Writes a file beside its place and puts it there in one step: never half a key, and never one that was readable for a moment.
 * Without `force` a file that is there stays.
 */
export async function writeFileSafely(
  path: string,
  content: string,
  parameter: string,
  { force, secret = false }: WriteRules,
): Promise<void> {
  checkFileName(path, parameter);
  const temporary = join(dirname(path), `.ap2-pq-${randomUUID()}`);
  try {
    const handle = await open(temporary, 'wx', secret ? 0o600 : 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (force) await rename(temporary, path);
    else await place(temporary, path, content, secret);
  } catch (error) {
    if (codeOf(error) === 'EEXIST')
      return refuse('ERR_CLI_EXISTS', parameter, `${fileName(path)} exists already`, error);
    return refuse(
      'ERR_CLI_WRITE',
      parameter,
      `${fileName(path)} could not be written: ${codeOf(error)}`,
      error,
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A hard link is refused where the name is taken: there is no moment between the look and the deed. */
async function place(temporary: string, path: string, content: string, secret: boolean): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    // A file system without hard links.
    await writeFile(path, content, { flag: 'wx', mode: secret ? 0o600 : 0o644 });
  }
}

/** Whether something has that name. */
export const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Writes a document to the file of `--out`, or to standard output. Returns the lines that say so. */
export async function put(
  io: Io,
  out: string | undefined,
  content: string,
  force: boolean,
  form: 'with a line end' | 'as it is' = 'with a line end',
): Promise<readonly string[]> {
  const text = content.endsWith('\n') || form === 'as it is' ? content : `${content}\n`;
  if (out === undefined || out === '-') {
    await write(io.stdout, text);
    return [];
  }
  await writeFileSafely(out, text, '--out', { force });
  return [`written to ${shown(out)}`];
}
