// What `evidence create` reads: the contents as JSON, which may refer to files beside it (docs/guides/command-line.md).
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { parseRfc3339 } from '../claims/rfc3339.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import type { EvidenceContents } from '../evidence/index.js';
import { decodeBase64 } from '../seal/base64.js';
import { pastUse } from './chain.js';
import { refuse } from './errors.js';
import { fileName, locate, readJsonFile, readText } from './files.js';
import { onePair } from './keys.js';
import type { Io } from './terminal.js';

/** The contents in a file, with the files that they refer to. */
export async function readContents(io: Io, path: string): Promise<EvidenceContents> {
  const document = await included(io, await readJsonFile(io, path, 'CONTENTS'), path, '');
  if (!isJsonObject(document))
    return refuse('ERR_CLI_DOCUMENT', 'CONTENTS', `${fileName(path)} must be a JSON object`);
  return contentsOf(document);
}

/**
 * The places where a file reference may replace a value. Other values may be third-party data, which must not choose what is
 * read.
 */
const PLACES = new RegExp(
  `^(?:${[
    'presentation\\.(?:token|history|presented\\.\\w+)',
    '(?:status|receipts)\\.\\d+\\.token',
    '(?:(?:status|receipts)\\.\\d+\\.)?keys(?:\\.\\w+)?',
    'merchantKeys(?:\\.\\w+)?',
    'holderKeys(?:\\.\\d+)?',
    'taskResults\\.\\d+\\.content',
    'ledger',
    'seals\\.\\d+\\.(?:timeStamp|proofs\\.\\d+)',
  ].join('|')})$`,
);

/** `{"$file": "x"}` is the text of a file beside the document, `{"$json": "x"}` its content parsed as JSON. */
async function included(io: Io, value: JsonValue, document: string, place: string): Promise<JsonValue> {
  const below = (name: string | number): string => (place === '' ? `${name}` : `${place}.${name}`);
  if (Array.isArray(value))
    return Promise.all(value.map((each, index) => included(io, each, document, below(index))));
  if (!isJsonObject(value)) return value;
  const [[name, target] = ['', null], ...others] = Object.entries(value);
  if (others.length === 0 && (name === '$file' || name === '$json') && typeof target === 'string') {
    if (!PLACES.test(place))
      return refuse(
        'ERR_CLI_DOCUMENT',
        name,
        `"${name}" must not be a file reference: only a token, a proof, a key, a key document, a time stamp, a history, a task result or "ledger" may be`,
      );
    const path = await inFolderOf(document, target, name);
    return name === '$file' ? readText(io, path, name) : readJsonFile(io, path, name);
  }
  const entries = Object.entries(value).map(async ([each, member]) => [
    each,
    await included(io, member as JsonValue, document, below(each)),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

/** A file in the folder of the document, or below it. For standard input, this is the current folder. */
async function inFolderOf(document: string, target: string, parameter: string): Promise<string> {
  const outside = (): never =>
    refuse(
      'ERR_CLI_DOCUMENT',
      parameter,
      `"${parameter}" must name a file in the folder of the contents, or below it`,
    );
  if (target === '-' || isAbsolute(target) || /^[a-z]+:/i.test(target) || isAbove(normalize(target)))
    return outside();
  const folder = document === '-' ? '.' : dirname(document);
  // For a symbolic link, its target counts.
  const found = await locate(join(folder, target), parameter);
  const inside = relative((await locate(folder, parameter)).path, found.path);
  return isAbove(inside) || isAbsolute(inside) || !found.isFile ? outside() : found.path;
}

const isAbove = (path: string): boolean => /^\.\.(?:[\\/]|$)/.test(path);

/** Converts text to dates and bytes, which JSON does not have. */
async function contentsOf(document: JsonObject): Promise<EvidenceContents> {
  const list = async (value: JsonValue | undefined, change: (each: JsonValue) => unknown) =>
    Array.isArray(value) ? Promise.all(value.map(change)) : value;
  const withKeys = async (each: JsonValue) =>
    isJsonObject(each) && isJsonObject(each.keys) ? { ...each, keys: await keysOf(each.keys) } : each;
  const { presentation, usedAt, keys, merchantKeys, status, receipts, seals } = document;
  return {
    ...document,
    presentation: presentationOf(presentation),
    usedAt: dateOf(usedAt, 'usedAt'),
    keys: await keysOf(keys),
    ...(merchantKeys !== undefined && { merchantKeys: await keysOf(merchantKeys) }),
    ...(status !== undefined && { status: await list(status, withKeys) }),
    ...(receipts !== undefined && {
      receipts: await list(receipts, async (each) => trimmed((await withKeys(each)) as JsonValue)),
    }),
    ...(seals !== undefined && { seals: await list(seals, sealOf) }),
  } as unknown as EvidenceContents;
}

/** Keys with their date. `jwks`, a JWK Set with one pair, may replace `es256` and `mldsa65`. */
async function keysOf(value: JsonValue | undefined): Promise<unknown> {
  if (!isJsonObject(value)) return value;
  const { jwks, ...rest } = value;
  return {
    ...rest,
    ...(jwks !== undefined && (await onePair(jwks, 'jwks'))),
    ...('fetchedAt' in rest && { fetchedAt: dateOf(rest.fetchedAt, 'fetchedAt') }),
  };
}

/** A token file ends with a line break, which is not part of the token. */
const trimmed = (value: JsonValue): JsonValue =>
  isJsonObject(value) && typeof value.token === 'string' ? { ...value, token: value.token.trim() } : value;

function presentationOf(value: JsonValue | undefined): unknown {
  if (!isJsonObject(value) || !isJsonObject(value.history)) return value && trimmed(value);
  const history = Object.fromEntries(
    Object.entries(value.history).map(([identity, uses]) => [
      identity,
      Array.isArray(uses) ? uses.map((use) => (isJsonObject(use) ? pastUse(use) : use)) : uses,
    ]),
  );
  return { ...(trimmed(value) as JsonObject), history };
}

function sealOf(seal: JsonValue): unknown {
  if (!isJsonObject(seal) || typeof seal.timeStamp !== 'string') return seal;
  const timeStamp =
    decodeBase64(seal.timeStamp) ??
    refuse('ERR_CLI_DOCUMENT', 'seals', '"timeStamp" must be base64 of the response');
  return { ...seal, timeStamp };
}

const dateOf = (value: JsonValue | undefined, name: string): Date => {
  const time = typeof value === 'string' ? parseRfc3339(value) : undefined;
  return time === undefined
    ? refuse('ERR_CLI_DOCUMENT', name, `"${name}" must be a time such as "2026-11-26T12:00:00Z"`)
    : new Date(time);
};
