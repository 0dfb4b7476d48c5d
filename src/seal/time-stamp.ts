import { isUint8Array } from '../brand.js';
import { equal } from '../encoding/bytes.js';
import { fail } from '../errors.js';
import { checkNames, checkOptions, invalidArgument, isMandateError, printable } from '../options.js';
import { loadPkijs, type Pkijs } from '../pkijs.js';
import { randomBytes } from '../runtime.js';

// Time stamps of RFC 3161, for checkpoints. ASN.1, CMS and X.509 are handled by pkijs, an optional peer dependency that only
// this file loads.

/** A valid time stamp. */
export interface VerifiedTimeStamp {
  /** The time at which the authority had the data, according to the authority, RFC 3339. */
  readonly time: string;
  /** The object identifier of the policy of the authority. */
  readonly policy: string;
  /** Serial number, hexadecimal. */
  readonly serialNumber: string;
  /** The hash of the data: `SHA-256`, `SHA-384` or `SHA-512`. */
  readonly hash: string;
  /** Object identifier of the algorithm of the authority's key, such as 1.2.840.10045.2.1 for ECDSA. */
  readonly keyAlgorithm: string;
  /** Whether the signature resists a quantum computer: false for RSA, DSA and elliptic curves. */
  readonly postQuantum: boolean;
}

/** Options of {@link verifyTimeStamp}. */
export interface VerifyTimeStampOptions {
  /** Certificates of the trusted authorities, as PEM text or DER bytes. */
  roots: readonly (string | Uint8Array)[];
}

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  extendedKeyUsage: '2.5.29.37',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

/** RFC 5754 §2; SHA-1 is not accepted. */
const HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};
const SHA_512 = '2.16.840.1.101.3.4.2.3';
/** ML-DSA (RFC 9881) and SLH-DSA (RFC 9909): arcs 17 to 31 of NIST's signature algorithms. */
const POST_QUANTUM = /^2\.16\.840\.1\.101\.3\.4\.3\.(1[7-9]|2\d|3[01])$/;

const PEER_NEEDED =
  'time stamps need the package "pkijs" 4, which is an optional peer dependency: install it';

const utf8 = new TextEncoder();

/** The stamped data: the signed checkpoint, byte for byte. */
const bytesOf = (data: unknown): Uint8Array<ArrayBuffer> =>
  typeof data === 'string'
    ? utf8.encode(data)
    : isUint8Array(data)
      ? data.slice()
      : invalidArgument('data', 'a text, such as a signed checkpoint, or bytes');

/**
 * Creates the request for a time stamp, to be sent to an authority as `application/timestamp-query` (RFC 3161 §3.4).
 *
 * @param data The signed checkpoint, as text; or other bytes. Only its SHA-512 is sent.
 * @returns TimeStampReq in DER, with a nonce. It asks for the certificate of the authority.
 */
export async function createTimeStampRequest(data: string | Uint8Array): Promise<Uint8Array> {
  const bytes = bytesOf(data);
  const pkijs = await loadPkijs(PEER_NEEDED);
  const { Integer, OctetString } = await import('asn1js');
  const digest = await crypto.subtle.digest('SHA-512', bytes);
  const nonce = randomBytes(16);
  // A positive INTEGER without a leading zero.
  nonce[0] = ((nonce[0] as number) & 0x7f) | 0x40;
  const request = new pkijs.TimeStampReq({
    version: 1,
    messageImprint: new pkijs.MessageImprint({
      hashAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: SHA_512 }),
      hashedMessage: new OctetString({ valueHex: digest }),
    }),
    nonce: new Integer({ valueHex: nonce.buffer }),
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER());
}

/**
 * Verifies a time stamp: it covers the data, and a certificate for time stamping only has signed it. That certificate must have
 * been valid at the time of the stamp, and lead to one of the roots. Certificate revocation is not checked.
 *
 * A stamp with RSA or ECDSA proves a time only until these algorithms are broken: with a quantum computer, anyone can create a
 * stamp for any time. Before that, the stamp can itself be sealed, and the data stamped again.
 *
 * @param response TimeStampResp in DER, as the authority returned it.
 * @param data The stamped data.
 * @throws {MandateError} `ERR_SEAL_TIME_STAMP_INVALID`; `ERR_MANDATE_ARGUMENT_INVALID`, also if pkijs is not installed.
 */
export async function verifyTimeStamp(
  response: Uint8Array,
  data: string | Uint8Array,
  options: VerifyTimeStampOptions,
): Promise<VerifiedTimeStamp> {
  const given = checkOptions(options, 'options');
  checkNames(given, ['roots']);
  if (!isUint8Array(response)) invalidArgument('response', 'the bytes of a TimeStampResp');
  const bytes = bytesOf(data);
  const pkijs = await loadPkijs(PEER_NEEDED);
  const trustedCerts = readRoots(given.roots, pkijs);
  try {
    return await verifyResponse(response.slice(), bytes, trustedCerts, pkijs);
  } catch (cause) {
    if (isMandateError(cause)) throw cause;
    const { resultMessage, message } = cause as { resultMessage?: unknown; message?: unknown };
    const reason = printable(String(message ?? resultMessage ?? 'it cannot be read'));
    return invalid(`the time stamp does not verify: ${reason}`, cause);
  }
}

