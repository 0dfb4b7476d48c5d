import { isUint8Array } from '../brand.js';
import { equal } from '../encoding/bytes.js';
import { fail, MandateError } from '../errors.js';
import {
  checkDate,
  checkNames,
  checkOptions,
  invalidArgument,
  isMandateError,
  printable,
} from '../options.js';
import { DEFAULT_LIMITS } from '../profile.js';
import { withTimeLimit } from '../time-limit.js';
import { checkHash, type SealHash } from './hashes.js';
import { type CheckpointSigner, readSigners, readVerifierKey, type VerifierKey } from './keys.js';
import { type Merkle, merkleOf } from './merkle.js';
import { formatNote, isKeyName, KEY_ID_BYTES, type Note, type NoteSignature, parseNote } from './note.js';
import type { NoteAlgorithmName } from './note-algorithms.js';
import { isOrigin, parseTreeHead, type TreeHead, treeHeadText } from './tree-head.js';

/** The trust of a verifier in one log. */
export interface SealPolicy {
  /** The name of the log: the first line of its checkpoints. */
  readonly origin: string;
  /** The verifier keys of the log. Each must have signed. At least one must be ML-DSA-65, unless `allowClassical` is set. */
  readonly keys: readonly string[];
  /**
   * Verifier keys of witnesses, each with a key of its own. An invalid signature with one of these names is an error.
   */
  readonly witnesses?: readonly string[] | undefined;
  /** The number of witnesses that must have cosigned. Default: all of them. */
  readonly quorum?: number | undefined;
  /** The hash of the log. Default `SHA-256`. */
  readonly hash?: SealHash | undefined;
  /**
   * The time until which nobody could forge signatures of this log, or content with the same hash. Set it to the day before its
   * keys, their algorithm or its hash were broken, or trust in it ended. Its seals count until that day, or later if they were
   * renewed before. Default: no end.
   */
  readonly trustedUntil?: Date | undefined;
  /** Accepts a log without an ML-DSA-65 key, whose seals prove nothing against a quantum computer. Default `false`. */
  readonly allowClassical?: boolean | undefined;
  /** Rejects signatures with a later time. Default: now, with a tolerance of 5 minutes for clock skew. */
  readonly currentDate?: Date | undefined;
}

/** A signature that verified. */
export interface CheckpointSignature {
  readonly name: string;
  readonly algorithm: NoteAlgorithmName;
  readonly postQuantum: boolean;
  /** The time of the signature, by the signer's clock, in seconds since the epoch; `undefined` if the type has no time. */
  readonly time: number | undefined;
}

/** A valid checkpoint. */
export interface VerifiedCheckpoint extends TreeHead {
  /** Signatures of the log. */
  readonly signatures: readonly CheckpointSignature[];
  /** Signatures of witnesses. */
  readonly cosignatures: readonly CheckpointSignature[];
}

/** Seconds that a signature may be ahead. */
export const CLOCK_TOLERANCE = 300;

/** Makes a checkpoint, and verifies it with the public keys of the signers. @internal */
export async function signTreeHead(
  head: TreeHead,
  signers: readonly CheckpointSigner[],
  time: number,
  rules: SealRules,
): Promise<string> {
  const signatures: NoteSignature[] = [];
  for (const signer of signers) signatures.push(await callSigner(signer, head, time));
  const note = formatNote({ text: treeHeadText(head), signatures });
  await checkSigned(() => verifyNote(parseNote(note, 'checkpoint'), rules));
  return note;
}

