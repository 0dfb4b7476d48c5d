import { encodeBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import { randomBytes } from '../runtime.js';
import { getBytes, isSame, type SealStore, swap } from './store.js';
import { bundlePath, CHECKPOINT_PATH, NEXT_CHECKPOINT_PATH, TILE_WIDTH } from './tiles.js';
import { parseDecimal } from './tree-head.js';

// The file `writer`: who may write tiles, and how many entries were committed when the claim was made. It is written before the
// first tile and after each checkpoint. Whatever lies beyond its size was therefore never promised, as long as the last checkpoint
// has that size at least; and where no checkpoint has it, a checkpoint was lost. A third line reserves the ranges that begin before
// it, while tiles of them are written or appended that are not committed yet: nobody else may replace these.

const WRITER_PATH = 'writer';

/** A claim, as it is stored. */
export interface Claim {
  /** `undefined` if there is no file. */
  readonly bytes: Uint8Array | undefined;
  /** `undefined` if there is no file, or a crash has damaged it. */
  readonly size: number | undefined;
  /** Ranges that begin before this entry are reserved. */
  readonly reserved: number | undefined;
}

/** The size on the second line. Checkpoints have it there too. */
function sizeIn(bytes: Uint8Array | undefined): number | undefined {
  const [, size, rest] = new TextDecoder().decode(bytes).split('\n');
  return rest === undefined ? undefined : parseDecimal(size);
}

async function readClaim(store: SealStore): Promise<Claim> {
  const bytes = await getBytes(store, WRITER_PATH);
  const [, , reserved, rest] = new TextDecoder().decode(bytes).split('\n');
  return { bytes, size: sizeIn(bytes), reserved: rest === undefined ? undefined : parseDecimal(reserved) };
}

const encode = (...lines: readonly (string | number)[]): Uint8Array =>
  new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));

/** The claim of ranges that were written before any log was. A log takes it over. */
const OF_RANGES = encode('ranges', 0);

/** Claims the right to write after `size` committed entries, unless another writer has done so since `found` was read. */
export async function writeClaim(
  store: SealStore,
  size: number,
  found: Claim,
  reserved?: number,
): Promise<Claim> {
  const writer = encodeBase64url(randomBytes(16));
  const bytes = reserved === undefined ? encode(writer, size) : encode(writer, size, reserved);
  if (!(await swap(store, WRITER_PATH, bytes, found.bytes))) refuseWriter(WRITER_PATH);
  return { bytes, size, reserved };
}

/** Checks that no other writer has claimed the right since `found` was read. Returns the claim, which ranges may have made since. */
export async function checkClaim(store: SealStore, found: Claim): Promise<Claim> {
  const claim = await readClaim(store);
  const isOfRanges = found.bytes === undefined && isSame(claim.bytes, OF_RANGES);
  if (!isOfRanges && !isSame(claim.bytes, found.bytes)) refuseWriter(WRITER_PATH);
  return claim;
}

/**
 * Reads the claim of the last writer. Rejects a store whose checkpoint was lost or replaced by an
 * earlier one: its tiles hold entries that were committed.
 *
 * @param size The number of entries in the checkpoint; `undefined` if there is no checkpoint.
 */
export async function openClaim(store: SealStore, size: number | undefined): Promise<Claim> {
  const found = await readClaim(store);
  if (found.size !== undefined && found.size > (size ?? 0))
    lost(`a checkpoint of ${found.size} entries was committed`);
  if (size === undefined && found.size === undefined && (await hasEntries(store)))
    lost('the store has entries');
  // Every writer makes a claim before its first checkpoint. Without it, nothing shows whether this checkpoint is the last.
  if (size !== undefined && (found.bytes?.length ?? 0) === 0) {
    fail(
      'ERR_SEAL_LOG_CORRUPT',
      WRITER_PATH,
      `the file "${WRITER_PATH}" is missing or empty beside a checkpoint of ${size} entries. Restore it from a copy`,
    );
  }
  return found;
}

/** Names that are read at once. */
const MAX_READS = 16;

/** Whether there is a first bundle, full or partial: a small log has only partial ones. */
async function hasEntries(store: SealStore): Promise<boolean> {
  for (let width = TILE_WIDTH; width > 0; width -= MAX_READS) {
    const paths = Array.from({ length: MAX_READS }, (_, i) => bundlePath(0, width - i));
    const found = await Promise.all(paths.map((path) => getBytes(store, path)));
    if (found.some((bytes) => bytes !== undefined)) return true;
  }
  return false;
}

function lost(reason: string): never {
  fail(
    'ERR_SEAL_LOG_CORRUPT',
    CHECKPOINT_PATH,
    `the last checkpoint is missing, or an earlier one is in its place: ${reason}. Restore the checkpoint from a copy`,
  );
}

/** Makes the first claim for a range. If another writer has made one meanwhile, that one counts. */
export async function ensureClaim(store: SealStore): Promise<void> {
  const { bytes } = await readClaim(store);
  if (bytes === undefined) await swap(store, WRITER_PATH, OF_RANGES, undefined);
}

/** The number of entries that somebody has committed or is about to, by files that are not verified. */
export async function coveredSize(store: SealStore): Promise<number> {
  const { size = 0, reserved = 0 } = await readClaim(store);
  const checkpoints = [await getBytes(store, CHECKPOINT_PATH), await getBytes(store, NEXT_CHECKPOINT_PATH)];
  return Math.max(size, reserved, ...checkpoints.map((bytes) => sizeIn(bytes) ?? 0));
}

export function refuseWriter(path: string): never {
  fail('ERR_SEAL_LOG_LOCKED', path, 'another writer has written to the log in the meantime');
}