function readRoots(roots: unknown, pkijs: Pkijs): InstanceType<Pkijs['Certificate']>[] {
  if (!Array.isArray(roots) || roots.length === 0) {
    return invalidArgument('roots', 'an array of at least one certificate');
  }
  return roots.map((root) => {
    try {
      return pkijs.Certificate.fromBER(derOf(root));
    } catch {
      return invalidArgument('roots', 'an array of certificates, each a PEM text or DER bytes');
    }
  });
}

function derOf(root: unknown): ArrayBuffer {
  if (isUint8Array(root)) return root.slice().buffer;
  const [, base64 = ''] =
    /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(String(root)) ?? [];
  return Uint8Array.from(atob(base64.replace(/\s/g, '')), (character) => character.charCodeAt(0)).buffer;
}

async function verifyResponse(
  response: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
  trustedCerts: InstanceType<Pkijs['Certificate']>[],
  pkijs: Pkijs,
): Promise<VerifiedTimeStamp> {
  const { status, timeStampToken } = pkijs.TimeStampResp.fromBER(response.buffer);
  // PKIStatus: granted, or granted with modifications.
  if (Number(status.status) > 1 || timeStampToken?.contentType !== OID.signedData) {
    return invalid('the authority has not granted a time stamp');
  }
  const signed = new pkijs.SignedData({ schema: timeStampToken.content });
  const content = signed.encapContentInfo;
  if (
    signed.signerInfos.length !== 1 ||
    content.eContentType !== OID.tstInfo ||
    content.eContent === undefined
  ) {
    return invalid('the time stamp must be a TSTInfo with exactly one signature');
  }
  const info = pkijs.TSTInfo.fromBER(content.eContent.getValue());
  const hash = HASHES[info.messageImprint.hashAlgorithm.algorithmId];
  if (hash === undefined) return invalid('the hash of the time stamp must be SHA-256, SHA-384 or SHA-512');
  const digest = new Uint8Array(await crypto.subtle.digest(hash, data));
  if (!equal(digest, info.messageImprint.hashedMessage.valueBlock.valueHexView)) {
    return invalid('the time stamp covers other data');
  }
  const verdict = await signed.verify({
    signer: 0,
    data: data.buffer,
    trustedCerts,
    checkDate: info.genTime,
    checkChain: true,
    extendedMode: true,
  });
  const { signatureVerified, signerCertificateVerified, signerCertificate } = verdict;
  if (signatureVerified !== true || signerCertificateVerified !== true || !signerCertificate) {
    return invalid(`the signature of the time stamp does not verify: ${printable(verdict.message)}`);
  }
  checkPurpose(signerCertificate);
  await checkSigningCertificate(signed.signerInfos[0], signerCertificate);
  const keyAlgorithm = signerCertificate.subjectPublicKeyInfo.algorithm.algorithmId;
  return {
    time: info.genTime.toISOString(),
    policy: info.policy,
    serialNumber: hex(info.serialNumber.valueBlock.valueHexView),
    hash,
    keyAlgorithm,
    postQuantum: POST_QUANTUM.test(keyAlgorithm),
  };
}

/** RFC 3161 §2.3: the extended key usage is critical, and only for time stamping. */
function checkPurpose(certificate: InstanceType<Pkijs['Certificate']>): void {
  const usage = certificate.extensions?.find(({ extnID }) => extnID === OID.extendedKeyUsage);
  const purposes = (usage?.parsedValue as { keyPurposes?: readonly string[] } | undefined)?.keyPurposes;
  if (usage?.critical === true && purposes?.length === 1 && purposes[0] === OID.timeStamping) return;
  invalid('the certificate of the authority must be for time stamping only');
}

/** RFC 3161 §2.4.1: the signature names the certificate of its signer, as ESSCertID or ESSCertIDv2 (RFC 5816). */
async function checkSigningCertificate(
  signer: InstanceType<Pkijs['SignerInfo']> | undefined,
  certificate: InstanceType<Pkijs['Certificate']>,
): Promise<void> {
  const der = certificate.toSchema(true).toBER();
  const names = [
    [OID.signingCertificateV2, ['SHA-256', 'SHA-384', 'SHA-512']],
    [OID.signingCertificate, ['SHA-1']],
  ] as const;
  for (const [type, hashes] of names) {
    const attribute = signer?.signedAttrs?.attributes.find((each) => each.type === type);
    if (attribute === undefined) continue;
    const named = firstOctets(attribute.values[0]);
    for (const hash of hashes) {
      const digest = new Uint8Array(await crypto.subtle.digest(hash, der));
      if (named !== undefined && equal(digest, named)) return;
    }
  }
  invalid('the time stamp does not name the certificate that signs it');
}

/** The first OCTET STRING. In ESSCertID and ESSCertIDv2, it is the hash of the certificate. */
function firstOctets(value: unknown): Uint8Array | undefined {
  const { idBlock, valueBlock } = value as {
    idBlock?: { tagNumber: number; tagClass: number };
    valueBlock?: { value?: unknown; valueHexView?: Uint8Array };
  };
  if (idBlock?.tagClass === 1 && idBlock.tagNumber === 4) return valueBlock?.valueHexView;
  const parts = Array.isArray(valueBlock?.value) ? valueBlock.value : [];
  for (const part of parts) {
    const found = firstOctets(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function invalid(message: string, cause?: unknown): never {
  fail('ERR_SEAL_TIME_STAMP_INVALID', 'timeStamp', message, { cause });
}