/** Calls a signer, which may be one that the caller has made. */
async function callSigner(signer: CheckpointSigner, head: TreeHead, time: number): Promise<NoteSignature> {
  const failed = (cause: unknown) =>
    isMandateError(cause)
      ? cause
      : new MandateError('ERR_MANDATE_SIGNER_FAILED', 'sign', 'the signer of a checkpoint failed', { cause });
  const made: unknown = await withTimeLimit(
    DEFAULT_LIMITS.callTimeout,
    () => signer.sign(head, time),
    failed,
  );
  let signature: NoteSignature | undefined;
  try {
    signature = readSignature(made);
  } catch (cause) {
    throw failed(cause);
  }
  if (signature !== undefined) return signature;
  fail(
    'ERR_MANDATE_SIGNER_FAILED',
    'sign',
    'the signer of a checkpoint must return the parts of a signature line',
  );
}

function readSignature(made: unknown): NoteSignature | undefined {
  const { name, keyId, signature } = made as NoteSignature;
  const isWhole =
    isKeyName(name) &&
    isUint8Array(keyId) &&
    keyId.length === KEY_ID_BYTES &&
    isUint8Array(signature) &&
    signature.length > 0;
  return isWhole ? { name, keyId, signature } : undefined;
}

/** A signature by another key than that of the signer is a failure of the signer. */
async function checkSigned(verify: () => Promise<unknown>): Promise<void> {
  try {
    await verify();
  } catch (cause) {
    fail(
      'ERR_MANDATE_SIGNER_FAILED',
      'sign',
      `the signature does not verify with the public key of its signer: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Cosigns a checkpoint, as a witness does (C2SP tlog-cosignature). Before, the witness must verify the signature of the log,
 * and that the checkpoint is consistent with the last one that it cosigned; see {@link verifyConsistency}. This function cannot
 * check that.
 *
 * @param checkpoint The signed checkpoint.
 * @param signer Created by `createCheckpointSigner`, with `witness` for an Ed25519 key.
 * @param options `currentDate`: the time of the cosignature. Default: now.
 * @returns The checkpoint with an additional signature line.
 * @throws {MandateError} `ERR_SEAL_CHECKPOINT_MALFORMED`, `ERR_MANDATE_SIGNER_FAILED`.
 */
export async function cosignCheckpoint(
  checkpoint: string,
  signer: CheckpointSigner,
  options?: { currentDate?: Date | undefined },
): Promise<string> {
  const given = checkOptions(options, 'options');
  checkNames(given, ['currentDate']);
  const [witness] = readSigners([signer]) ?? [];
  if (witness === undefined) return invalidArgument('signer', 'a signer from createCheckpointSigner');
  const note = parseNote(checkpoint, 'checkpoint');
  const head = parseTreeHead(note.text, 'checkpoint');
  const at = given.currentDate === undefined ? Date.now() : checkDate(given.currentDate, 'currentDate');
  const time = Math.floor(at / 1000);
  const signature = await callSigner(witness, head, time);
  const cosigned = { text: note.text, signatures: [...note.signatures, signature] };
  const key = await readVerifierKey(witness.verifierKey, 'signer');
  await checkSigned(() => verifySignature(cosigned, head, key, time));
  return formatNote(cosigned);
}

/**
 * Verifies a checkpoint: it belongs to the expected log, every key of the log in the policy has signed it, and enough witnesses
 * have cosigned it. Signatures of other keys are ignored, as C2SP signed-note requires.
 *
 * @param checkpoint A signed note.
 * @throws {MandateError} `ERR_SEAL_CHECKPOINT_MALFORMED`, `ERR_SEAL_CHECKPOINT_UNTRUSTED`, `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function verifyCheckpoint(checkpoint: string, policy: SealPolicy): Promise<VerifiedCheckpoint> {
  const rules = await readPolicy(policy);
  checkTrusted(rules, rules.now);
  return verifyNote(parseNote(checkpoint, 'checkpoint'), rules);
}

/**
 * Verifies that a later checkpoint only appends to an earlier one. Both are first verified with the policy.
 *
 * @param proof Hashes of 32 bytes, as {@link SealLog.proveConsistency} returns them.
 * @throws {MandateError} as {@link verifyCheckpoint}, and `ERR_SEAL_PROOF_INVALID`.
 */
export async function verifyConsistency(
  earlier: string,
  later: string,
  proof: readonly Uint8Array[],
  policy: SealPolicy,
): Promise<{ readonly earlier: VerifiedCheckpoint; readonly later: VerifiedCheckpoint }> {
  const rules = await readPolicy(policy);
  checkTrusted(rules, rules.now);
  if (!Array.isArray(proof) || !proof.every((hash) => isUint8Array(hash) && hash.length === 32)) {
    invalidArgument('proof', 'an array of hashes of 32 bytes');
  }
  const [from, to] = [
    await verifyNote(parseNote(earlier, 'earlier'), rules),
    await verifyNote(parseNote(later, 'later'), rules),
  ];
  if (!rules.merkle.isConsistent(from.size, from.root, to.size, to.root, proof)) {
    fail(
      'ERR_SEAL_PROOF_INVALID',
      'proof',
      `the proof does not show that the log of ${to.size} entries begins with the log of ${from.size} entries`,
    );
  }
  return { earlier: from, later: to };
}

/** A policy with every part checked. */
export interface SealRules {
  readonly origin: string;
  readonly keys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  readonly quorum: number;
  readonly merkle: Merkle;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly trustedUntil: number | undefined;
  /** Seconds since the epoch, including the tolerance. */
  readonly latest: number;
}

export async function readPolicy(policy: SealPolicy): Promise<SealRules> {
  const given = checkOptions(policy, 'policy');
  checkNames(given, [
    'origin',
    'keys',
    'witnesses',
    'quorum',
    'hash',
    'trustedUntil',
    'allowClassical',
    'currentDate',
  ]);
  const { origin, allowClassical = false } = given;
  if (!isOrigin(origin)) invalidArgument('policy.origin', 'the name of a log: 1 to 255 bytes on one line');
  if (typeof allowClassical !== 'boolean') invalidArgument('policy.allowClassical', 'a boolean');
  const keys = await readKeys(given.keys, 'policy.keys');
  const witnesses = given.witnesses === undefined ? [] : await readKeys(given.witnesses, 'policy.witnesses');
  if (keys.length === 0) invalidArgument('policy.keys', 'at least one verifier key');
  if (!allowClassical && !keys.some(({ algorithm }) => algorithm.name === 'ML-DSA-65')) {
    invalidArgument('policy.keys', 'an array with an ML-DSA-65 key, unless "allowClassical" is true');
  }
  if (!witnesses.every(({ algorithm }) => algorithm.cosignature)) {
    invalidArgument('policy.witnesses', 'verifier keys for cosignatures (C2SP tlog-cosignature)');
  }
  // One key is one signer, whatever its name is and whatever type of signature it makes.
  if (
    new Set([...keys, ...witnesses].map(({ publicKey }) => publicKey.join())).size !==
    keys.length + witnesses.length
  ) {
    invalidArgument(
      'policy.witnesses',
      'unique keys, and different from the keys of the log, whatever their names',
    );
  }
  const quorum = given.quorum ?? witnesses.length;
  if (!Number.isSafeInteger(quorum) || quorum < 0 || quorum > witnesses.length) {
    invalidArgument('policy.quorum', `an integer from 0 to the number of witnesses, ${witnesses.length}`);
  }
  const seconds = (date: unknown, parameter: string): number => Math.floor(checkDate(date, parameter) / 1000);
  const now = seconds(given.currentDate ?? new Date(), 'policy.currentDate');
  const merkle = merkleOf(checkHash(given.hash, 'policy.hash'));
  const trustedUntil =
    given.trustedUntil === undefined ? undefined : seconds(given.trustedUntil, 'policy.trustedUntil');
  return { origin, keys, witnesses, quorum, merkle, trustedUntil, now, latest: now + CLOCK_TOLERANCE };
}

/**
 * Rejects the signature of a log that is no longer trusted, unless the seal is known to be from a time when nobody could forge
 * it.
 */
export function checkTrusted({ origin, trustedUntil }: SealRules, knownAt: number | undefined): void {
  if (trustedUntil === undefined || (knownAt !== undefined && knownAt <= trustedUntil)) return;
  untrusted(
    'trustedUntil',
    `the log ${printable(origin)} was trusted until ${new Date(trustedUntil * 1000).toISOString()}, and no trusted renewal shows that its seal is older`,
  );
}

async function readKeys(keys: unknown, parameter: string): Promise<VerifierKey[]> {
  if (!Array.isArray(keys)) return invalidArgument(parameter, 'an array of verifier keys');
  const read: VerifierKey[] = [];
  for (const key of keys) read.push(await readVerifierKey(key, parameter));
  return read;
}

/** The checks of {@link verifyCheckpoint}. @internal */
export async function verifyNote(note: Note, rules: SealRules): Promise<VerifiedCheckpoint> {
  const head = parseTreeHead(note.text, 'checkpoint');
  if (head.origin !== rules.origin) {
    return untrusted(
      'origin',
      `the checkpoint belongs to the log ${printable(head.origin)}, expected ${printable(rules.origin)}`,
    );
  }
  const signatures: CheckpointSignature[] = [];
  for (const key of rules.keys) {
    const signature = await verifySignature(note, head, key, rules.latest);
    if (signature === undefined) {
      return untrusted(
        'keys',
        `the checkpoint has no signature by the log's key ${printable(key.name)} (${key.algorithm.name})`,
      );
    }
    signatures.push(signature);
  }
  const cosignatures: CheckpointSignature[] = [];
  for (const key of rules.witnesses) {
    const signature = await verifySignature(note, head, key, rules.latest);
    if (signature !== undefined) cosignatures.push(signature);
  }
  if (cosignatures.length < rules.quorum) {
    return untrusted(
      'witnesses',
      `${cosignatures.length} witnesses have cosigned the checkpoint, and the policy requires ${rules.quorum}`,
    );
  }
  return { ...head, signatures, cosignatures };
}

/** The signature of a key; `undefined` if there is none. A signature that is present must verify (signed-note). */
async function verifySignature(
  note: Note,
  head: TreeHead,
  key: VerifierKey,
  latest: number,
): Promise<CheckpointSignature | undefined> {
  const { name, algorithm, publicKey } = key;
  const found = note.signatures.filter((line) => line.name === name && equal(line.keyId, key.keyId));
  const [line] = found;
  if (line === undefined) return undefined;
  const invalid = (reason: string): never =>
    untrusted('signatures', `the signature of ${printable(name)} (${algorithm.name}) ${reason}`);
  if (found.length > 1) invalid('occurs more than once');
  const timeBytes = algorithm.timed ? 8 : 0;
  if (line.signature.length <= timeBytes) invalid('is too short');
  const time = algorithm.timed ? readTime(line.signature) : undefined;
  const message = algorithm.message({ head, name, time: time ?? 0 });
  if (time !== undefined && !Number.isSafeInteger(time)) invalid('has an invalid time');
  if (!(await algorithm.verify(publicKey, message, line.signature.slice(timeBytes))))
    invalid('does not verify');
  if (time !== undefined && time > latest) invalid(`was made at ${textOf(time)}, after the current time`);
  return { name, algorithm: algorithm.name, postQuantum: algorithm.postQuantum, time };
}

/** A time in seconds. A signature may have one that no Date can hold. */
const textOf = (seconds: number): string =>
  seconds * 1000 <= 8.64e15 ? new Date(seconds * 1000).toISOString() : `${seconds} s since 1970`;

const readTime = (signature: Uint8Array): number =>
  Number(new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0));

function untrusted(parameter: string, message: string): never {
  fail('ERR_SEAL_CHECKPOINT_UNTRUSTED', parameter, message);
}
