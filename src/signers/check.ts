import { isUint8Array } from '../brand.js';
import { encodeBase64url } from '../encoding/base64url.js';
import { fail, type MandateErrorCode } from '../errors.js';
import { KEY_ALGORITHMS } from '../keys/algorithms.js';
import { readMembers } from '../keys/jwk.js';
import { refuseKey } from '../keys/refuse.js';
import { importSigner } from '../keys/signer.js';
import type { Es256PrivateKey, Es256PublicJwk, MlDsa65PrivateKey, MlDsa65PublicJwk } from '../keys/types.js';
import { importVerifier } from '../keys/verifier.js';
import { loadModule } from '../lazy.js';
import {
  aTimeout,
  type Check,
  checkOptions,
  copyArray,
  describeType,
  invalidArgument,
  isMandateError,
  isPlainObject,
  optional,
  printable,
  readOptions,
} from '../options.js';
import type { PrimitiveName, Verify } from '../primitives/back-end.js';
import { sha256 } from '../primitives/sha256.js';
import { DEFAULT_LIMITS, ES256_SIGNATURE_BYTES, ML_DSA_65_SIGNATURE_BYTES } from '../profile.js';
import { randomBytes } from '../runtime.js';
import { readDer } from './ecdsa.js';

/** The signers that {@link checkSigners} checks. */
export interface CheckedSigners {
  readonly es256: Es256PrivateKey;
  readonly mldsa65: MlDsa65PrivateKey;
}

/** Their public keys, as JWKs, because the check computes with them. */
export interface CheckedPublicKeys {
  readonly es256: Es256PublicJwk;
  readonly mldsa65: MlDsa65PublicJwk;
}

/** Options of {@link checkSigners}; all optional. */
export interface CheckSignersOptions {
  /** Milliseconds that one signature may take. Default 30 000. */
  timeout?: number | undefined;
  /**
   * ML-DSA contexts that the signer may be configured with, as text or bytes: at most 100, of at most 255 bytes each. A context
   * that is not listed here looks like another key. Default: some contexts in common use.
   */
  contexts?: readonly (string | Uint8Array)[] | undefined;
}

const utf8 = new TextEncoder();

/** The contexts of draft-ietf-lamps-pq-composite-sigs and draft-ietf-jose-pq-composite-sigs, and names of the profile. */
const CONTEXTS = [
  'COMPSIG-MLDSA65-ECDSA-P256-SHA512',
  'ML-DSA-65-ES256',
  'ML-DSA-65',
  'ES256+ML-DSA-65',
  'AP2',
  'ap2-pq',
  'mandate',
].map((context) => utf8.encode(context));

const someContexts: Check<readonly Uint8Array[]> = (value, path) => {
  const expected = 'an array of at most 100 texts or Uint8Arrays, of at most 255 bytes each';
  const contexts = copyArray(value);
  if (contexts === undefined || contexts.length > 100) return invalidArgument(path, expected);
  return contexts.map((context) => {
    const bytes = typeof context === 'string' ? utf8.encode(context) : context;
    if (!isUint8Array(bytes) || bytes.length > 255) return invalidArgument(path, expected);
    return bytes.slice();
  });
};

const READERS = {
  timeout: optional(aTimeout, DEFAULT_LIMITS.callTimeout),
  contexts: optional(someContexts, CONTEXTS),
};

