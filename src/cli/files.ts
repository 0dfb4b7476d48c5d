/// <reference types="node" />
import { randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { link, lstat, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isUint8Array } from '../brand.js';
import { concat } from '../encoding/bytes.js';
import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import { fail, type MandateErrorCode } from '../errors.js';
import { type Found, foundIn, holdsKeys, holdsSecrets, wordsFor, wordsForJson } from './content.js';
import { CLI_REMEDIES, CliError, refuse, usage } from './errors.js';
import { type Io, shown, write } from './terminal.js';

/** The maximum size in bytes of a file that is read as a whole. Archives are read line by line. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | null)?.code ?? 'unknown');

/** The name of a file, for messages. Text that does not look like a file name may be a key or a token, and is not shown. */
export function fileName(path: string): string {
  if (path === '-') return 'standard input';
  const looksLikeContent = path.length > 200 || /[{}\n]|-----|^ey[\w-]+\.|"/.test(path);
  return looksLikeContent ? 'the operand or value that was given' : shown(path);
}

/** Content in place of a file name is visible in the process list and in the shell's history. */
export function checkFileName(path: string, parameter: string): void {
  if (/^ey[\w-]{20,}\.|^\s*\{|-----BEGIN/.test(path))
    usage(parameter, 'this must be the name of a file, or - for standard input, not the content itself');
}

/** The errors of the system in words. Each follows the name of the file. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder, and a file is needed',
  ENOTDIR: 'does not exist: a part of its path is a file, and not a folder',
  EACCES: 'may not be read by this user (EACCES)',
  EPERM: 'may not be read by this user (EPERM)',
};

/** Reports that a file could not be read. */
export function cannotRead(path: string, parameter: string, error: unknown): never {
  const code = codeOf(error);
  const reason = REASONS[code] ?? `could not be read: ${code}`;
  return refuse('ERR_CLI_READ', parameter, `${fileName(path)} ${reason}`, error);
}

/** The bytes of a file, or of standard input for `-`. */
export async function readBytes(io: Io, path: string, parameter: string): Promise<Uint8Array> {
  checkFileName(path, parameter);
  try {
    if (path === '-' && io.stdin.isTTY === true)
      io.stderr.write('Reading standard input; end it with Ctrl-D.\n');
    const chunks: Uint8Array[] = [];
    let length = 0;
    // A device or a pipe has no meaningful file size, so the bytes read are counted.
    for await (const chunk of path === '-' ? io.stdin : createReadStream(path)) {
      const bytes: Uint8Array = isUint8Array(chunk) ? chunk : new TextEncoder().encode(String(chunk));
      length += bytes.length;
      if (length > MAX_FILE_BYTES) return tooLarge(path, parameter);
      chunks.push(bytes);
    }
    return concat(...chunks);
  } catch (error) {
    if (codeOf(error).startsWith('ERR_CLI_')) throw error;
    return cannotRead(path, parameter, error);
  }
}

const tooLarge = (path: string, parameter: string): never =>
  refuse('ERR_CLI_READ', parameter, `${fileName(path)} is larger than ${MAX_FILE_BYTES} bytes`);

/** The path after symbolic links, and whether it is a regular file: not a folder, a device or a pipe. */
export async function locate(path: string, parameter: string): Promise<{ path: string; isFile: boolean }> {
  try {
    const real = await realpath(path);
    return { path: real, isFile: (await stat(real)).isFile() };
  } catch (error) {
    return cannotRead(path, parameter, error);
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

/** The expected kind of text. */
export interface Expected {
  /** Such as `a mandate`. */
  readonly what: string;
  /** The kinds of content that it may look like. With `other`, the reader of the text decides. */
  readonly found: readonly Found[];
  /** What to do about another kind of text. */
  readonly remedy?: string;
  /** The code for a token of another kind, which may be from somebody else: a verdict. */
  readonly code?: MandateErrorCode;
}

const TOKENS: readonly Found[] = ['mandate', 'chain', 'jws'];

/**
 * Rejects a text that is clearly not what is expected. The message says what it is and what is expected. An empty text, a key
 * document or a page is a mistake of the caller: nothing is decided.
 */
export function expectText(
  text: string,
  name: string,
  parameter: string,
  { what, found, remedy, code }: Expected,
): void {
  const kind = foundIn(text);
  const isKeys = kind === 'json' && holdsKeys(text);
  if (found.includes(isKeys ? 'keys' : kind)) return;
  const message = `${name} ${wordsFor(text)}; ${what} is expected`;
  if (code !== undefined && TOKENS.includes(kind)) fail(code, parameter, message);
  refuse('ERR_CLI_DOCUMENT', parameter, message, undefined, remedy);
}

/** A text of the expected kind. */
export async function readExpected(
  io: Io,
  path: string,
  parameter: string,
  expected: Expected,
): Promise<string> {
  const text = await readText(io, path, parameter);
  expectText(text, fileName(path), parameter, expected);
  return text;
}

/** One token: the text of a file without surrounding white space, which editors and shells add. */
export const readToken = async (
  io: Io,
  path: string,
  parameter: string,
  expected: Expected,
): Promise<string> => (await readExpected(io, path, parameter, expected)).trim();

const MAX_DEPTH = 64;

/** Strict JSON: a repeated member name is rejected. The error never quotes the file: it may be a key. */
export async function readJsonFile(io: Io, path: string, parameter: string): Promise<JsonValue> {
  const bytes = await readBytes(io, path, parameter);
  try {
    return parseJson(bytes, 'file', 'ERR_MANDATE_MALFORMED', MAX_DEPTH).value;
  } catch {
    const text = new TextDecoder().decode(bytes);
    // Text that a lenient parser accepts breaks one of the rules in this message.
    if (!['json', 'other'].includes(foundIn(text)))
      return refuse('ERR_CLI_DOCUMENT', parameter, `${fileName(path)} ${wordsFor(text)}; JSON is expected`);
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
    : refuse(
        'ERR_CLI_DOCUMENT',
        parameter,
        `${fileName(path)} must be a JSON object; it is ${wordsForJson(value)}`,
      );
}

/** The names in a folder; `undefined` if the path is not a folder. */
export async function namesIn(path: string, parameter: string): Promise<readonly string[] | undefined> {
  checkFileName(path, parameter);
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return undefined;
    return cannotRead(path, parameter, error);
  }
}

/** Whether users other than its owner can read a file. Windows does not have these permissions. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32' || path === '-') return false;
  try {
    return ((await lstat(path)).mode & 0o077) !== 0;
  } catch {
    return false;
  }
}

export interface WriteRules {
  /** Whether an existing file is replaced. */
  readonly force: boolean;
  /** Whether only its owner may read it. */
  readonly secret?: boolean;
}

/**
 * Writes a temporary file beside the target and renames it in one step: a key is never incomplete, and never readable by others
 * for a moment. Without `force`, an existing file is kept.
 */
export async function writeFileSafely(
  path: string,
  content: string,
  parameter: string,
  rules: WriteRules,
): Promise<void> {
  checkFileName(path, parameter);
  await told(path, parameter, async () => {
    if (await writeToDevice(path, content)) return;
    const temporary = await writeBeside(path, content, rules);
    try {
      await place(temporary, path, content, rules);
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/**
 * Writes the private and the public keys of one pair. Both are first written to temporary files. Then the old public keys are
 * removed, and both files are renamed into place, the private keys first. After an interruption at any point, the two files are
 * a pair, or there are only private keys, whose public halves `ap2-pq jwks` prints.
 */
export async function writePairSafely(
  secret: { readonly path: string; readonly content: string },
  published: { readonly path: string; readonly content: string },
  parameter: string,
  { force }: Pick<WriteRules, 'force'>,
): Promise<void> {
  for (const { path } of [secret, published]) checkFileName(path, parameter);
  const rules = { secret: { force, secret: true }, published: { force } };
  const temporary: string[] = [];
  const beside = async ({ path, content }: typeof secret, how: WriteRules): Promise<string> =>
    told(path, parameter, async () => {
      const name = await writeBeside(path, content, how);
      temporary.push(name);
      return name;
    });
  try {
    const secretFile = await beside(secret, rules.secret);
    const publishedFile = await beside(published, rules.published);
    if (force) await told(published.path, parameter, () => rm(published.path, { force: true }));
    await told(secret.path, parameter, () => place(secretFile, secret.path, secret.content, rules.secret));
    try {
      await told(published.path, parameter, () =>
        place(publishedFile, published.path, published.content, rules.published),
      );
    } catch (error) {
      // Another process has taken the name: its public keys do not match these private keys.
      if (!force) await rm(secret.path, { force: true });
      throw error;
    }
  } finally {
    for (const name of temporary) await rm(name, { force: true });
  }
}

const UNWRITABLE: Readonly<Record<string, string>> = {
  ENOENT: 'could not be written: its folder does not exist',
  ENOTDIR: 'could not be written: a part of its path is a file, and not a folder',
  EISDIR: 'is a folder, and the name of a file is needed',
  EACCES: 'may not be written by this user (EACCES)',
  EPERM: 'may not be written by this user (EPERM)',
  EROFS: 'could not be written: the file system is read-only (EROFS)',
  ENOSPC: 'could not be written: the disk is full (ENOSPC)',
};

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The bytes of an existing file that are searched for private keys. */
const MAX_SEARCHED = 65_536;

/** An existing file is kept. If it has private keys, whoever overwrites it loses them. */
export async function refuseExisting(path: string, parameter: string, cause?: unknown): Promise<never> {
  const remedy = CLI_REMEDIES.ERR_CLI_EXISTS;
  throw new CliError('ERR_CLI_EXISTS', parameter, `${fileName(path)} already exists`, {
    cause,
    remedy: (await hasPrivateKeys(path))
      ? `${remedy} It has private keys: overwritten keys are lost.`
      : remedy,
  });
}

async function hasPrivateKeys(path: string): Promise<boolean> {
  try {
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      if (!(await handle.stat()).isFile()) return false;
      const { bytesRead, buffer } = await handle.read(new Uint8Array(MAX_SEARCHED), 0, MAX_SEARCHED, 0);
      return holdsSecrets(new TextDecoder().decode(buffer.subarray(0, bytesRead)));
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}

/** Writes to a device or a pipe, such as /dev/null. Nothing in it can be overwritten. `false` for any other path. */
async function writeToDevice(path: string, content: string): Promise<boolean> {
  const isDevice = (found: { isFile(): boolean; isDirectory(): boolean }): boolean =>
    !found.isFile() && !found.isDirectory();
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !isDevice(found)) return false;
  const handle = await open(path, constants.O_WRONLY);
  try {
    // Another process may have put a file there since.
    if (!isDevice(await handle.stat())) return false;
    await handle.writeFile(content);
    return true;
  } finally {
    await handle.close();
  }
}

/** Reports a failed write. */
async function told<T>(path: string, parameter: string, writing: () => Promise<T>): Promise<T> {
  try {
    return await writing();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && !(await isFolder(path))) return refuseExisting(path, parameter, error);
    const reason = code === 'EEXIST' ? UNWRITABLE.EISDIR : UNWRITABLE[code];
    return refuse(
      'ERR_CLI_WRITE',
      parameter,
      `${fileName(path)} ${reason ?? `could not be written: ${code}`}`,
      error,
    );
  }
}

/** Writes a temporary file beside the target, durably, and returns its name. */
async function writeBeside(path: string, content: string, { secret }: WriteRules): Promise<string> {
  const temporary = join(dirname(path), `.ap2-pq-${randomUUID()}`);
  const handle = await open(temporary, 'wx', secret === true ? 0o600 : 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return temporary;
}

/** Moves a file to its target in one step. */
async function place(
  temporary: string,
  path: string,
  content: string,
  { force, secret }: WriteRules,
): Promise<void> {
  if (force) return rename(temporary, path);
  try {
    // Creating a hard link fails if the name is taken, so that the check and the write are one step.
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    // The file system has no hard links.
    await writeFile(path, content, { flag: 'wx', mode: secret === true ? 0o600 : 0o644 });
  }
}

/** Whether a file or folder with this name exists. */
export const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Writes a document to the file of `--out`, or to standard output. Returns the lines that report it. */
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
