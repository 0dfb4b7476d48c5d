import type { StatusList } from '@sd-jwt/jwt-status-list';
import type { ClaimRules } from '../claims/validate.js';
import { claimRules, validateClaims } from '../claims/validate.js';
import { decodeBase64url } from '../encoding/base64url.js';
import type { JsonObject } from '../encoding/json.js';
import { isJsonObject } from '../encoding/json.js';
import { MandateError } from '../errors.js';
import type { Policy } from '../jws/policy.js';
import { DEFAULT_POLICY, policyRules } from '../jws/policy.js';
import type { MandateKeyResolver } from '../jws/resolve-keys.js';
import { checkKeysArgument } from '../jws/resolve-keys.js';
import { openJws, verifyJws } from '../jws/verify.js';
import type { FetchOptions } from '../key-sets/fetch-document.js';
import { checkUrl, FETCH_OPTIONS, fetchDocument, fetchRules } from '../key-sets/fetch-document.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { checkNames, checkOptions, invalidArgument } from '../options.js';
import { DEFAULT_LIMITS, STATUS_LIST_TYP } from '../profile.js';
import type { RevocationCheck } from './check.js';

/** Options of {@link createTokenStatusListCheck}; all optional. */
export interface TokenStatusListOptions extends FetchOptions {
  /** Which signatures the Status List Token must have. Default `pq-required`. */
  policy?: Policy | undefined;
  /** Seconds, or a time span, for the times of the Status List Token. Default 0. */
  clockTolerance?: number | string | undefined;
  /** The time to verify the Status List Token at. Default: now. */
  currentDate?: Date | undefined;
  /** Milliseconds for which a token is kept that names no `ttl` of its own. Default 600 000. */
  cacheMaxAge?: number | undefined;
  /**
   * Origins, such as `https://status.bank.example`, that a mandate may refer to. Default: every https origin. Http to the
   * loopback interface, and `headers`, need the origin to be named here: the URL is the mandate's choice.
   */
  allowedOrigins?: readonly string[] | undefined;
  /**
   * Whether a mandate, or the root of a chain, without a `status` claim passes. Default `false`: it is refused. With `true`, a
   * holder who can withhold the claim passes too. A hop without one passes: whoever signs it keeps no list.
   */
  allowMissing?: boolean | undefined;
}

/** Bytes of a status list when inflated: 1 048 576 entries of one bit. A small file could inflate to gigabytes. */
const MAX_INFLATED_BYTES = 131_072;
const MEDIA_TYPE = `application/${STATUS_LIST_TYP}`;
const VALID = 0;
/** A list takes up to 8 MB of memory. */
const MAX_CACHED = 16;

/**
 * A revocation check by Token Status List (draft-ietf-oauth-status-list): reads `status.status_list` of the token, and in a
 * chain of the mandate in it too, fetches the Status List Token under the limits of the key sets, and verifies it like any other
 * token: protected header, both signatures as the policy says, `typ`, `sub`, `exp`, `iat`. Every status but VALID counts as revoked.
 *
 * @param keys The public keys of whoever signs status lists, or a function that resolves them.
 * @throws {MandateError} On use: `ERR_MANDATE_STATUS_INVALID`, the `ERR_MANDATE_FETCH_…`, and those of a signature.
 */
