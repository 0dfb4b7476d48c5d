import { fail } from '../errors.js';
import { invalidArgument, printable } from '../options.js';
import {
  readPolicy,
  type SealPolicy,
  type SealRules,
  type VerifiedCheckpoint,
  verifyNote,
} from './checkpoint.js';
import { isIncluded } from './merkle.js';
import { parseNote } from './note.js';
import { parseProof } from './proof.js';
import { recordLeafHash, type SealRecord } from './record.js';
import { parseTreeHead } from './tree-head.js';

/** One seal that holds. */
export interface VerifiedSeal extends VerifiedCheckpoint {
  /** Index of the record in the log. */
  readonly index: number;
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
 * further one is of the checkpoint in the one before it.
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
 * @param proof The text that `SealLog.prove` returned; several, oldest first, where the seal was renewed.
 * @param policy What is trusted of the log; of each log, where there are several, told apart by `origin`.
 * @throws {MandateError} `ERR_SEAL_PROOF_MALFORMED`, `ERR_SEAL_CHECKPOINT_MALFORMED`, `ERR_SEAL_CHECKPOINT_UNTRUSTED`,
 * `ERR_SEAL_PROOF_INVALID`, `ERR_SEAL_RECORD_INVALID`, `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function verifySeal(
  record: SealRecord,
  proof: string | readonly string[],
  policy: SealPolicy | readonly SealPolicy[],
): Promise<VerifiedSeals> {
  const rules = await readPolicies(policy);
  const proofs: readonly string[] = Array.isArray(proof) ? proof : [proof as string];
  const [first, ...renewals] = proofs;
  if (first === undefined) invalidArgument('proof', 'a proof, or at least one');
  const leaf = recordLeafHash(record);
  const seals: [VerifiedSeal, ...VerifiedSeal[]] = [await verifyOne(leaf, first, rules)];
  let previous = first as string;
  for (const renewal of renewals) {
    const { checkpoint } = parseProof(previous, 'proof');
    seals.push(await verifyOne(recordLeafHash({ kind: 'checkpoint', checkpoint }), renewal, rules));
    previous = renewal;
  }
  checkOrder(seals);
  const last = seals[seals.length - 1] as VerifiedSeal;
  return { seals, quantumSafe: last.signatures.some(({ postQuantum }) => postQuantum) };
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

async function verifyOne(
  leaf: Uint8Array,
  proof: unknown,
  rules: readonly SealRules[],
): Promise<VerifiedSeal> {
  const { index, hashes, checkpoint } = parseProof(proof, 'proof');
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
  const head = await verifyNote(note, policy);
  if (!isIncluded(leaf, index, head.size, hashes, head.root)) {
    fail(
      'ERR_SEAL_PROOF_INVALID',
      'proof',
      'the record is not the one that is sealed: the proof does not lead from it to the root of the checkpoint',
    );
  }
  const sealedAt = head.signatures.find(({ time }) => time !== undefined)?.time;
  return { ...head, index, sealedAt };
}

/** A renewal of an earlier time than what it renews is made up. */
function checkOrder(seals: readonly VerifiedSeal[]): void {
  let latest = Number.NEGATIVE_INFINITY;
  for (const { sealedAt } of seals) {
    if (sealedAt === undefined) continue;
    if (sealedAt < latest) {
      fail('ERR_SEAL_PROOF_INVALID', 'proof', 'a renewal is older than the seal that it renews');
    }
    latest = sealedAt;
  }
}
