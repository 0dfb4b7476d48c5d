import { readJson } from '../encoding/read-json.js';
import { fail } from '../errors.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandateHeader, MandatePublicKeys } from '../keys/types.js';
import { aNonNegativeNumber, isMandateError, optional, readOptions } from '../options.js';
import { cacheDocument } from './document-cache.js';
import { checkUrl, type FetchOptions, fetchDocument, fetchReaders } from './fetch-document.js';
import { type MandateJwks, readJwks, selectPair } from './local.js';

/** Options of a remote key set; all optional, with jose's names and defaults. */
export interface RemoteKeySetOptions extends FetchOptions {
  /** Milliseconds after a fetch during which an unknown `kid` does not cause another fetch. Default 30 000. */
  cooldownDuration?: number | undefined;
  /** Milliseconds after which a fetched document is fetched again; `Infinity` for never. Default 600 000. */
  cacheMaxAge?: number | undefined;
}

/** A remote key set: a resolver that also reports its state. */
export interface RemoteMandateKeySet extends MandateKeyResolver {
  /** Whether the cool-down prevents a fetch for an unknown `kid` now. */
  readonly coolingDown: boolean;
  /** Whether the cached document may still be used. */
  readonly fresh: boolean;
  /** Whether a fetch is in progress. */
  readonly reloading: boolean;
  /** Fetches the document now. */
  reload(): Promise<void>;
}

type Select = (header: MandateHeader, issuer: string | undefined) => MandatePublicKeys;

const JWKS_TYPES = ['application/json', 'application/jwk-set+json'];

/** SPEC.md R8.17. */
const MAX_RESPONSE_BYTES = 16_384;

/**
 * Resolves both keys of a mandate from a JWK Set at a URL. As with jose's `createRemoteJWKSet`, the set is fetched on first use
 * and cached for `cacheMaxAge`. If a key is missing, the set is fetched again, at most once every `cooldownDuration`. The
 * response is limited to 16 KiB. The URL must use https, except for loopback addresses. Redirects must stay within the origin,
 * and the media type must be JSON. If anything fails, the mandate is rejected.
 *
 * @throws {MandateError} At once: `ERR_MANDATE_FETCH_URL`, `ERR_MANDATE_ARGUMENT_INVALID`. On use: the other
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

const REMOTE_READERS = {
  ...fetchReaders(MAX_RESPONSE_BYTES),
  cooldownDuration: optional(aNonNegativeNumber('milliseconds'), 30_000),
  cacheMaxAge: optional(aNonNegativeNumber('milliseconds'), 600_000),
};

/** Creates a key set from any kind of document from which keys can be selected. */
export function createFetchedKeySet(
  url: URL,
  mediaTypes: readonly string[],
  options: RemoteKeySetOptions | undefined,
  read: (document: unknown) => Select,
): RemoteMandateKeySet {
  const { cooldownDuration, cacheMaxAge: maxAge, ...rules } = readOptions(options, REMOTE_READERS);

  const document = cacheDocument<Select>(async () => {
    const text = await fetchDocument(url, mediaTypes, rules);
    return { value: read(parseDocument(text)), maxAge };
  }, rules.timeoutDuration);
  const coolingDown = (): boolean => document.isYoungerThan(cooldownDuration);

  const resolve = async (header: MandateHeader, issuer: string | undefined): Promise<MandatePublicKeys> => {
    const select = await document.get();
    let found: MandatePublicKeys | undefined;
    try {
      found = select(header, issuer);
      if (isComplete(found, header) || coolingDown()) return found;
    } catch (error) {
      if (!isForWantOfKeys(error) || coolingDown()) throw error;
    }
    // A missing key may have been published since. Half a pair may be enough, and may be used while it is fresh.
    const reloaded = await document.load().catch((error) => {
      if (found === undefined) throw error;
    });
    return reloaded === undefined ? (found as MandatePublicKeys) : reloaded(header, issuer);
  };
  return Object.defineProperties(resolve, {
    coolingDown: { get: coolingDown, enumerable: true },
    fresh: { get: document.isFresh, enumerable: true },
    reloading: { get: document.isReloading, enumerable: true },
    reload: { value: async () => void (await document.reload()), enumerable: true },
  }) as RemoteMandateKeySet;
}

/** Whether there is a key for each signature that the header announces. */
const isComplete = ({ es256, mldsa65 }: MandatePublicKeys, header: MandateHeader): boolean =>
  es256 !== undefined && (mldsa65 !== undefined || header.pq_alg === undefined);

const isForWantOfKeys = (error: unknown): boolean =>
  isMandateError(error) &&
  (error.code === 'ERR_MANDATE_KEY_UNRESOLVED' || error.code === 'ERR_MANDATE_KEY_AMBIGUOUS');

function parseDocument(text: string): unknown {
  try {
    return readJson(text);
  } catch (cause) {
    fail('ERR_MANDATE_KEY_SET_INVALID', 'url', 'the key document must be JSON', { cause });
  }
}
