import { fail } from '../errors.js';
import { readable } from '../keys/forms.js';
import { isKid } from '../keys/generate.js';
import { readEs256Jwk, readMembers, readMlDsa65Jwk } from '../keys/jwk.js';
import type { Es256PublicJwk, MlDsa65PublicJwk } from '../keys/types.js';
import { copyArray, invalidArgument, printable } from '../options.js';
import { ES256 } from '../profile.js';

/** The public keys of one signer as JWKs, such as `publicKeys` of `generateMandateKeys`. */
export interface PublishedKeys {
  readonly es256: Es256PublicJwk;
  /** Absent for a key from before the adoption of the profile. */
  readonly mldsa65?: MlDsa65PublicJwk | undefined;
}

/** A JWK Set (RFC 7517 §5) to be published as JSON. */
export interface PublishedJwks<Key> {
  readonly keys: Key[];
}

/**
 * Creates the JWK Set for verifiers of this profile: the EC and the AKP key of each signer (SPEC.md R8.1, R8.2). Some JWT
 * libraries reject a whole set that contains an `AKP` key. For them, publish {@link createClassicalJwks} at a separate URL.
 *
 * @example
 * ```ts
 * const { publicKeys } = await generateMandateKeys({ kid: 'bank-2026' });
 * const body = JSON.stringify(createMandateJwks([publicKeys])); // for /mandates/jwks.json
 * ```
 *
 * @param signers The public keys of each signer, including those of earlier years. Every key has a `kid`.
 * @returns Copies of the keys, with `alg` in each.
 * @throws {MandateError} `ERR_MANDATE_KEY_INVALID` for a key that is malformed, private or without `kid`, for a pair with two
 * different `kid`, and for two signers with the same `kid`; `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function createMandateJwks(
  signers: readonly PublishedKeys[],
): PublishedJwks<Es256PublicJwk | MlDsa65PublicJwk> {
  const keys = readSigners(signers).flatMap(({ es256, mldsa65 }) =>
    mldsa65 === undefined ? [es256] : [es256, mldsa65],
  );
  return { keys };
}

/**
 * Creates the JWK Set for verifiers that do not know this profile: only the EC keys, which verify the ES256 signature of each
 * mandate (SPEC.md R8.28).
 *
 * @example
 * ```ts
 * const { publicKeys } = await generateMandateKeys({ kid: 'bank-2026' });
 * const body = JSON.stringify(createClassicalJwks([publicKeys])); // for /.well-known/jwks.json
 * ```
 *
 * @param signers As for {@link createMandateJwks}.
 * @returns Copies of the keys, with `alg` in each.
 * @throws {MandateError} As {@link createMandateJwks}.
 */
export function createClassicalJwks(signers: readonly PublishedKeys[]): PublishedJwks<Es256PublicJwk> {
  return { keys: readSigners(signers).map(({ es256 }) => es256) };
}

function readSigners(signers: unknown): PublishedKeys[] {
  const pairs = copyArray(signers) ?? invalidArgument('signers', 'an array of pairs of public JWKs');
  const kids = new Set<string>();
  return pairs.map((signer, index) => {
    const name = `signers[${index}]`;
    const { ec, akp } = readable(name, () => pairOf(signer as Partial<PublishedKeys> | null | undefined));
    const es256 = readKey(ec, `${name}.es256`, readEs256Jwk);
    const mldsa65 = akp === undefined ? undefined : readKey(akp, `${name}.mldsa65`, readMlDsa65Jwk);
    if (mldsa65 !== undefined && mldsa65.kid !== es256.kid) {
      refuse(`${name}.mldsa65.kid`, 'the same as the "kid" of the EC key of this pair');
    }
    if (kids.has(es256.kid))
      refuse(`${name}.es256.kid`, `unique, and two signers have ${printable(es256.kid)}`);
    kids.add(es256.kid);
    return {
      es256: { ...es256, alg: ES256 } as Es256PublicJwk,
      mldsa65: mldsa65 as MlDsa65PublicJwk | undefined,
    };
  });
}

const pairOf = (signer: Partial<PublishedKeys> | null | undefined) => ({
  ec: signer?.es256,
  akp: signer?.mldsa65,
});

/** A checked copy of a public JWK. */
function readKey(
  key: unknown,
  parameter: string,
  check: typeof readEs256Jwk,
): Record<string, unknown> & { kid: string } {
  if (typeof key !== 'object' || key === null) return refuse(parameter, 'a public JWK');
  const members = readMembers(key, parameter);
  check(members, 'verify', parameter);
  const { kid } = members;
  if (!isKid(kid)) return refuse(`${parameter}.kid`, 'a non-empty string');
  // As it will be published.
  return { ...readable(parameter, () => JSON.parse(JSON.stringify(members))), kid };
}

function refuse(parameter: string, expected: string): never {
  fail('ERR_MANDATE_KEY_INVALID', parameter, `"${parameter}" must be ${expected}`);
}
