// The certification path of an `x5c` (RFC 7515 §4.1.6, RFC 5280 §6). pkijs parses certificates and verifies their signatures.
// The header gives the order of the path, so no path is searched.
import type { Certificate } from 'pkijs';
import { DerReader, SEQUENCE } from '../encoding/der.js';
import { fail } from '../errors.js';
import { printable } from '../options.js';
import type { Pkijs } from '../pkijs.js';

/** The certificates of one path; the first is the signer's. */
export type CertificatePath = readonly [Certificate, ...Certificate[]];

/** More than any issuer of credentials uses. */
const MAX_CERTIFICATES = 8;

const OID = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** The extensions evaluated here. Any other critical extension, and any constraint on names or policies, is rejected. */
const EVALUATED: readonly string[] = Object.values(OID);
const CONSTRAINTS: Readonly<Record<string, string>> = {
  '2.5.29.30': 'name constraints',
  '2.5.29.33': 'policy mappings',
  '2.5.29.36': 'policy constraints',
  '2.5.29.54': 'inhibitAnyPolicy',
};

/** ECDSA and RSASSA-PKCS1-v1_5 with SHA-256, SHA-384 and SHA-512; RSASSA-PSS. No SHA-1. */
const SIGNATURES: readonly string[] = [
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.113549.1.1.10',
];

/** The parameters of RSASSA-PSS name its hash, and default to SHA-1 (RFC 4055 §3.1). */
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const HASHES: readonly string[] = [
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
];

/** The bits of KeyUsage, from the left. */
const DIGITAL_SIGNATURE = 0x80;
const KEY_CERT_SIGN = 0x04;

/** Reads the header parameter `x5c`: DER in base64, not base64url. */
export function readPath(x5c: unknown, pkijs: Pkijs): CertificatePath {
  if (!Array.isArray(x5c) || x5c.length === 0) return refuse('the token has no "x5c" with certificates');
  if (x5c.length > MAX_CERTIFICATES) return refuse(`"x5c" has more than ${MAX_CERTIFICATES} certificates`);
  const [first, ...others] = x5c.map((encoded, index) => {
    if (
      typeof encoded !== 'string' ||
      !/^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)
    )
      return refuse(`"x5c[${index}]" must be base64`);
    try {
      const der = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
      // pkijs ignores trailing bytes.
      const reader = new DerReader(der);
      reader.read(SEQUENCE);
      reader.end();
      return pkijs.Certificate.fromBER(der.buffer);
    } catch (cause) {
      return refuse(`"x5c[${index}]" must be exactly one certificate in DER, without trailing bytes`, cause);
    }
  });
  return [first as Certificate, ...others];
}

/** Rejects a path that does not lead to one of the roots, or in which a certificate must not be used as it is. */
export async function checkPath(
  path: CertificatePath,
  roots: readonly Certificate[],
  now: Date,
  pkijs: Pkijs,
  purposes: readonly string[],
): Promise<void> {
  for (const certificate of path) checkCertificate(certificate, now, pkijs);
  checkLeaf(path[0], purposes);
  for (const [index, certificate] of path.entries()) {
    // A trusted certificate needs no issuer; further certificates in the header do not matter.
    if (roots.some((root) => isSame(root, certificate))) return;
    const issuer = path[index + 1] ?? (await rootOf(certificate, roots));
    if (issuer === undefined) return refuse('the certificates do not lead to a trusted root');
    if (path[index + 1] === undefined) checkCertificate(issuer, now, pkijs);
    checkIssuer(issuer, index);
    if (!certificate.issuer.isEqual(issuer.subject) || !(await isSignedBy(certificate, issuer)))
      return refuse(`the certificate at ${index} was not issued by the one after it`);
    if (path[index + 1] === undefined) return;
  }
}

async function rootOf(
  certificate: Certificate,
  roots: readonly Certificate[],
): Promise<Certificate | undefined> {
  for (const root of roots)
    if (certificate.issuer.isEqual(root.subject) && (await isSignedBy(certificate, root))) return root;
  return undefined;
}

const isSame = (one: Certificate, other: Certificate): boolean =>
  hexOf(one.toSchema().toBER()) === hexOf(other.toSchema().toBER());

const hexOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

async function isSignedBy(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  try {
    return await certificate.verify(issuer);
  } catch {
    return false;
  }
}

/** Checks for every certificate: its validity period, its algorithm, and that every binding extension is evaluated here. */
function checkCertificate(certificate: Certificate, now: Date, pkijs: Pkijs): void {
  const { notBefore, notAfter, signature, signatureAlgorithm, extensions = [] } = certificate;
  if (notBefore.value > now) refuse('a certificate is not yet valid');
  if (notAfter.value < now) refuse('a certificate has expired');
  if (signature.algorithmId !== signatureAlgorithm.algorithmId || !SIGNATURES.includes(signature.algorithmId))
    refuse(`a certificate is signed with ${printable(signature.algorithmId)}, which is not accepted`);
  if (!hasLongHash(signatureAlgorithm, pkijs))
    refuse('a certificate is signed with a hash that is not accepted');
  const names = extensions.map(({ extnID }) => extnID);
  if (new Set(names).size < names.length) refuse('a certificate has an extension twice');
  for (const { extnID, critical, parsedValue } of extensions) {
    if (CONSTRAINTS[extnID] !== undefined)
      refuse(`a certificate has ${CONSTRAINTS[extnID]}, which this library does not support`);
    if (critical && !EVALUATED.includes(extnID))
      refuse(`a certificate has the critical extension ${printable(extnID)}, which is unknown`);
    if (EVALUATED.includes(extnID) && !isRead(extnID, parsedValue))
      refuse(`the extension ${extnID} cannot be read`);
  }
}

