import { copyMap } from '../brand.js';
import { fail } from '../errors.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { invalidArgument, printable, readValue } from '../options.js';

/** The keys of one issuer: fixed, or a resolver such as a key set. */
export type IssuerKeys = MandatePublicKeys | MandateKeyResolver;

/**
 * Trusts several issuers, each with its own keys: a key of one issuer never verifies a mandate of another. A mandate is
 * rejected if its `iss` is missing, in a disclosure, or not listed.
 *
 * @param issuers The keys by `iss`: an object, a Map, or a function that returns the keys of an issuer.
 * @throws {MandateError} On use: `ERR_MANDATE_ISSUER_UNTRUSTED`, and the errors of the key sets.
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
          ? 'the mandate has no "iss" outside its disclosures, which is needed to choose the keys'
          : `the issuer ${printable(issuer)} is not trusted`,
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
  const copy =
    (copyMap(issuers) as Map<string, IssuerKeys> | undefined) ??
    readValue('issuers', () => new Map(Object.entries(issuers)));
  return (issuer) => copy.get(issuer);
}
