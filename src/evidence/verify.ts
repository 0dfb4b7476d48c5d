import { verifyReceipt } from '../ap2/index.js';
import { decodeBase64url } from '../encoding/base64url.js';
import { canonicalize } from '../encoding/canonicalize.js';
import type { JsonObject, JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import { DEFAULT_POLICY, type Policy } from '../jws/policy.js';
import { checkKeysArgument, type MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { verifyMandate } from '../mandate/verify.js';
import { checkDate, checkNames, checkOptions, invalidArgument } from '../options.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { EVIDENCE_TYP } from '../profile.js';
import type { SealPolicy } from '../seal/checkpoint.js';
import {
  disclosureOf,
  type EvidenceFile,
  MAX_EVIDENCE_DEPTH,
  MAX_EVIDENCE_LENGTH,
  malformed,
  parseFile,
} from './file.js';
import { publicKeysOf, reportKeys } from './keys.js';
import { type EvidenceParts, readParts } from './parts.js';
import { isCut, isUsedBefore, rederive } from './presentation.js';
import { type References, receiptDemands } from './receipts.js';
import { EvidenceError, type EvidenceReport, Lines } from './report.js';
import { type FoundSeal, reportSeals } from './seals.js';
import { mostLenient, type Rederived, type Signed, sameVerdict, type Verdict } from './verdict.js';

/** The trust of the reader of an evidence file. */
export interface EvidenceTrust {
  /** The keys of the creator of the file, or a function that resolves them. */
  creator: MandatePublicKeys | MandateKeyResolver;
  /** RFC 7638 thumbprints of the keys that you trust as the issuer's. Default: the creator's statement is trusted. */
  issuerThumbprints?: readonly string[] | undefined;
  /** The same for the issuer of User Credentials. Default: `issuerThumbprints`. */
  credentialThumbprints?: readonly string[] | undefined;
  /** The same for the merchant of a purchase. */
  merchantThumbprints?: readonly string[] | undefined;
  /** The logs whose seals you trust. */
  logs?: readonly SealPolicy[] | undefined;
  /** Certificates of the time-stamping authorities that you trust, PEM or DER. */
  timeStampRoots?: readonly (string | Uint8Array)[] | undefined;
  /**
   * The time until which nobody could forge ES256. Classical parts are accepted only with a seal of an earlier time. By
   * default, no classical part is accepted.
   */
  classicalUntil?: Date | undefined;
}

/** Options of {@link verifyEvidence}; all optional. */
export interface VerifyEvidenceOptions {
  /** Accepts classical parts without a seal, which a quantum computer could have forged. Default `false`. */
  allowClassical?: boolean | undefined;
  /** Demands a seal of `presentation`, whatever its signatures are. Default `false`. */
  requireSeal?: boolean | undefined;
  /** The current time, to check the creation time of the file. Default: now. */
  currentDate?: Date | undefined;
}

/**
 * Verifies an evidence file offline: first the signature over the file, then all its content again, as of the date of use.
 * Returns a report that says, line by line, what is proven and by which algorithm, and what relies on whose statement. Throws if
 * anything in the file is proven false.
 *
 * @example
 * ```ts
 * const report = await verifyEvidence(evidence, { creator: merchantKeys, logs: [archiveLog] });
 * for (const { status, statement, by } of report.lines) console.log(status, statement, by.join(', '));
 * ```
 *
 * @param evidence The text from `createEvidence` or `redactEvidence`, byte for byte.
 * @throws {MandateError} `ERR_EVIDENCE_MALFORMED`, `ERR_EVIDENCE_SIGNATURE`, `ERR_MANDATE_ARGUMENT_INVALID`.
 * @throws {EvidenceError} `ERR_EVIDENCE_REFUSED`, with the whole report.
 */
export async function verifyEvidence(
  evidence: string,
  trust: EvidenceTrust,
  options?: VerifyEvidenceOptions,
): Promise<EvidenceReport> {
  const given = checkOptions(options, 'options');
  checkNames(given, ['allowClassical', 'requireSeal', 'currentDate']);
  const trusted = readTrust(trust);
  const { allowClassical = false, requireSeal = false } = given;
  for (const [name, flag] of Object.entries({ allowClassical, requireSeal })) {
    if (typeof flag !== 'boolean') invalidArgument(name, 'a boolean');
  }
  const now = given.currentDate === undefined ? Date.now() : checkDate(given.currentDate, 'currentDate');

  const file = parseFile(evidence);
  const { issuer, createdAt, names } = await verifySignature(file, trusted.creator, new Date(now));
  const parts = readParts(file, names);
  const lines = new Lines();
  lines.proven(
    'signature',
    `${issuer} signed this file at ${createdAt.toISOString()}`,
    'ES256',
    'ML-DSA-65',
    'SHA-256',
  );

  if (!isUsedBefore(new Date(parts.presentation.usedAt), createdAt.getTime() / 1000))
    lines.failed(
      'presentation',
      `the time of use, ${parts.presentation.usedAt}, is not after that of the file`,
    );
  const rederived = await reportPresentation(parts, issuer, lines);
  // If every root is a credential, there may be no keys of an issuer of mandates.
  if (parts.credentialKeys === undefined || Object.keys(publicKeysOf(parts.keys)).length > 0)
    reportKeys('keys', parts.keys, 'the issuer', trusted.issuerThumbprints, issuer, lines);
  if (parts.credentialKeys !== undefined) {
    const { credentialThumbprints = trusted.issuerThumbprints } = trusted;
    reportKeys(
      'credentialKeys',
      parts.credentialKeys,
      'the issuer of the credential',
      credentialThumbprints,
      issuer,
      lines,
    );
  }
  if (parts.merchantKeys !== undefined)
    reportKeys(
      'merchantKeys',
      parts.merchantKeys,
      'the merchant',
      trusted.merchantThumbprints,
      issuer,
      lines,
    );
  reportStatus(parts, rederived, issuer, lines);
  await reportReceipts(parts, rederived, createdAt, issuer, lines);
  reportOthers(parts, rederived, issuer, lines);
  const seals = await reportSeals(parts, trusted.logs, trusted.timeStampRoots, lines);
  const quantumSafe = judge(rederived, seals, { ...trusted, allowClassical, requireSeal }, lines);

  const report: EvidenceReport = {
    createdBy: issuer,
    createdAt: createdAt.toISOString(),
    usedAt: parts.presentation.usedAt,
    quantumSafe,
    redacted: parts.redacted,
    lines: lines.list,
  };
  const failure = lines.list.find(({ status }) => status === 'failed');
  if (failure !== undefined) {
    throw new EvidenceError(failure.part, `the evidence is not valid: ${failure.statement}`, report);
  }
  return report;
}

const TRUST = [
  'creator',
  'issuerThumbprints',
  'credentialThumbprints',
  'merchantThumbprints',
  'logs',
  'timeStampRoots',
  'classicalUntil',
];

function readTrust(trust: EvidenceTrust) {
  const given = checkOptions(trust, 'trust');
  checkNames(given, TRUST);
  if (given.creator === undefined) {
    invalidArgument(
      'trust.creator',
      'given: the public keys of the creator of the file, or a function that resolves them, such as { creator: merchantKeys }',
    );
  }
  checkKeysArgument(given.creator);
  const {
    issuerThumbprints,
    credentialThumbprints,
    merchantThumbprints,
    logs,
    timeStampRoots,
    classicalUntil,
  } = given;
  for (const [name, list] of Object.entries({
    issuerThumbprints,
    credentialThumbprints,
    merchantThumbprints,
    logs,
    timeStampRoots,
  })) {
    if (list !== undefined && !Array.isArray(list)) invalidArgument(`trust.${name}`, 'an array');
  }
  if (timeStampRoots?.length === 0)
    invalidArgument('trust.timeStampRoots', 'an array of at least one certificate, or left out');
  return {
    ...given,
    classicalUntil:
      classicalUntil === undefined ? undefined : checkDate(classicalUntil, 'trust.classicalUntil'),
  };
}

/** Verifies the file as an SD-JWT: a part that is not disclosed was redacted. */
async function verifySignature(file: EvidenceFile, creator: EvidenceTrust['creator'], currentDate: Date) {
  const disclosures = Array.from(file.parts, ([name, part]) => disclosureOf(name, part));
  const token = [file.signature, ...disclosures, ''].join('~');
  let payload: JsonObject;
  try {
    const verified = await verifyMandate<JsonObject>(token, creator, {
      typ: EVIDENCE_TYP,
      policy: 'pq-required',
      requiredClaims: ['iss', 'iat', 'parts'],
      currentDate,
      limits: {
        maxMandateLength: 2 * MAX_EVIDENCE_LENGTH,
        maxDisclosures: 100_000,
        maxDepth: MAX_EVIDENCE_DEPTH,
      },
    });
    payload = verified.payload;
  } catch (cause) {
    const { message } = cause as { message?: unknown };
    fail(
      'ERR_EVIDENCE_SIGNATURE',
      'signature',
      `the signature over the file is not valid: ${String(message)}`,
      { cause },
    );
  }
  const { iss, iat, parts } = payload;
  if (!Array.isArray(parts) || !parts.every((name) => typeof name === 'string')) {
    return malformed('signature', 'a JWS whose claim "parts" is an array of strings');
  }
  for (const name of file.parts.keys()) {
    if (!parts.includes(name)) malformed(`parts.${name}`, 'named in the claim "parts" of the signature');
  }
  const createdAt = new Date((iat as number) * 1000);
  if (Number.isNaN(createdAt.getTime()))
    return malformed('signature', 'a JWS whose claim "iat" is a valid time');
  return { issuer: iss as string, createdAt, names: parts as string[] };
}

/** The result of re-verification; `undefined` if it failed. */
async function reportPresentation(
  parts: EvidenceParts,
  issuer: string,
  lines: Lines,
): Promise<Rederived | undefined> {
  const { kind, usedAt } = parts.presentation;
  lines.trusted('presentation', `the ${kind} was presented at ${usedAt}`, issuer);
  let rederived: Rederived;
  try {
    rederived = await rederive(parts);
  } catch (error) {
    lines.failed('presentation', `the ${kind} verifies as of ${usedAt}`, error);
    return undefined;
  }
  const { verdict, isWhole, signed, links } = rederived;
  for (const each of signed) reportSignatures(each, issuer, lines);
  for (const { statement, isShown } of links) {
    if (isShown) lines.proven('presentation', statement, 'SHA-256');
    else lines.add('presentation', `${statement}: its proof was redacted`, 'redacted', issuer);
  }
  if (!isWhole) {
    lines.add(
      'presentation',
      'claims, times, audience, nonce and constraints were valid at that time',
      'redacted',
      issuer,
    );
    const statement = 'the verdict in the file is the result of that time';
    if (contradicts(rederived, parts.verdict as unknown as Verdict)) lines.failed('verdict', statement);
    else lines.trusted('verdict', statement, issuer);
    return rederived;
  }
  lines.proven(
    'presentation',
    `disclosures, claims, times, binding and constraints are valid as of ${usedAt}, under ${verdict.policy} and the demands in the file`,
    're-verified',
  );
  for (const what of verdict.unchecked ?? []) {
    lines.add('presentation', `not checked, because the demands allow that: ${what}`, 'unchecked', issuer);
  }
  lines.trusted('demands', 'these were the demands of the verifier', issuer);
  const statement = 're-verification gives the verdict in the file';
  if (sameVerdict(verdict, parts.verdict)) lines.proven('verdict', statement, 're-verified');
  else lines.failed('verdict', statement);
  return rederived;
}

/** Whether the remaining signatures differ from the verdict in the file. */
function contradicts({ signed }: Rederived, { tokens, keyBinding, checkoutJwt }: Verdict): boolean {
  const stated = [...tokens, ...[keyBinding, checkoutJwt].filter((verdict) => verdict !== undefined)];
  return (
    stated.length !== signed.length ||
    signed.some(({ verdict }, n) => verdict !== undefined && !sameVerdict(verdict, stated[n]))
  );
}

function reportSignatures({ what, verdict, keysNamedBy }: Signed, issuer: string, lines: Lines): void {
  if (verdict === undefined) {
    const statement = `the signatures of ${what} verified at that time: its keys, or signed content, were redacted`;
    lines.add('presentation', statement, 'redacted', issuer);
    return;
  }
  const { es256, mldsa65, hybridEs256 } = verdict.signatures;
  const named = keysNamedBy === undefined ? '' : `, which ${keysNamedBy} names; its own are not shown`;
  const show = (name: string, status: string, thumbprint: string | undefined): void => {
    const by = thumbprint === undefined ? '' : ` with the key ${thumbprint}${named}`;
    if (status === 'valid')
      lines.proven('presentation', `the ${name} signature of ${what} verifies${by}`, name);
    else if (status === 'absent') lines.add('presentation', `${what} has no ${name} signature`, 'absent');
    else lines.add('presentation', `the ${name} signature of ${what} did not decide: ${status}`, 'unchecked');
  };
  show('ES256', es256, verdict.keys.es256?.thumbprint);
  show('ML-DSA-65', mldsa65, verdict.keys.mldsa65?.thumbprint);
  if (hybridEs256 !== 'absent') show('hybrid ES256', hybridEs256, verdict.keys.es256?.thumbprint);
}

/** The algorithms that must have signed under a policy. */
const SIGNED_BY: Readonly<Record<Policy, readonly string[]>> = {
  'pq-optional': ['ES256'],
  'pq-required': ['ES256', 'ML-DSA-65'],
  'pq-only': ['ML-DSA-65'],
};

function reportStatus(
  parts: EvidenceParts,
  rederived: Rederived | undefined,
  issuer: string,
  lines: Lines,
): void {
  if (parts.redacted.some((name) => name.startsWith('status.'))) {
    lines.add('status', 'the status list was in the file', 'redacted', issuer);
  } else if (parts.status.size === 0) {
    lines.add('status', 'there is no status list: revocation is not proven', 'absent');
  } else if (isCut(parts)) {
    lines.add('status', 'the presentation was not revoked', 'redacted', issuer);
  } else if (rederived !== undefined && rederived.strayStatus.length > 0) {
    lines.failed('status', 'the presentation refers to every status list in the file');
  } else if (rederived !== undefined) {
    const policies = [...parts.status.values()].map(({ policy = DEFAULT_POLICY }) => policy);
    lines.proven(
      'status',
      'the status list in the file says: not revoked',
      ...SIGNED_BY[mostLenient(policies)],
    );
    lines.trusted('status', `this was the status list as of ${parts.presentation.usedAt}`, issuer);
  }
}

async function reportReceipts(
  parts: EvidenceParts,
  rederived: Rederived | undefined,
  createdAt: Date,
  issuer: string,
  lines: Lines,
): Promise<void> {
  const references = (rederived?.isWhole === true ? rederived.verdict : parts.verdict) as References;
  for (const [name, part] of parts.receipts) {
    const { token, keys } = part;
    try {
      const demanded = receiptDemands(part, references, createdAt);
      if (demanded === undefined) malformed(`parts.${name}.value`, 'a receipt with its expected reference');
      const { receipt, signatures } = await verifyReceipt(token, publicKeysOf(keys), demanded);
      const by = signatures.mldsa65 === 'valid' ? ['ES256', 'ML-DSA-65'] : ['ES256'];
      lines.proven(name, `${receipt.iss} issued a receipt with the status ${receipt.status}`, ...by);
      if (rederived?.receiptHashes.has(receipt.reference) === true) {
        lines.proven(name, 'the receipt is for the presentation', 'SHA-256');
      } else {
        lines.trusted(name, 'the receipt is for the presentation', issuer);
      }
      reportKeys(name, keys, receipt.iss, undefined, issuer, lines);
    } catch (error) {
      lines.failed(name, 'the receipt verifies', error);
    }
  }
}

function reportOthers(
  parts: EvidenceParts,
  rederived: Rederived | undefined,
  issuer: string,
  lines: Lines,
): void {
  if (parts.ledger !== undefined) lines.trusted('ledger', 'this was the decision of the ledger', issuer);
  for (const [name, { name: called, content }] of parts.taskResults) {
    const digest = sha256Base64url(decodeBase64url(content, name, 'ERR_EVIDENCE_MALFORMED'));
    lines.trusted(name, `the task result "${called}" was delivered; its SHA-256 is ${digest}`, issuer);
  }
  const { retention } = parts;
  if (retention !== undefined) {
    const claim = rederived?.payload.retention_metadata;
    const isSigned =
      claim !== undefined && canonicalize(claim) === canonicalize(retention as unknown as JsonValue);
    const statement = `must be kept until ${retention.retention_until} under ${retention.policy}`;
    if (isSigned)
      lines.proven('retention', `${statement}: signed by the issuer in the mandate`, 're-verified');
    else lines.trusted('retention', statement, issuer);
  }
}

/**
 * The time of the first seal with a quantum-safe signature: an attacker with a broken key could forge the time of a classical
 * one.
 */
const lastingTimeOf = ({ seals }: FoundSeal): number | undefined =>
  seals.find(({ signatures }) => signatures.some(({ postQuantum }) => postQuantum))?.sealedAt;

const NO_SEAL =
  'no trusted log ("logs") proves that the whole presentation was sealed, and "requireSeal" demands it';

interface Demands {
  readonly classicalUntil: number | undefined;
  readonly allowClassical: boolean;
  readonly requireSeal: boolean;
}

/** Judges whether the presentation is proven by signatures or a seal that resist a quantum computer. */
function judge(
  rederived: Rederived | undefined,
  seals: readonly FoundSeal[],
  { classicalUntil, allowClassical, requireSeal }: Demands,
  lines: Lines,
): boolean {
  const needs = rederived?.needs ?? [];
  const sealsOf = (names: readonly string[]): readonly FoundSeal[] =>
    seals.filter(({ of, quantumSafe }) => quantumSafe && names.includes(of));
  const left = needs.filter(({ isLeft }) => isLeft);
  if (requireSeal && (left.length === 0 || left.some((need) => sealsOf(need.seals).length === 0)))
    lines.failed('seals', NO_SEAL);
  if (rederived === undefined) return false;
  if (rederived.verdict.quantumSafe) return true;
  // If only the creator's verdict says which parts are classical, all parts must be sealed.
  const isSaid = needs.every(({ quantumSafe }) => quantumSafe);
  const times = needs
    .filter(({ quantumSafe }) => isSaid || !quantumSafe)
    .map((need) => sealsOf(need.seals).flatMap((seal) => lastingTimeOf(seal) ?? []));
  const isSealed = times.every((found) => found.length > 0);
  const sealedAt = Math.max(...times.map((found) => Math.min(...found)));
  if (isSealed && classicalUntil !== undefined && sealedAt * 1000 <= classicalUntil) {
    lines.proven(
      'seals',
      'the presentation is classical, and was sealed while nobody could forge it',
      'ML-DSA-65',
      'Merkle tree',
      'the time until which you trust ES256',
    );
    return true;
  }
  const reason = !isSealed
    ? 'no trusted seal proves that it existed before it could be forged'
    : classicalUntil === undefined
      ? '"classicalUntil" is not set, so ES256 is not trusted'
      : 'it was sealed after the time until which ES256 is trusted';
  if (allowClassical) lines.add('presentation', `the presentation is classical: ${reason}`, 'unchecked');
  else lines.failed('presentation', `the presentation is not only classical; ${reason}`);
  return false;
}
