import type { JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import type { MandateHeader, MandatePublicKeys } from '../keys/types.js';
import { checkUrl, isLoopback } from './fetch-document.js';
import { selectPair } from './local.js';
import { createFetchedKeySet, type RemoteKeySetOptions, type RemoteMandateKeySet } from './remote.js';

const DID_TYPES = ['application/did+json', 'application/did+ld+json', 'application/json'];

type Member = Readonly<Record<string, JsonValue | undefined>>;

/**
 * Resolves both keys of a mandate from the DID document of a `did:web` (its key material as `publicKeyJwk`). The pair is
 * selected by the `kid` of the protected header, among the methods that the document allows for `assertionMethod`. This `kid`
 * may be the `kid` of the JWKs, or the DID URL or fragment of the one method. Limits, cache and cool-down are those of
 * {@link createRemoteMandateKeySet}. A mandate whose `iss` is not the DID is rejected.
 *
 * @param did For example `did:web:bank.example` or `did:web:bank.example:agents:7`.
 * @throws {MandateError} as {@link createRemoteMandateKeySet}, and `ERR_MANDATE_ISSUER_UNTRUSTED`.
 */
export function createDidWebKeySet(did: string, options?: RemoteKeySetOptions): RemoteMandateKeySet {
  return createFetchedKeySet(didWebUrl(did), DID_TYPES, options, (document) => didKeySet(document, did));
}

/** Creates a resolver that selects the keys of a mandate from a given DID document. */
export function didKeySet(
  document: unknown,
  did: string,
): (header: MandateHeader, issuer: string | undefined) => MandatePublicKeys {
  const keys = readDidDocument(document, did);
  return (header, issuer) => {
    if (issuer !== undefined && issuer !== did) {
      fail('ERR_MANDATE_ISSUER_UNTRUSTED', 'iss', 'the issuer of the mandate is not the DID of the key set');
    }
    return selectPair(
      keysFor(keys, did, header),
      header,
      keys.map(({ jwk }) => jwk),
    );
  };
}

/** The URL of a DID document, according to the did:web method. */
export function didWebUrl(did: unknown): URL {
  const segments = typeof did === 'string' ? /^did:web:([^#?/]+)$/.exec(did)?.[1]?.split(':') : undefined;
  if (segments === undefined || !segments.every((segment) => /^(?:[\w.-]|%[0-9A-Fa-f]{2})+$/.test(segment))) {
    fail('ERR_MANDATE_FETCH_URL', 'did', '"did" must be a did:web without path, query or fragment');
  }
  const [host = '', ...path] = segments;
  const authority = host.replace(/%3A/gi, ':');
  if (
    !/^[\w.-]+(?::\d+)?$/.test(authority) ||
    path.some((segment) => /^(?:\.|%2e)+$|%2f|%5c/i.test(segment))
  ) {
    fail('ERR_MANDATE_FETCH_URL', 'did', '"did" must name a host, optionally with a port');
  }
  const scheme = isLoopback(authority.replace(/:\d+$/, '')) ? 'http' : 'https';
  const location = path.length === 0 ? '.well-known' : path.join('/');
  return checkUrl(`${scheme}://${authority}/${location}/did.json`, 'did');
}

interface MethodKey {
  /** The DID URL of the method. */
  readonly id: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** The JWKs that the document allows for assertions. */
function readDidDocument(document: unknown, did: string): readonly MethodKey[] {
  const { id, verificationMethod, assertionMethod } = (document ?? {}) as Member;
  if (id !== did) invalid('must have the DID as its "id"');
  const methods = Array.isArray(verificationMethod) ? verificationMethod : [];
  const allowed = Array.isArray(assertionMethod)
    ? assertionMethod
    : invalid('must have an array "assertionMethod"');
  const absolute = (reference: unknown): string =>
    typeof reference === 'string' ? (reference.startsWith('#') ? did + reference : reference) : '';
  const byId = new Map<string, unknown>();
  for (const candidate of methods) {
    const methodId = absolute((candidate as Member | null)?.id);
    if (!byId.has(methodId)) byId.set(methodId, candidate);
  }
  return allowed.flatMap((entry) => {
    const method = (typeof entry === 'string' ? byId.get(absolute(entry)) : entry) as
      | Member
      | null
      | undefined;
    const jwk = method?.publicKeyJwk;
    const isKey =
      typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk) && absolute(method?.id) !== '';
    // This DID must not sign with a method of another controller.
    return isKey && method?.controller === did ? [{ id: absolute(method.id), jwk }] : [];
  });
}

/** The keys whose `kid` the header names, or else those of the method that it names by DID URL or fragment. */
function keysFor(
  keys: readonly MethodKey[],
  did: string,
  { kid }: MandateHeader,
): readonly Readonly<Record<string, unknown>>[] {
  const byOwnKid = keys.filter(({ jwk }) => kid === undefined || jwk.kid === kid).map(({ jwk }) => jwk);
  if (byOwnKid.length > 0) return byOwnKid;
  return keys
    .filter(({ id, jwk }) => (id === kid || id === `${did}#${kid}`) && jwk.kid === undefined)
    .map(({ jwk }) => ({ ...jwk, kid }));
}

function invalid(expected: string): never {
  fail('ERR_MANDATE_KEY_SET_INVALID', 'did', `the DID document ${expected}`);
}
