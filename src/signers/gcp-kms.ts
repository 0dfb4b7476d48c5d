import { isUint8Array } from '../brand.js';
import { readPem } from '../encoding/pem.js';
import { fail, type MandateErrorCode } from '../errors.js';
import { refuseKey } from '../keys/refuse.js';
import {
  aNonEmptyString,
  describeType,
  hasMethods,
  invalidArgument,
  printable,
  readOptions,
  required,
} from '../options.js';
import type { PrimitiveName } from '../primitives/back-end.js';
import { sha256 } from '../primitives/sha256.js';
import { es256FromDer } from './ecdsa.js';
import {
  bytesOf,
  callService,
  publicJwks,
  readSpkiOf,
  SERVICE_READERS,
  type ServiceOptions,
  type ServiceSigners,
} from './service.js';

export type { Es256PublicJwk, ExternalSigner, MlDsa65PublicJwk } from '../keys/types.js';
export type { CheckedPublicKeys, CheckedSigners, CheckSignersOptions } from './check.js';
export { checkSigners } from './check.js';
export type { ServiceOptions, ServiceSigners } from './service.js';

/** An int64 as the client returns it: a number, a string, or a Long. */
export interface GcpInt64 {
  readonly value?: unknown;
}

/** The part of a response of `asymmetricSign` that this module reads. */
export interface GcpSignature {
  readonly name?: string | null | undefined;
  readonly signature?: unknown;
  readonly signatureCrc32c?: GcpInt64 | null | undefined;
  readonly verifiedDigestCrc32c?: boolean | null | undefined;
  readonly verifiedDataCrc32c?: boolean | null | undefined;
}

/** The part of a response of `getPublicKey` that this module reads. */
export interface GcpPublicKey {
  readonly name?: string | null | undefined;
  readonly algorithm?: string | number | null | undefined;
  readonly pem?: string | null | undefined;
  readonly pemCrc32c?: GcpInt64 | null | undefined;
  readonly publicKey?:
    | { readonly data?: unknown; readonly crc32cChecksum?: GcpInt64 | null | undefined }
    | null
    | undefined;
}

/**
 * The part of `KeyManagementServiceClient` of `@google-cloud/kms` that this module uses. Pass your own instance of that class.
 */
export interface GcpKms {
  asymmetricSign(
    request: {
      name: string;
      digest?: { sha256: Uint8Array };
      digestCrc32c?: { value: number };
      data?: Uint8Array;
      dataCrc32c?: { value: number };
    },
    options: { timeout: number },
  ): Promise<readonly [GcpSignature, ...unknown[]]>;
  getPublicKey(
    request: { name: string; publicKeyFormat?: 'NIST_PQC' },
    options: { timeout: number },
  ): Promise<readonly [GcpPublicKey, ...unknown[]]>;
}

/** Resource names of key versions: `projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/…`. */
export interface GcpKmsKeyNames {
  /** A version with the algorithm `EC_SIGN_P256_SHA256`. */
  readonly es256: string;
  /** A version with the algorithm `PQ_SIGN_ML_DSA_65`. `PQ_SIGN_ML_DSA_65_EXTERNAL_MU` is rejected. */
  readonly mldsa65: string;
}

/** Names of CryptoKeyVersionAlgorithm, and the numbers that a client returns if configured to. */
const ALGORITHMS = {
  es256: ['EC_SIGN_P256_SHA256', 12],
  mldsa65: ['PQ_SIGN_ML_DSA_65', 56],
} as const;
const SERVICE = 'Cloud KMS';

/**
 * Creates signers from two key versions in Google Cloud KMS. It reads both public keys once
 * (`cloudkms.cryptoKeyVersions.viewPublicKey`). A version never changes its key, so the cached keys stay valid.
 *
 * ES256: the SHA-256 digest is sent, and the response is converted from DER. ML-DSA-65: the 32-byte fingerprint is sent as
 * `data`, and Cloud KMS signs it with FIPS 204 Algorithm 2 and an empty context. A CRC32C is sent and checked in both
 * directions.
 *
 * Your client handles retries. They count towards the time limit.
 *
 * @example
 * ```ts
 * const versions = 'projects/p/locations/l/keyRings/r/cryptoKeys';
 * const { privateKeys, publicKeys } = await openGcpKmsSigners(new KeyManagementServiceClient(), {
 *   es256: `${versions}/es256/cryptoKeyVersions/1`,
 *   mldsa65: `${versions}/mldsa65/cryptoKeyVersions/1`,
 * });
 * await checkSigners(privateKeys, publicKeys);
 * ```
 *
 * @param kms Your `KeyManagementServiceClient` of `@google-cloud/kms`.
 * @throws {MandateError} `ERR_MANDATE_KEY_UNRESOLVED` if a public key could not be read, with the cause;
 * `ERR_MANDATE_KEY_INVALID` for a key of another algorithm; `ERR_MANDATE_ARGUMENT_INVALID`. The signers throw
 * `ERR_MANDATE_SIGNER_FAILED`, with the cause, and for a wrong checksum.
 */
