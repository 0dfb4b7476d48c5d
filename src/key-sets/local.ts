import { copyData } from '../encoding/json.js';
import { fail, MandateError } from '../errors.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandateHeader, MandatePublicKeys } from '../keys/types.js';
import { printable } from '../options.js';
import { COMPOSITE, ML_DSA_65 } from '../profile.js';

/** A JWK Set (RFC 7517 §5). It may contain keys of other kinds. */
export interface MandateJwks {
  readonly keys: readonly object[];
}

type Jwk = Readonly<Record<string, unknown>>;

/**
 * Resolves both keys of a mandate from a JWK Set: the EC and the AKP key with the `kid` of the protected header. For a mandate
 * whose `alg` is `ML-DSA-65-ES256`, it is the AKP key of that `alg` alone (SPEC.md R20.13). Selection follows jose's
 * `createLocalJWKSet`. For a mandate without `kid`, the set must have exactly one key of each kind.
 *
 * @param jwks The set; it is copied.
 * @throws {MandateError} At once: `ERR_MANDATE_KEY_SET_INVALID`. On use: `ERR_MANDATE_KEY_UNRESOLVED`,
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
 * Selects the EC and the AKP key for a header, or the AKP key of a composite (SPEC.md R20.13). A missing key is left out, and the
 * policy decides.
 *
 * @param known The keys of the whole document, for the error message, if `keys` is a subset.
 */
export function selectPair(
  keys: readonly Jwk[],
  header: MandateHeader,
  known: readonly Jwk[] = keys,
): MandatePublicKeys {
  const isComposite = header.alg === COMPOSITE;
  const es256 = isComposite ? undefined : selectOne(keys.filter(isEs256), header);
  const mldsa65 = selectOne(keys.filter(isComposite ? isCompositeKey : isMlDsa65), header);
  if (es256 === undefined && mldsa65 === undefined) {
    fail(
      'ERR_MANDATE_KEY_UNRESOLVED',
      'kid',
      `the key set has no key for the mandate, whose "kid" is ${nameOf(header.kid)}: it has ${namesOf(known)}`,
    );
  }
  return { es256, mldsa65 } as MandatePublicKeys;
}

const nameOf = (kid: unknown): string => (typeof kid === 'string' ? printable(kid) : 'absent');

const MAX_NAMES = 5;

/** The names of the keys that could verify a mandate; only the first few. */
function namesOf(keys: readonly Jwk[]): string {
  const kids = keys
    .filter((key) => isEs256(key) || isMlDsa65(key) || isCompositeKey(key))
    .map(({ kid }) => nameOf(kid));
  const names = [...new Set(kids)];
  if (names.length === 0) return 'no key that could verify a mandate';
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
        ? 'the mandate has no "kid", and the key set has more than one key of the same kind'
        : 'the key set has more than one key of the same kind with the "kid" of the mandate',
    );
  }
  return candidates[0];
}

/** Whether a key may verify signatures, judged by `use` and `key_ops` if present (RFC 7517 §4.2 and §4.3). */
const verifies = ({ use, key_ops: operations }: Jwk): boolean =>
  (use === undefined || use === 'sig') &&
  (operations === undefined || (Array.isArray(operations) && operations.includes('verify')));

const isEs256 = (key: Jwk): boolean =>
  key.kty === 'EC' && key.crv === 'P-256' && (key.alg === undefined || key.alg === 'ES256') && verifies(key);

const isMlDsa65 = (key: Jwk): boolean => key.kty === 'AKP' && key.alg === ML_DSA_65 && verifies(key);

const isCompositeKey = (key: Jwk): boolean => key.kty === 'AKP' && key.alg === COMPOSITE && verifies(key);
