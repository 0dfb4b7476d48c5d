import {
  CLAIM_READERS,
  type ClaimRules,
  claimRulesOf,
  NO_CLAIM_DEMANDS,
  validateClaims,
} from '../claims/validate.js';
import { isJsonObject, type JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { type Policy, policyOption, policyRules } from '../jws/policy.js';
import { readJws, verifyJws } from '../jws/verify.js';
import { type CachedDocument, cacheDocument, type ReadDocument } from '../key-sets/document-cache.js';
import { checkUrl, type FetchOptions, fetchDocument, fetchReaders } from '../key-sets/fetch-document.js';
import { checkKeysArgument, type MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import {
  aBoolean,
  aListWhere,
  aNonNegativeNumber,
  aPositiveInteger,
  copyArray,
  demand,
  invalidArgument,
  optional,
  readOptions,
} from '../options.js';
import { DEFAULT_LIMITS, STATUS_LIST_TYP } from '../profile.js';
import type { RevocationCheck } from './check.js';
import { invalidStatus, readStatusList, type StatusList, statusAt, VALID } from './status-list.js';

/** Options of {@link createTokenStatusListCheck}; all optional. */
export interface TokenStatusListOptions extends FetchOptions {
  /** Which signatures the Status List Token must have. Default `pq-required`. */
  policy?: Policy | undefined;
  /** Clock tolerance for the Status List Token: seconds, or a time span. */
  clockTolerance?: number | string | undefined;
  /** The time to use when verifying the Status List Token. Default: now. */
  currentDate?: Date | undefined;
  /** Milliseconds for which a token is cached; its `ttl` and `exp` can shorten this. Default 600 000. */
  cacheMaxAge?: number | undefined;
  /**
   * The maximum size of an inflated status list in bytes: a small token could inflate to gigabytes. The default, 2 097 152,
   * holds 16 million entries of one bit or 2 million of eight. Up to 16 inflated lists are cached.
   */
  maxInflatedBytes?: number | undefined;
  /**
   * Origins, such as `https://status.bank.example`, that a mandate may refer to. If absent, every https origin is allowed. It
   * must not be `undefined`, which would allow all origins by mistake. Http to the loopback interface, and the option
   * `headers`, need `allowedOrigins`, because the mandate chooses the URL.
   */
  allowedOrigins?: readonly string[];
  /**
   * Issuers (`iss`) of Status List Tokens that may state the status of other issuers' mandates. If absent, a token with `iss`
   * applies only to mandates of that issuer.
   */
  statusIssuers?: readonly string[] | undefined;
  /**
   * Whether a mandate, or the root of a chain, is accepted without a `status` claim. Default `false`: it is rejected. With
   * `true`, it is also accepted if the holder withholds a disclosable `status`. A later hop is always accepted without one,
   * because a delegate keeps no list.
   */
  allowMissing?: boolean | undefined;
}

/** SPEC.md R9.11: enough for a list of nine million entries of which one in a hundred is revoked; at zlib's level 9, ten million. */
const MAX_RESPONSE_BYTES = 262_144;
/** SPEC.md R9.7. */
const MAX_INFLATED_BYTES = 2_097_152;
const MEDIA_TYPE = `application/${STATUS_LIST_TYP}`;
const MAX_CACHED = 16;

const STATUS_LIST_READERS = {
  ...fetchReaders(MAX_RESPONSE_BYTES),
  policy: policyOption,
  clockTolerance: CLAIM_READERS.clockTolerance,
  currentDate: CLAIM_READERS.currentDate,
  cacheMaxAge: optional(aNonNegativeNumber('milliseconds'), 600_000),
  maxInflatedBytes: optional(aPositiveInteger('bytes'), MAX_INFLATED_BYTES),
  allowMissing: optional(aBoolean, false),
  allowedOrigins: demand(someOrigins),
  statusIssuers: optional(someIssuers, new Set<string>()),
};

/**
 * Creates a revocation check with Token Status Lists (draft-ietf-oauth-status-list). It reads `status.status_list` of the token
 * and, in a chain, of the mandate in it. It fetches the Status List Token under the rules of the key sets. It then verifies
 * protected header, the signatures that the policy requires, `typ`, `sub`, `exp` and `iat`. Every status except VALID counts as
 * revoked.
 *
 * @param keys The public keys of the signer of status lists, or a function that resolves them.
 * @throws {MandateError} On use: `ERR_MANDATE_STATUS_INVALID`, the `ERR_MANDATE_FETCH_…`, and the codes of a signature.
 */
export function createTokenStatusListCheck(
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: TokenStatusListOptions,
): RevocationCheck {
  const given = readOptions(options, STATUS_LIST_READERS);
  checkKeysArgument(keys);
  const { cacheMaxAge, maxInflatedBytes, allowMissing, statusIssuers, allowedOrigins: origins } = given;
  if (origins === undefined && Object.keys(given.headers).length > 0) {
    invalidArgument('headers', 'used together with "allowedOrigins"');
  }
  const rules = policyRules(given.policy);
  const limits = { ...DEFAULT_LIMITS, maxMandateLength: given.maxResponseBytes };
  const demandsOf = (subject: string): ClaimRules =>
    claimRulesOf({
      ...NO_CLAIM_DEMANDS,
      typ: STATUS_LIST_TYP,
      subject,
      requiredClaims: ['iat', 'status_list'],
      clockTolerance: given.clockTolerance,
      currentDate: given.currentDate,
    });

  const fetchList = async (uri: string, url: URL): Promise<ReadDocument<IssuedList>> => {
    const token = (await fetchDocument(url, [MEDIA_TYPE], given)).trim();
    const { header, payload } = await verifyJws(readJws(token, limits), keys, rules);
    const demands = demandsOf(uri);
    validateClaims(header, payload, demands);
    const { ttl, exp, iss, status_list: list } = payload;
    if (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0)) {
      return invalidStatus('"ttl" of the Status List Token must be a positive number of seconds');
    }
    return {
      value: {
        list: await readStatusList(list, maxInflatedBytes),
        issuer: typeof iss === 'string' ? iss : undefined,
      },
      maxAge: ttl === undefined ? cacheMaxAge : Math.min(ttl * 1000, cacheMaxAge),
      end: typeof exp === 'number' ? (exp + demands.tolerance) * 1000 : undefined,
    };
  };

  const documents = new Map<string, CachedDocument<IssuedList>>();
  const documentAt = (uri: string): CachedDocument<IssuedList> => {
    const url = checkOrigin(checkUrl(uri, 'status.status_list.uri'), origins);
    const document = documents.get(uri) ?? cacheDocument(() => fetchList(uri, url), given.timeoutDuration);
    // Moves the entry to the end of the map, so the order of the map is the order of use.
    documents.delete(uri);
    documents.set(uri, document);
    const [oldest] = documents.keys();
    if (documents.size > MAX_CACHED) documents.delete(oldest as string);
    return document;
  };

  const isListed = async ({ idx, uri }: Reference, iss: unknown): Promise<boolean> => {
    const { list, issuer } = await documentAt(uri).get();
    if (issuer !== undefined && iss !== undefined && issuer !== iss && !statusIssuers.has(issuer)) {
      return invalidStatus(
        'the Status List Token has another issuer than the mandate, and its issuer is not in "statusIssuers"',
      );
    }
    const status = statusAt(list, idx);
    if (status === undefined) return invalidStatus('"status.status_list.idx" is beyond the status list');
    return status !== VALID;
  };

  return async ({ payload, mandate = {}, hop = 0 }) => {
    const references = [payload, mandate].flatMap((claims) => referenceOf(claims) ?? []);
    // A delegate signs a hop and keeps no list. A delegation is revoked at the root.
    if (references.length === 0 && hop === 0 && !allowMissing) {
      return invalidStatus('the mandate has no claim "status" with a status list');
    }
    for (const reference of references) if (await isListed(reference, payload.iss)) return true;
    return false;
  };
}

/** An entry of a status list. */
interface Reference {
  readonly idx: number;
  readonly uri: string;
}

interface IssuedList {
  readonly list: StatusList;
  /** The `iss` of the Status List Token. */
  readonly issuer: string | undefined;
}

/** All https origins are allowed only if the option is absent. */
function someOrigins(origins: unknown, path: string): ReadonlySet<string> {
  const expected = 'an array of origins, or absent to allow every https origin';
  return new Set((copyArray(origins) ?? invalidArgument(path, expected)).map(readOrigin));
}

/** A path after the origin would look like a limit but have no effect. */
function readOrigin(origin: unknown): string {
  const url = checkUrl(origin, 'allowedOrigins');
  if (url.pathname === '/' && url.search === '' && url.hash === '') return url.origin;
  return invalidArgument('allowedOrigins', 'an array of origins, without path, query or fragment');
}

function someIssuers(issuers: unknown, path: string): ReadonlySet<string> {
  const isName = (issuer: unknown): boolean => typeof issuer === 'string' && issuer !== '';
  return new Set(aListWhere<string>(isName, 'an array of non-empty strings')(issuers, path));
}

function checkOrigin(url: URL, origins: ReadonlySet<string> | undefined): URL {
  if (origins === undefined ? url.protocol === 'https:' : origins.has(url.origin)) return url;
  return fail(
    'ERR_MANDATE_FETCH_URL',
    'status.status_list.uri',
    'the status list of the mandate has an origin that is not allowed',
  );
}

function referenceOf(payload: JsonObject): Reference | undefined {
  if (!Object.hasOwn(payload, 'status')) return undefined;
  const { status } = payload;
  const reference = isJsonObject(status) ? status.status_list : undefined;
  if (!isJsonObject(reference))
    return invalidStatus('"status" must be an object with an object "status_list"');
  const { idx, uri } = reference;
  if (typeof uri !== 'string' || typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0) {
    return invalidStatus('"status.status_list" must have a "uri" and a non-negative integer "idx"');
  }
  return { idx, uri };
}
