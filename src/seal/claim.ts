import { encodeBase64url } from '../encoding/base64url.js';
import { fail } from '../errors.js';
import { randomBytes } from '../runtime.js';
import { callStore, getBytes, isSame, type SealStore, swap } from './store.js';
import { bundlePath, CHECKPOINT_PATH, TILE_WIDTH } from './tiles.js';
import { parseDecimal } from './tree-head.js';

// The file `writer`: who may write tiles, and how many entries were committed when the claim was made. It is written before the
// first tile and after each checkpoint. Whatever lies beyond its size was therefore never promised, as long as the last checkpoint
// has that size at least; and where no checkpoint has it, a checkpoint was lost.

const WRITER_PATH = 'writer';

/** A claim, as it is stored. */
export interface Claim {
  /** `undefined` if there is no file. */
  readonly bytes: Uint8Array | undefined;
  /** `undefined` if there is no file, or a crash has damaged it. */
  readonly size: number | undefined;
}

/** The size on the second line. Checkpoints have it there too. */
function sizeIn(bytes: Uint8Array | undefined): number | undefined {
  const [, size, rest] = new TextDecoder().decode(bytes).split('\n');
  return rest === undefined ? undefined : parseDecimal(size);
}

async function readClaim(store: SealStore): Promise<Claim> {
  const bytes = await getBytes(store, WRITER_PATH);
  return { bytes, size: sizeIn(bytes) };
}

const claimOf = (size: number): Uint8Array =>
  new TextEncoder().encode(`${encodeBase64url(randomBytes(16))}\n${size}\n`);

/** Claims the right to write after `size` committed entries, unless another writer has done so since `found` was read. */
export async function writeClaim(
  store: SealStore,
  size: number,
  found: Uint8Array | undefined,
): Promise<Uint8Array> {
  const bytes = claimOf(size);
  if (!(await swap(store, WRITER_PATH, bytes, found))) refuseWriter(WRITER_PATH);
  return bytes;
}

/** Checks that no other writer has claimed the right since. */
export async function checkClaim(store: SealStore, claim: Uint8Array): Promise<void> {
  const { bytes } = await readClaim(store);
  if (!isSame(bytes, claim)) refuseWriter(WRITER_PATH);
}

/**
 * Reads the claim of the last writer, or makes that of the first one. Rejects a store whose checkpoint was lost or replaced by an
 * earlier one: its tiles hold entries that were committed.
 *
 * @param size The number of entries in the checkpoint; `undefined` if there is no checkpoint.
 */
export async function openClaim(store: SealStore, size: number | undefined): Promise<Uint8Array> {
  const found = await readClaim(store);
  if (found.bytes !== undefined && found.size !== undefined) {
    if (found.size > (size ?? 0)) lost(`a checkpoint of ${found.size} entries was committed`);
    return found.bytes;
  }
  if (size === undefined && (await getBytes(store, bundlePath(0, TILE_WIDTH))) !== undefined)
    lost('the store has entries');
  const bytes = await writeClaim(store, size ?? 0, found.bytes);
  await callStore('flush', async () => store.flush?.());
  return bytes;
}

function lost(reason: string): never {
  fail(
    'ERR_SEAL_LOG_CORRUPT',
    CHECKPOINT_PATH,
    `the last checkpoint is missing, or an earlier one is in its place: ${reason}. Restore the checkpoint from a copy`,
  );
}

/** Makes the first claim for a range that is written before its log is opened. If another has made one meanwhile, that one counts. */
export async function ensureClaim(store: SealStore): Promise<void> {
  const { bytes } = await readClaim(store);
  if (bytes === undefined) await swap(store, WRITER_PATH, claimOf(0), undefined);
}

/** The number of entries that somebody has committed, by files that are not verified. */
export async function committedSize(store: SealStore): Promise<number> {
  const { size = 0 } = await readClaim(store);
  return Math.max(size, sizeIn(await getBytes(store, CHECKPOINT_PATH)) ?? 0);
}

export function refuseWriter(path: string): never {
  fail('ERR_SEAL_LOG_LOCKED', path, 'another writer has written to the log in the meantime');
}