export function createTokenStatusListCheck(
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: TokenStatusListOptions,
): RevocationCheck {
  const given = checkOptions(options, 'options');
  checkNames(given, [...FETCH_OPTIONS, ...OPTIONS]);
  checkKeysArgument(keys);
  const { cacheMaxAge = 600_000, allowMissing = false, allowedOrigins, clockTolerance, currentDate } = given;
  const rules = policyRules(given.policy === undefined ? DEFAULT_POLICY : given.policy);
  if (typeof cacheMaxAge !== 'number' || !(cacheMaxAge >= 0)) {
    invalidArgument('cacheMaxAge', 'a non-negative number of milliseconds');
  }
  if (typeof allowMissing !== 'boolean') invalidArgument('allowMissing', 'a boolean');
  const origins = checkOrigins(allowedOrigins, given.headers);
  const fetching = fetchRules(given);
  const demandsOf = (subject: string): ClaimRules =>
    claimRules({
      typ: STATUS_LIST_TYP,
      subject,
      requiredClaims: ['iat', 'status_list'],
      clockTolerance,
      currentDate,
    });
  demandsOf('checks the options');
  const cache = new Map<string, CachedList>();
  const pending = new Map<string, Promise<CachedList>>();

  const fetchList = async (uri: string): Promise<CachedList> => {
    const url = checkOrigin(checkUrl(uri, 'status.status_list.uri'), origins);
    const token = (await fetchDocument(url, [MEDIA_TYPE], fetching)).trim();
    const { header, payload } = await verifyJws(openJws(token, DEFAULT_LIMITS), keys, rules);
    const demands = demandsOf(uri);
    validateClaims(header, payload, demands);
    const list = await readStatusList(payload);
    const { ttl, exp, iss } = payload;
    const age = typeof ttl === 'number' && ttl >= 0 ? Math.min(ttl * 1000, cacheMaxAge) : cacheMaxAge;
    const end = typeof exp === 'number' ? (exp + demands.tolerance) * 1000 : Number.POSITIVE_INFINITY;
    return {
      list,
      issuer: typeof iss === 'string' ? iss : undefined,
      until: Math.min(Date.now() + age, end),
    };
  };

  // Whoever asks while a list is being fetched waits for that one.
  const load = async (uri: string): Promise<CachedList> => {
    const cached = cache.get(uri);
    if (cached !== undefined && Date.now() < cached.until) return cached;
    const fetched = pending.get(uri) ?? fetchList(uri).finally(() => pending.delete(uri));
    pending.set(uri, fetched);
    const list = await fetched;
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(uri, list);
    return list;
  };

  const isListed = async ({ idx, uri }: Reference, iss: unknown): Promise<boolean> => {
    const { list, issuer } = await load(uri);
    if (issuer !== undefined && iss !== undefined && issuer !== iss) {
      return invalid('the Status List Token is of another issuer than the mandate');
    }
    if (idx >= list.statusList.length) return invalid('"status.status_list.idx" is beyond the status list');
    return list.getStatus(idx) !== VALID;
  };

  return async ({ payload, mandate = {}, hop = 0 }) => {
    const references = [payload, mandate].flatMap((claims) => referenceOf(claims) ?? []);
    // A hop is signed by a delegate, who keeps no list. What was delegated is revoked at the root.
    if (references.length === 0 && hop === 0 && !allowMissing) {
      return invalid('the mandate has no claim "status" with a status list');
    }
    for (const reference of references) if (await isListed(reference, payload.iss)) return true;
    return false;
  };
}

interface CachedList {
  readonly list: StatusList;
  /** The `iss` of the Status List Token. */
  readonly issuer: string | undefined;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const OPTIONS = ['policy', 'clockTolerance', 'currentDate', 'cacheMaxAge', 'allowedOrigins', 'allowMissing'];

function checkOrigins(origins: unknown, headers: unknown): ReadonlySet<string> | undefined {
  if (origins === undefined) {
    if (headers !== undefined) invalidArgument('headers', 'given together with "allowedOrigins"');
    return undefined;
  }
  if (!Array.isArray(origins)) return invalidArgument('allowedOrigins', 'an array of origins');
  return new Set(origins.map((origin) => checkUrl(origin, 'allowedOrigins').origin));
}

function checkOrigin(url: URL, origins: ReadonlySet<string> | undefined): URL {
  if (origins === undefined ? url.protocol === 'https:' : origins.has(url.origin)) return url;
  throw new MandateError(
    'ERR_MANDATE_FETCH_URL',
    'status.status_list.uri',
    'the status list of the mandate is at an origin that is not allowed',
  );
}

/** An entry of a status list. */
interface Reference {
  readonly idx: number;
  readonly uri: string;
}

function referenceOf(payload: JsonObject): Reference | undefined {
  if (!Object.hasOwn(payload, 'status')) return undefined;
  const { status } = payload;
  const reference = isJsonObject(status) ? status.status_list : undefined;
  if (!isJsonObject(reference)) return invalid('"status" must be an object with an object "status_list"');
  const { idx, uri } = reference;
  if (typeof uri !== 'string' || typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0) {
    return invalid('"status.status_list" must have a "uri" and a non-negative integer "idx"');
  }
  return { idx, uri };
}

async function readStatusList({ status_list: statusList }: JsonObject): Promise<StatusList> {
  const { bits, lst } = (isJsonObject(statusList) ? statusList : {}) as { bits?: unknown; lst?: unknown };
  if (typeof lst !== 'string' || (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8)) {
    return invalid('"status_list" must have "lst" and "bits" of 1, 2, 4 or 8');
  }
  await checkInflatedSize(decodeBase64url(lst, 'status_list.lst', 'ERR_MANDATE_STATUS_INVALID'));
  const library = await import('@sd-jwt/jwt-status-list');
  try {
    return library.StatusList.decompressStatusList(lst, bits);
  } catch (cause) {
    return invalid('"status_list.lst" must be ZLIB data', cause);
  }
}

/** Inflates as far as the limit and throws the result away: the library inflates whatever it is given. */
async function checkInflatedSize(compressed: Uint8Array): Promise<void> {
  const stream = new Blob([compressed as BlobPart]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      length += value.length;
      if (length > MAX_INFLATED_BYTES) break;
    }
  } catch (cause) {
    return invalid('"status_list.lst" must be ZLIB data', cause);
  }
  await reader.cancel().catch(() => {});
  invalid(`"status_list.lst" inflates to more than ${MAX_INFLATED_BYTES} bytes`);
}

function invalid(message: string, cause?: unknown): never {
  throw new MandateError('ERR_MANDATE_STATUS_INVALID', 'status', message, { cause });
}
