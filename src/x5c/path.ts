// The certification path of an `x5c` (RFC 7515 §4.1.6, RFC 5280 §6). pkijs parses certificates and verifies their signatures; the order
// of the path is that of the header, so that nothing is searched for.
import type { Certificate } from 'pkijs';
import { DerReader, SEQUENCE } from '../encoding/der.js';
import { fail } from '../errors.js';
import { printable } from '../options.js';
import type { Pkijs } from '../pkijs.js';

/** Certificates of one path, the first that of the signer. */
export type CertificatePath = readonly [Certificate, ...Certificate[]];

/** More than any issuer of credentials has. */
const MAX_CERTIFICATES = 8;

const OID = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** What is evaluated here. Anything else that is critical, and any constraint on names or policies, is a refusal. */
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

/** Which hash RSASSA-PSS signs is said in its parameters, where SHA-1 is the default (RFC 4055 §3.1). */
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const HASHES: readonly string[] = [
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
];

/** The bits of KeyUsage, from the left. */
const DIGITAL_SIGNATURE = 0x80;
const KEY_CERT_SIGN = 0x04;

/** Reads the header parameter `x5c`: base64, not base64url, of DER. */
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
      // pkijs passes over what follows.
      const reader = new DerReader(der);
      reader.read(SEQUENCE);
      reader.end();
      return pkijs.Certificate.fromBER(der.buffer);
    } catch (cause) {
      return refuse(`"x5c[${index}]" must be one certificate in DER, and nothing after it`, cause);
    }
  });
  return [first as Certificate, ...others];
}

/** Refuses a path that does not lead to one of the roots, or of which any certificate may not do what it does in it. */
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
    // A certificate that is trusted itself needs no issuer; what follows it in the header adds nothing.
    if (roots.some((root) => isSame(root, certificate))) return;
    const issuer = path[index + 1] ?? (await rootOf(certificate, roots));
    if (issuer === undefined) return refuse('the certificates lead to no trusted root');
    if (path[index + 1] === undefined) checkCertificate(issuer, now, pkijs);
    checkIssuer(issuer, index);
    if (!certificate.issuer.isEqual(issuer.subject) || !(await isSignedBy(certificate, issuer)))
      return refuse(`the certificate at ${index} is not by the one after it`);
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

/** What holds for every certificate: its time, its algorithm, and that all that binds in it is evaluated here. */
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
      refuse(`a certificate has ${CONSTRAINTS[extnID]}, which are not evaluated`);
    if (critical && !EVALUATED.includes(extnID))
      refuse(`a certificate has the critical extension ${printable(extnID)}, which is not known`);
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

/** pkijs puts defaults in place of what it cannot read, and says so. KeyUsage it leaves as the ASN.1 that stands there. */
function isRead(extnID: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || 'parsingError' in value) return false;
  return extnID !== OID.keyUsage || keyUsageIn(value) !== undefined;
}

/** The signer's: for signatures, and for no certificates. */
function checkLeaf(certificate: Certificate, purposes: readonly string[]): void {
  if (basicConstraintsOf(certificate)?.cA === true) refuse('the first certificate is that of an authority');
  const usage = keyUsageOf(certificate);
  if (usage !== undefined && (usage & DIGITAL_SIGNATURE) === 0)
    refuse('the key of the first certificate is not for signatures');
  const found = keyPurposesOf(certificate);
  if (found !== undefined && !found.some((purpose) => purposes.includes(purpose)))
    refuse(
      `the first certificate is for ${printable(found.join(', ').slice(0, 100))}: name in "keyPurposes" what its holders may sign with`,
    );
}

/** RFC 5280 §4.2.1.12: what a key is for, and for nothing else. */
const keyPurposesOf = (certificate: Certificate): readonly string[] | undefined =>
  (extensionOf(certificate, OID.extendedKeyUsage) as { keyPurposes?: readonly string[] } | undefined)
    ?.keyPurposes;

/** RFC 5280 §6.1.4 (k) to (n). `below` is how many certificates stand between it and the signer's. */
function checkIssuer(certificate: Certificate, below: number): void {
  const constraints = basicConstraintsOf(certificate);
  const usage = keyUsageOf(certificate);
  if (constraints?.cA !== true) refuse('a certificate that issued another is not that of an authority');
  if (usage === undefined || (usage & KEY_CERT_SIGN) === 0)
    refuse('the key of an authority is not for signing certificates');
  const { pathLenConstraint } = constraints as { pathLenConstraint?: unknown };
  if (pathLenConstraint === undefined) return;
  if (typeof pathLenConstraint !== 'number' || below > pathLenConstraint)
    refuse('the path is longer than an authority allows');
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

/** Whether a certificate is that of an issuer: by a URI that is its `iss`, or the DNS name of its host. */
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
  // Where a parser has to mend the text, it reads a host that another reader of the text does not.
  const isAsWritten = href === issuer || href === `${issuer}/`;
  const isOfHost = protocol === 'https:' && username === '' && password === '';
  return isOfHost && isAsWritten ? hostname : undefined;
}

export function refuse(message: string, cause?: unknown): never {
  fail('ERR_MANDATE_CERTIFICATE_INVALID', 'x5c', message, { cause });
}
