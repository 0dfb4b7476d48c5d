import { fail, MandateError } from '../errors.js';
import {
  aFunction,
  aPositiveInteger,
  aTimeout,
  invalidArgument,
  isMandateError,
  optional,
} from '../options.js';
import { withTimeLimit } from '../time-limit.js';

/** Options for fetching a document; all optional. */
export interface FetchOptions {
  /** Milliseconds for the whole request: connection, redirects and body. Default 5000. */
  timeoutDuration?: number | undefined;
  /**
   * The largest number of body bytes to read. A larger body is cut off and rejected. Default 16 384 for keys (SPEC.md §8.5),
   * and 262 144 for status lists (SPEC.md §9).
   */
  maxResponseBytes?: number | undefined;
  /** Further request headers: an object, pairs, or a `Headers`. They are copied. */
  headers?: Readonly<Record<string, string>> | Iterable<readonly [string, string]> | undefined;
  /**
   * Replaces the runtime's fetch, for a proxy or an agent: for example the fetch of undici or node-fetch. By default,
   * `globalThis.fetch` is looked up for each request.
   */
  fetch?: FetchFunction | undefined;
}

/** The request passed to {@link FetchOptions.fetch}. The function must honor `redirect`, and should honor `signal`. */
export interface FetchRequest {
  readonly method: 'GET';
  readonly redirect: 'manual';
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  /** Left out on runtimes that reject it. */
  readonly credentials?: 'omit';
  /** Left out on runtimes that reject it. */
  readonly cache?: 'no-store';
}

/** The part of a response that the library reads. */
export interface FetchedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** A ReadableStream (Web or Node) of bytes; `null` if there is no body. */
  readonly body: unknown;
}

/** A function that fetches like `globalThis.fetch`. */
export type FetchFunction = (url: string, request: FetchRequest) => Promise<FetchedResponse>;

/** {@link FetchOptions} with defaults filled in. */
export interface FetchRules {
  readonly timeoutDuration: number;
  readonly maxResponseBytes: number;
  readonly headers: Record<string, string>;
  /** `undefined` for the runtime's fetch at the time of the request. */
  readonly fetch: FetchFunction | undefined;
}

const MAX_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];

/** What reads {@link FetchOptions}. */
export const fetchReaders = (defaultMaxResponseBytes: number) => ({
  timeoutDuration: optional(aTimeout, 5000),
  maxResponseBytes: optional(aPositiveInteger('bytes'), defaultMaxResponseBytes),
  headers: optional(readHeaders, {}),
  fetch: optional(aFunction<FetchFunction>(), undefined),
});

function readHeaders(headers: unknown, path: string): Record<string, string> {
  if (typeof headers === 'object' && headers !== null) {
    try {
      return Object.fromEntries(new Headers(headers as Record<string, string>));
    } catch {
      // The cause is dropped, because a runtime quotes the value in it.
    }
  }
  return invalidArgument(path, 'names and values that HTTP allows: an object, pairs or a Headers');
}

/** Checks that a URL may be fetched: https, or http to the loopback interface, and without credentials. */
export function checkUrl(url: unknown, parameter: string): URL {
  const parsed = parseUrl(url);
  if (parsed === undefined) {
    fail('ERR_MANDATE_FETCH_URL', parameter, `"${parameter}" must be a URL`);
  }
  if (!mayBeFetched(parsed)) {
    fail(
      'ERR_MANDATE_FETCH_URL',
      parameter,
      `"${parameter}" must be an https URL without credentials (http to the loopback interface only)`,
    );
  }
  return parsed;
}

/** Gives no reason: the runtime's error quotes text that may be secret. */
function parseUrl(url: unknown, base?: URL): URL | undefined {
  try {
    return new URL(String(url), base);
  } catch {
    return undefined;
  }
}

/** Judged by the URL itself: the origin of a `blob:` URL is that of its creator. */
const mayBeFetched = ({ protocol, hostname, username, password }: URL): boolean =>
  (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) &&
  username === '' &&
  password === '';

/** A name or address of the loopback interface. The URL parser has already normalized IPv4 addresses to dotted form. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/**
 * Fetches a document with one of the given media types. Reading stops at the size limit. Redirects are followed only within the
 * origin. One time limit applies to the whole request, whether or not `fetch` honors it.
 */
export const fetchDocument = (url: URL, mediaTypes: readonly string[], rules: FetchRules): Promise<string> =>
  withTimeLimit(
    rules.timeoutDuration,
    (signal) => followAndRead(url, mediaTypes, rules, signal),
    (cause, late) => {
      if (late) return failure('ERR_MANDATE_FETCH_TIMEOUT', url, 'did not answer in time', cause);
      return isMandateError(cause)
        ? cause
        : failure('ERR_MANDATE_FETCH_FAILED', url, 'could not be fetched', cause);
    },
  );

async function followAndRead(
  url: URL,
  mediaTypes: readonly string[],
  rules: FetchRules,
  signal: AbortSignal,
  redirects = MAX_REDIRECTS,
): Promise<string> {
  const response = await request(url, mediaTypes, rules, signal);
  if (REDIRECTS.includes(response.status)) {
    discard(response.body);
    const target = redirectTarget(response, url, redirects);
    return followAndRead(target, mediaTypes, rules, signal, redirects - 1);
  }
  if (response.status !== 200) {
    discard(response.body);
    throw failure(
      'ERR_MANDATE_FETCH_STATUS',
      url,
      `was answered with status ${response.status} instead of 200`,
    );
  }
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!mediaTypes.includes(type)) {
    discard(response.body);
    throw failure(
      'ERR_MANDATE_FETCH_CONTENT_TYPE',
      url,
      `must have a media type of ${mediaTypes.join(', ')}`,
    );
  }
  return readText(response.body, url, rules, signal);
}

