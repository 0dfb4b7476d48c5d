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

/** The record that a seal covers; `undefined` if it was redacted. */
export function sealedRecord({ of }: SealPart, parts: EvidenceParts): SealRecord | undefined {
  const document = documentsOf(parts.presentation).find(({ name }) => name === of);
  if (document !== undefined) {
    // The sealed form of a chain with one token, which the user closed, is that of a mandate.
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

/**
 * Checks that a proof covers its record. The signer of the checkpoint is not checked here: the reader of the file decides whom
 * to trust.
 */
export function checkInclusion(seal: SealPart, parts: EvidenceParts): void {
  const record = sealedRecord(seal, parts);
  if (record === undefined) {
    fail('ERR_EVIDENCE_MALFORMED', 'seals', `a seal covers "${seal.of}", which the file does not have`);
  }
  for (const { record: sealed, proof, hash } of stepsOf(record, seal.proofs)) {
    const { index, hashes, checkpoint } = proof;
    const { size, root } = parseTreeHead(parseNote(checkpoint, 'checkpoint').text, 'checkpoint');
    const isOf = (name: SealHash): boolean => {
      const merkle = merkleOf(name);
      return merkle.isIncluded(recordLeafHash(sealed, merkle), index, size, hashes, root);
    };
    // The hash of a log is set by its policy, which only the reader of the file has.
    const names = hash === undefined ? (Object.keys(SEAL_HASHES) as SealHash[]) : [hash];
    if (!names.some(isOf)) {
      fail(
        'ERR_SEAL_PROOF_INVALID',
        'proof',
        `the proof does not cover "${seal.of}", which must be sealed as a record of the kind "${record.kind}"`,
      );
    }
  }
}

/** A valid seal of one part. */
export interface FoundSeal extends VerifiedSeals {
  readonly of: string;
}

/** Verifies every seal and time stamp, as far as the caller trusts a log or an authority. */
export async function reportSeals(
  parts: EvidenceParts,
  logs: readonly SealPolicy[] | undefined,
  timeStampRoots: readonly (string | Uint8Array)[] | undefined,
  lines: Lines,
): Promise<readonly FoundSeal[]> {
  const found: FoundSeal[] = [];
  // An invalid policy is a mistake of the caller, not of the file.
  const verify = logs === undefined || logs.length === 0 ? undefined : await createSealVerification(logs);
  for (const [name, seal] of parts.seals) {
    const record = sealedRecord(seal, parts);
    if (record === undefined) {
      lines.add(name, `"${seal.of}" was sealed, and redacted from the file`, 'redacted');
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
