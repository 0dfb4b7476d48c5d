import { checkNames, checkOptions, invalidArgument } from '../options.js';
import { coveredSize, ensureClaim, refuseWriter } from './claim.js';
import { checkHash, type SealHash } from './hashes.js';
import { merkleOf } from './merkle.js';
import { checkRecords, encodeEntry, type SealRecord } from './record.js';
import { callStore, checkStore, type SealStore } from './store.js';
import { entriesBelow, MAX_SIZE } from './tiles.js';
import { TreeWriter, type WriteRight } from './tree-writer.js';

/** The tile level of the hashes in a range. */
const RANGE_LEVEL = 2;

/** The number of entries in a range is a multiple of this, 65 536. */
export const RANGE_UNIT: number = entriesBelow(RANGE_LEVEL);

/** A range whose tiles and bundles are written. Plain data that a worker or another machine can send. */
export interface SealedRange {
  /** The index of its first entry. */
  readonly start: number;
  /** Number of entries, a multiple of {@link RANGE_UNIT}. */
  readonly count: number;
  /** One hash for each {@link RANGE_UNIT} entries. */
  readonly hashes: readonly Uint8Array[];
}

/**
 * Writes the tiles and entry bundles of one range of a log, so that sealing can be distributed over workers and machines.
 * `SealLog.appendRange` then adds the ranges in order. A range has no effect until the log commits.
 *
 * A tile that exists with other bytes is replaced only if no checkpoint covers the range, and no open log has appended entries of
 * it. A log that is opened again has appended nothing. End every other call for a range before you append it: one with other
 * records that is paused in the middle of a write may still replace up to 16 files of the range.
 *
 * @param store The store of the log. This function writes under paths of this range only.
 * @param start The index of the first entry, a multiple of {@link RANGE_UNIT}.
 * @param records Their number must be a multiple of {@link RANGE_UNIT}; append the rest of an archive to the log itself.
 * @param options `hash`: the hash of the log. Default `SHA-256`.
 */
export async function sealRange(
  store: SealStore,
  start: number,
  records: Iterable<SealRecord> | AsyncIterable<SealRecord>,
  options?: { hash?: SealHash | undefined },
): Promise<SealedRange> {
  checkStore(store);
  const given = checkOptions(options, 'options');
  checkNames(given, ['hash']);
  const hash = checkHash(given.hash, 'hash');
  if (
    !Number.isSafeInteger(start) ||
    start < 0 ||
    start % RANGE_UNIT !== 0 ||
    start > MAX_SIZE - RANGE_UNIT
  ) {
    invalidArgument('start', `a multiple of ${RANGE_UNIT}`);
  }
  checkRecords(records);
  await ensureClaim(store);
  const right: WriteRight = {
    claim: async () => {},
    check: async (path) => {
      if ((await coveredSize(store)) > start) refuseWriter(path);
    },
  };
  const writer = new TreeWriter(store, merkleOf(hash), right, start, RANGE_LEVEL);
  for await (const record of records) await writer.append(encodeEntry(record, hash));
  await writer.settle();
  const count = writer.size - start;
  if (count === 0 || count % RANGE_UNIT !== 0) {
    invalidArgument('records', `a multiple of ${RANGE_UNIT} in number, got ${count}`);
  }
  await callStore('flush', async () => store.flush?.());
  return { start, count, hashes: writer.kept };
}