function hasLongHash(
  { algorithmId, algorithmParams }: Certificate['signatureAlgorithm'],
  pkijs: Pkijs,
): boolean {
  if (algorithmId !== RSASSA_PSS) return true;
  try {
    const { hashAlgorithm } = new pkijs.RSASSAPSSParams({ schema: algorithmParams });
    return HASHES.includes(hashAlgorithm.algorithmId);
  } catch {
    return false;
  }
}

/** pkijs replaces what it cannot read by defaults, and reports that. It returns KeyUsage as raw ASN.1. */
function isRead(extnID: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || 'parsingError' in value) return false;
  return extnID !== OID.keyUsage || keyUsageIn(value) !== undefined;
}

/** The certificate of the signer: it may make signatures but not issue certificates. */
function checkLeaf(certificate: Certificate, purposes: readonly string[]): void {
  if (basicConstraintsOf(certificate)?.cA === true)
    refuse('the first certificate belongs to a certification authority');
  const usage = keyUsageOf(certificate);
  if (usage !== undefined && (usage & DIGITAL_SIGNATURE) === 0)
    refuse('the key of the first certificate must not be used for signatures');
  const found = keyPurposesOf(certificate);
  if (found !== undefined && !found.some((purpose) => purposes.includes(purpose)))
    refuse(
      `the first certificate has the purposes ${printable(found.join(', ').slice(0, 100))}: name an accepted one in "keyPurposes"`,
    );
}

/** RFC 5280 §4.2.1.12: the only purposes that the key may be used for. */
const keyPurposesOf = (certificate: Certificate): readonly string[] | undefined =>
  (extensionOf(certificate, OID.extendedKeyUsage) as { keyPurposes?: readonly string[] } | undefined)
    ?.keyPurposes;

/** RFC 5280 §6.1.4 (k) to (n). `below` is the number of certificates between this one and the signer's. */
function checkIssuer(certificate: Certificate, below: number): void {
  const constraints = basicConstraintsOf(certificate);
  const usage = keyUsageOf(certificate);
  if (constraints?.cA !== true)
    refuse('a certificate that issued another does not belong to a certification authority');
  if (usage === undefined || (usage & KEY_CERT_SIGN) === 0)
    refuse('the key of a certification authority must not be used to sign certificates');
  const { pathLenConstraint } = constraints as { pathLenConstraint?: unknown };
  if (pathLenConstraint === undefined) return;
  if (typeof pathLenConstraint !== 'number' || below > pathLenConstraint)
    refuse('the path is longer than a certification authority allows');
}

const extensionOf = ({ extensions = [] }: Certificate, oid: string): unknown =>
  extensions.find(({ extnID }) => extnID === oid)?.parsedValue;

const basicConstraintsOf = (
  certificate: Certificate,
): { cA?: boolean; pathLenConstraint?: unknown } | undefined =>
  extensionOf(certificate, OID.basicConstraints) as { cA?: boolean } | undefined;

/** The first octet of the bit string. */
function keyUsageOf(certificate: Certificate): number | undefined {
  return keyUsageIn(extensionOf(certificate, OID.keyUsage));
}

const BIT_STRING = 3;

function keyUsageIn(value: unknown): number | undefined {
  const { idBlock, valueBlock } = (value ?? {}) as {
    idBlock?: { tagClass: number; tagNumber: number };
    valueBlock?: { valueHexView?: Uint8Array };
  };
  const isBitString = idBlock?.tagClass === 1 && idBlock.tagNumber === BIT_STRING;
  return isBitString ? (valueBlock?.valueHexView?.[0] ?? 0) : undefined;
}

/** GeneralName: a URI, and a DNS name. */
const URI = 6;
const DNS_NAME = 2;

/** Whether a certificate belongs to an issuer: by a URI that equals its `iss`, or by the DNS name of its host. */
export function names(certificate: Certificate, issuer: string): boolean {
  const { altNames = [] } = (extensionOf(certificate, OID.subjectAltName) ?? {}) as {
    altNames?: readonly { type: number; value: unknown }[];
  };
  const host = httpsHost(issuer);
  return altNames.some(
    ({ type, value }) =>
      typeof value === 'string' &&
      ((type === URI && value === issuer) ||
        (type === DNS_NAME && host !== undefined && value.toLowerCase() === host)),
  );
}

function httpsHost(issuer: string): string | undefined {
  if (!URL.canParse(issuer)) return undefined;
  const { protocol, hostname, href, username, password } = new URL(issuer);
  // If the parser must repair the text, other parsers may read a different host from it.
  const isAsWritten = href === issuer || href === `${issuer}/`;
  const isOfHost = protocol === 'https:' && username === '' && password === '';
  return isOfHost && isAsWritten ? hostname : undefined;
}

export function refuse(message: string, cause?: unknown): never {
  fail('ERR_MANDATE_CERTIFICATE_INVALID', 'x5c', message, { cause });
}
