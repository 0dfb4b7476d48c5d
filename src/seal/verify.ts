import { encodeBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import { copyArray, invalidArgument, printable } from '../options.js';
import {
  checkTrusted,
  readPolicy,
  type SealPolicy,
  type SealRules,
  type VerifiedCheckpoint,
  verifyNote,
} from './checkpoint.js';
import { SEAL_HASHES, type SealHash } from './hashes.js';
import { parseNote } from './note.js';
import { parseProof, type SealProof } from './proof.js';
import { disclosuresOf, recordLeafHash, type SealRecord, sealedForm } from './record.js';
import { isRenewal, parseRenewal, type RenewalDocument } from './renewal-document.js';
import { parseTreeHead } from './tree-head.js';

/** A valid seal. */
export interface VerifiedSeal extends VerifiedCheckpoint {
  /** The index of the record in the log. */
  readonly index: number;
  /** The hash of the log. */
  readonly hash: SealHash;
  /**
   * When the tree was signed, by the clock of the log, in seconds since the epoch. It proves the age of the record only if the
   * log is trusted: a witness or a time stamp does not check this time.
   */
  readonly sealedAt: number | undefined;
}

/** A record with a valid seal and valid renewals. */
export interface VerifiedSeals {
  /** The seal of the record, followed by the seal of each checkpoint. */
  readonly seals: readonly [VerifiedSeal, ...VerifiedSeal[]];
  /** Whether the last seal has an ML-DSA signature. */
  readonly quantumSafe: boolean;
}

/**
 * Verifies offline that a record is sealed: its entry is in the tree of the checkpoint, every key of the policy has signed the
 * checkpoint, and enough witnesses have cosigned it. A renewed seal has several proofs, each for the checkpoint in the proof
 * before it. A seal that was carried over into a log with another hash begins with the document of `carrySeals`, which contains
 * the old proofs.
 *
 * @example
 * ```ts
 * const { seals } = await verifySeal({ kind: 'mandate', token: mandate }, proof, {
 *   origin: 'archive.bank.example/2026',
 *   keys: [mldsa65VerifierKey, es256VerifierKey],
 * });
 * ```
 *
 * @param record The record that is claimed to be sealed. Disclosures of a mandate or chain may have been removed since.
 * @param proof The text that `SealLog.prove` returned, or several, oldest first, if the seal was renewed. A document of
 * `carrySeals` comes first, before the proof of the log that it was carried into.
 * @param policy The trust in the log, or in each of several logs, distinguished by `origin`.
 * @throws {MandateError} `ERR_SEAL_PROOF_MALFORMED`, `ERR_SEAL_CHECKPOINT_MALFORMED`, `ERR_SEAL_CHECKPOINT_UNTRUSTED`,
 * `ERR_SEAL_PROOF_INVALID`, `ERR_SEAL_RECORD_INVALID`, `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function verifySeal(
  record: SealRecord,
  proof: string | readonly string[],
  policy: SealPolicy | readonly SealPolicy[],
): Promise<VerifiedSeals> {
  const verify = await createSealVerification(policy);
  return verify(record, proof);
}

/** A verification with checked policies, for any number of records. */
export type SealVerification = (
  record: SealRecord,
  proof: string | readonly string[],
) => Promise<VerifiedSeals>;

const MAX_KNOWN_CHECKPOINTS = 16;

/** Like {@link verifySeal}, for many records. A checkpoint that several proofs share is verified once. */
export async function createSealVerification(
  policy: SealPolicy | readonly SealPolicy[],
): Promise<SealVerification> {
  const rules = await readPolicies(policy);
  const known = new Map<string, VerifiedLog>();
  const verifyLog = async (checkpoint: string): Promise<VerifiedLog> => {
    const log = known.get(checkpoint) ?? (await verifyLogOf(checkpoint, rules));
    if (known.size >= MAX_KNOWN_CHECKPOINTS) known.clear();
    known.set(checkpoint, log);
    return log;
  };
  return async (record, proof) => {
    const proofs = listOf(proof);
    if (proofs.length === 0) invalidArgument('proof', 'a proof, or a non-empty array of proofs');
    const found: Found[] = [];
    for (const step of stepsOf(record, proofs)) {
      const { hashes, index, checkpoint } = step.proof;
      const log = await verifyLog(checkpoint);
      const { head, policy: trusted } = log;
      if (step.hash !== undefined && step.hash !== trusted.merkle.hash) {
        fail(
          'ERR_SEAL_PROOF_INVALID',
          'proof',
          `the document uses ${step.hash}, and the log that it was carried into uses another hash`,
        );
      }
      const leaf = recordLeafHash(step.record, trusted.merkle);
      if (!trusted.merkle.isIncluded(leaf, index, head.size, hashes, head.root)) {
        fail(
          'ERR_SEAL_PROOF_INVALID',
          'proof',
          'the record is not the sealed one: the proof does not lead from it to the root of the checkpoint',
        );
      }
      const sealedAt = timeOf(head);
      found.push({ seal: { ...head, index, hash: trusted.merkle.hash, sealedAt }, trusted });
    }
    checkOrder(found);
    const seals = found.map(({ seal }) => seal) as [VerifiedSeal, ...VerifiedSeal[]];
    const newest = seals[seals.length - 1] as VerifiedSeal;
    return { seals, quantumSafe: newest.signatures.some(({ postQuantum }) => postQuantum) };
  };
}

function listOf(proof: string | readonly string[]): readonly string[] {
  try {
    return Array.isArray(proof) ? [...proof] : [proof as string];
  } catch (cause) {
    fail('ERR_MANDATE_ARGUMENT_INVALID', 'proof', '"proof" could not be read', { cause });
  }
}

/**
 * When a tree was signed, according to the log. An attacker who has broken a classical key of the log can add its signature,
 * with any time, to a new tree. If there are post-quantum signatures, only they determine the time; the latest one counts.
 */
function timeOf({ signatures }: VerifiedCheckpoint): number | undefined {
  const lasting = signatures.filter(({ postQuantum }) => postQuantum);
  const times = (lasting.length > 0 ? lasting : signatures).flatMap(({ time }) => time ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** A verified checkpoint, and the trust in its log. */
interface VerifiedLog {
  readonly head: VerifiedCheckpoint;
  readonly policy: SealRules;
}

interface Found {
  readonly seal: VerifiedSeal;
  readonly trusted: SealRules;
}

/** One proof, and what it proves. */
export interface SealStep {
  readonly record: SealRecord;
  readonly proof: SealProof;
  /** For a sealed document: the hash that its log must have. */
  readonly hash?: SealHash | undefined;
}

/**
 * What each proof proves: the first one the record, each further one the checkpoint of the proof before it. If the first is a
 * document, its own proofs replace it, and the following proofs prove the document.
 */
export function stepsOf(record: SealRecord, proofs: readonly string[]): readonly SealStep[] {
  const [first, ...others] = proofs;
  if (!isRenewal(first)) return chainOf(record, proofs);
  const document = parseRenewal(first);
  if (document === undefined || others.length === 0) {
    fail(
      'ERR_SEAL_PROOF_MALFORMED',
      'proof',
      '"proof" must be a document of carrySeals, unchanged and without a line end after it, followed by a proof of it',
    );
  }
  checkCarried(record, document);
  const [renewal, ...further] = chainOf({ kind: 'renewal', document: first }, others);
  return [...chainOf(record, document.proofs), { ...(renewal as SealStep), hash: document.hash }, ...further];
}

function chainOf(record: SealRecord, proofs: readonly string[]): SealStep[] {
  let sealed = record;
  return proofs.map((text) => {
    const step = { record: sealed, proof: parseProof(text, 'proof') };
    sealed = { kind: 'checkpoint', checkpoint: step.proof.checkpoint };
    return step;
  });
}

/**
 * Checks that a document belongs to the record and has all its disclosures, by the new hash, which the old proofs do not use.
 */
function checkCarried(record: SealRecord, { hash, kind, digest, disclosures }: RenewalDocument): void {
  const digestOf = (data: string | Uint8Array): string =>
    encodeBase64url(
      SEAL_HASHES[hash].digest(typeof data === 'string' ? new TextEncoder().encode(data) : data),
    );
  const isOfRecord = kind === record.kind && digest === digestOf(sealedForm(record));
  if (!isOfRecord || !disclosuresOf(record).every((text) => disclosures.includes(digestOf(text)))) {
    fail(
      'ERR_SEAL_PROOF_INVALID',
      'proof',
      `the document does not belong to the record${isOfRecord ? ': it was carried over without one of its disclosures' : ''}`,
    );
  }
}

async function readPolicies(policy: SealPolicy | readonly SealPolicy[]): Promise<readonly SealRules[]> {
  const policies = copyArray(policy) ?? [policy];
  if (policies.length === 0) invalidArgument('policy', 'a policy, or a non-empty array of policies');
  const rules: SealRules[] = [];
  for (const each of policies) rules.push(await readPolicy(each as SealPolicy));
  if (new Set(rules.map(({ origin }) => origin)).size < rules.length) {
    invalidArgument('policy', 'policies of different logs: an "origin" occurs twice');
  }
  return rules;
}

async function verifyLogOf(checkpoint: string, rules: readonly SealRules[]): Promise<VerifiedLog> {
  const note = parseNote(checkpoint, 'checkpoint');
  const { origin } = parseTreeHead(note.text, 'checkpoint');
  const policy = rules.find((each) => each.origin === origin);
  if (policy === undefined) {
    fail(
      'ERR_SEAL_CHECKPOINT_UNTRUSTED',
      'origin',
      `the checkpoint belongs to the log ${printable(origin)}, which no policy trusts`,
    );
  }
  return { head: await verifyNote(note, policy), policy };
}

/**
 * A renewal that is older than the seal that it renews is forged. If a log is no longer trusted, a trusted log must have
 * renewed its seal while it was trusted: a signature with a broken key can have any date.
 */
function checkOrder(found: readonly Found[]): void {
  let latest = Number.NEGATIVE_INFINITY;
  for (const [n, { seal, trusted }] of found.entries()) {
    const { sealedAt } = seal;
    checkTrusted(trusted, n === found.length - 1 ? trusted.now : found[n + 1]?.seal.sealedAt);
    if (sealedAt === undefined) continue;
    if (sealedAt < latest) {
      fail('ERR_SEAL_PROOF_INVALID', 'proof', 'a renewal is older than the seal that it renews');
    }
    latest = sealedAt;
  }
}
