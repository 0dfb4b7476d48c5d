import { p256 } from '@noble/curves/nist.js';
import type { CryptoKey } from 'jose';
import { concat, equal } from '../bytes.js';
import { MandateError } from '../errors.js';
import { encodeBase64url } from '../json/base64url.js';
import type { Es256Material } from '../keys/jwk.js';
import { readEs256Jwk } from '../keys/jwk.js';
import { checkCryptoKey, checkKeyObject, exportJwk, isolate, sortKey } from '../keys/kinds.js';
import type { Es256PrivateKey, Es256PublicKey, ExternalSigner, ExternalVerifier } from '../keys/types.js';

// ES256 is ECDSA on P-256 with SHA-256, the signature as R‖S (RFC 7518 §3.4). WebCrypto has it on every runtime;
// @noble/curves adds what WebCrypto lacks, the deterministic variant of RFC 6979.

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' };

/** Imports a public key. Throws `ERR_MANDATE_KEY_INVALID` for one that cannot verify ES256. */
export async function importEs256Verifier(key: Es256PublicKey, parameter: string): Promise<ExternalVerifier> {
  const sorted = sortKey<ExternalVerifier>(key, parameter);
  switch (sorted.kind) {
    case 'function':
      return isolate(sorted.key);
    case 'CryptoKey':
      checkCryptoKey(sorted.key, KEY_ALGORITHM, 'verify', parameter);
      return webCryptoVerifier(sorted.key);
    case 'KeyObject':
      checkKeyObject(sorted.key, 'ec', 'verify', parameter);
      return importEs256Verifier(exportJwk(sorted.key, parameter) as Es256PublicKey, parameter);
    case 'JWK':
      return webCryptoVerifier(
        await importJwk(readEs256Jwk(sorted.key, 'verify', parameter), 'verify', parameter),
      );
  }
}

/** Imports a private key. `deterministic` takes the nonce from RFC 6979, which needs the scalar at hand. */
export async function importEs256Signer(
  key: Es256PrivateKey,
  parameter: string,
  deterministic: boolean,
): Promise<ExternalSigner> {
  const sorted = sortKey<ExternalSigner>(key, parameter);
  switch (sorted.kind) {
    case 'function':
      if (deterministic) refuseDeterministic(parameter);
      return sorted.key;
    case 'CryptoKey':
      checkCryptoKey(sorted.key, KEY_ALGORITHM, 'sign', parameter);
      if (deterministic) refuseDeterministic(parameter);
      return webCryptoSigner(sorted.key);
    case 'KeyObject':
      checkKeyObject(sorted.key, 'ec', 'sign', parameter);
      return importEs256Signer(exportJwk(sorted.key, parameter) as Es256PrivateKey, parameter, deterministic);
    case 'JWK': {
      const material = readEs256Jwk(sorted.key, 'sign', parameter);
      const d = checkPair(material, parameter);
      if (deterministic) return (data) => p256.sign(data, d, { lowS: false });
      return webCryptoSigner(await importJwk(material, 'sign', parameter));
    }
  }
}

async function importJwk(
  { x, y, d }: Es256Material,
  operation: 'sign' | 'verify',
  parameter: string,
): Promise<CryptoKey> {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: encodeBase64url(x),
    y: encodeBase64url(y),
    ...(d !== undefined && { d: encodeBase64url(d) }),
  };
  try {
    return await crypto.subtle.importKey('jwk', jwk, KEY_ALGORITHM, false, [operation]);
  } catch {
    // The cause is left out: for a private key a runtime may put key material into it.
    throw new MandateError('ERR_MANDATE_KEY_INVALID', parameter, `"${parameter}" must be a point of P-256`);
  }
}

/** A scalar that does not derive its point would sign what nobody can verify. */
function checkPair({ x, y, d }: Es256Material, parameter: string): Uint8Array {
  const scalar = d as Uint8Array;
  const invalid = `${parameter}.d`;
  if (!p256.utils.isValidSecretKey(scalar)) {
    throw new MandateError('ERR_MANDATE_KEY_INVALID', invalid, `"${invalid}" must be a scalar of P-256`);
  }
  const point = p256.getPublicKey(scalar, false);
  if (!equal(point.subarray(1), concat(x, y))) {
    throw new MandateError(
      'ERR_MANDATE_KEY_INVALID',
      invalid,
      `"${invalid}" must derive the public key beside it`,
    );
  }
  return scalar;
}

function refuseDeterministic(parameter: string): never {
  throw new MandateError(
    'ERR_MANDATE_ARGUMENT_INVALID',
    parameter,
    `"deterministic" needs "${parameter}" as a JWK or a KeyObject`,
  );
}

const webCryptoVerifier =
  (key: CryptoKey): ExternalVerifier =>
  (data, signature) =>
    crypto.subtle.verify(SIGNATURE_ALGORITHM, key, signature as BufferSource, data as BufferSource);

const webCryptoSigner =
  (key: CryptoKey): ExternalSigner =>
  async (data) =>
    new Uint8Array(await crypto.subtle.sign(SIGNATURE_ALGORITHM, key, data as BufferSource));
