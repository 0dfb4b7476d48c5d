import { MandateError } from '../errors.js';
import type { JsonObject } from '../json/types.js';
import type { MandateHeader } from '../jws/header.js';
import { kidOf } from './jwk.js';
import type { MandatePublicKeys } from './types.js';

/**
 * Finds the public keys for a mandate. `issuer` is the `iss` of the payload as signed, `undefined` where there is none
 * in the clear. Neither argument is verified yet: use them to choose among keys you trust, and for nothing else.
 */
export type MandateKeyResolver = (
  protectedHeader: MandateHeader,
  issuer: string | undefined,
) => MandatePublicKeys | Promise<MandatePublicKeys>;

/** SPEC.md §6 step 4. Fails closed: what a resolver throws, or the lack of a result, is a refusal. */
export async function resolveKeys(
  keys: MandatePublicKeys | MandateKeyResolver,
  header: MandateHeader,
  payload: JsonObject,
): Promise<MandatePublicKeys> {
  const resolved = typeof keys === 'function' ? await callResolver(keys, header, payload) : keys;
  if (typeof resolved !== 'object' || resolved === null) {
    throw new MandateError(
      'ERR_MANDATE_KEY_UNRESOLVED',
      'publicKeys',
      'the public keys could not be resolved',
    );
  }
  for (const parameter of ['es256', 'mldsa65'] as const) checkKid(resolved[parameter], header, parameter);
  return resolved;
}

async function callResolver(
  resolver: MandateKeyResolver,
  header: MandateHeader,
  payload: JsonObject,
): Promise<MandatePublicKeys> {
  const issuer = Object.hasOwn(payload, 'iss') && typeof payload.iss === 'string' ? payload.iss : undefined;
  try {
    // A copy: nothing that a resolver does to its argument may reach what is verified.
    return await resolver(structuredClone(header), issuer);
  } catch (cause) {
    if (cause instanceof MandateError) throw cause;
    throw new MandateError('ERR_MANDATE_KEY_UNRESOLVED', 'publicKeys', 'the key resolver failed', { cause });
  }
}

/** A mandate that names its key is verified with a key of that name, where the key has one. */
function checkKid(key: unknown, header: MandateHeader, parameter: string): void {
  const kid = kidOf(key);
  if (kid !== undefined && header.kid !== undefined && kid !== header.kid) {
    throw new MandateError(
      'ERR_MANDATE_KEY_UNRESOLVED',
      `${parameter}.kid`,
      `the key "${parameter}" has another "kid" than the protected header names`,
    );
  }
}
