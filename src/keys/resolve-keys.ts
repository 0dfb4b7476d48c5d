import { copyData, type JsonObject } from '../encoding/json.js';
import { fail, MandateError } from '../errors.js';
import {
  checkNames,
  checkOptions,
  describeType,
  invalidArgument,
  isMandateError,
  isPlainObject,
  printable,
} from '../options.js';
import type { MandateLimits } from '../profile.js';
import { withTimeLimit } from '../time-limit.js';
import { kidOf } from './jwk.js';
import { mistakenKeys } from './mistaken-keys.js';
import type { MandateHeader, MandatePublicKeys } from './types.js';

/**
 * Finds the public keys for a mandate. `issuer` is the `iss` of the signed payload, or `undefined` if `iss` is absent or in a
 * disclosure. Neither argument is verified yet: use them only to choose among keys you trust.
 */
export type MandateKeyResolver = (
  protectedHeader: MandateHeader,
  issuer: string | undefined,
) => MandatePublicKeys | undefined | Promise<MandatePublicKeys | undefined>;

/** The keys for one mandate, and the `kid` of each when it was read. */
export interface ResolvedKeys extends MandatePublicKeys {
  readonly kids: { readonly es256: string | undefined; readonly mldsa65: string | undefined };
}

/** SPEC.md §6 step 4. Fails closed: if a resolver throws or returns no keys, the mandate is rejected. */
export async function resolveKeys(
  keys: MandatePublicKeys | MandateKeyResolver,
  header: MandateHeader,
  payload: JsonObject,
  limits: MandateLimits,
): Promise<MandatePublicKeys> {
  return ownKeys(typeof keys === 'function' ? await callResolver(keys, header, payload, limits) : keys);
}

/** Reads the `kid` of both keys, which must be that of the header. */
export function withKids({ es256, mldsa65 }: MandatePublicKeys, header: MandateHeader): ResolvedKeys {
  const kids = { es256: kidOf(es256, 'es256'), mldsa65: kidOf(mldsa65, 'mldsa65') };
  checkKids(header.kid, kids.es256, kids.mldsa65);
  return { es256, mldsa65, kids };
}

async function callResolver(
  resolver: MandateKeyResolver,
  header: MandateHeader,
  payload: JsonObject,
  { callTimeout }: MandateLimits,
): Promise<MandatePublicKeys | undefined> {
  const issuer = Object.hasOwn(payload, 'iss') && typeof payload.iss === 'string' ? payload.iss : undefined;
  return withTimeLimit(
    callTimeout,
    // A copy: a resolver that modifies its argument must not affect what is verified.
    () => resolver(copyData(header), issuer),
    (cause, late) => {
      if (isMandateError(cause)) return cause;
      const message = late ? `the key resolver gave ${(cause as Error).message}` : 'the key resolver failed';
      return new MandateError('ERR_MANDATE_KEY_UNRESOLVED', 'publicKeys', message, { cause });
    },
  );
}

/** The own members of the resolver's result, of which `undefined` has none. Members of Object.prototype are not keys. */
function ownKeys(resolved: MandatePublicKeys | undefined): MandatePublicKeys {
  let own: MandatePublicKeys;
  try {
    own = Object.assign(Object.create(null), resolved);
  } catch (cause) {
    fail('ERR_MANDATE_KEY_UNRESOLVED', 'publicKeys', 'the public keys could not be read', {
      cause,
    });
  }
  const mistake = mistakenKeys(own);
  if (mistake === undefined) return own;
  fail(
    'ERR_MANDATE_KEY_UNRESOLVED',
    'publicKeys',
    `the result of the resolver or key set must be ${mistake}`,
  );
}

/** SPEC.md §8.4: a pair shares one `kid`. A mandate with a `kid` is verified only with the keys of that `kid`. */
function checkKids(inHeader: unknown, es256: string | undefined, mldsa65: string | undefined): void {
  const named = inHeader ?? es256 ?? mldsa65;
  const differs = (kid: unknown): boolean => kid !== undefined && kid !== named;
  if (!differs(es256) && !differs(mldsa65)) return;
  const said = Object.entries({ 'protected header': inHeader, es256, mldsa65 })
    .filter(([, kid]) => kid !== undefined)
    .map(([where, kid]) => `${where}: ${printable(String(kid))}`);
  fail(
    'ERR_MANDATE_KEY_UNRESOLVED',
    'kid',
    `the "kid" must be the same in the protected header and in both public keys (${said.join(', ')}): these are not the keys that the mandate names`,
  );
}

/** Rejects a value that cannot be public keys, before the mandate is read. */
export function checkKeysArgument(keys: unknown): void {
  if (typeof keys === 'function') return;
  if (!isPlainObject(keys)) {
    invalidArgument('keys', `an object with "es256" and "mldsa65", or a function, got ${describeType(keys)}`);
  }
  const given = checkOptions(keys, 'keys');
  const mistake = mistakenKeys(given);
  if (mistake !== undefined) invalidArgument('keys', mistake);
  checkNames(given, ['es256', 'mldsa65']);
}
