import { concat } from '../encoding/bytes.js';
import { MandateError } from '../errors.js';
import { checkTimeout, invalidArgument, isMandateError } from '../options.js';

/** How a document is fetched; all optional. */
export interface FetchOptions {
  /** Milliseconds for everything: connection, redirects and the whole body. Default 5000. */
  timeoutDuration?: number | undefined;
  /** Bytes read of the body at most; what exceeds them is cut off and refused. Default 16 384 (SPEC.md §8.5). */
  maxResponseBytes?: number | undefined;
  /** Further request headers. */
  headers?: Record<string, string> | undefined;
  /** Takes the place of the runtime's fetch, for a proxy or a cache. It must honour `signal` and `redirect: 'manual'`. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** {@link FetchOptions} with every default in place. */
export interface FetchRules {
  readonly timeoutDuration: number;
  readonly maxResponseBytes: number;
  readonly headers: Record<string, string>;
  readonly fetch: typeof globalThis.fetch;
}

/** The names of {@link FetchOptions}. */
export const FETCH_OPTIONS = ['timeoutDuration', 'maxResponseBytes', 'headers', 'fetch'] as const;

const MAX_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];

/** Checks the options and puts the defaults in place. */
export function fetchRules(options: FetchOptions): FetchRules {
  const {
    timeoutDuration = 5000,
    maxResponseBytes = 16_384,
    headers = {},
    fetch = globalThis.fetch,
  } = options;
  checkTimeout(timeoutDuration, 'timeoutDuration');
  if (!Number.isSafeInteger(maxResponseBytes) || maxResponseBytes <= 0) {
    invalidArgument('maxResponseBytes', 'a positive integer of bytes');
  }
  try {
    new Headers(headers);
  } catch {
    // Without the cause, in which a runtime quotes the value.
    invalidArgument('headers', 'names and values that HTTP allows');
  }
  if (typeof fetch !== 'function') invalidArgument('fetch', 'a function');
  return { timeoutDuration, maxResponseBytes, headers, fetch };
}

/** A URL that may be fetched: https, or http to this machine itself, and without credentials in it. */
export function checkUrl(url: unknown, parameter: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(String(url));
  } catch (cause) {
    throw new MandateError('ERR_MANDATE_FETCH_URL', parameter, `"${parameter}" must be a URL`, { cause });
  }
  const allowed =
    parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback(parsed.hostname));
  if (!allowed || parsed.username !== '' || parsed.password !== '') {
    throw new MandateError(
      'ERR_MANDATE_FETCH_URL',
      parameter,
      `"${parameter}" must be an https URL without credentials (http to the loopback interface only)`,
    );
  }
  return parsed;
}

/** A name or address of this machine itself. The URL parser has brought IPv4 addresses into dotted form. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/**
 * Fetches a document of one of the given media types. The body is cut off at the limit while it is being read; a
 * redirect is followed within the origin only; one time limit holds for everything.
 */
export async function fetchDocument(
  url: URL,
  mediaTypes: readonly string[],
  rules: FetchRules,
  redirects = MAX_REDIRECTS,
  signal = AbortSignal.timeout(rules.timeoutDuration),
): Promise<string> {
  const response = await request(url, mediaTypes, rules, signal);
  if (!(response instanceof Response)) invalidArgument('fetch', 'a function that returns a Response');
  if (REDIRECTS.includes(response.status)) {
    await discard(response);
    const target = redirectTarget(response, url, redirects);
    return fetchDocument(target, mediaTypes, rules, redirects - 1, signal);
  }
  if (response.status !== 200) {
    await discard(response);
    throw failure(
      'ERR_MANDATE_FETCH_STATUS',
      url,
      `answered with status ${response.status}, 200 was expected`,
    );
  }
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!mediaTypes.includes(type)) {
    await discard(response);
    throw failure(
      'ERR_MANDATE_FETCH_CONTENT_TYPE',
      url,
      `is not of a media type in ${mediaTypes.join(', ')}`,
    );
  }
  return readBody(response, url, rules, signal);
}

async function request(
  url: URL,
  mediaTypes: readonly string[],
  { fetch, headers }: FetchRules,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url.href, {
      method: 'GET',
      redirect: 'manual',
      credentials: 'omit',
      headers: { accept: mediaTypes.join(', '), ...headers },
      signal,
    });
  } catch (cause) {
    throw networkFailure(cause, url, signal);
  }
}

function redirectTarget(response: Response, from: URL, redirects: number): URL {
  const location = response.headers.get('location');
  const target = location === null ? undefined : resolveUrl(location, from);
  const credentials = target?.username || target?.password;
  if (redirects === 0 || !target || target.origin !== from.origin || credentials) {
    throw failure(
      'ERR_MANDATE_FETCH_REDIRECT',
      from,
      'redirects to another origin, to nowhere, or too often',
    );
  }
  return target;
}

function resolveUrl(location: string, base: URL): URL | undefined {
  try {
    return new URL(location, base);
  } catch {
    return undefined;
  }
}

async function readBody(
  response: Response,
  url: URL,
  { maxResponseBytes }: FetchRules,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      length += value.length;
      if (length > maxResponseBytes) {
        throw failure(
          'ERR_MANDATE_FETCH_TOO_LARGE',
          url,
          `is larger than the limit of ${maxResponseBytes} bytes`,
        );
      }
      chunks.push(value);
    }
  } catch (cause) {
    await reader?.cancel().catch(() => {});
    throw isMandateError(cause) ? cause : networkFailure(cause, url, signal);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(concat(...chunks));
  } catch (cause) {
    throw failure('ERR_MANDATE_FETCH_CONTENT_TYPE', url, 'is not UTF-8', cause);
  }
}

/** Lets go of a body that will not be read, so that its connection is not held. */
const discard = async (response: Response): Promise<void> => {
  await response.body?.cancel().catch(() => {});
};

function networkFailure(cause: unknown, url: URL, signal: AbortSignal): MandateError {
  return signal.aborted
    ? failure('ERR_MANDATE_FETCH_TIMEOUT', url, 'did not answer in time', cause)
    : failure('ERR_MANDATE_FETCH_FAILED', url, 'could not be fetched', cause);
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
