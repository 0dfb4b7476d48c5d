import type { Certificate } from 'pkijs';
import { isUint8Array } from '../brand.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { Es256PublicJwk, MandateHeader, MandatePublicKeys } from '../keys/types.js';
import { aListOf, aListWhere, checkDate, checkNames, checkOptions, invalidArgument } from '../options.js';
import { loadPkijs, type Pkijs } from '../pkijs.js';
import { checkPath, names, readPath, refuse } from './path.js';

export type { MandateKeyResolver } from '../keys/resolve-keys.js';

// Keys from certificates, for roots with the header parameter `x5c` (SPEC.md §8.7). X.509 is handled by pkijs, an optional peer
// dependency that only this folder and the time stamps load.

const PEERS_NEEDED =
  'certificates need the packages "pkijs" 4 and "asn1js" 4, which are optional peer dependencies: install them';

/** What a certificate says about the signer. */
export interface SignerCertificate {
  /** DER. */
  readonly der: Uint8Array;
  /** Hexadecimal. */
  readonly serialNumber: string;
  /** The `iss` that the certificate names. */
  readonly issuer: string;
}

/** Options of {@link createCertificateKeyResolver}. */
export interface CertificateKeyOptions {
  /** Certificates of the trusted authorities, as PEM text or DER bytes. */
  roots: readonly (string | Uint8Array)[];
  /**
   * Returns the ML-DSA-65 key of an issuer; the certificate only has its P-256 key. By default there is no such key, so only
   * `pq-optional` accepts a token of such an issuer, if it is classical-only. Take the key from a list of your own: a path of
   * RSA and ECDSA signatures cannot authenticate it against a quantum computer.
   */
  mldsa65?: (
    certificate: SignerCertificate,
    header: MandateHeader,
  ) => MandatePublicKeys['mldsa65'] | Promise<MandatePublicKeys['mldsa65']>;
  /** Tells whether the certificate of the signer is revoked; only `false` accepts it. Default: no check. */
  isRevoked?: (certificate: SignerCertificate) => boolean | Promise<boolean>;
  /**
   * Allowed purposes of a signer certificate, as OIDs: a certificate with an extended key usage must have one of these (RFC
   * 5280 §4.2.1.12). By default none is allowed, so the certificate of a TLS server cannot sign mandates. A certificate without
   * this extension is allowed for any purpose.
   */
  keyPurposes?: readonly string[];
  /** The time to verify at. Default: now. */
  currentDate?: Date | undefined;
}

/**
 * Creates a function that finds the keys of an issuer from the certificates in the header parameter `x5c`. Use it as the `keys`
 * of `verifyMandate` and of the option `credential`, and for roots that hold a mandate. The first certificate must name the
 * issuer (`iss`), by a URI or by the DNS name of its host. The others must lead to one of the roots (RFC 5280 §6).
 *
 * @example
 * ```ts
 * const keys = createCertificateKeyResolver({ roots: [scheme], mldsa65: ({ issuer }) => mldsa65Keys.get(issuer) });
 * await verifyMandateChain(chain, {}, { audience, nonce, context, credential: { vct: 'com.emvco.dpc', keys } });
 * ```
 *
 * @returns A key resolver. It throws `ERR_MANDATE_CERTIFICATE_INVALID`.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`; also thrown by the resolver if pkijs is not installed.
 */
export function createCertificateKeyResolver(options: CertificateKeyOptions): MandateKeyResolver {
  const given = checkOptions(options, 'options');
  checkNames(given, ['roots', 'mldsa65', 'isRevoked', 'keyPurposes', 'currentDate']);
  const { roots, mldsa65, isRevoked, keyPurposes = [], currentDate } = given;
  const ders = aListOf(derOf)(roots, 'roots');
  if (ders.length === 0) invalidArgument('roots', 'an array of at least one certificate');
  for (const [name, hook] of Object.entries({ mldsa65, isRevoked }))
    if (Object.hasOwn(given, name) && typeof hook !== 'function') invalidArgument(name, 'a function');
  const allowed = someOids(keyPurposes, 'keyPurposes');
  const at = currentDate === undefined ? undefined : checkDate(currentDate, 'currentDate');

  return async (header, issuer) => {
    const pkijs = await loadPkijs(PEERS_NEEDED);
    const trusted = ders.map((der) => readRoot(der, pkijs));
    const path = readPath(header.x5c, pkijs);
    await checkPath(path, trusted, new Date(at ?? Date.now()), pkijs, allowed);
    const [leaf] = path;
    if (issuer === undefined || !names(leaf, issuer))
      return refuse('the certificate does not name the issuer ("iss") of the token');
    const signer = reportOf(leaf, issuer);
    if (isRevoked !== undefined && (await isRevoked(signer)) !== false)
      return refuse('the certificate is revoked');
    const pq = await mldsa65?.(signer, header);
    return { es256: jwkOf(leaf), ...(pq !== undefined && { mldsa65: pq }) };
  };
}

const someOids = aListWhere<string>(
  (each) => typeof each === 'string' && /^\d+(?:\.\d+)+$/.test(each),
  'an array of OIDs, such as ["1.0.18013.5.1.2"]',
);

function derOf(root: unknown): ArrayBuffer {
  if (isUint8Array(root)) return root.slice().buffer as ArrayBuffer;
  const pem = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;
  const [, base64 = ''] = (typeof root === 'string' && pem.exec(root)) || [];
  try {
    const text = atob(base64.replace(/\s/g, ''));
    if (text !== '') return Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer;
  } catch {
    // Reported below.
  }
  return invalidArgument('roots', 'an array of certificates, each a PEM text or DER bytes');
}

function readRoot(der: ArrayBuffer, pkijs: Pkijs): Certificate {
  try {
    return pkijs.Certificate.fromBER(der);
  } catch {
    return invalidArgument('roots', 'an array of certificates, each a PEM text or DER bytes');
  }
}

const reportOf = (certificate: Certificate, issuer: string): SignerCertificate => ({
  der: new Uint8Array(certificate.toSchema().toBER()),
  serialNumber: Array.from(certificate.serialNumber.valueBlock.valueHexView, (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join(''),
  issuer,
});

/** The P-256 key of a certificate. */
function jwkOf({ subjectPublicKeyInfo }: Certificate): Es256PublicJwk {
  const { kty, crv, x, y } = jsonOf(subjectPublicKeyInfo);
  if (kty !== 'EC' || crv !== 'P-256') return refuse('the first certificate must have a key of P-256');
  return { kty, crv, x, y } as Es256PublicJwk;
}

function jsonOf(info: Certificate['subjectPublicKeyInfo']): Record<string, unknown> {
  try {
    return info.toJSON() as Record<string, unknown>;
  } catch (cause) {
    return refuse('the key of the first certificate cannot be read', cause);
  }
}