/**
 * Checks that signers sign what the profile demands (SPEC.md §5.6). They can be the functions of `ap2-pq/aws-kms`,
 * `ap2-pq/gcp-kms` and `ap2-pq/pkcs11`, or your own. The check lets them sign a text that is not a token, of 6 kB for ES256 and
 * 32 bytes for ML-DSA-65. It verifies the signatures with the public keys. If a signature does not verify, the check determines
 * why.
 *
 * Call it at start-up. It costs one signature per key. Nothing is cached.
 *
 * @example
 * ```ts
 * await checkSigners(privateKeys, publicKeys); // at start-up
 * ```
 *
 * @param privateKeys The signers for `signMandate`.
 * @param publicKeys The published keys, as JWKs.
 * @throws {MandateError} `ERR_SIGNER_DER`, `ERR_SIGNER_HASHED_TWICE`, `ERR_SIGNER_PREHASH`, `ERR_SIGNER_CONTEXT` or
 * `ERR_SIGNER_MISMATCH`, with `es256` or `mldsa65` as parameter; `ERR_MANDATE_SIGNER_FAILED` for a signer that threw, did not
 * answer in time, or returned something other than a signature; `ERR_MANDATE_KEY_INVALID`, `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function checkSigners(
  privateKeys: CheckedSigners,
  publicKeys: CheckedPublicKeys,
  options?: CheckSignersOptions,
): Promise<void> {
  const { timeout, contexts } = readOptions(options, READERS);
  const [signers, keys] = [checkOptions(privateKeys, 'privateKeys'), checkOptions(publicKeys, 'publicKeys')];
  const random = randomBytes(4_500);
  // There is no '.' in it, so the signed text can never be a token.
  const probe = utf8.encode(`ap2-pq checks a signer, and this is no token: ${encodeBase64url(random)}`);
  await checkEs256(signers.es256, keys.es256, probe, timeout);
  await checkMlDsa65(signers.mldsa65, keys.mldsa65, sha256(probe), timeout, contexts);
}

async function checkEs256(signer: unknown, key: unknown, data: Uint8Array, timeout: number): Promise<void> {
  const { verify } = await importPublic('es256', key);
  const signature = await sign('es256', signer, data, timeout);
  if (signature.length === ES256_SIGNATURE_BYTES && (await isValid(verify, data, signature))) return;
  const raw = readDer(signature);
  const made = raw ?? signature;
  checkLength('es256', made, ES256_SIGNATURE_BYTES);
  // Checked before DER: a signer that hashes twice and returns DER has two faults, and only the first concerns what is signed.
  if (await isValid(verify, sha256(data), made))
    refuse('ERR_SIGNER_HASHED_TWICE', 'es256', 'hashes twice: send the digest to the service as a digest');
  if (raw !== undefined)
    refuse('ERR_SIGNER_DER', 'es256', 'returns DER instead of R‖S: convert it with "es256FromDer"');
  refuseMismatch('es256', '');
}

async function checkMlDsa65(
  signer: unknown,
  key: unknown,
  data: Uint8Array,
  timeout: number,
  contexts: readonly Uint8Array[],
): Promise<void> {
  const { verify, publicKey } = await importPublic('mldsa65', key);
  const signature = await sign('mldsa65', signer, data, timeout);
  checkLength('mldsa65', signature, ML_DSA_65_SIGNATURE_BYTES);
  if (await isValid(verify, data, signature)) return;
  const { diagnoseMlDsa65 } = await loadModule('checkSigners', () => import('./diagnose.js'));
  const refusals = {
    'hashed again': ['ERR_SIGNER_HASHED_TWICE', 'hashes the fingerprint again: let it sign a raw message'],
    'HashML-DSA': ['ERR_SIGNER_PREHASH', 'signs with HashML-DSA: choose ML-DSA without a hash function'],
    context: ['ERR_SIGNER_CONTEXT', 'signs with a context: the context must be empty'],
    'external mu': [
      'ERR_SIGNER_PREHASH',
      'signs without the prefix of FIPS 204 Algorithm 2: send it a raw message',
    ],
  } as const;
  const finding = diagnoseMlDsa65(data, signature, publicKey, contexts);
  if (finding === undefined) return refuseMismatch('mldsa65', ', with a context not in "contexts"');
  const [code, message] = refusals[finding];
  refuse(code, 'mldsa65', message);
}

async function importPublic(
  name: PrimitiveName,
  key: unknown,
): Promise<{ verify: Verify; publicKey: Uint8Array }> {
  const parameter = `publicKeys.${name}`;
  if (!isPlainObject(key)) return refuseKey(parameter, `a public key as JWK, got ${describeType(key)}`);
  const { publicKey } = KEY_ALGORITHMS[name].readJwk(readMembers(key, parameter), 'verify', parameter);
  return { verify: (await importVerifier(name, key, parameter)).verify, publicKey };
}

async function sign(
  name: PrimitiveName,
  signer: unknown,
  data: Uint8Array,
  timeout: number,
): Promise<Uint8Array> {
  const computes = await importSigner(name, signer, false, name, timeout);
  let made: unknown;
  try {
    made = await computes(data.slice());
  } catch (cause) {
    if (isMandateError(cause) && cause.code === 'ERR_MANDATE_SIGNER_FAILED') throw cause;
    return refuse('ERR_MANDATE_SIGNER_FAILED', name, `threw ${nameOf(cause)}`, cause);
  }
  return isUint8Array(made)
    ? new Uint8Array(made)
    : refuse('ERR_MANDATE_SIGNER_FAILED', name, `must return a Uint8Array, got ${describeType(made)}`);
}

/** A caller's JWK cannot make a verifier throw. A verifier that throws has reached no verdict. */
async function isValid(verify: Verify, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return (await verify(data, signature)) === true;
}

function checkLength(name: PrimitiveName, signature: Uint8Array, length: number): void {
  if (signature.length === length) return;
  refuse('ERR_MANDATE_SIGNER_FAILED', name, `must return ${length} bytes, got ${signature.length}`);
}

const refuseMismatch = (name: PrimitiveName, more: string): never =>
  refuse(
    'ERR_SIGNER_MISMATCH',
    name,
    `signs with a key that is not the private key of the public one${more}, or signs other data than its input`,
  );

function refuse(code: MandateErrorCode, name: PrimitiveName, message: string, cause?: unknown): never {
  const options = cause === undefined ? undefined : { cause };
  return fail(code, name, `the signer "${name}" ${message}`, options);
}

/** The name of a thrown error, and its code if it has one. Services name or number their errors. */
export function nameOf(thrown: unknown): string {
  try {
    const { name, code } = thrown as { name?: unknown; code?: unknown };
    if (typeof name !== 'string' || name === '') return describeType(thrown);
    const isCode = typeof code === 'number' || (typeof code === 'string' && /^\w{1,60}$/.test(code));
    return printable(name) + (isCode ? ` ${code}` : '');
  } catch {
    return 'something';
  }
}
