import { fail } from '../errors.js';
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

/** The part of `KMS` of `@aws-sdk/client-kms` 3 that this module uses. Pass your own instance of that class. */
export interface AwsKms {
  sign(
    request: {
      KeyId: string;
      Message: Uint8Array;
      MessageType: 'RAW' | 'DIGEST';
      SigningAlgorithm: 'ECDSA_SHA_256' | 'ML_DSA_SHAKE_256';
    },
    options: { abortSignal: AbortSignal },
  ): Promise<{ KeyId?: string | undefined; Signature?: Uint8Array | undefined }>;
  getPublicKey(
    request: { KeyId: string },
    options: { abortSignal: AbortSignal },
  ): Promise<{
    KeyId?: string | undefined;
    PublicKey?: Uint8Array | undefined;
    KeySpec?: string | undefined;
    KeyUsage?: string | undefined;
  }>;
}

/** Key ids, ARNs, alias names (`alias/…`) or alias ARNs. */
export interface AwsKmsKeyIds {
  /** A key with the spec `ECC_NIST_P256` and the usage `SIGN_VERIFY`. */
  readonly es256: string;
  /** A key with the spec `ML_DSA_65` and the usage `SIGN_VERIFY`. */
  readonly mldsa65: string;
}

const SPECS = { es256: 'ECC_NIST_P256', mldsa65: 'ML_DSA_65' } as const;
const SERVICE = 'AWS KMS';

/**
 * Creates signers from two keys in AWS KMS. It reads both public keys once (`kms:GetPublicKey`). It signs (`kms:Sign`) with the
 * keys whose public keys it read: if an alias is moved later, the signers keep their keys until they are opened again.
 *
 * ES256: the SHA-256 digest is sent (`ECDSA_SHA_256`, `DIGEST`), because a raw message is limited to 4096 bytes and the signing
 * input is longer. The response is converted from DER. ML-DSA-65: the 32-byte fingerprint is sent (`ML_DSA_SHAKE_256`, `RAW`),
 * and KMS signs it with FIPS 204 Algorithm 2 and an empty context.
 *
 * Your client handles retries (`maxAttempts`). They count towards the time limit.
 *
 * @example
 * ```ts
 * const { privateKeys, publicKeys } = await openAwsKmsSigners(new KMS({}), {
 *   es256: 'alias/mandates-es256',
 *   mldsa65: 'alias/mandates-mldsa65',
 * });
 * await checkSigners(privateKeys, publicKeys);
 * ```
 *
 * @param kms Your `KMS` of `@aws-sdk/client-kms`. `KMSClient` lacks these methods: use its subclass `KMS`.
 * @throws {MandateError} `ERR_MANDATE_KEY_UNRESOLVED` if a public key could not be read, with the cause;
 * `ERR_MANDATE_KEY_INVALID` for a key of another spec or usage; `ERR_MANDATE_ARGUMENT_INVALID`. The signers throw
 * `ERR_MANDATE_SIGNER_FAILED`, with the cause.
 */
export async function openAwsKmsSigners(
  kms: AwsKms,
  keyIds: AwsKmsKeyIds,
  options?: ServiceOptions,
): Promise<ServiceSigners> {
  const { kid, timeout } = readOptions(options, SERVICE_READERS);
  const ids = readOptions(
    keyIds,
    { es256: required(aNonEmptyString), mldsa65: required(aNonEmptyString) },
    'keyIds',
  );
  checkClient(kms);
  const es256 = await readKey(kms, 'es256', ids.es256, timeout);
  const mldsa65 = await readKey(kms, 'mldsa65', ids.mldsa65, timeout);
  const sign = (
    name: PrimitiveName,
    KeyId: string,
    request: Omit<Parameters<AwsKms['sign']>[0], 'KeyId'>,
  ): Promise<Uint8Array> => {
    const code = 'ERR_MANDATE_SIGNER_FAILED';
    return callService(timeout, code, name, SERVICE, async (abortSignal) => {
      const answer = await kms.sign({ KeyId, ...request }, { abortSignal });
      if (answer?.KeyId !== KeyId) fail(code, name, `AWS KMS signed with another key than that of "${name}"`);
      return bytesOf(answer.Signature, code, name, SERVICE);
    });
  };
  return {
    publicKeys: await publicJwks({ es256: es256.publicKey, mldsa65: mldsa65.publicKey }, kid),
    privateKeys: {
      es256: async (data) =>
        es256FromDer(
          await sign('es256', es256.KeyId, {
            Message: sha256(data),
            MessageType: 'DIGEST',
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        ),
      mldsa65: (data) =>
        sign('mldsa65', mldsa65.KeyId, {
          Message: data,
          MessageType: 'RAW',
          SigningAlgorithm: 'ML_DSA_SHAKE_256',
        }),
    },
  };
}

function checkClient(kms: unknown): void {
  if (!hasMethods(kms, ['sign', 'getPublicKey']))
    invalidArgument('kms', `a KMS of @aws-sdk/client-kms, not a KMSClient, got ${describeType(kms)}`);
}

function readKey(
  kms: AwsKms,
  name: PrimitiveName,
  keyId: string,
  timeout: number,
): Promise<{ readonly KeyId: string; readonly publicKey: Uint8Array }> {
  const code = 'ERR_MANDATE_KEY_UNRESOLVED';
  return callService(timeout, code, name, SERVICE, async (abortSignal) => {
    const answer = await kms.getPublicKey({ KeyId: keyId }, { abortSignal });
    const { KeyId, KeySpec, KeyUsage, PublicKey } = answer ?? {};
    if (typeof KeyId !== 'string' || KeyId === '')
      return fail(code, name, `AWS KMS did not return the key id for "${name}"`);
    if (KeySpec !== SPECS[name])
      refuseKey(name, `of the KeySpec ${SPECS[name]}, got ${printable(String(KeySpec))}`);
    if (KeyUsage !== 'SIGN_VERIFY')
      refuseKey(name, `of the KeyUsage SIGN_VERIFY, got ${printable(String(KeyUsage))}`);
    return { KeyId, publicKey: readSpkiOf(name, bytesOf(PublicKey, code, name, SERVICE)) };
  });
}
