import { copyMap } from '../brand.js';
import { fail } from '../errors.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { invalidArgument, printable } from '../options.js';

/** The keys of one issuer: fixed, or a resolver such as a key set. */
export type IssuerKeys = MandatePublicKeys | MandateKeyResolver;

/**
 * Trusts several issuers, each with its own keys: a key of one never verifies a mandate of another. A mandate without
 * `iss` in the clear, or with one that is not listed, is refused.
 *
 * @param issuers By `iss`: an object, a Map, or a function that returns the keys of an issuer.
 * @throws {MandateError} On use: `ERR_MANDATE_ISSUER_UNTRUSTED`, and what the key sets throw.
 */
export function createIssuerKeySet(
  issuers:
    | Readonly<Record<string, IssuerKeys>>
    | ReadonlyMap<string, IssuerKeys>
    | ((issuer: string) => IssuerKeys | undefined | Promise<IssuerKeys | undefined>),
): MandateKeyResolver {
  const lookUp = lookUpFunction(issuers);
  return async (protectedHeader, issuer) => {
    const keys = issuer === undefined ? undefined : await lookUp(issuer);
    if (keys === undefined || keys === null) {
      fail(
        'ERR_MANDATE_ISSUER_UNTRUSTED',
        'iss',
        issuer === undefined
          ? 'the mandate has no "iss" in the clear, by which its keys would be chosen'
          : `the issuer ${printable(issuer)} is not a trusted one`,
      );
    }
    return typeof keys === 'function' ? keys(protectedHeader, issuer) : keys;
  };
}

function lookUpFunction(
  issuers: Parameters<typeof createIssuerKeySet>[0],
): (issuer: string) => IssuerKeys | undefined | Promise<IssuerKeys | undefined> {
  if (typeof issuers === 'function') return issuers;
  if (typeof issuers !== 'object' || issuers === null)
    return invalidArgument('issuers', 'an object, a Map or a function');
  const copy = (copyMap(issuers) as Map<string, IssuerKeys> | undefined) ?? new Map(Object.entries(issuers));
  return (issuer) => copy.get(issuer);
}
