import { readJson } from '../encoding/read-json.js';
import { MandateError } from '../errors.js';
import type { MandateHeader } from '../jws/header.js';
import type { MandateKeyResolver } from '../jws/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { checkNames, checkOptions, invalidArgument } from '../options.js';
import type { FetchOptions } from './fetch-document.js';
import { checkUrl, FETCH_OPTIONS, fetchDocument, fetchRules } from './fetch-document.js';
import type { MandateJwks } from './local.js';
import { readJwks, selectPair } from './local.js';

/** Options of a key set that is fetched; all optional, with jose's names and defaults. */
export interface RemoteKeySetOptions extends FetchOptions {
  /** Milliseconds after a fetch in which an unknown `kid` does not cause another. Default 30 000. */
  cooldownDuration?: number | undefined;
  /** Milliseconds after which what was fetched is fetched again; `Infinity` for never. Default 600 000. */
  cacheMaxAge?: number | undefined;
}

/** A key set that is fetched: a resolver, and what it knows of itself. */
export interface RemoteMandateKeySet extends MandateKeyResolver {
  /** Whether an unknown `kid` would not cause a fetch now. */
  readonly coolingDown: boolean;
  /** Whether what was fetched last may still be used. */
  readonly fresh: boolean;
  /** Whether a fetch is under way. */
  readonly reloading: boolean;
  /** Fetches now. */
  reload(): Promise<void>;
}

type Select = (header: MandateHeader, issuer: string | undefined) => MandatePublicKeys;

const FAILURE_BACKOFF = 1000;

/** A clock that was set back makes nothing young. */
const isYounger = (at: number, duration: number): boolean => {
  const age = Date.now() - at;
  return age >= 0 && age < duration;
};

const JWKS_TYPES = ['application/json', 'application/jwk-set+json'];

/**
 * Resolves both keys of a mandate from a JWK Set at a URL. As with jose's `createRemoteJWKSet` the set is fetched when it
 * is first needed, kept for `cacheMaxAge`, and fetched once more for an unknown `kid`, at most every `cooldownDuration`.
 * The response is cut off at 16 KiB while it is read; https only, http to loopback excepted; redirects stay within the
 * origin; the media type must be JSON. Every failure is a refusal.
 *
 * @throws {MandateError} `ERR_MANDATE_FETCH_URL`, `ERR_MANDATE_ARGUMENT_INVALID` at once. On use: the other
 * `ERR_MANDATE_FETCH_…`, `ERR_MANDATE_KEY_SET_INVALID`, `ERR_MANDATE_KEY_UNRESOLVED`, `ERR_MANDATE_KEY_AMBIGUOUS`.
 */
export function createRemoteMandateKeySet(
  url: URL | string,
  options?: RemoteKeySetOptions,
): RemoteMandateKeySet {
  return createFetchedKeySet(checkUrl(url, 'url'), JWKS_TYPES, options, (document) => {
    const keys = readJwks(document as MandateJwks);
    return (header) => selectPair(keys, header);
  });
}

/** The cache and the cool-down, for any document that keys can be selected from. */
export function createFetchedKeySet(
  url: URL,
  mediaTypes: readonly string[],
  options: RemoteKeySetOptions | undefined,
  read: (document: unknown) => Select,
): RemoteMandateKeySet {
  const given = checkOptions(options, 'options');
  checkNames(given, [...FETCH_OPTIONS, 'cooldownDuration', 'cacheMaxAge']);
  const rules = fetchRules(given);
  const cooldownDuration = checkDuration(given.cooldownDuration ?? 30_000, 'cooldownDuration');
  const cacheMaxAge = checkDuration(given.cacheMaxAge ?? 600_000, 'cacheMaxAge');

  let select: Select | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;
  let failure: { readonly error: unknown; readonly at: number } | undefined;
  const youngerThan = (duration: number): boolean => select !== undefined && isYounger(fetchedAt, duration);

  // Whoever asks while a fetch is under way waits for that one.
  const reload = (): Promise<void> => {
    pending ??= fetchDocument(url, mediaTypes, rules)
      .then((text) => {
        select = read(parseDocument(text));
        fetchedAt = Date.now();
        failure = undefined;
      })
      .catch((error) => {
        failure = { error, at: Date.now() };
        throw error;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };

  // Strangers cause fetches, by unknown kids: while the document cannot be had, they cause one a second.
  const load = async (): Promise<void> => {
    if (failure !== undefined && isYounger(failure.at, FAILURE_BACKOFF)) throw failure.error;
    await reload();
  };

  const resolve = async (header: MandateHeader, issuer: string | undefined): Promise<MandatePublicKeys> => {
    if (!youngerThan(cacheMaxAge)) await load();
    try {
      return (select as Select)(header, issuer);
    } catch (error) {
      const unknown = error instanceof MandateError && error.code === 'ERR_MANDATE_KEY_UNRESOLVED';
      if (!unknown || youngerThan(cooldownDuration)) throw error;
      await load();
      return (select as Select)(header, issuer);
    }
  };
  return Object.defineProperties(resolve, {
    coolingDown: { get: () => youngerThan(cooldownDuration), enumerable: true },
    fresh: { get: () => youngerThan(cacheMaxAge), enumerable: true },
    reloading: { get: () => pending !== undefined, enumerable: true },
    reload: { value: reload, enumerable: true },
  }) as RemoteMandateKeySet;
}

function parseDocument(text: string): unknown {
  try {
    return readJson(text);
  } catch (cause) {
    throw new MandateError('ERR_MANDATE_KEY_SET_INVALID', 'url', 'the key document must be JSON', { cause });
  }
}

function checkDuration(value: unknown, parameter: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  return invalidArgument(parameter, 'a non-negative number of milliseconds');
}
