import { encodeBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import { invalidArgument, printable } from '../options.js';
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

/** One seal that holds. */
export interface VerifiedSeal extends VerifiedCheckpoint {
  /** Index of the record in the log. */
  readonly index: number;
  /** The hash of the log. */
  readonly hash: SealHash;
  /**
   * When the tree was signed, by the log's own clock: seconds since the epoch. The record existed then if the log is believed; a
   * witness or a time stamp takes its word for it.
   */
  readonly sealedAt: number | undefined;
}

/** A record whose seal, and the renewals of it, hold. */
export interface VerifiedSeals {
  /** The seal of the record, then of each checkpoint in turn. */
  readonly seals: readonly [VerifiedSeal, ...VerifiedSeal[]];
  /** Whether the last seal has an ML-DSA signature. */
  readonly quantumSafe: boolean;
}

/**
 * Verifies, without any network, that a record is sealed: that its entry is in the tree whose checkpoint the log has signed, by
 * every key of the policy, and as many witnesses have cosigned as it demands. A seal that was renewed has several proofs: each
 * further one is of the checkpoint in the one before it. A seal that was carried over into a log of another hash begins with the
 * document of `carrySeals`, which has the old proofs in it.
 *
 * @example
 * ```ts
 * const { seals } = await verifySeal({ kind: 'mandate', token: mandate }, proof, {
 *   origin: 'archive.bank.example/2026',
 *   keys: [mldsa65VerifierKey, es256VerifierKey],
 * });
 * ```
 *
 * @param record What is said to be sealed. Of a mandate or a chain, disclosures may have been left out since.
 * @param proof The text that `SealLog.prove` returned; several, oldest first, where the seal was renewed. A document of `carrySeals`
 * comes first, before the proof of the log that it was carried into.
 * @param policy What is trusted of the log; of each log, where there are several, told apart by `origin`.
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

/** A verification with its policies read: run it on as many records as there are. */
export type SealVerification = (
  record: SealRecord,
  proof: string | readonly string[],
) => Promise<VerifiedSeals>;

const MAX_KNOWN_CHECKPOINTS = 16;

/** {@link verifySeal} for many records. A checkpoint that many proofs have in common is verified once. */
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
    const proofs: readonly string[] = Array.isArray(proof) ? [...proof] : [proof as string];
    if (proofs.length === 0) invalidArgument('proof', 'a proof, or at least one');
    const found: Found[] = [];
    for (const step of stepsOf(record, proofs)) {
      const { hashes, index, checkpoint } = step.proof;
      const log = await verifyLog(checkpoint);
      const { head, policy: trusted } = log;
      if (step.hash !== undefined && step.hash !== trusted.merkle.hash) {
        fail(
          'ERR_SEAL_PROOF_INVALID',
          'proof',
          `the document is of ${step.hash}, and the log that it was carried into is of another hash`,
        );
      }
      const leaf = recordLeafHash(step.record, trusted.merkle);
      if (!trusted.merkle.isIncluded(leaf, index, head.size, hashes, head.root)) {
        fail(
          'ERR_SEAL_PROOF_INVALID',
          'proof',
          'the record is not the one that is sealed: the proof does not lead from it to the root of the checkpoint',
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

/**
 * When a tree was signed, by the log. A forger who has broken a classical key of the log can add its signature, of any time, to a
 * tree of today: where there is a post-quantum signature, it alone says the time; of several the latest.
 */
function timeOf({ signatures }: VerifiedCheckpoint): number | undefined {
  const lasting = signatures.filter(({ postQuantum }) => postQuantum);
  const times = (lasting.length > 0 ? lasting : signatures).flatMap(({ time }) => time ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** What a log signed, and what is trusted of it. */
interface VerifiedLog {
  readonly head: VerifiedCheckpoint;
  readonly policy: SealRules;
}

interface Found {
  readonly seal: VerifiedSeal;
  readonly trusted: SealRules;
}

/** One proof, and what it is of. */
export interface SealStep {
  readonly record: SealRecord;
  readonly proof: SealProof;
  /** Of the document that is sealed, the hash that its log must have. */
  readonly hash?: SealHash | undefined;
}

/**
 * What each proof is of: the first of the record, each further one of the checkpoint in the one before. Where the first is a document,
 * its proofs stand in its place, and what follows them is of the document.
 */
export function stepsOf(record: SealRecord, proofs: readonly string[]): readonly SealStep[] {
  const [first, ...others] = proofs;
  if (!isRenewal(first)) return chainOf(record, proofs);
  const document = parseRenewal(first);
  if (document === undefined || others.length === 0) {
    fail(
      'ERR_SEAL_PROOF_MALFORMED',
      'proof',
      '"proof" must be a document of carrySeals, byte for byte and without a line end after it, and then a proof of it',
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

/** That a document is of the record, with every disclosure that the record has: by the new hash, which the old proofs do not use. */
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
      `the document is not of the record${isOfRecord ? ': it was carried over without one of its disclosures' : ''}`,
    );
  }
}

async function readPolicies(policy: SealPolicy | readonly SealPolicy[]): Promise<readonly SealRules[]> {
  const policies = Array.isArray(policy) ? policy : [policy];
  if (policies.length === 0) invalidArgument('policy', 'a policy, or at least one');
  const rules: SealRules[] = [];
  for (const each of policies) rules.push(await readPolicy(each));
  if (new Set(rules.map(({ origin }) => origin)).size < rules.length) {
    invalidArgument('policy', 'policies of different logs: an "origin" is there twice');
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
      `the checkpoint is of the log ${printable(origin)}, which no policy trusts`,
    );
  }
  return { head: await verifyNote(note, policy), policy };
}

/**
 * A renewal of an earlier time than what it renews is made up. A log that is not trusted any more has to be renewed by one that is,
 * at a time when it was trusted: what is signed with a broken key can have any date.
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
