import { encodeBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import { checkOptions, invalidArgument } from '../options.js';
import { type SealPolicy, verifyCheckpoint } from './checkpoint.js';
import { SEAL_HASHES } from './hashes.js';
import type { SealLog } from './log.js';
import { disclosuresOf, type SealRecord, sealedForm } from './record.js';
import { formatRenewal } from './renewal-document.js';
import { createSealVerification } from './verify.js';

/**
 * Renews every seal of a log before its keys, their algorithm, or trust in it end: verifies its last checkpoint, and appends it to
 * another log as a record. After that log has committed, `[await earlier.prove(n), await log.prove(index)]` are the proofs of the n-th
 * record, for `verifySeal` with both policies.
 *
 * A proof from an earlier checkpoint than this one has to be made anew: the renewal is of one checkpoint. The hash of the earlier log
 * has to hold on: where it ages, see {@link carrySeals}.
 *
 * @example
 * ```ts
 * const index = await renewSeal(earlier.checkpoint, earlierPolicy, log);
 * await log.commit();
 * const proofs = [await earlier.prove(n), await log.prove(index)];
 * ```
 *
 * @param checkpoint The last checkpoint of the log that ages.
 * @param policy What is trusted of it: it must still be.
 * @param log The log to seal it in, with keys of its own.
 * @returns The index of the checkpoint in `log`.
 * @throws {MandateError} as {@link verifyCheckpoint} and `append` of {@link SealLog}; `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function renewSeal(checkpoint: string, policy: SealPolicy, log: SealLog): Promise<number> {
  checkLog(log);
  const { origin } = await verifyCheckpoint(checkpoint, policy);
  if (origin === log.origin) invalidArgument('log', 'another log than the one whose seal is renewed');
  return log.append({ kind: 'checkpoint', checkpoint });
}

/** A record, and the proofs of its seal. */
export interface SealedRecord {
  /** As whole as it is kept: what it has of disclosures is carried over, and a disclosure that is missing here is not. */
  readonly record: SealRecord;
  /** As for `verifySeal`. */
  readonly proof: string | readonly string[];
}

/** A record that was carried over. */
export interface CarriedSeal {
  /** Index in the new log. */
  readonly index: number;
  /** Keep it beside the record: `[document, await log.prove(index)]` are the proofs of the record from now on. */
  readonly document: string;
}

/**
 * Carries an archive over into a log of another hash, while the old hash holds: verifies each record with its old proofs, and appends
 * digests of both by the hash of the new log. What is shown afterwards does not rest on the old hash of today: a forger who breaks it
 * later finds that the record, its disclosures and its proofs were sealed before. Streams, in constant memory.
 *
 * @example
 * ```ts
 * const log = await openSealLog(store, { origin: 'archive.bank.example/2035', signers, hash: 'SHA3-256' });
 * for await (const { index, document } of carrySeals(archive, earlierPolicy, log)) await keep(index, document);
 * await log.commit();
 * ```
 *
 * @param sealed The archive.
 * @param policy What is trusted of the earlier log; of each, where there are several. They must still be.
 * @param log Of another hash than the earlier ones.
 * @throws {MandateError} as `verifySeal` and `append` of {@link SealLog}; `ERR_MANDATE_ARGUMENT_INVALID`. What came before is in the log.
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
        `the seal rests on ${log.hash} already: renew it by renewSeal`,
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
  const isLog = typeof log === 'object' && log !== null && typeof (log as SealLog).append === 'function';
  if (!isLog) invalidArgument('log', 'a log of openSealLog');
}
