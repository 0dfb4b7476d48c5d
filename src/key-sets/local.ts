import { copyData } from '../encoding/json.js';
import { fail, MandateError } from '../errors.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { Es256PublicJwk, MandateHeader, MandatePublicKeys, MlDsa65PublicJwk } from '../keys/types.js';
import { printable } from '../options.js';

/** A JWK Set (RFC 7517 §5). Keys of other kinds may stand in it. */
export interface MandateJwks {
  readonly keys: readonly object[];
}

type Jwk = Readonly<Record<string, unknown>>;

/**
 * Resolves both keys of a mandate from a JWK Set, by the `kid` of the protected header: the EC and the AKP key that
 * share it. Selection follows jose's `createLocalJWKSet`; a mandate without `kid` needs a set with one key of each kind.
 *
 * @param jwks The set; a copy is taken.
 * @throws {MandateError} `ERR_MANDATE_KEY_SET_INVALID` at once. On use: `ERR_MANDATE_KEY_UNRESOLVED`,
 * `ERR_MANDATE_KEY_AMBIGUOUS`.
 */
export function createLocalMandateKeySet(jwks: MandateJwks): MandateKeyResolver {
  const keys = readJwks(jwks);
  return (protectedHeader) => selectPair(keys, protectedHeader);
}

/** The keys of a JWK Set, copied. */
export function readJwks(jwks: unknown): readonly Jwk[] {
  let copy: { keys?: unknown } | null;
  try {
    copy = copyData(jwks) as { keys?: unknown } | null;
  } catch (cause) {
    throw invalidKeySet(cause);
  }
  const keys = copy?.keys;
  if (
    !Array.isArray(keys) ||
    !keys.every((key) => typeof key === 'object' && key !== null && !Array.isArray(key))
  ) {
    throw invalidKeySet();
  }
  return keys;
}

const invalidKeySet = (cause?: unknown): MandateError =>
  new MandateError(
    'ERR_MANDATE_KEY_SET_INVALID',
    'jwks',
    '"jwks" must be a JWK Set: an object with an array "keys"',
    {
      cause,
    },
  );

/**
 * The one EC and the one AKP key for a header. What is missing is left out, for the policy to decide.
 *
 * @param known The keys of the whole document, for the error, where `keys` are fewer.
 */
export function selectPair(
  keys: readonly Jwk[],
  header: MandateHeader,
  known: readonly Jwk[] = keys,
): MandatePublicKeys {
  const es256 = selectOne(keys.filter(isEs256), header) as Es256PublicJwk | undefined;
  const mldsa65 = selectOne(keys.filter(isMlDsa65), header) as MlDsa65PublicJwk | undefined;
  if (es256 === undefined && mldsa65 === undefined) {
    fail(
      'ERR_MANDATE_KEY_UNRESOLVED',
      'kid',
      `the key set has no key for the mandate, whose "kid" is ${nameOf(header.kid)}: it has ${namesOf(known)}`,
    );
  }
  return { es256, mldsa65 };
}

const nameOf = (kid: unknown): string => (typeof kid === 'string' ? printable(kid) : 'absent');

const MAX_NAMES = 5;

/** What the keys are called that could verify a mandate, the first few of them. */
function namesOf(keys: readonly Jwk[]): string {
  const kids = keys.filter((key) => isEs256(key) || isMlDsa65(key)).map(({ kid }) => nameOf(kid));
  const names = [...new Set(kids)];
  if (names.length === 0) return 'no key that could verify one';
  const rest = names.length - MAX_NAMES;
  return `${names.slice(0, MAX_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function selectOne(keys: readonly Jwk[], { kid }: MandateHeader): Jwk | undefined {
  const candidates = kid === undefined ? keys : keys.filter((key) => key.kid === kid);
  if (candidates.length > 1) {
    fail(
      'ERR_MANDATE_KEY_AMBIGUOUS',
      'kid',
      kid === undefined
        ? 'the mandate names no "kid", and the key set has several keys of one kind'
        : 'the key set has several keys of one kind under the "kid" of the mandate',
    );
  }
  return candidates[0];
}

/** For verifying signatures: by `use` and `key_ops` where present (RFC 7517 §4.2 and §4.3). */
const verifies = ({ use, key_ops: operations }: Jwk): boolean =>
  (use === undefined || use === 'sig') &&
  (operations === undefined || (Array.isArray(operations) && operations.includes('verify')));

const isEs256 = (key: Jwk): boolean =>
  key.kty === 'EC' && key.crv === 'P-256' && (key.alg === undefined || key.alg === 'ES256') && verifies(key);

const isMlDsa65 = (key: Jwk): boolean => key.kty === 'AKP' && key.alg === 'ML-DSA-65' && verifies(key);
