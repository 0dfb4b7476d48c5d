import { encodeBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import { checkOptions, hasMethods, invalidArgument } from '../options.js';
import { type SealPolicy, verifyCheckpoint } from './checkpoint.js';
import { SEAL_HASHES } from './hashes.js';
import type { SealLog } from './log.js';
import { disclosuresOf, type SealRecord, sealedForm } from './record.js';
import { formatRenewal } from './renewal-document.js';
import { createSealVerification } from './verify.js';

/**
 * Renews every seal of a log before its keys, their algorithm, or trust in it end. It verifies the last checkpoint of the log
 * and appends it to another log as a record. After that log has committed, `[await earlier.prove(n), await log.prove(index)]`
 * are the proofs of the n-th record, for `verifySeal` with both policies.
 *
 * A proof from an older checkpoint must be created again, because the renewal covers this checkpoint only. The hash of the
 * earlier log must remain secure; if it becomes weak, see {@link carrySeals}.
 *
 * @example
 * ```ts
 * const index = await renewSeal(earlier.checkpoint, earlierPolicy, log);
 * await log.commit();
 * const proofs = [await earlier.prove(n), await log.prove(index)];
 * ```
 *
 * @param checkpoint The last checkpoint of the log to renew.
 * @param policy The trust in that log, which must still hold.
 * @param log The log that seals it, with other keys.
 * @returns The index of the checkpoint in `log`.
 * @throws {MandateError} as {@link verifyCheckpoint} and `append` of {@link SealLog}; `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function renewSeal(checkpoint: string, policy: SealPolicy, log: SealLog): Promise<number> {
  checkLog(log);
  const { origin } = await verifyCheckpoint(checkpoint, policy);
  if (origin === log.origin) invalidArgument('log', 'a different log than the one whose seal is renewed');
  return log.append({ kind: 'checkpoint', checkpoint });
}

/** A record, and the proofs of its seal. */
export interface SealedRecord {
  /** As complete as possible: only the disclosures that it still has are carried over. */
  readonly record: SealRecord;
  /** As for `verifySeal`. */
  readonly proof: string | readonly string[];
}

/** A record that was carried over. */
export interface CarriedSeal {
  /** Index in the new log. */
  readonly index: number;
  /** Keep it with the record: `[document, await log.prove(index)]` are now the proofs of the record. */
  readonly document: string;
}

/**
 * Carries an archive over into a log with another hash, while the old hash is still secure. It verifies each record with its old
 * proofs, and appends digests of both by the hash of the new log. From then on, the seals no longer depend on the old hash: an
 * attacker who breaks it later cannot replace a record, its disclosures or its proofs. Streams in constant memory.
 *
 * @example
 * ```ts
 * const log = await openSealLog(store, { origin: 'archive.bank.example/2035', signers, hash: 'SHA3-256' });
 * for await (const { index, document } of carrySeals(archive, earlierPolicy, log)) await keep(index, document);
 * await log.commit();
 * ```
 *
 * @param sealed The archive.
 * @param policy The trust in the earlier log, or in each of several logs, which must still hold.
 * @param log A log with another hash than the earlier ones.
 * @throws {MandateError} as `verifySeal` and `append` of {@link SealLog}; `ERR_MANDATE_ARGUMENT_INVALID`. Earlier records
 * remain in the log.
 */
export async function* carrySeals(
  sealed: Iterable<SealedRecord> | AsyncIterable<SealedRecord>,
  policy: SealPolicy | readonly SealPolicy[],
  log: SealLog,
): AsyncGenerator<CarriedSeal, void, undefined> {
  checkLog(log);
  const verify = await createSealVerification(policy);
  const { digest } = SEAL_HASHES[log.hash];
  const digestOf = (data: string | Uint8Array): string =>
    encodeBase64url(digest(typeof data === 'string' ? new TextEncoder().encode(data) : data));
  for await (const each of sealed) {
    const { record, proof } = checkOptions(each, 'sealed');
    const { seals } = await verify(record, proof);
    if (seals.some(({ hash }) => hash === log.hash))
      fail(
        'ERR_MANDATE_ARGUMENT_INVALID',
        'log',
        `the seal already uses ${log.hash}: renew it with renewSeal`,
      );
    const document = formatRenewal({
      hash: log.hash,
      kind: record.kind,
      digest: digestOf(sealedForm(record)),
      disclosures: [...new Set(disclosuresOf(record).map(digestOf))].sort(),
      proofs: typeof proof === 'string' ? [proof] : proof,
    });
    yield { index: await log.append({ kind: 'renewal', document }), document };
  }
}

function checkLog(log: unknown): void {
  if (!hasMethods(log, ['append'])) invalidArgument('log', 'a log from openSealLog');
}