async function request(
  url: URL,
  mediaTypes: readonly string[],
  rules: FetchRules,
  signal: AbortSignal,
): Promise<FetchedResponse> {
  // Looked up now, not when the rules were read: tests and tools may replace it.
  const fetch: FetchFunction = rules.fetch ?? globalThis.fetch;
  if (typeof fetch !== 'function') return invalidArgument('fetch', 'given: this runtime has none');
  const response: unknown = await fetch(url.href, {
    method: 'GET',
    redirect: 'manual',
    ...(isKnown({ credentials: 'omit' }) && { credentials: 'omit' }),
    // A framework may cache responses on disk, longer than the information in them is valid.
    ...(isKnown({ cache: 'no-store' }) && { cache: 'no-store' }),
    headers: { accept: mediaTypes.join(', '), ...rules.headers },
    signal,
  });
  return isResponse(response)
    ? response
    : invalidArgument('fetch', 'a function that returns a Response, with "status", "headers" and "body"');
}

/** Tested by a trial: workerd throws for `cache`, depending on its compatibility date. */
function isKnown(option: RequestInit): boolean {
  if (typeof Request !== 'function') return true;
  try {
    new Request('https://trial.invalid/', option);
    return true;
  } catch {
    return false;
  }
}

/** Checked by shape: a Response of undici, of node-fetch or of another realm is not an instance of this realm's class. */
function isResponse(response: unknown): response is FetchedResponse {
  const { status, headers } = (response ?? {}) as Partial<FetchedResponse>;
  return Number.isSafeInteger(status) && typeof headers?.get === 'function';
}

function redirectTarget({ headers }: FetchedResponse, from: URL, redirects: number): URL {
  const location = headers.get('location');
  const target = location === null ? undefined : parseUrl(location, from);
  if (redirects === 0 || !target || target.origin !== from.origin || !mayBeFetched(target)) {
    throw failure(
      'ERR_MANDATE_FETCH_REDIRECT',
      from,
      'redirects to another origin or scheme, without a target, or too often',
    );
  }
  return target;
}

async function readText(
  body: unknown,
  url: URL,
  { maxResponseBytes }: FetchRules,
  signal: AbortSignal,
): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw failure('ERR_MANDATE_FETCH_CONTENT_TYPE', url, 'is not UTF-8', cause);
    }
  };
  let text = '';
  let length = 0;
  for await (const chunk of chunksOf(body, signal)) {
    length += chunk.length;
    if (length > maxResponseBytes) {
      throw failure(
        'ERR_MANDATE_FETCH_TOO_LARGE',
        url,
        `is larger than the limit of ${maxResponseBytes} bytes`,
      );
    }
    text += decode(chunk);
  }
  return text + decode();
}

/**
 * The bytes of a body, a ReadableStream (Web or Node). The stream is cancelled when the reader stops and when the time is over,
 * because a custom `fetch` may ignore the signal.
 */
async function* chunksOf(body: unknown, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = readerOf(body);
  const abandon = (): void => (reader === undefined ? discard(body) : void reader.cancel().catch(() => {}));
  signal.addEventListener('abort', abandon, { once: true });
  try {
    if (reader === undefined) {
      for await (const chunk of body as AsyncIterable<unknown>) yield bytesOf(chunk);
      return;
    }
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield bytesOf(value);
    }
  } finally {
    signal.removeEventListener('abort', abandon);
    abandon();
  }
}

/** The reader of a Web stream; `undefined` for a Node stream. */
function readerOf(body: unknown): ReadableStreamDefaultReader<unknown> | undefined {
  const { getReader, [Symbol.asyncIterator]: iterate } = (body ?? {}) as {
    getReader?: unknown;
    [Symbol.asyncIterator]?: unknown;
  };
  if (typeof getReader === 'function') return (body as ReadableStream<unknown>).getReader();
  if (typeof iterate === 'function') return undefined;
  return invalidArgument('fetch', 'a function whose Response has a stream as its "body"');
}

function bytesOf(chunk: unknown): Uint8Array {
  if (!ArrayBuffer.isView(chunk))
    return invalidArgument('fetch', 'a function whose Response has a body of bytes');
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** Cancels a body that will not be read, to free its connection. */
function discard(body: unknown): void {
  const { cancel, destroy } = (body ?? {}) as { cancel?: unknown; destroy?: unknown };
  if (typeof cancel === 'function') (body as ReadableStream).cancel().catch(() => {});
  else if (typeof destroy === 'function') (body as { destroy(): void }).destroy();
}

function failure(
  code:
    | 'ERR_MANDATE_FETCH_CONTENT_TYPE'
    | 'ERR_MANDATE_FETCH_FAILED'
    | 'ERR_MANDATE_FETCH_REDIRECT'
    | 'ERR_MANDATE_FETCH_STATUS'
    | 'ERR_MANDATE_FETCH_TIMEOUT'
    | 'ERR_MANDATE_FETCH_TOO_LARGE',
  url: URL,
  what: string,
  cause?: unknown,
): MandateError {
  return new MandateError(code, 'url', `the document at ${url.origin}${url.pathname} ${what}`, { cause });
}