export async function openGcpKmsSigners(
  kms: GcpKms,
  keyNames: GcpKmsKeyNames,
  options?: ServiceOptions,
): Promise<ServiceSigners> {
  const { kid, timeout } = readOptions(options, SERVICE_READERS);
  const names = readOptions(
    keyNames,
    { es256: required(aNonEmptyString), mldsa65: required(aNonEmptyString) },
    'keyNames',
  );
  checkClient(kms);
  const publicKeys = await publicJwks(
    {
      es256: await readEs256(kms, names.es256, timeout),
      mldsa65: await readMlDsa65(kms, names.mldsa65, timeout),
    },
    kid,
  );
  return {
    publicKeys,
    privateKeys: {
      es256: async (data) => {
        const digest = sha256(data);
        const request = { digest: { sha256: digest }, digestCrc32c: { value: crc32c(digest) } };
        return es256FromDer(await sign(kms, 'es256', names.es256, request, timeout));
      },
      mldsa65: (data) =>
        sign(kms, 'mldsa65', names.mldsa65, { data, dataCrc32c: { value: crc32c(data) } }, timeout),
    },
  };
}

function checkClient(kms: unknown): void {
  if (!hasMethods(kms, ['asymmetricSign', 'getPublicKey']))
    invalidArgument('kms', `a KeyManagementServiceClient of @google-cloud/kms, got ${describeType(kms)}`);
}

function sign(
  kms: GcpKms,
  parameter: PrimitiveName,
  name: string,
  request: Omit<Parameters<GcpKms['asymmetricSign']>[0], 'name'>,
  timeout: number,
): Promise<Uint8Array> {
  const code = 'ERR_MANDATE_SIGNER_FAILED';
  return callService(timeout, code, parameter, SERVICE, async () => {
    const answer = (await kms.asymmetricSign({ name, ...request }, { timeout }))?.[0];
    if (answer?.name !== name)
      fail(code, parameter, `Cloud KMS signed with another key than that of "${parameter}"`);
    const received = parameter === 'es256' ? answer.verifiedDigestCrc32c : answer.verifiedDataCrc32c;
    if (received !== true)
      fail(
        code,
        parameter,
        `Cloud KMS did not check the CRC32C of the request for "${parameter}": try again`,
      );
    const signature = bytesOf(answer.signature, code, parameter, SERVICE);
    checkCrc32c(signature, answer.signatureCrc32c, code, parameter);
    return signature;
  });
}

/** Asks for a public key, which `read` takes from the answer. */
function getPublicKey(
  kms: GcpKms,
  parameter: PrimitiveName,
  request: Parameters<GcpKms['getPublicKey']>[0],
  timeout: number,
  read: (answer: GcpPublicKey) => Uint8Array,
): Promise<Uint8Array> {
  const code = 'ERR_MANDATE_KEY_UNRESOLVED';
  return callService(timeout, code, parameter, SERVICE, async () => {
    const answer = (await kms.getPublicKey(request, { timeout }))?.[0];
    if (answer?.name !== request.name)
      fail(code, parameter, `Cloud KMS returned another key than "${parameter}"`);
    const expected: readonly unknown[] = ALGORITHMS[parameter];
    if (!expected.includes(answer.algorithm))
      refuseKey(parameter, `of the algorithm ${expected[0]}, got ${printable(String(answer.algorithm))}`);
    return read(answer);
  });
}

const readEs256 = (kms: GcpKms, name: string, timeout: number): Promise<Uint8Array> =>
  getPublicKey(kms, 'es256', { name }, timeout, ({ pem, pemCrc32c }) => {
    const text = typeof pem === 'string' ? pem : '';
    checkCrc32c(new TextEncoder().encode(text), pemCrc32c, 'ERR_MANDATE_KEY_UNRESOLVED', 'es256');
    const block = readPem(text);
    return block?.label === 'PUBLIC KEY'
      ? readSpkiOf('es256', block.file)
      : refuseKey('es256', 'a public key as PEM');
  });

function readMlDsa65(kms: GcpKms, name: string, timeout: number): Promise<Uint8Array> {
  const code = 'ERR_MANDATE_KEY_UNRESOLVED';
  const request = { name, publicKeyFormat: 'NIST_PQC' } as const;
  return getPublicKey(kms, 'mldsa65', request, timeout, ({ publicKey }) => {
    const bytes = bytesOf(publicKey?.data, code, 'mldsa65', SERVICE);
    checkCrc32c(bytes, publicKey?.crc32cChecksum, code, 'mldsa65');
    return bytes;
  });
}

/** A response without a checksum is rejected like one with a wrong checksum. A Long has a `toString`. */
function checkCrc32c(
  bytes: Uint8Array,
  checksum: GcpInt64 | null | undefined,
  code: MandateErrorCode,
  parameter: string,
): void {
  if (String(checksum?.value) === String(crc32c(bytes))) return;
  fail(code, parameter, `the CRC32C of the response of Cloud KMS for "${parameter}" is wrong: try again`);
}

/** CRC-32C (RFC 3720 §12.1): the Castagnoli polynomial, reflected. It detects accidental errors, not attacks. */
export function crc32c(bytes: Uint8Array): number {
  if (!isUint8Array(bytes)) return invalidArgument('bytes', `a Uint8Array, got ${describeType(bytes)}`);
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
