import { decodeBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import type { SealPolicy } from '../seal/checkpoint.js';
import { SEAL_HASHES, type SealHash } from '../seal/hashes.js';
import { merkleOf } from '../seal/merkle.js';
import { parseNote } from '../seal/note.js';
import { parseProof } from '../seal/proof.js';
import { recordLeafHash, type SealRecord } from '../seal/record.js';
import { verifyTimeStamp } from '../seal/time-stamp.js';
import { parseTreeHead } from '../seal/tree-head.js';
import { createSealVerification, stepsOf, type VerifiedSeals } from '../seal/verify.js';
import { documentsOf, type EvidenceParts, jwtsOf, presentedToken, type SealPart } from './parts.js';
import type { Lines } from './report.js';

/** The record that a seal is of; `undefined` where it was taken out of the file. */
export function sealedRecord({ of }: SealPart, parts: EvidenceParts): SealRecord | undefined {
  const document = documentsOf(parts.presentation).find(({ name }) => name === of);
  if (document !== undefined) {
    // A chain of one token, which the user closed, has the sealed form of a mandate.
    const kind = jwtsOf(document).length > 1 ? 'chain' : 'mandate';
    return { kind, token: presentedToken(document, parts) };
  }
  if (of === 'checkoutJwt' && parts.checkoutJwt !== undefined)
    return { kind: 'other', bytes: new TextEncoder().encode(parts.checkoutJwt) };
  const receipt = parts.receipts.get(of);
  if (receipt !== undefined) return { kind: 'receipt', token: receipt.token };
  const status = parts.status.get(of);
  if (status !== undefined) return { kind: 'revocation', token: status.token };
  const result = parts.taskResults.get(of);
  if (result === undefined) return undefined;
  return { kind: 'other', bytes: decodeBase64url(result.content, 'content', 'ERR_EVIDENCE_MALFORMED') };
}

/** That a proof is of its record. Who signed the checkpoint, whoever reads the file says whom they trust for. */
export function checkInclusion(seal: SealPart, parts: EvidenceParts): void {
  const record = sealedRecord(seal, parts);
  if (record === undefined) {
    fail('ERR_EVIDENCE_MALFORMED', 'seals', `a seal is of "${seal.of}", which the file lacks`);
  }
  for (const { record: sealed, proof, hash } of stepsOf(record, seal.proofs)) {
    const { index, hashes, checkpoint } = proof;
    const { size, root } = parseTreeHead(parseNote(checkpoint, 'checkpoint').text, 'checkpoint');
    const isOf = (name: SealHash): boolean => {
      const merkle = merkleOf(name);
      return merkle.isIncluded(recordLeafHash(sealed, merkle), index, size, hashes, root);
    };
    // Which hash a log has, its policy says, which whoever reads the file has.
    const names = hash === undefined ? (Object.keys(SEAL_HASHES) as SealHash[]) : [hash];
    if (!names.some(isOf)) fail('ERR_SEAL_PROOF_INVALID', 'proof', `the proof is not of "${seal.of}"`);
  }
}

/** A seal that holds, of one part. */
export interface FoundSeal extends VerifiedSeals {
  readonly of: string;
}

/** Verifies every seal and time stamp, as far as the caller trusts somebody for it. */
export async function reportSeals(
  parts: EvidenceParts,
  logs: readonly SealPolicy[] | undefined,
  timeStampRoots: readonly (string | Uint8Array)[] | undefined,
  lines: Lines,
): Promise<readonly FoundSeal[]> {
  const found: FoundSeal[] = [];
  // A policy that is none is the caller's mistake, and no fault of the file.
  const verify = logs === undefined || logs.length === 0 ? undefined : await createSealVerification(logs);
  for (const [name, seal] of parts.seals) {
    const record = sealedRecord(seal, parts);
    if (record === undefined) {
      lines.add(name, `"${seal.of}" was sealed, and taken out of the file`, 'redacted');
      continue;
    }
    if (verify === undefined) {
      lines.add(name, `"${seal.of}" was sealed: no log is trusted`, 'unchecked');
    } else {
      try {
        const verified = await verify(record, seal.proofs);
        found.push({ ...verified, of: seal.of });
        for (const { origin, index, hash, sealedAt, signatures, cosignatures } of verified.seals) {
          const by = [
            `${hash} Merkle tree`,
            ...[...signatures, ...cosignatures].map(({ algorithm }) => algorithm),
          ];
          lines.proven(name, `"${seal.of}" is entry ${index} of the log ${origin}`, ...by);
          lines.trusted(
            name,
            `it was sealed by ${sealedAt === undefined ? 'an unknown time' : dateOf(sealedAt)}`,
            cosignatures.length === 0
              ? `the log ${origin}, by its clock`
              : `the log and ${cosignatures.length} witnesses`,
          );
        }
      } catch (error) {
        lines.failed(name, `"${seal.of}" is sealed`, error);
      }
    }
    if (seal.timeStamp !== undefined) await reportTimeStamp(name, seal, timeStampRoots, lines);
  }
  return found;
}

const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

async function reportTimeStamp(
  name: string,
  { proofs, timeStamp = '' }: SealPart,
  roots: readonly (string | Uint8Array)[] | undefined,
  lines: Lines,
): Promise<void> {
  if (roots === undefined) {
    lines.add(name, 'the checkpoint has a time stamp: no authority is trusted', 'unchecked');
    return;
  }
  try {
    const { checkpoint } = parseProof(proofs[proofs.length - 1], 'proof');
    const response = decodeBase64url(timeStamp, 'timeStamp', 'ERR_EVIDENCE_MALFORMED');
    const { time, postQuantum, hash, keyAlgorithm } = await verifyTimeStamp(response, checkpoint, { roots });
    lines.trusted(
      name,
      `the checkpoint existed at ${time}`,
      `the time-stamping authority${postQuantum ? '' : ', and that its classical signature cannot be forged yet'}`,
      `RFC 3161, ${hash}, key algorithm ${keyAlgorithm}`,
    );
  } catch (error) {
    lines.failed(name, 'the checkpoint has a time stamp', error);
  }
}
